// What well-behaved clients see of the HTTP server.
#include <sys/mman.h>
#include <unistd.h>

#include "gateway/server_fixture.h"
#include "gateway/upload.h"

namespace matinee::gateway {
namespace {

constexpr std::string_view get = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";

TEST_F(ServerTest, answers_a_request_with_the_common_headers) {
  start();
  TestClient client = connect();
  const TestReply reply = client.request("GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("x-target"), "/a?b=c");
  EXPECT_EQ(reply.header("server"), "Matinee");
  EXPECT_EQ(reply.header("content-length"), "0");
  EXPECT_EQ(reply.header("connection"), "(none)");
  EXPECT_TRUE(reply.header("date").ends_with(" GMT")) << reply.header("date");
}

TEST_F(ServerTest, keeps_the_connection_for_the_next_request) {
  start();
  TestClient client = connect();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.request(get).status, 200);
}

TEST_F(ServerTest, answers_pipelined_requests_in_their_order) {
  start();
  TestClient client = connect();
  std::string requests;
  for (int i = 0; i < 100; ++i)
    requests +=
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n" + std::to_string(10 + i % 90);
  ASSERT_TRUE(client.send(requests));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(client.receive().body, std::to_string(10 + i % 90));
}

TEST_F(ServerTest, answers_a_request_that_comes_byte_by_byte) {
  start();
  TestClient client = connect();
  for (const char c :
       std::string_view("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"))
    ASSERT_TRUE(client.send({&c, 1}));
  EXPECT_EQ(client.receive().body, "hello");
}

TEST_F(ServerTest, closes_where_the_client_asks_for_it) {
  start();
  TestClient client = connect();
  const TestReply reply = client.request("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("connection"), "close");
  EXPECT_TRUE(client.is_closed());
}

TEST_F(ServerTest, closes_after_http_1_0_unless_asked_to_keep_the_connection) {
  start();
  TestClient client = connect();
  const TestReply kept = client.request("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(kept.header("connection"), "keep-alive");
  EXPECT_EQ(client.request("GET /a HTTP/1.0\r\n\r\n").status, 200);
  EXPECT_TRUE(client.is_closed());
}

TEST_F(ServerTest, overlooks_empty_lines_between_requests) {
  start();
  TestClient client = connect();
  EXPECT_EQ(client.request("\r\n\r\n" + std::string(get) + "\r\n").status, 200);
  EXPECT_EQ(client.request(get).status, 200);
}

TEST_F(ServerTest, tells_a_client_that_waits_for_it_to_continue) {
  start();
  TestClient client = connect();
  ASSERT_TRUE(client.send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"));
  EXPECT_EQ(client.receive_head(), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(client.request("hello").body, "hello");
}

TEST_F(ServerTest, refuses_a_client_that_waits_to_continue_before_it_sends_its_body) {
  start();
  TestClient client = connect();
  const TestReply reply = client.request(
      "PUT /refused HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(reply.status, 403);
  EXPECT_TRUE(client.is_closed());
}

TEST_F(ServerTest, skips_the_body_of_a_refused_request) {
  start();
  TestClient client = connect();
  const std::string body(100'000, 'x');
  EXPECT_EQ(
      client.request("PUT /refused HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + body)
          .status,
      403);
  EXPECT_EQ(client.request(get).status, 200);
}

TEST_F(ServerTest, takes_chunked_bodies) {
  start();
  TestClient client = connect();
  EXPECT_EQ(client
                .request("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                         "5\r\nhello\r\n6;note=1\r\n world\r\n0\r\nTrailer: x\r\n\r\n")
                .body,
            "hello world");
  EXPECT_EQ(client.request(get).status, 200);
}

TEST_F(ServerTest, answers_head_without_a_body_but_with_its_length) {
  start();
  TestClient client = connect();
  ASSERT_TRUE(client.send("HEAD /head HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_EQ(client.receive(false).header("content-length"), "12345");
  ASSERT_TRUE(client.send("HEAD /large HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_EQ(client.receive(false).header("content-length"), "20000000");
  EXPECT_EQ(client.request(get).status, 200);
}

TEST_F(ServerTest, sends_no_length_with_no_content) {
  start();
  TestClient client = connect();
  const TestReply reply = client.request("GET /no-content HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(reply.status, 204);
  EXPECT_EQ(reply.header("content-length"), "(none)");
}

TEST_F(ServerTest, gives_streamed_bodies_to_their_sink_in_order) {
  start();
  TestClient client = connect();
  for (const std::size_t size : {0UL, 1UL, 65536UL, 65537UL, 5'000'000UL}) {
    std::string content(size, '\0');
    for (std::size_t i = 0; i < size; ++i) content[i] = static_cast<char>(i * 7 + i / 251);
    const std::string head =
        "PUT /stream HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n";
    EXPECT_EQ(client.request(head + content).body, counted(content));
  }
  EXPECT_GT(noticed.largest_piece, 65536U);
}

TEST_F(ServerTest, gives_chunked_bodies_to_their_sink) {
  start();
  TestClient client = connect();
  std::string request = "PUT /stream HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 100; ++i) request += "10000\r\n" + std::string(65536, 'a') + "\r\n";
  EXPECT_EQ(client.request(request + "0\r\n\r\n").body, counted(std::string(6'553'600, 'a')));
}

TEST_F(ServerTest, tells_what_a_sink_refuses) {
  start();
  TestClient small = connect();
  EXPECT_EQ(
      small.request("PUT /stream HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\npoison").body,
      "InvalidContent");
  EXPECT_EQ(small.request(get).status, 200);
  TestClient large = connect();
  std::string content(3'000'000, 'x');
  content.replace(0, 6, "poison");
  large.send("PUT /stream HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n" + content);
  EXPECT_EQ(large.receive().body, "InvalidContent");
  TestClient unopened = connect();
  EXPECT_EQ(
      unopened.request("PUT /refused-sink HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx").body,
      "NoSuchBucket");
}

TEST_F(ServerTest, sends_large_replies_to_slow_readers_whole) {
  start();
  TestClient client = connect();
  ASSERT_TRUE(client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n"));
  ASSERT_TRUE(client.send(get));
  EXPECT_EQ(client.receive().body, std::string(20'000'000, 'x'));
  EXPECT_EQ(client.receive().status, 200);
}

class FileSource final : public protocol::Source {
 public:
  explicit FileSource(int descriptor) : descriptor_(descriptor) {}
  int descriptor() const override { return descriptor_.get(); }
  std::string_view bytes() const override { return {}; }

 private:
  OwnedDescriptor descriptor_;
};

class MemorySource final : public protocol::Source {
 public:
  explicit MemorySource(std::string text) : text_(std::move(text)) {}
  int descriptor() const override { return -1; }
  std::string_view bytes() const override { return text_; }

 private:
  std::string text_;
};

TEST_F(ServerTest, puts_replies_together_from_files_and_memory) {
  const int file = memfd_create("slices", 0);
  std::string content;
  for (int i = 0; i < 500'000; ++i) content += std::to_string(i) + "\n";
  ASSERT_EQ(write(file, content.data(), content.size()), static_cast<ssize_t>(content.size()));
  const auto from_file = std::make_shared<FileSource>(file);
  const auto from_memory = std::make_shared<MemorySource>("0123456789");
  noticed.slices = {{from_memory, 2, 3},
                    {from_file, 100, content.size() - 100},
                    {from_memory, 0, 10},
                    {from_memory, 9, 1},
                    {from_file, 0, 5}};
  start();
  TestClient client = connect();
  EXPECT_EQ(client.request("GET /slices HTTP/1.1\r\nHost: x\r\n\r\n").body,
            "234" + content.substr(100) + "0123456789" + "9" + content.substr(0, 5));
  EXPECT_EQ(client.request(get).status, 200);
}

TEST_F(ServerTest, breaks_off_where_a_file_is_shorter_than_it_should_be) {
  const int file = memfd_create("short", 0);
  ASSERT_EQ(write(file, "abc", 3), 3);
  noticed.slices = {{std::make_shared<FileSource>(file), 0, 1000}};
  start();
  TestClient client = connect();
  ASSERT_TRUE(client.send("GET /slices HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_EQ(client.receive(false).header("content-length"), "1000");
  EXPECT_EQ(client.receive_head(), "(nothing)");
}

TEST_F(ServerTest, tells_a_waiting_operation_that_its_client_has_gone) {
  start();
  std::future<void> waiting = noticed.waiting.get_future();
  std::future<void> cancelled = noticed.cancelled.get_future();
  TestClient client = connect();
  ASSERT_TRUE(client.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n"));
  expect_soon(waiting, "the request has come in");
  client.close();
  expect_soon(cancelled, "the operation hears of it");
}

TEST_F(ServerTest, still_answers_a_client_that_has_only_ended_its_side) {
  start();
  TestClient client = connect();
  ASSERT_TRUE(client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"));
  client.end_sending();
  EXPECT_EQ(client.receive().body, "hello");
  EXPECT_TRUE(client.is_closed());
}

/// What a client sends while the reply to an earlier request of its is still due.
class WaitingClientTest : public ServerTest {
 protected:
  WaitingClientTest() {
    start();
    client.emplace(connect());
    EXPECT_TRUE(client->send("GET /keep HTTP/1.1\r\nHost: x\r\n\r\n"));
    expect_soon(kept, "the request has come in");
  }
  void get_the_earlier_reply() {
    // A reply over another connection: the loop has seen what was sent before.
    EXPECT_EQ(connect().request(get).status, 200);
    noticed.queue->post([reply = kept.get()]() mutable { reply({}); });
    EXPECT_EQ(client->receive().status, 200);
  }

  std::future<Reply> kept = noticed.kept.get_future();
  std::optional<TestClient> client;
};

TEST_F(WaitingClientTest, has_its_next_request_answered_too) {
  ASSERT_TRUE(client->send("GET /second HTTP/1.1\r\nHost: x\r\n\r\n"));
  get_the_earlier_reply();
  EXPECT_EQ(client->receive().header("X-Target"), "/second");
}

TEST_F(WaitingClientTest, has_a_body_answered_that_came_with_the_end_of_its_side) {
  ASSERT_TRUE(client->send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"));
  client->end_sending();
  get_the_earlier_reply();
  EXPECT_EQ(client->receive().body, "hello");
  EXPECT_TRUE(client->is_closed());
}

TEST_F(ServerTest, drops_a_reply_that_comes_after_the_client_has_gone) {
  start();
  std::future<Reply> kept = noticed.kept.get_future();
  TestClient client = connect();
  ASSERT_TRUE(client.send("GET /keep HTTP/1.1\r\nHost: x\r\n\r\n"));
  expect_soon(kept, "the request has come in");
  client.close();
  std::promise<void> replied;
  std::future<void> done = replied.get_future();
  noticed.queue->post([reply = kept.get(), &replied]() mutable {
    reply({});
    replied.set_value();
  });
  expect_soon(done, "the reply goes nowhere");
  EXPECT_EQ(connect().request(get).status, 200);
}

TEST_F(ServerTest, serves_many_connections_on_several_threads) {
  start({}, 2);
  std::vector<TestClient> clients;
  for (int i = 0; i < 50; ++i) clients.push_back(connect());
  for (TestClient& client : clients) ASSERT_TRUE(client.send(get));
  for (TestClient& client : clients) EXPECT_EQ(client.receive().status, 200);
}

TEST_F(ServerTest, says_that_a_port_is_taken) {
  start();
  Server second(loop.clock(), workers, {.listen = {{.port = server->ports().at(0)}}});
  const auto started = second.start(nullptr);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error(),
            "Port " + std::to_string(server->ports().at(0)) + " of 127.0.0.1 is already in use.");
}

TEST_F(ServerTest, listens_on_several_ports) {
  server.emplace(loop.clock(), workers,
                 ServerOptions{.listen = {{}, {.port = 0, .default_service = "sqs"}}});
  ASSERT_TRUE(server->start(
      [this](const std::shared_ptr<IoQueue>&) { return std::make_unique<EchoHandler>(noticed); }));
  ASSERT_EQ(server->ports().size(), 2U);
  for (const std::uint16_t port : server->ports())
    EXPECT_EQ(TestClient(port).request(get).status, 200);
}

TEST_F(ServerTest, answers_what_was_accepted_before_it_stops) {
  start();
  std::future<Reply> kept = noticed.kept.get_future();
  TestClient busy = connect();
  TestClient idle = connect();
  EXPECT_EQ(idle.request(get).status, 200);
  ASSERT_TRUE(busy.send("GET /keep HTTP/1.1\r\nHost: x\r\n\r\n"));
  expect_soon(kept, "the request has come in");
  std::promise<void> stopped;
  std::future<void> end = stopped.get_future();
  server->stop(std::chrono::seconds(60), [&] { stopped.set_value(); });
  EXPECT_TRUE(idle.is_closed());
  noticed.queue->post([reply = kept.get()]() mutable { reply({}); });
  const TestReply reply = busy.receive();
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("connection"), "close");
  EXPECT_TRUE(busy.is_closed());
  expect_soon(end, "the server has stopped");
}

TEST_F(ServerTest, cancels_what_waits_when_it_stops_and_ends_after_its_grace) {
  start({.head = std::chrono::milliseconds(100)});
  std::future<void> waiting = noticed.waiting.get_future();
  std::future<void> cancelled = noticed.cancelled.get_future();
  TestClient client = connect();
  ASSERT_TRUE(client.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n"));
  expect_soon(waiting, "the request has come in");
  std::promise<void> stopped;
  std::future<void> end = stopped.get_future();
  server->stop(std::chrono::milliseconds(50), [&] { stopped.set_value(); });
  expect_soon(cancelled, "the operation hears of it");
  expect_soon(end, "the server does not wait for ever");
  EXPECT_TRUE(client.is_closed());
}

TEST_F(ServerTest, cancels_also_what_begins_to_wait_after_it_was_told_to_stop) {
  start();
  std::future<void> waiting = noticed.waiting.get_future();
  std::future<void> cancelled = noticed.cancelled.get_future();
  TestClient idle = connect();
  TestClient late = connect();
  EXPECT_EQ(idle.request(get).status, 200);
  ASSERT_TRUE(
      late.send("POST /wait HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                "Content-Length: 4\r\n\r\n"));
  EXPECT_EQ(late.receive(false).status, 100);
  server->stop(std::chrono::hours(1), [] {});
  EXPECT_TRUE(idle.is_closed());
  ASSERT_TRUE(late.send("body"));
  expect_soon(waiting, "the request has come in");
  expect_soon(cancelled, "the operation hears that the server stops");
}

TEST_F(ServerTest, a_client_is_not_blamed_for_workers_who_are_slow) {
  start({.body = std::chrono::milliseconds(200)});
  std::future<void> holds = noticed.sink_holds.get_future();
  const std::string body = "hold" + std::string(4 * Upload::buffer_size, 'x');
  const std::size_t first = 3 * Upload::buffer_size;
  TestClient patient = connect();
  ASSERT_TRUE(patient.send("PUT /stream HTTP/1.1\r\nHost: x\r\nContent-Length: " +
                           std::to_string(body.size()) + "\r\n\r\n"));
  ASSERT_TRUE(patient.send(body.substr(0, first)));
  expect_soon(holds, "a worker has the first piece");
  TestClient slow = connect();
  ASSERT_TRUE(slow.send("PUT /stream HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf"));
  EXPECT_EQ(slow.receive().body, "RequestTimeout");
  noticed.sink_may_go_on.set_value();
  ASSERT_TRUE(patient.send(body.substr(first)));
  const TestReply reply = patient.receive();
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, counted(body));
}

TEST_F(ServerTest, ends_only_when_no_worker_writes_to_a_sink_any_more) {
  start();
  std::future<void> holds = noticed.sink_holds.get_future();
  TestClient client = connect();
  ASSERT_TRUE(client.send("PUT /stream HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\nhold" +
                          std::string(Upload::buffer_size, 'x')));
  expect_soon(holds, "a worker has the first piece");
  std::future<void> end = std::async(std::launch::async, [this] { server.reset(); });
  EXPECT_TRUE(client.is_closed());
  EXPECT_EQ(end.wait_for(std::chrono::milliseconds(100)), std::future_status::timeout);
  EXPECT_FALSE(noticed.sink_destroyed_unfinished);
  noticed.sink_may_go_on.set_value();
  expect_soon(end, "the server has ended");
  EXPECT_TRUE(noticed.sink_destroyed_unfinished);
}

TEST_F(ServerTest, does_not_wait_for_anything_when_it_is_destroyed) {
  start();
  std::future<Reply> kept = noticed.kept.get_future();
  TestClient client = connect();
  ASSERT_TRUE(client.send("GET /keep HTTP/1.1\r\nHost: x\r\n\r\n"));
  expect_soon(kept, "the request has come in");
  std::promise<void> stopped;
  std::future<void> end = stopped.get_future();
  server->stop(std::chrono::hours(1), [&] { stopped.set_value(); });
  server.reset();
  EXPECT_EQ(end.wait_for(std::chrono::seconds(0)), std::future_status::ready);
  EXPECT_TRUE(client.is_closed());
}

}  // namespace
}  // namespace matinee::gateway
