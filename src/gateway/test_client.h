// For tests: a client on a raw loopback socket, which sends any bytes whatever and fails, instead
// of hanging, when an answer does not come.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <charconv>
#include <chrono>
#include <optional>
#include <string>

#include "gateway/listener.h"
#include "protocol/http.h"

namespace matinee::gateway {

struct TestReply {
  int status = 0;
  protocol::Headers headers;
  std::string body;

  std::string header(std::string_view name) const {
    return std::string(headers.find(name).value_or("(none)"));
  }
};

class TestClient {
 public:
  explicit TestClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  }

  /// False once the server has closed.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void end_sending() { ::shutdown(socket_.get(), SHUT_WR); }
  void close() { socket_ = OwnedDescriptor(-1); }

  /// The next reply. Fails the test where it does not come or is malformed.
  TestReply receive(bool has_body = true) {
    TestReply reply;
    const std::optional<std::string> head = take_until("\r\n\r\n");
    if (!head) {
      ADD_FAILURE() << "no reply, but: " << received_;
      return reply;
    }
    EXPECT_TRUE(head->starts_with("HTTP/1.1 ")) << *head;
    std::from_chars(head->data() + 9, head->data() + 12, reply.status);
    std::string_view rest(*head);
    rest.remove_prefix(rest.find("\r\n") + 2);
    while (!rest.starts_with("\r\n")) {
      const std::string_view line = rest.substr(0, rest.find("\r\n"));
      rest.remove_prefix(line.size() + 2);
      const std::size_t colon = line.find(':');
      reply.headers.add(line.substr(0, colon), line.substr(colon + 1));
    }
    if (!has_body) return reply;
    const std::size_t length =
        std::stoul(std::string(reply.headers.find("content-length").value_or("0")));
    while (received_.size() < length && receive_more()) {
    }
    EXPECT_GE(received_.size(), length) << "the body is cut short";
    reply.body = received_.substr(0, length);
    received_.erase(0, length);
    return reply;
  }

  TestReply request(std::string_view bytes) {
    EXPECT_TRUE(send(bytes));
    return receive();
  }

  /// Whether the server ends the connection, with nothing more before that.
  bool is_closed() {
    while (receive_more()) {
    }
    EXPECT_EQ(received_, "");
    return has_ended_;
  }

  /// Whatever comes next; empty at the end.
  std::string receive_some() {
    if (received_.empty()) receive_more();
    return std::exchange(received_, "");
  }

  /// "HTTP/1.1 100 Continue\r\n\r\n" or whatever comes up to the next empty line.
  std::string receive_head() { return take_until("\r\n\r\n").value_or("(nothing)"); }

 private:
  static constexpr int patience_milliseconds = 20'000;

  OwnedDescriptor socket_;
  std::string received_;
  bool has_ended_ = false;

  bool receive_more() {
    pollfd waiting{.fd = socket_.get(), .events = POLLIN, .revents = 0};
    if (::poll(&waiting, 1, patience_milliseconds) != 1) return false;
    char buffer[65536];
    const ssize_t received = ::recv(socket_.get(), buffer, sizeof(buffer), 0);
    if (received <= 0) {
      has_ended_ = true;
      return false;
    }
    received_.append(buffer, static_cast<std::size_t>(received));
    return true;
  }

  std::optional<std::string> take_until(std::string_view mark) {
    std::size_t position = received_.find(mark);
    while (position == std::string::npos) {
      if (!receive_more()) return std::nullopt;
      position = received_.find(mark);
    }
    std::string taken = received_.substr(0, position + mark.size());
    received_.erase(0, taken.size());
    return taken;
  }
};

}  // namespace matinee::gateway
