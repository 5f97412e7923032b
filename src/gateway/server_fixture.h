// For tests: a server whose handler echoes, in ways that the path chooses.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <map>
#include <mutex>

#include "gateway/server.h"
#include "gateway/test_client.h"
#include "runtime/real/real_loop.h"
#include "runtime/real/worker_pool.h"

namespace matinee::gateway {

/// What the handlers of a test noticed.
struct Noticed {
  std::promise<void> cancelled;
  std::promise<void> waiting;
  std::promise<Reply> kept;  // of /keep: the test replies itself
  std::shared_ptr<IoQueue> queue;
  std::atomic<std::size_t> largest_piece = 0;
  std::atomic<bool> sink_destroyed_unfinished = false;
  std::promise<void> sink_holds;  // of a body with "hold" in it
  std::promise<void> sink_may_go_on;
  std::vector<protocol::Slice> slices;  // what /slices answers
};

/// Counts and digests what it is given, so that the order of pieces matters.
class CountingSink final : public services::BodySink {
 public:
  explicit CountingSink(Noticed& noticed) : noticed_(noticed) {}
  ~CountingSink() override {
    if (!is_finished_) noticed_.sink_destroyed_unfinished = true;
  }

  void write(std::span<const char> bytes) override {
    if (std::string_view(bytes.data(), bytes.size()).contains("poison"))
      throw protocol::ServiceError("InvalidContent", 400, "There is poison in it.");
    if (std::string_view(bytes.data(), bytes.size()).contains("hold")) {
      noticed_.sink_holds.set_value();
      noticed_.sink_may_go_on.get_future().wait();
    }
    for (const char c : bytes) digest_ = digest_ * 31 + static_cast<unsigned char>(c);
    size_ += bytes.size();
    if (bytes.size() > noticed_.largest_piece) noticed_.largest_piece = bytes.size();
  }
  protocol::Body finish() override {
    is_finished_ = true;
    return std::to_string(size_) + " " + std::to_string(digest_);
  }

 private:
  Noticed& noticed_;
  std::size_t size_ = 0;
  std::uint64_t digest_ = 0;
  bool is_finished_ = false;
};

/// What CountingSink says of `content`.
inline std::string counted(std::string_view content) {
  std::uint64_t digest = 0;
  for (const char c : content) digest = digest * 31 + static_cast<unsigned char>(c);
  return std::to_string(content.size()) + " " + std::to_string(digest);
}

class EchoExchange final : public Exchange {
 public:
  EchoExchange(Noticed& noticed, protocol::HttpRequest head)
      : noticed_(noticed), head_(std::move(head)) {}

  std::uint64_t body_limit() const override { return is_stream() ? 1ULL << 32 : 1024 * 1024; }
  std::unique_ptr<services::BodySink> open_sink() override {
    if (head_.path == "/refused-sink")
      throw protocol::ServiceError("NoSuchBucket", 404, "There is no such bucket.");
    if (!is_stream()) return nullptr;
    return std::make_unique<CountingSink>(noticed_);
  }
  protocol::HttpResponse refuse(const protocol::ServiceError& error) override {
    protocol::HttpResponse response;
    response.status = error.status();
    response.body = error.code();
    return response;
  }
  protocol::ServiceError too_large() const override { return {"TooLarge", 413, "Too large."}; }
  void cancel() override {
    if (head_.path == "/wait" && !std::exchange(is_cancelled_, true))
      noticed_.cancelled.set_value();
  }
  void run(protocol::Body body, Reply reply) override {
    if (head_.path == "/wait") return noticed_.waiting.set_value();
    if (head_.path == "/keep") return noticed_.kept.set_value(std::move(reply));
    protocol::HttpResponse response;
    if (head_.path == "/no-content") response.status = 204;
    if (head_.path == "/head") response.head_length = 12345;
    if (head_.path == "/slices") response.body.slices = noticed_.slices;
    if (head_.path == "/large") response.body.bytes.assign(20'000'000, 'x');
    response.headers.add("X-Target", head_.target);
    if (head_.path == "/echo" || is_stream()) response.body.bytes = std::move(body.bytes);
    reply(std::move(response));
  }

 private:
  Noticed& noticed_;
  protocol::HttpRequest head_;
  bool is_cancelled_ = false;

  bool is_stream() const { return head_.path == "/stream"; }
};

class EchoHandler final : public RequestHandler {
 public:
  explicit EchoHandler(Noticed& noticed) : noticed_(noticed) {}

  Admission begin(protocol::HttpRequest head, const Peer& peer) override {
    if (head.path == "/refused") {
      protocol::HttpResponse response;
      response.status = 403;
      response.body = "no";
      return {.exchange = nullptr, .refusal = std::move(response)};
    }
    EXPECT_EQ(peer.address, "127.0.0.1");
    return {.exchange = std::make_unique<EchoExchange>(noticed_, std::move(head)), .refusal = {}};
  }

 private:
  Noticed& noticed_;
};

class ServerTest : public testing::Test {
 protected:
  void start(Timeouts timeouts = {}, unsigned io_threads = 1, std::size_t most_connections = 0) {
    server.emplace(loop.clock(), workers,
                   ServerOptions{.listen = {ListenAddress{}},
                                 .io_threads = io_threads,
                                 .most_connections = most_connections,
                                 .timeouts = timeouts});
    const auto started = server->start([this](const std::shared_ptr<IoQueue>& queue) {
      noticed.queue = queue;
      return std::make_unique<EchoHandler>(noticed);
    });
    ASSERT_TRUE(started) << started.error();
  }
  TestClient connect() { return TestClient(server->ports().at(0)); }

  /// Waits for what must happen; fails the test where it does not.
  template <class T>
  static void expect_soon(std::future<T>& future, std::string_view what) {
    EXPECT_EQ(future.wait_for(std::chrono::seconds(20)), std::future_status::ready) << what;
  }

  Noticed noticed;
  runtime::RealLoop loop;  // only its clock is used
  runtime::WorkerPool workers{2};
  std::optional<Server> server;
};

}  // namespace matinee::gateway
