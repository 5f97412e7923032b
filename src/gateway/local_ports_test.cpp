// Bodies that programs of this machine send piece by piece, and what they are told meanwhile.
#include "gateway/local_ports.h"

#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "gateway/test_client.h"
#include "runtime/real/real_loop.h"
#include "runtime/real/worker_pool.h"

namespace matinee::gateway {
namespace {

/// Takes a body, and lets it go on when the test says so.
class TestApi final : public services::LocalApi, public services::StreamListener {
 public:
  std::shared_ptr<services::LocalStream> stream;
  services::LocalReply reply;
  std::string received;
  std::promise<void> first;
  std::promise<services::StreamEnd> end;
  bool passes_on = true;
  bool refuses = false;

  void handle(services::LocalRequest request, services::LocalReply when_done) override {
    reply = std::move(when_done);
    stream = std::move(request.stream);
    if (stream) stream->listen(this);
    if (refuses) reply({.status = 400});
  }
  void on_piece(std::string piece) override {
    if (received.empty()) first.set_value();
    received += piece;
    if (passes_on) stream->passed_on(piece.size());
  }
  void on_end(services::StreamEnd told) override {
    if (reply && !refuses) reply({.status = 202});
    end.set_value(std::move(told));
  }
};

class LocalPortsTest : public testing::Test {
 protected:
  runtime::RealLoop loop;
  runtime::WorkerPool workers{1};
  TestApi api;
  std::optional<LocalPorts> ports;
  std::uint16_t port = 0;
  std::thread thread;

  void SetUp() override {
    ports.emplace(loop, loop.clock(), workers);
    port = *ports->open(api);
    thread = std::thread([this] { loop.run(); });
  }
  void TearDown() override {
    run([this] { ports.reset(); });
    loop.stop();
    thread.join();
  }
  /// On the state thread.
  void run(std::function<void()> work) {
    std::promise<void> done;
    loop.post([&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }
  template <class T>
  static void expect_soon(std::future<T>& future) {
    ASSERT_EQ(future.wait_for(std::chrono::seconds(20)), std::future_status::ready);
  }
};

constexpr std::string_view head =
    "POST /x/response HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
    "Lambda-Runtime-Function-Response-Mode: streaming\r\nTrailer: X-Why\r\n\r\n";

TEST_F(LocalPortsTest, hand_over_what_has_come_and_then_the_trailers) {
  TestClient client(port);
  ASSERT_TRUE(client.send(std::string(head) + "5\r\nhello\r\n"));
  std::future<void> first = api.first.get_future();
  expect_soon(first);
  ASSERT_TRUE(client.send("3\r\n!!!\r\n0\r\nX-Why: because\r\n\r\n"));
  std::future<services::StreamEnd> told = api.end.get_future();
  expect_soon(told);
  const services::StreamEnd end = told.get();
  EXPECT_TRUE(end.is_whole);
  EXPECT_EQ(end.trailers.find("x-why"), "because");
  EXPECT_EQ(api.received, "hello!!!");
  EXPECT_EQ(client.receive().status, 202);
}

TEST_F(LocalPortsTest, tell_of_a_client_that_goes_before_its_end) {
  TestClient client(port);
  ASSERT_TRUE(client.send(std::string(head) + "5\r\nhello\r\n"));
  std::future<void> first = api.first.get_future();
  expect_soon(first);
  client.close();
  std::future<services::StreamEnd> told = api.end.get_future();
  expect_soon(told);
  EXPECT_FALSE(told.get().is_whole);
}

TEST_F(LocalPortsTest, let_a_client_wait_until_its_bytes_are_passed_on) {
  api.passes_on = false;
  TestClient client(port);
  constexpr std::size_t size = 64 << 20;
  std::promise<void> sent;
  std::thread sender([&] {
    client.send(std::string(head) + "4000000\r\n" + std::string(size, 'x') + "\r\n0\r\n\r\n");
    sent.set_value();
  });
  std::future<void> all_sent = sent.get_future();
  std::future<void> first = api.first.get_future();
  expect_soon(first);
  EXPECT_EQ(all_sent.wait_for(std::chrono::milliseconds(300)), std::future_status::timeout);
  run([this] {
    EXPECT_LT(api.received.size(), size / 4);
    api.passes_on = true;
    api.stream->passed_on(api.received.size());
  });
  expect_soon(all_sent);
  sender.join();
  std::future<services::StreamEnd> told = api.end.get_future();
  expect_soon(told);
  EXPECT_EQ(api.received.size(), size);
}

TEST_F(LocalPortsTest, keep_web_pages_out) {
  constexpr std::string_view start = "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: ";
  for (const char* rest : {"127.0.0.1\r\nSec-Fetch-Site: cross-site", "evil.example"}) {
    TestClient client(port);
    ASSERT_TRUE(client.send(std::string(start) + rest + "\r\n\r\n"));
    EXPECT_EQ(client.receive().status, 403) << rest;
  }
  api.refuses = true;
  for (const char* rest : {"127.0.0.1:9001", "sandbox.localdomain:9001",
                           "localhost\r\nSec-Fetch-Site: none\r\nOrigin: null"}) {
    TestClient client(port);
    ASSERT_TRUE(client.send(std::string(start) + rest + "\r\n\r\n"));
    EXPECT_EQ(client.receive().status, 400) << rest;
  }
}

TEST_F(LocalPortsTest, reply_before_the_end_of_a_body_that_nobody_wants) {
  api.refuses = true;
  TestClient client(port);
  ASSERT_TRUE(client.send(std::string(head) + "5\r\nhello\r\n"));
  EXPECT_EQ(client.receive().status, 400);
  EXPECT_TRUE(client.is_closed());
}

}  // namespace
}  // namespace matinee::gateway
