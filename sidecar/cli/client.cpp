// SPDX-License-Identifier: Apache-2.0
#include "sidecar/cli/client.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <array>
#include <cctype>
#include <cstdio>
#include <optional>

namespace havip::cli {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr std::uint64_t largest_answer = 64ULL * 1024 * 1024;

Error unreachable(const std::string& url, const error_code& failure) {
  const bool absent = failure == boost::system::errc::no_such_file_or_directory ||
                      failure == boost::system::errc::connection_refused;
  const auto* const hint = absent ? ": systemctl start havip"
                           : failure == boost::system::errc::permission_denied
                               ? ": run this as root or as a member of the group havip"
                               : "";
  return {failure,
          (absent ? "havip is not running: nobody answers at " : "cannot ask havip at ") + url +
              " (" + failure.message() + ")" + hint};
}

/// One question and its answer over a connected socket.
template <class Socket>
class Conversation {
public:
  Conversation(asio::io_context& context,
               Socket& socket,
               const std::string& host,
               const Question& question)
      : context_{&context}, socket_{&socket} {
    request_.method_string(question.method);
    request_.target(question.target);
    request_.version(11);
    request_.set(http::field::host, host);
    request_.set(http::field::accept, question.accept);
    request_.set(http::field::user_agent, "havip");
    parser_.body_limit(largest_answer);
  }

  /// The failure of the connection, `timed_out` after `patience`, or success.
  error_code run(std::chrono::seconds patience) {
    error_code outcome = asio::error::timed_out;
    http::async_write(*socket_, request_, [&](error_code sent, std::size_t /*bytes*/) {
      if (sent) {
        outcome = sent;
        return;
      }
      http::async_read(*socket_, buffer_, parser_, [&](error_code received, std::size_t /*bytes*/) {
        outcome = received;
      });
    });
    context_->run_for(patience);
    return outcome;
  }

  [[nodiscard]] Answer answer() const {
    const auto& response = parser_.get();
    return {.code = response.result_int(),
            .content_type = std::string{response[http::field::content_type]},
            .body = response.body()};
  }

private:
  asio::io_context* context_;
  Socket* socket_;
  http::request<http::empty_body> request_;
  boost::beast::flat_buffer buffer_;
  http::response_parser<http::string_body> parser_;
};

template <class Socket>
Result<Answer> converse(asio::io_context& context,
                        Socket& socket,
                        const std::string& url,
                        const std::string& host,
                        const Question& question) {
  Conversation conversation{context, socket, host, question};
  const auto failure = conversation.run(question.patience);
  if (failure == asio::error::timed_out) {
    return Error{failure,
                 "havip at " + url + " did not answer within " +
                     std::to_string(question.patience.count()) +
                     " s: it hangs or is stopped; see systemctl status havip"};
  }
  if (failure) {
    return Error{failure, "havip at " + url + " broke off its answer (" + failure.message() + ")"};
  }
  return conversation.answer();
}

Result<Answer> ask_unix(const std::string& url, const std::string& path, const Question& question) {
  asio::io_context context;
  asio::local::stream_protocol::socket socket{context};
  error_code failure;
  if (path.size() >= sizeof(sockaddr_un::sun_path)) {
    return Error{std::make_error_code(std::errc::filename_too_long), path + ": too long a path"};
  }
  socket.connect(asio::local::stream_protocol::endpoint{path}, failure);
  if (failure) {
    return unreachable(url, failure);
  }
  return converse(context, socket, url, "localhost", question);
}

Result<Answer> ask_tcp(const std::string& url,
                       const std::string& authority,
                       const Question& question) {
  const auto colon = authority.rfind(':');
  const bool has_port =
      colon != std::string::npos && authority.find(']', colon) == std::string::npos;
  auto host = authority.substr(0, has_port ? colon : std::string::npos);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  const auto port = has_port ? authority.substr(colon + 1) : std::string{"8406"};
  asio::io_context context;
  asio::ip::tcp::resolver resolver{context};
  asio::ip::tcp::socket socket{context};
  error_code failure;
  const auto endpoints = resolver.resolve(host, port, failure);
  if (!failure) {
    asio::connect(socket, endpoints, failure);
  }
  if (failure) {
    return unreachable(url, failure);
  }
  return converse(context, socket, url, authority, question);
}

}  // namespace

Result<Answer> ask(const std::string& url, const Question& question) {
  static const std::string unix_scheme = "unix:";
  static const std::string http_scheme = "http://";
  if (url.starts_with(unix_scheme)) {
    return ask_unix(url, url.substr(unix_scheme.size()), question);
  }
  if (url.starts_with(http_scheme)) {
    auto authority = url.substr(http_scheme.size());
    authority = authority.substr(0, authority.find('/'));
    return ask_tcp(url, authority, question);
  }
  return Error{std::make_error_code(std::errc::invalid_argument),
               "--url " + url + ": unix:/path or http://host:port is allowed"};
}

std::string percent_encoded(const std::string& text) {
  std::string encoded;
  for (const char character : text) {
    const auto value = static_cast<unsigned char>(character);
    if (std::isalnum(value) != 0 || character == '-' || character == '.' || character == '_' ||
        character == '~') {
      encoded += character;
    } else {
      std::array<char, 4> escape{};
      static_cast<void>(std::snprintf(escape.data(), escape.size(), "%%%02X", value));
      encoded += escape.data();
    }
  }
  return encoded;
}

}  // namespace havip::cli
