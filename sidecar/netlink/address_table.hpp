#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/result.hpp"
#include "sidecar/ports/kernel.hpp"

#include <memory>

namespace havip::netlink {

/// The addresses of the caller's network namespace. Changing them needs CAP_NET_ADMIN.
///
/// An address that somebody else put there is nobody's to take: add() leaves it as it is (no tag,
/// no lease) and succeeds, since it is there; remove() leaves it too and succeeds. This needs care,
/// since the kernel itself would tag a foreign address with NLM_F_REPLACE, give it our lease and
/// remove it when that runs out. The table therefore follows the kernel's notifications and looks
/// at them before each change; between the look and the change lie microseconds.
///
/// An address of ours that an earlier run left behind is ours.
///
/// An IPv6 address can be used at once (IFA_F_NODAD: the election settles who has it), and is
/// deprecated from the start: this host answers on it and opens no connection of its own from it
/// while it has another. It brings the route of its network along, unless somebody else's address
/// on the link is in the same network and has one already: that route is left alone. After the
/// removal of an address with a lease the kernel keeps the route until the lease would have ended.
Result<std::unique_ptr<ports::AddressTable>> open_address_table();

}  // namespace havip::netlink
