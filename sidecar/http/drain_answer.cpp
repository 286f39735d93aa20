// SPDX-License-Identifier: Apache-2.0
#include "sidecar/http/drain.hpp"
#include "sidecar/http/duration.hpp"
#include "sidecar/http/problem.hpp"
#include "sidecar/http/views.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>
#include <utility>

namespace havip::http {
namespace {

using ports::NodeStatus;

std::string join(const std::vector<std::string>& words, const char* between) {
  std::string text;
  for (const auto& word : words) {
    text += (text.empty() ? "" : between) + word;
  }
  return text;
}

/// "public is now active on lb2 (10.0.0.12), private is now active on ..."
std::string describe(const std::vector<DrainProgress::Moved>& moved) {
  std::vector<std::string> sentences;
  sentences.reserve(moved.size());
  for (const auto& one : moved) {
    sentences.push_back(one.virtual_router + " is now active on " + name_of(one.to));
  }
  return join(sentences, ", ");
}

/// Why nobody took over, as far as this node can know it: who was heard when.
std::string describe_peers(const NodeStatus& now) {
  if (now.peers.empty()) {
    return "this node knows no other node";
  }
  std::vector<std::string> sentences;
  for (const auto& peer : now.peers) {
    const auto name = peer.name + " (" + peer.address.to_string() + ")";
    sentences.push_back(peer.last_heard
                            ? name + " was last heard " + spell(now.now - *peer.last_heard) + " ago"
                            : name + " was never heard");
  }
  return join(sentences, ", ");
}

std::string describe_left(const DrainProgress& progress) {
  std::vector<std::string> sentences;
  if (!progress.told) {
    sentences.emplace_back("the election has not taken the drain up yet");
  }
  if (!progress.held.empty()) {
    sentences.push_back("this node is still active for " + join(progress.held, ", "));
  }
  if (!progress.unclaimed.empty()) {
    sentences.push_back("nobody is heard to have " + join(progress.unclaimed, ", "));
  }
  return join(sentences, "; ");
}

nlohmann::ordered_json moved_json(const std::vector<DrainProgress::Moved>& moved) {
  auto json = nlohmann::ordered_json::array();
  for (const auto& one : moved) {
    json.push_back({{"virtual_router", one.virtual_router},
                    {"address", one.to.address.to_string()},
                    {"name", one.to.name}});
  }
  return json;
}

/// One drain from the request to its answer.
class Drain {
public:
  Drain(ports::Admin& admin,
        Request request,
        DrainOptions options,
        std::shared_ptr<const NodeStatus> before)
      : admin_{&admin},
        request_{std::move(request)},
        options_{std::move(options)},
        before_{std::move(before)} {}

  std::optional<Response> poll(const NodeStatus& now, Duration waited) {
    const auto state = progress(*before_, now);
    if (was_told_ && !state.told) {
      return undone();
    }
    was_told_ = state.told;
    switch (judge(state, waited, options_.wait)) {
      case DrainVerdict::going_on:
        return std::nullopt;
      case DrainVerdict::drained:
        return moved(state, waited);
      case DrainVerdict::nobody_fit:
        return options_.force ? kept(state, now, waited) : give_up(state, now);
      case DrainVerdict::out_of_time:
        return out_of_time(state, waited);
    }
    return std::nullopt;
  }

  /// The client does not wait at all.
  [[nodiscard]] Response accepted() const {
    const auto leaving = progress(*before_, *before_).held;
    return answer(202,
                  "draining",
                  "draining: giving away " + join(leaving, ", ") +
                      "; see how far it is with: " + curl_line(request_, Method::get, "/drain"),
                  {.told = false, .moved = {}, .held = leaving, .unclaimed = {}, .active_down = {}},
                  {});
  }

  /// There is nothing to wait for.
  [[nodiscard]] Response held_nothing() const {
    std::vector<DrainProgress::Moved> elsewhere;
    for (const auto& router : before_->election.virtual_routers) {
      if (router.active_router) {
        elsewhere.push_back({.virtual_router = router.name, .to = *router.active_router});
      }
    }
    const auto where = describe(elsewhere);
    return answer(
        200,
        "drained",
        "drained: this node held nothing" + (where.empty() ? "" : "; " + where),
        {.told = true, .moved = elsewhere, .held = {}, .unclaimed = {}, .active_down = {}},
        {});
  }

private:
  [[nodiscard]] std::string undrain_line() const {
    return curl_line(request_, Method::post, "/undrain");
  }

