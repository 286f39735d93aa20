#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/result.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace havip::haproxy {

/// Rows of chosen columns, each row in the order the columns were asked for.
using Rows = std::vector<std::vector<std::string>>;

/// Reads the CSV of `show stat` (management guide, section 9.1) and keeps only `columns`.
///
/// Columns are found by the names in the header, "# pxname,svname,...": their places differ
/// between versions, and there are more of them in each. Quoting is RFC 4180's, because text from
/// the servers stands in a table ("last_chk" has the reason phrase of a health check's answer),
/// commas, quotes and line breaks included. Every line ends with a comma, which makes one more
/// column without a name.
///
/// Errors: Fault::refused when the text is no table but a message, no_such_column, malformed (a
/// quote that does not end, text behind a closing quote, a row that is too long or too short).
Result<Rows> read_csv(std::string_view text, std::span<const std::string_view> columns);

}  // namespace havip::haproxy
