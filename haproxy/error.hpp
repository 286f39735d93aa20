#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/result.hpp"

#include <string>
#include <string_view>
#include <system_error>

namespace havip::haproxy {

/// What can be wrong with a conversation on the Runtime API, besides what the system calls say.
enum class Fault : int {
  closed = 1,      ///< HAProxy ended the connection: it died, was replaced, or has a time limit
  too_long,        ///< an answer exceeded the memory it may have
  not_text,        ///< an answer has bytes that no text has
  not_asked,       ///< something came that answers no command
  refused,         ///< HAProxy does not know or does not permit the command
  malformed,       ///< an answer that cannot be read
  no_such_column,  ///< a table without a column we need
  stopping,        ///< the process that answers is on its way out (reload, graceful stop)
};

const std::error_category& fault_category();
std::error_code make_error_code(Fault fault);

/// An Error with a sentence of its own.
Error fault(Fault kind, std::string message);

/// Text from outside, fit for a log line: at most 80 characters, anything that is not printable
/// ASCII replaced by '?', cut at the first line break.
std::string printable(std::string_view text);

/// A name or version that may be shown as it is: 1 to 256 printable ASCII characters.
bool is_plain(std::string_view text);

}  // namespace havip::haproxy

template <>
struct std::is_error_code_enum<havip::haproxy::Fault> : std::true_type {};