  [[nodiscard]] Response answer(unsigned status,
                                const char* outcome,
                                const std::string& sentence,
                                const DrainProgress& state,
                                Duration waited) const {
    if (!request_.wants_json()) {
      Response response;
      response.status = status;
      response.body = sentence + "; undrain with: " + undrain_line() + "\n";
      return response;
    }
    const nlohmann::ordered_json json{
        {"outcome", outcome},
        {"moved", moved_json(state.moved)},
        {"held", state.held},
        {"unclaimed", state.unclaimed},
        {"took_seconds", static_cast<double>(waited / std::chrono::milliseconds{1}) / 1000.0},
        {"undrain", undrain_line()},
    };
    const auto replace = nlohmann::ordered_json::error_handler_t::replace;
    return {.status = status,
            .content_type = std::string{json_type},
            .body = json.dump(-1, ' ', false, replace) + "\n",
            .allow = {}};
  }

  [[nodiscard]] Response moved(const DrainProgress& state, Duration waited) const {
    return answer(200,
                  "drained",
                  "drained: " + describe(state.moved) + "; took " + spell(waited),
                  state,
                  waited);
  }

  /// `force`: the drain stays although this node goes on holding what nobody else takes.
  [[nodiscard]] Response kept(const DrainProgress& state,
                              const NodeStatus& now,
                              Duration waited) const {
    const auto what = state.held.empty() ? describe_left(state)
                                         : "this node still holds " + join(state.held, ", ") +
                                               " at priority 1 because nobody else can";
    return answer(200, "held", "drained, but " + what + ": " + describe_peers(now), state, waited);
  }

  /// Back to what was before the request: without anybody fit, draining would only weaken.
  Response give_up(const DrainProgress& state, const NodeStatus& now) {
    auto names = state.held;
    names.insert(names.end(), state.unclaimed.begin(), state.unclaimed.end());
    std::string end = before_->drain ? "the earlier drain stays" : "this node takes part again";
    if (const auto undone = restore(now); !undone) {
      end = "the drain stays, for it could not be undone: " + undone.error().message;
    }
    return answer_problem(
        request_,
        {.status = 409,
         .slug = "no-fit-peer",
         .title = "no fit peer",
         .detail =
             "nobody took over " + join(names, ", ") + ": " + describe_peers(now) + "; " + end,
         .hint = "see why on the other nodes with: havip status; to drain nevertheless: " +
                 curl_line(request_, Method::post, "/drain?force=true")});
  }

  Result<> restore(const NodeStatus& now) {
    if (!before_->drain) {
      return admin_->undrain();
    }
    ports::DrainRequest earlier;
    earlier.reason = before_->drain->reason;
    if (before_->drain->until) {
      const Duration left = *before_->drain->until - now.wall_now;
      earlier.lasting = std::max(left, Duration{std::chrono::seconds{1}});
    }
    return admin_->drain(earlier);
  }

  [[nodiscard]] Response out_of_time(const DrainProgress& state, Duration waited) const {
    return answer_problem(
        request_,
        {.status = 504,
         .slug = "not-drained-in-time",
         .title = "not drained in time",
         .detail = "after " + spell(waited) + " " + describe_left(state) +
                   "; the drain stays and goes on",
         .hint = "see how far it is with: " + curl_line(request_, Method::get, "/drain") +
                 "; undrain with: " + undrain_line()});
  }

  [[nodiscard]] Response undone() const {
    return answer_problem(request_,
                          {.status = 409,
                           .slug = "undrained",
                           .title = "undrained meanwhile",
                           .detail = "the drain was undone before it had ended",
                           .hint = "it ends by itself after ?for=, and by /undrain"});
  }

  ports::Admin* admin_;
  Request request_;
  DrainOptions options_;
  std::shared_ptr<const NodeStatus> before_;
  bool was_told_ = false;
};

}  // namespace

Answer drain(ports::Admin& admin, const Request& request, const DrainOptions& options) {
  auto before = admin.status();
  const bool holds_something = !progress(*before, *before).held.empty();
  if (const auto drained = admin.drain(options.request); !drained) {
    return answer_problem(
        request,
        {.status = 500,
         .slug = "not-remembered",
         .title = "nothing was done",
         .detail = drained.error().message,
         .hint = "look at the state directory: its rights, and room on the disk"});
  }
  Drain waiting{admin, request, options, std::move(before)};
  if (!holds_something) {
    return waiting.held_nothing();
  }
  if (options.wait == Duration{}) {
    return waiting.accepted();
  }
  Pending pending;
  pending.poll = [waiting = std::move(waiting)](const NodeStatus& now, Duration waited) mutable {
    return waiting.poll(now, waited);
  };
  return pending;
}

}  // namespace havip::http
