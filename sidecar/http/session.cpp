// SPDX-License-Identifier: Apache-2.0
//
// The one file that knows Beast.
#include "sidecar/http/session.hpp"

#include "sidecar/async/wait.hpp"
#include "sidecar/http/problem.hpp"
#include "sidecar/http/routes.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <sys/socket.h>

#include <array>
#include <utility>

namespace havip::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace wire = boost::beast::http;

using Stream = beast::basic_stream<StreamProtocol>;
using Parser = wire::request_parser<wire::string_body>;

Method method_of(wire::verb verb) {
  switch (verb) {
    case wire::verb::get:
      return Method::get;
    case wire::verb::head:
      return Method::head;
    case wire::verb::post:
      return Method::post;
    case wire::verb::delete_:
      return Method::delete_;
    default:
      return Method::other;
  }
}

std::optional<std::string> header(const Parser& parser, wire::field field) {
  const auto found = parser.get().find(field);
  return found == parser.get().end() ? std::nullopt : std::optional{std::string{found->value()}};
}

/// Empty when the request-target or the Host header is malformed (RFC 9112 section 3.2).
std::optional<Request> request_of(const Parser& parser, const Peer& peer) {
  const auto& message = parser.get();
  auto target = parse_target(std::string{message.target()});
  if (!target || message.count(wire::field::host) > 1) {
    return std::nullopt;
  }
  Request request;
  request.method = method_of(message.method());
  request.path = std::move(target->path);
  request.query = std::move(target->query);
  request.http_1_0 = message.version() < 11;
  request.has_body = !message.body().empty();
  request.accept = header(parser, wire::field::accept).value_or("");
  request.host = target->authority ? target->authority : header(parser, wire::field::host);
  request.origin = header(parser, wire::field::origin);
  const auto site = message.find("Sec-Fetch-Site");
  if (site != message.end()) {
    request.fetch_site = std::string{site->value()};
  }
  request.socket_path = peer.socket_path;
  request.caller.way = peer.way;
  return request;
}

/// What to tell a client whose request could not be read; empty when there is nobody to tell.
std::optional<Response> answer_read_error(const beast::error_code& failure) {
  if (failure == wire::error::header_limit) {
    return answer_malformed(431, "the header is larger than 8 KiB");
  }
  if (failure == wire::error::body_limit) {
    return answer_malformed(413, "the body is larger than 64 KiB");
  }
  const bool cut_off =
      failure == wire::error::end_of_stream || failure == wire::error::partial_message;
  const bool no_http =
      failure.category() == wire::make_error_code(wire::error::bad_method).category();
  if (cut_off || !no_http) {
    return std::nullopt;
  }
  return answer_malformed(400, "this is no HTTP request: " + failure.message());
}

class Session {
public:
  Session(StreamSocket socket, Peer peer, Shared shared)
      : stream_{std::move(socket)}, peer_{std::move(peer)}, shared_{shared} {}

  async::Task<> run() {
    co_await asio::this_coro::throw_if_cancelled(false);
    bool goes_on = true;
    while (goes_on) {
      goes_on = co_await exchange();
      const auto state = co_await asio::this_coro::cancellation_state;
      goes_on = goes_on && state.cancelled() == asio::cancellation_type::none;
    }
    beast::error_code ignored;
    stream_.socket().shutdown(asio::socket_base::shutdown_both, ignored);
  }

private:
  /// One request and its answer; false when the connection is to be closed.
  async::Task<bool> exchange() {
    Parser parser;
    parser.header_limit(header_limit);
    parser.body_limit(body_limit);
    stream_.expires_after(shared_.settings.deadline);
    const auto [failure, size] =
        co_await wire::async_read(stream_, buffer_, parser, async::as_result);
    if (failure) {
      co_await refuse(failure);
      co_return false;
    }
    auto request = request_of(parser, peer_);
    if (!request) {
      count("other", "other", 400);
      const auto malformed = answer_malformed(400, "the target or the Host header is malformed");
      co_return co_await send(malformed, parser.keep_alive(), false);
    }
    if (request->changes()) {
      request->caller = identify(peer_, shared_.identity, shared_.settings.group);
    }
    const bool head = request->method == Method::head;
    const auto response = co_await answer(*request);
    co_return co_await send(response, parser.keep_alive(), head);
  }

  async::Task<Response> answer(const Request& request) {
    const Call call{.admin = shared_.admin, .log = shared_.log, .request = request};
    auto dispatched = dispatch(call, shared_.settings.host_name);
    auto* const pending = std::get_if<Pending>(&dispatched.answer);
    Response response;
    if (pending == nullptr) {
      response = std::get<Response>(std::move(dispatched.answer));
    } else {
      response = co_await wait_for(*pending);
    }
    count(to_string(request.method), dispatched.pattern, response.status);
    co_return response;
  }

  async::Task<Response> wait_for(Pending& pending) {
    const auto start = async::monotonic_now();
    for (;;) {
      const auto now = async::monotonic_now();
      const auto status = shared_.admin.status();
      if (auto response = pending.poll(*status, now - start)) {
        co_return std::move(*response);
      }
      const bool woke = co_await async::sleep_until(now + shared_.settings.poll_interval);
      if (!woke) {
        co_return answer_malformed(503, "the daemon stops");
      }
    }
  }

  /// Returns whether another request may follow.
  async::Task<bool> send(const Response& response, bool keep_alive, bool head) {
    wire::response<wire::string_body> message{static_cast<wire::status>(response.status), 11};
    message.set(wire::field::content_type, response.content_type);
    message.set(wire::field::cache_control, "no-store");
    message.set("X-Content-Type-Options", "nosniff");
    if (!response.allow.empty()) {
      message.set(wire::field::allow, response.allow);
    }
    message.keep_alive(keep_alive);
    message.content_length(response.body.size());
    if (!head) {
      message.body() = response.body;
    }
    stream_.expires_after(shared_.settings.deadline);
    const auto [failure, size] = co_await wire::async_write(stream_, message, async::as_result);
    co_return keep_alive && !failure;
  }

  /// Answers what could not be read, and reads on for a while: closing with unread bytes would
  /// make the kernel reset the connection and the client lose the answer.
  async::Task<> refuse(beast::error_code failure) {
    const auto response = answer_read_error(failure);
    if (!response) {
      co_return;
    }
    count("other", "other", response->status);
    co_await send(*response, false, false);
    beast::error_code ignored;
    stream_.socket().shutdown(asio::socket_base::shutdown_send, ignored);
    stream_.expires_after(std::min<Duration>(shared_.settings.deadline, std::chrono::seconds{1}));
    std::array<char, 4096> rest{};
    for (bool open = true; open;) {
      const auto [end, size] =
          co_await stream_.async_read_some(asio::buffer(rest), async::as_result);
      open = !end;
    }
  }

  void count(std::string_view method, std::string_view path, unsigned code) {
    shared_.admin.count_request(method, path, code);
  }

  Stream stream_;
  beast::flat_buffer buffer_{header_limit + body_limit};
  Peer peer_;
  Shared shared_;
};

}  // namespace

async::Task<> serve(StreamSocket socket, Peer peer, Shared shared) {
  Session session{std::move(socket), std::move(peer), shared};
  co_await session.run();
}

void turn_away(StreamSocket socket) {
  constexpr std::string_view answer =
      "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\n"
      "Content-Type: text/plain\r\nContent-Length: 30\r\n\r\n503 too many connections here\n";
  // A fresh connection's empty buffer takes this at once; if not, the close says it too.
  ::send(socket.native_handle(), answer.data(), answer.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

}  // namespace havip::http
