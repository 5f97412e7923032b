// What the HTTP server does with bytes that no proper client would send, and with those who send
// them too slowly: an error, a closed connection, and never anything worse.
#include "gateway/server_fixture.h"

namespace matinee::gateway {
namespace {

constexpr std::string_view get = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";

class MalformedTest : public ServerTest {
 protected:
  /// The status of the reply, after which the server must close and go on serving others.
  int status_for(std::string_view bytes) {
    TestClient client = connect();
    client.send(bytes);
    const TestReply reply = client.receive();
    EXPECT_EQ(reply.header("connection"), "close");
    client.end_sending();
    EXPECT_TRUE(client.is_closed());
    EXPECT_EQ(connect().request(get).status, 200);
    return reply.status;
  }
};

TEST_F(MalformedTest, garbage_is_a_bad_request) {
  start();
  EXPECT_EQ(status_for("\x16\x03\x01\x02\x00 tls or something else\r\n\r\n"), 400);
  EXPECT_EQ(status_for("hello\r\n\r\n"), 400);
  EXPECT_EQ(status_for("GET  /  HTTP/1.1\r\nHost: x\r\n\r\n"), 400);
  EXPECT_EQ(status_for(std::string(1000, '\0') + "\r\n\r\n"), 400);
}

TEST_F(MalformedTest, errors_say_what_is_wrong) {
  start();
  TestClient client = connect();
  const TestReply reply = client.request("hello\r\n\r\n");
  EXPECT_EQ(reply.header("content-type"), "application/xml");
  EXPECT_TRUE(reply.body.contains("<Code>BadRequest</Code>")) << reply.body;
}

TEST_F(MalformedTest, an_unknown_version_of_http_is_refused) {
  start();
  EXPECT_EQ(status_for("GET / HTTP/2.0\r\n\r\n"), 505);
  EXPECT_EQ(status_for("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505);
}

TEST_F(MalformedTest, a_malformed_target_is_a_bad_request) {
  start();
  EXPECT_EQ(status_for("GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n"), 400);
  EXPECT_EQ(status_for("GET /?a=%2 HTTP/1.1\r\nHost: x\r\n\r\n"), 400);
  EXPECT_EQ(status_for("GET bucket/key HTTP/1.1\r\nHost: x\r\n\r\n"), 400);
}

TEST_F(MalformedTest, malformed_header_fields_are_a_bad_request) {
  start();
  EXPECT_EQ(status_for("GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n"), 400);
  EXPECT_EQ(status_for("GET / HTTP/1.1\r\nHost: x\r\n: nameless\r\n\r\n"), 400);
  EXPECT_EQ(status_for("GET / HTTP/1.1\r\nHost: x\r\nBad\x01Name: x\r\n\r\n"), 400);
}

TEST_F(MalformedTest, a_request_without_a_host_or_with_two_is_a_bad_request) {
  start();
  EXPECT_EQ(status_for("GET / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(status_for("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400);
}

TEST_F(MalformedTest, a_flood_of_header_fields_is_refused) {
  start();
  std::string flood = "GET / HTTP/1.1\r\nHost: x\r\n";
  while (flood.size() < 80'000) flood += "X-Field: value\r\n";
  EXPECT_EQ(status_for(flood), 431);
  EXPECT_EQ(status_for("GET / HTTP/1.1\r\nHost: x\r\nX-Field: " + std::string(80'000, 'x')), 431);
  EXPECT_EQ(status_for("GET /" + std::string(80'000, 'x')), 431);
}

TEST_F(MalformedTest, contradictory_lengths_are_a_bad_request) {
  start();
  EXPECT_EQ(
      status_for(
          "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"),
      400);
  EXPECT_EQ(status_for("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
                       "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
            400);
}

TEST_F(MalformedTest, a_length_that_is_no_number_is_a_bad_request) {
  start();
  for (const std::string length : {"-1", "x", "1x", "99999999999999999999999", "1 2"})
    EXPECT_EQ(
        status_for("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: " + length + "\r\n\r\n"), 400)
        << length;
}

TEST_F(MalformedTest, an_unknown_transfer_encoding_is_not_implemented) {
  start();
  EXPECT_EQ(status_for("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n"), 501);
}

TEST_F(MalformedTest, content_that_is_encoded_besides_being_chunked_is_not_implemented) {
  start();
  for (const std::string_view encoding : {"gzip, chunked", "chunked, gzip", "gzip,chunked"})
    EXPECT_EQ(status_for("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: " +
                         std::string(encoding) + "\r\n\r\n0\r\n\r\n"),
              501)
        << encoding;
}

TEST_F(MalformedTest, an_unknown_expectation_fails) {
  start();
  EXPECT_EQ(status_for("POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 200-ok\r\n\r\n"), 417);
}

TEST_F(MalformedTest, malformed_chunks_are_a_bad_request) {
  start();
  const std::string head = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(status_for(head + "zz\r\nhello\r\n0\r\n\r\n"), 400);
  EXPECT_EQ(status_for(head + "3\r\nhello\r\n0\r\n\r\n"), 400);
  EXPECT_EQ(status_for(head + "ffffffffffffffffff\r\nhello"), 400);
  EXPECT_EQ(status_for(head + "5;" + std::string(100'000, 'x')), 400);
}

TEST_F(MalformedTest, a_body_beyond_the_limit_is_refused_before_it_is_sent) {
  start();
  EXPECT_EQ(status_for("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5368709120\r\n\r\n"),
            413);
}

TEST_F(MalformedTest, a_chunked_body_is_refused_where_it_passes_the_limit) {
  start();
  std::string request = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 17; ++i) request += "10000\r\n" + std::string(65536, 'a') + "\r\n";
  EXPECT_EQ(status_for(request), 413);
}

TEST_F(MalformedTest, a_client_that_goes_away_in_the_middle_leaves_nothing_behind) {
  start();
  for (const std::string_view part :
       {"GET / HT", "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc",
        "PUT /stream HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\nabc"}) {
    TestClient client = connect();
    ASSERT_TRUE(client.send(part));
    client.end_sending();
    EXPECT_TRUE(client.is_closed());
  }
  EXPECT_EQ(connect().request(get).status, 200);
  server.reset();
  EXPECT_TRUE(noticed.sink_destroyed_unfinished);
}

TEST_F(MalformedTest, a_head_that_does_not_end_in_time_is_refused) {
  start({.head = std::chrono::milliseconds(50)});
  EXPECT_EQ(status_for("GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "), 408);
}

TEST_F(MalformedTest, a_body_that_stops_coming_is_refused) {
  start({.body = std::chrono::milliseconds(50)});
  for (const std::string path : {"/echo", "/stream"}) {
    TestClient client = connect();
    const TestReply reply =
        client.request("PUT " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\nabc");
    EXPECT_EQ(reply.status, 400);
    EXPECT_EQ(reply.body, "RequestTimeout");
    client.end_sending();
    EXPECT_TRUE(client.is_closed());
  }
}

TEST_F(MalformedTest, an_idle_connection_is_closed_after_a_while) {
  start({.idle = std::chrono::milliseconds(50)});
  TestClient silent = connect();
  EXPECT_TRUE(silent.is_closed());
  TestClient client = connect();
  EXPECT_EQ(client.request(get).status, 200);
  EXPECT_TRUE(client.is_closed());
}

TEST_F(MalformedTest, a_client_that_does_not_read_its_reply_is_given_up) {
  start({.write = std::chrono::milliseconds(50)});
  TestClient client = connect();
  ASSERT_TRUE(client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n"));
  std::promise<void> stopped;
  std::future<void> end = stopped.get_future();
  server->stop(std::chrono::minutes(10), [&] { stopped.set_value(); });
  expect_soon(end, "nothing holds the server up");
}

TEST_F(MalformedTest, a_client_that_never_closes_is_not_waited_for) {
  start({.linger = std::chrono::milliseconds(50)});
  TestClient client = connect();
  EXPECT_EQ(client.request("hello\r\n\r\n").status, 400);
  EXPECT_TRUE(client.is_closed());
}

}  // namespace
}  // namespace matinee::gateway
