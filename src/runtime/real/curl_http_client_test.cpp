#include "runtime/real/curl_http_client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "runtime/real/real_loop.h"
#include "runtime/task_group.h"

namespace matinee::runtime {
namespace {

/// Listens on a port of 127.0.0.1, and gives each connection one reply once all of a request is
/// there; with an empty reply it never answers.
class OneReplyServer {
 public:
  explicit OneReplyServer(std::string reply) : reply_(std::move(reply)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* generic = static_cast<sockaddr*>(static_cast<void*>(&address));
    socklen_t size = sizeof(address);
    EXPECT_EQ(::bind(listener_, generic, size), 0);
    EXPECT_EQ(::listen(listener_, 8), 0);
    ::getsockname(listener_, generic, &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~OneReplyServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::string request;  // all that was received; read it once the reply has come

 private:
  std::string reply_;
  int listener_ = -1;
  int port_ = 0;
  std::thread thread_;

  bool is_complete() const {
    const std::size_t head = request.find("\r\n\r\n");
    if (head == std::string::npos) return false;
    const std::size_t length = request.find("Content-Length: ");
    if (length == std::string::npos) return true;
    return request.size() >= head + 4 + std::stoul(request.substr(length + 16));
  }
  void serve() {
    for (int connection = 0; (connection = ::accept(listener_, nullptr, nullptr)) >= 0;) {
      std::vector<char> bytes(1 << 16);
      while (!is_complete()) {
        const ssize_t got = ::read(connection, bytes.data(), bytes.size());
        if (got <= 0) break;
        request.append(bytes.data(), static_cast<std::size_t>(got));
      }
      if (reply_.empty())  // until the client gives up
        while (::read(connection, bytes.data(), bytes.size()) > 0) continue;
      else
        EXPECT_GT(::write(connection, reply_.data(), reply_.size()), 0);
      ::close(connection);
    }
  }
};

class CurlHttpClientTest : public testing::Test {
 protected:
  RealLoop loop;
  CurlHttpClient http{loop};

  HttpResult send(HttpCall call) {
    std::optional<HttpResult> result;
    loop.post([&] {
      start(http.send(std::move(call)),
            [&](std::optional<HttpResult> value, const std::exception_ptr&) {
              result = std::move(value);
              loop.stop();
            });
    });
    loop.run();
    return std::move(result.value());
  }
};

TEST_F(CurlHttpClientTest, a_call_gets_its_reply) {
  OneReplyServer server(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nX-Name:  a value \r\n"
      "Content-Length: 5\r\nConnection: close\r\n\r\nhello");
  const HttpResult result = send({.method = "POST",
                                  .url = server.url() + "/a/../b?c=%20d",
                                  .headers = {{"X-Amz-Date", "now"}, {"Empty", ""}},
                                  .body = "body"});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->status, 404);
  EXPECT_EQ(result->body, "hello");
  EXPECT_EQ(result->headers.at(0), (std::pair<std::string, std::string>("X-Name", "a value")));
  EXPECT_TRUE(server.request.starts_with("POST /a/../b?c=%20d HTTP/1.1\r\n")) << server.request;
  EXPECT_TRUE(server.request.contains("\r\nX-Amz-Date: now\r\n"));
  EXPECT_TRUE(server.request.contains("\r\nContent-Length: 4\r\n"));
  EXPECT_FALSE(server.request.contains("Expect:"));
  EXPECT_FALSE(server.request.contains("Content-Type:"));
  EXPECT_TRUE(server.request.ends_with("\r\n\r\nbody"));
}

TEST_F(CurlHttpClientTest, a_large_body_arrives_whole) {
  OneReplyServer server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  const std::string body(5'000'000, 'x');
  const HttpResult result = send({.method = "PUT", .url = server.url() + "/x", .body = body});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_TRUE(server.request.starts_with("PUT /x HTTP/1.1\r\n"));
  EXPECT_TRUE(server.request.ends_with(body));
}

TEST_F(CurlHttpClientTest, a_head_request_waits_for_no_body) {
  OneReplyServer server("HTTP/1.1 200 OK\r\nContent-Length: 77\r\nConnection: close\r\n\r\n");
  const HttpResult result = send({.method = "HEAD", .url = server.url() + "/x"});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->body, "");
}

TEST_F(CurlHttpClientTest, a_port_that_nobody_listens_on_is_not_reached) {
  std::string url;
  {
    const OneReplyServer gone("");
    url = gone.url();
  }
  const HttpResult result = send({.method = "GET", .url = url + "/"});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().kind, HttpFailure::Kind::not_reached);
  EXPECT_TRUE(result.error().message.starts_with("127.0.0.1:")) << result.error().message;
}

TEST_F(CurlHttpClientTest, a_server_that_does_not_answer_is_given_up_in_time) {
  OneReplyServer server("");
  const HttpResult result = send({.method = "GET",
                                  .url = server.url() + "/",
                                  .total_timeout = std::chrono::milliseconds(100)});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().kind, HttpFailure::Kind::timed_out);
}

TEST_F(CurlHttpClientTest, a_call_that_is_given_up_closes_its_connection_and_gives_no_result) {
  OneReplyServer silent("");
  OneReplyServer other("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  bool ended = false;
  std::optional<TaskGroup> group(std::in_place, 1);
  const auto call = [&]() -> Task<> {
    co_await http.send({.method = "GET", .url = silent.url() + "/"});
    ended = true;
  };
  loop.post([&] {
    start(group->spawn(call()), [](const std::exception_ptr&) {});
    group.reset();
  });
  EXPECT_TRUE(send({.method = "GET", .url = other.url() + "/"}).has_value());
  EXPECT_FALSE(ended);
  // The silent server's thread ends only when its connection does: its destructor waits for that.
}

}  // namespace
}  // namespace matinee::runtime
