#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// How a drain goes on. The node that was told to drain yields (priority 1); whoever is fit takes
// the virtual routers over. Two statuses, from before the drain and from now, tell how far that
// is; how long it may take tells what to answer. Waiting for the connections to end will be one
// more field of DrainProgress.
#include "sidecar/http/message.hpp"
#include "sidecar/ports/admin.hpp"
#include "sidecar/ports/status.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace havip::http {

struct DrainProgress {
  struct Moved {
    std::string virtual_router;
    ports::ActiveRouter to;

    friend bool operator==(const Moved&, const Moved&) = default;
  };

  bool told = false;                   ///< the election knows that this node is drained
  std::vector<Moved> moved;            ///< now active on another node
  std::vector<std::string> held;       ///< still, or again, active here
  std::vector<std::string> unclaimed;  ///< given away, but nobody was heard to have it
  Duration active_down{};  ///< the longest Active_Down_Interval of what is held or unclaimed

  [[nodiscard]] bool done() const { return told && held.empty() && unclaimed.empty(); }

  friend bool operator==(const DrainProgress&, const DrainProgress&) = default;
};

/// What became of the virtual routers that were active here in `before`, and of those that are
/// active here now.
DrainProgress progress(const ports::NodeStatus& before, const ports::NodeStatus& now);

enum class DrainVerdict : std::uint8_t {
  going_on,
  drained,
  nobody_fit,   ///< nobody else has taken over in time enough
  out_of_time,  ///< the client does not want to wait until that can be said
};

/// `waited` counts from the request. Ten times the Active_Down_Interval is time for anybody who
/// lives to take over. What is still held here when the client's `wait` ends earlier counts as
/// not wanted too, given that one Active_Down_Interval has passed.
DrainVerdict judge(const DrainProgress& progress, Duration waited, Duration wait);

/// POST /drain, its query already checked to have no other keys than these.
struct DrainOptions {
  Duration wait = std::chrono::seconds{30};  ///< 0..1h
  bool force = false;                        ///< stay drained even though nobody else is fit
  ports::DrainRequest request;               ///< for 1s..30d, reason up to 200 characters

  friend bool operator==(const DrainOptions& a, const DrainOptions& b) {
    return a.wait == b.wait && a.force == b.force && a.request.reason == b.request.reason &&
           a.request.lasting == b.request.lasting;
  }
};

/// The options, or the sentence that says which value is wrong and what is allowed.
boost::system::result<DrainOptions, std::string> parse_drain_options(const Request& request);

/// Drains the node and answers when that is done or has failed. `admin` outlives the answer.
Answer drain(ports::Admin& admin, const Request& request, const DrainOptions& options);

}  // namespace havip::http
