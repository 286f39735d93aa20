#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/http/routes.hpp"

namespace havip::http {

// One handler for each endpoint of the table in routes.cpp.
Answer get_page(const Call& call);
Answer get_livez(const Call& call);
Answer get_readyz(const Call& call);
Answer get_active(const Call& call);
Answer get_metrics(const Call& call);
Answer get_status(const Call& call);
Answer get_drain(const Call& call);
Answer post_drain(const Call& call);
Answer post_undrain(const Call& call);
Answer post_announce(const Call& call);

}  // namespace havip::http
