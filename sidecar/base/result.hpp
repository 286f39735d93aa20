#pragma once
// SPDX-License-Identifier: Apache-2.0
#include <boost/system/result.hpp>

#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

namespace havip {

/// Why an operation did not happen: a code to act on, and a sentence for the operator that names
/// the object ("add 192.0.2.10/24 to eth0: Operation not permitted").
struct Error {
  std::error_code code;
  std::string message;

  friend bool operator==(const Error&, const Error&) = default;
};

/// The value, or why there is none. The caller is expected to act on the error.
template <class T = void>
using Result = boost::system::result<T, Error>;

/// An Error from `errno` as `number`: "what: strerror".
inline Error errno_error(int number, const std::string& what) {
  const std::error_code code{number, std::system_category()};
  return {code, what + ": " + code.message()};
}

/// What result::value() throws on an error nobody looked at: a bug of the caller.
[[noreturn]] inline void throw_exception_from_error(const Error& error,
                                                    const boost::source_location& /*where*/) {
  throw std::runtime_error{error.message};
}

}  // namespace havip
