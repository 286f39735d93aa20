#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/result.hpp"
#include "sidecar/ports/kernel.hpp"

#include <memory>

namespace havip::netlink {

/// What a watch tells of: links and the addresses that can be used; or, for who changes them, every
/// address there is. The latter leaves KernelState::links empty.
enum class WatchScope : unsigned char { everything, addresses };

/// Watches links and addresses of both families in the network namespace of the caller.
///
/// The state is read by dumps on a socket of its own, while notifications gather in the watched
/// one, and these are told afterwards. So nothing is lost, but a change that fell into the dump is
/// told twice: events say how things are now, and applying one again changes nothing.
///
/// An IPv6 address can be used from the end of its duplicate address detection on, about a second
/// after it was added, and never when that found a duplicate. One that was never told to be there
/// for that reason is not told gone either.
///
/// The descriptor is not readable before the first read(), and need not be after an error: the
/// caller tries again by its own clock.
Result<std::unique_ptr<ports::KernelWatch>> open_kernel_watch(
    WatchScope scope = WatchScope::everything);

}  // namespace havip::netlink
