// Replies that go on: what clients see of a body that is written piece by piece.
#include "gateway/server_fixture.h"
#include "protocol/live_source.h"

namespace matinee::gateway {
namespace {

class LiveReplyTest : public ServerTest {
 protected:
  std::promise<void> room_or_gone;
  std::atomic<bool> is_told = false;

  /// Sends the request, and answers it with a body that goes on.
  std::unique_ptr<protocol::LiveWriter> answer(TestClient& client, std::string_view request) {
    EXPECT_TRUE(client.send(request));
    std::future<Reply> kept = noticed.kept.get_future();
    expect_soon(kept, "the request");
    protocol::LiveBody live = protocol::make_live_body([this] {
      if (!is_told.exchange(true)) room_or_gone.set_value();
    });
    protocol::HttpResponse response;
    response.body = std::move(live.body);
    noticed.queue->post([reply = kept.get(), response = std::move(response)]() mutable {
      reply(std::move(response));
    });
    return std::move(live.writer);
  }
  void expect_told(std::string_view what) {
    std::future<void> told = room_or_gone.get_future();
    expect_soon(told, what);
  }
  static std::string receive(TestClient& client, std::size_t size) {
    std::string text;
    while (text.size() < size) {
      const std::string more = client.receive_some();
      if (more.empty()) break;
      text += more;
    }
    return text;
  }
};

constexpr std::string_view request = "GET /keep HTTP/1.1\r\nHost: x\r\n\r\n";

TEST_F(LiveReplyTest, comes_in_chunks_and_the_connection_goes_on_with_what_was_pipelined) {
  start();
  TestClient client = connect();
  auto writer = answer(client, std::string(request) + "GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  writer->write("hello");
  const TestReply head = client.receive(false);
  EXPECT_EQ(head.header("transfer-encoding"), "chunked");
  EXPECT_EQ(head.header("content-length"), "(none)");
  EXPECT_EQ(receive(client, 10), "5\r\nhello\r\n");
  writer->write("and more of it!");
  EXPECT_EQ(receive(client, 20), "f\r\nand more of it!\r\n");
  writer = nullptr;
  EXPECT_EQ(client.receive_head(), "0\r\n\r\n");
  EXPECT_EQ(client.receive().status, 200);
}

TEST_F(LiveReplyTest, ends_with_the_connection_of_an_http_1_0_client) {
  start();
  TestClient client = connect();
  auto writer = answer(client, "GET /keep HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  writer->write("hello");
  const TestReply head = client.receive(false);
  EXPECT_EQ(head.header("transfer-encoding"), "(none)");
  EXPECT_EQ(head.header("connection"), "close");
  EXPECT_EQ(receive(client, 5), "hello");
  writer = nullptr;
  EXPECT_TRUE(client.is_closed());
}

TEST_F(LiveReplyTest, its_writer_hears_that_the_client_has_gone) {
  start();
  TestClient client = connect();
  auto writer = answer(client, request);
  client.receive(false);
  client.close();
  expect_told("the end of the client");
  EXPECT_FALSE(writer->is_read());
}

TEST_F(LiveReplyTest, a_client_that_never_reads_costs_little_and_is_closed_in_the_end) {
  start({.write = std::chrono::milliseconds(200)});
  TestClient client = connect();
  auto writer = answer(client, request);
  while (writer->is_read()) {
    std::string piece(1'000'000, 'x');
    while (writer->is_read() && writer->write(std::move(piece))) piece.assign(1'000'000, 'x');
  }
  expect_told("room, or the end");
}

TEST_F(LiveReplyTest, ends_without_its_end_where_its_writer_could_not_finish) {
  start();
  TestClient client = connect();
  auto writer = answer(client, request);
  writer->write("hello");
  writer->cut();
  writer = nullptr;
  client.receive(false);
  EXPECT_EQ(receive(client, 11), "5\r\nhello\r\n");
  EXPECT_TRUE(client.is_closed());
}

TEST_F(LiveReplyTest, has_no_body_for_head) {
  start();
  TestClient client = connect();
  auto writer = answer(client, "HEAD /keep HTTP/1.1\r\nHost: x\r\n\r\n");
  expect_told("that nobody reads");
  EXPECT_EQ(client.receive(false).status, 200);
}

TEST_F(LiveReplyTest, a_server_that_stops_ends_it_as_if_it_were_whole) {
  start();
  TestClient client = connect();
  auto writer = answer(client, request);
  writer->write("hello");
  client.receive(false);
  EXPECT_EQ(receive(client, 10), "5\r\nhello\r\n");
  std::promise<void> stopped;
  std::future<void> end = stopped.get_future();
  server->stop(std::chrono::seconds(20), [&] { stopped.set_value(); });
  EXPECT_EQ(client.receive_head(), "0\r\n\r\n");
  EXPECT_TRUE(client.is_closed());
  expect_soon(end, "the stop");
}

}  // namespace
}  // namespace matinee::gateway
