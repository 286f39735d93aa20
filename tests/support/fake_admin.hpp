#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/ports/admin.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace havip::test {

/// A daemon that is what the test says it is. May be looked at while another thread serves.
class FakeAdmin : public ports::Admin {
public:
  using Request = std::tuple<std::string, std::string, unsigned>;  ///< method, path, code

  explicit FakeAdmin(ports::NodeStatus status) : status_{std::move(status)} {}

  /// What a drain makes of the status; by default nobody takes anything over.
  std::function<void(ports::NodeStatus&)> on_drain = [](ports::NodeStatus& status) {
    status.election.drained = true;
  };

  /// Set, they are the answers of the calls instead.
  std::optional<Error> drain_error;
  std::optional<Error> undrain_error;
  std::optional<Error> announce_error;
  std::optional<std::string> stuck;

  [[nodiscard]] std::shared_ptr<const ports::NodeStatus> status() const override {
    const std::lock_guard lock{mutex_};
    return std::make_shared<ports::NodeStatus>(status_);
  }

  Result<> drain(const ports::DrainRequest& request) override {
    const std::lock_guard lock{mutex_};
    if (drain_error) {
      return *drain_error;
    }
    drains_.push_back(request);
    status_.drain = ports::DrainRecord{
        .reason = request.reason, .until = std::nullopt, .since = status_.wall_now};
    if (request.lasting) {
      status_.drain->until =
          status_.wall_now +
          std::chrono::duration_cast<ports::WallTime::duration>(*request.lasting);
    }
    on_drain(status_);
    return {};
  }

  Result<> undrain() override {
    const std::lock_guard lock{mutex_};
    if (undrain_error) {
      return *undrain_error;
    }
    status_.drain.reset();
    status_.election.drained = false;
    return {};
  }

  Result<> announce() override {
    if (announce_error) {
      return *announce_error;
    }
    return {};
  }

  [[nodiscard]] std::string metrics() const override { return "havip_generation 0\n"; }

  [[nodiscard]] std::optional<std::string> stuck_because() const override { return stuck; }

  void count_request(std::string_view method, std::string_view path, unsigned code) override {
    const std::lock_guard lock{mutex_};
    requests_.emplace_back(method, path, code);
  }

  void change(const std::function<void(ports::NodeStatus&)>& how) {
    const std::lock_guard lock{mutex_};
    how(status_);
  }

  [[nodiscard]] std::vector<ports::DrainRequest> drains() const {
    const std::lock_guard lock{mutex_};
    return drains_;
  }

  [[nodiscard]] std::vector<Request> requests() const {
    const std::lock_guard lock{mutex_};
    return requests_;
  }

private:
  mutable std::mutex mutex_;
  ports::NodeStatus status_;
  std::vector<ports::DrainRequest> drains_;
  std::vector<Request> requests_;
};

/// Says of every caller what the test wants.
class FakeIdentity : public ports::CallerIdentity {
public:
  std::optional<std::uint32_t> uid = 0;

  std::optional<std::uint32_t> uid_of(const ports::TcpConnection& connection) override {
    last = connection;
    return uid;
  }

  ports::TcpConnection last;
};

}  // namespace havip::test
