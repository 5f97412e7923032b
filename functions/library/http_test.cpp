#include "library/http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "library/errors.h"

namespace lambda {
namespace {

/// What a server says: pieces that come one by one, and then the end of the connection.
struct Script {
  std::deque<std::string> pieces;
};

class ScriptedWire final : public Wire {
 public:
  ScriptedWire(Script script, std::string& sent) : script_(std::move(script)), sent_(sent) {}
  void set_patience(Milliseconds) override {}
  void send(std::string_view bytes) override { sent_ += bytes; }
  bool receive(std::string& bytes) override {
    if (script_.pieces.empty()) return false;
    bytes += script_.pieces.front();
    script_.pieces.pop_front();
    return true;
  }

 private:
  Script script_;
  std::string& sent_;
};

/// A connection whose servers say the given scripts, one a connection.
class Http : public testing::Test {
 protected:
  std::deque<Script> scripts;
  std::string sent;
  int connections = 0;
  HttpConnection http{[this](Milliseconds) -> std::unique_ptr<Wire> {
                        ++connections;
                        if (scripts.empty()) throw FunctionError("ConnectionFailed", "none left");
                        Script script = std::move(scripts.front());
                        scripts.pop_front();
                        return std::make_unique<ScriptedWire>(std::move(script), sent);
                      },
                      "host:8080"};

  std::string body_of_reply(Script script) {
    scripts = {std::move(script)};
    return http.send({}, no_limit).body;
  }
};

const std::string short_reply = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

TEST_F(Http, keeps_its_connection_and_sends_what_it_is_told) {
  scripts = {{{short_reply, "HTTP/1.1 202 Fine\r\nX-A:  b \r\nContent-Length: 0\r\n\r\n"}}};
  EXPECT_EQ(http.send({.target = "/a", .headers = {{"X", "y"}}}, no_limit).body, "ok");
  const HttpReply reply = http.send({.method = "POST", .target = "/b", .body = "12"}, no_limit);
  EXPECT_EQ(reply.status, 202);
  EXPECT_EQ(reply.header("x-a"), "b");
  EXPECT_EQ(connections, 1);
  EXPECT_EQ(sent,
            "GET /a HTTP/1.1\r\nX: y\r\nHost: host:8080\r\n\r\n"
            "POST /b HTTP/1.1\r\nHost: host:8080\r\nContent-Length: 2\r\n\r\n12");
}

TEST_F(Http, reads_replies_in_any_pieces) {
  Script bytes;
  for (const char c : std::string("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"
                                  "Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n"
                                  "A\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n"))
    bytes.pieces.push_back(std::string(1, c));
  EXPECT_EQ(body_of_reply(bytes), "abc0123456789");
}

TEST_F(Http, reads_to_the_end_of_the_connection_where_nothing_tells_the_length) {
  EXPECT_EQ(body_of_reply({{"HTTP/1.0 200 OK\r\n\r\nab", "cd"}}), "abcd");
}

TEST_F(Http, sends_again_on_a_new_connection_where_a_kept_one_was_closed) {
  scripts = {{{short_reply}}, {{short_reply}}};
  http.send({}, no_limit);
  EXPECT_EQ(http.send({}, no_limit).body, "ok");
  EXPECT_EQ(connections, 2);
}

TEST_F(Http, does_not_send_again_once_a_reply_has_begun) {
  scripts = {{{short_reply, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"}}, {{short_reply}}};
  http.send({}, no_limit);
  EXPECT_THROW(http.send({}, no_limit), FunctionError);
  EXPECT_EQ(connections, 1);
}

TEST_F(Http, lets_no_value_begin_another_header) {
  for (const HttpRequest& request :
       {HttpRequest{.target = "/a\r\nX: y"}, HttpRequest{.headers = {{"A", "b\nX: y"}}},
        HttpRequest{.headers = {{"A\r\nB", "c"}}}})
    EXPECT_THROW(http.send(request, no_limit), FunctionError);
  EXPECT_EQ(sent, "");
}

TEST_F(Http, refuses_what_is_no_reply) {
  for (const char* text : {"", "SSH-2.0\r\n\r\n", "HTTP/1.1 x\r\n\r\n", "HTTP/1.1 200 OK\r\n",
                           "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
                           "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
                           "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab",
                           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    EXPECT_THROW(body_of_reply({{text}}), FunctionError) << text;
  }
}

TEST(Url, is_taken_apart_and_checked) {
  const Url url = Url::parse("https://h.example:8443/a/b?c=d#e");
  EXPECT_TRUE(url.is_secure);
  EXPECT_EQ(url.host, "h.example");
  EXPECT_EQ(url.authority(), "h.example:8443");
  EXPECT_EQ(url.target, "/a/b?c=d");
  EXPECT_EQ(Url::parse("http://h?x").target, "/?x");
  EXPECT_EQ(Url::parse("http://[::1]:80/").authority(), "[::1]");
  for (const char* bad : {"", "h", "ftp://h", "http://", "http://h:x", "http://h:99999",
                          "http://h/a b", "http://h/\r\nX: y"})
    EXPECT_THROW(Url::parse(bad), FunctionError) << bad;
}

}  // namespace
}  // namespace lambda
