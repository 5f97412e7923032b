#include "gateway/io_thread.h"

#include <spdlog/spdlog.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <mutex>
#include <unordered_map>

#include "gateway/connection.h"
#include "gateway/http_date.h"

namespace matinee::gateway {

namespace asio = boost::asio;

namespace {

/// Everybody's read buffer: what one recv may bring.
constexpr std::size_t buffer_size = 256 * 1024;
/// Events handled before what they left for the state thread is passed on.
constexpr int most_events_a_round = 8;
constexpr runtime::Duration longest_tick = std::chrono::seconds(1);

/// The executor is named, so that no call goes through a type-erased one.
using Descriptor = asio::posix::basic_stream_descriptor<asio::io_context::executor_type>;

/// Posting from other threads, safe also after the loop has ended.
class Queue final : public IoQueue {
 public:
  explicit Queue(asio::io_context& context) : context_(&context) {}

  void post(runtime::Callback callback) override {
    const std::lock_guard lock(mutex_);
    if (context_) asio::post(*context_, std::move(callback));
  }
  void close() {
    const std::lock_guard lock(mutex_);
    context_ = nullptr;
  }

 private:
  std::mutex mutex_;
  asio::io_context* context_;
};

runtime::Duration tick_length(const Timeouts& timeouts) {
  const runtime::Duration shortest =
      std::min({timeouts.head, timeouts.body, timeouts.idle, timeouts.write, timeouts.linger});
  return std::clamp<runtime::Duration>(shortest / 4, std::chrono::milliseconds(5), longest_tick);
}

Patience in_ticks(const Timeouts& timeouts, runtime::Duration tick) {
  const auto ticks = [tick](runtime::Duration time) {
    return static_cast<std::uint64_t>((time + tick - runtime::Duration(1)) / tick);
  };
  return {.head = ticks(timeouts.head),
          .body = ticks(timeouts.body),
          .idle = ticks(timeouts.idle),
          .write = ticks(timeouts.write),
          .linger = ticks(timeouts.linger)};
}

}  // namespace

class IoThread::Loop {
 public:
  Loop(const HandlerFactory& make_handler, runtime::Clock& clock, runtime::Workers& workers,
       const ConnectionLimits& limits);

  void run();
  void post(runtime::Callback callback) { queue_->post(std::move(callback)); }
  void accept_from(const Listener& listener, std::vector<IoThread*> targets);
  void adopt(Accepted accepted);
  void stop(runtime::Duration grace, runtime::Callback stopped);
  void stop_now();

 private:
  class SocketLink;
  /// A listener, and whom the next clients go to.
  struct Acceptor {
    Acceptor(asio::io_context& context, const Listener& from, std::vector<IoThread*> to)
        : listener(from), descriptor(context, from.descriptor.get()), targets(std::move(to)) {}
    const Listener& listener;
    Descriptor descriptor;  // lent: released, not closed
    std::vector<IoThread*> targets;
    std::size_t next = 0;
    bool is_paused = false;  // until the next tick, because descriptors or memory ran out
  };

  asio::io_context context_{1};
  std::shared_ptr<Queue> queue_ = std::make_shared<Queue>(context_);
  runtime::Clock& clock_;
  std::unique_ptr<char[]> buffer_ = std::make_unique_for_overwrite<char[]>(buffer_size);
  ConnectionHost host_;
  std::unique_ptr<RequestHandler> handler_;
  runtime::Duration tick_;
  asio::steady_timer timer_{context_};
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  std::unordered_map<SocketLink*, std::shared_ptr<SocketLink>> links_;
  std::vector<std::shared_ptr<SocketLink>> closed_links_;
  std::size_t most_connections_;  // 0: no limit
  bool is_crowded_ = false;       // since the last tick somebody had to go
  std::uint64_t stop_at_ = 0;     // tick; 0: not stopping
  runtime::Callback stopped_;

  void wait_for_tick();
  void wait_for_client(Acceptor& acceptor);
  void accept_clients(Acceptor& acceptor);
  bool make_room();
  void forget(SocketLink& link);
  std::vector<std::shared_ptr<SocketLink>> all_links() const;
};

/// A connection and its socket. Alive as long as it is registered or something waits on the socket.
class IoThread::Loop::SocketLink final : public Link,
                                         public std::enable_shared_from_this<SocketLink> {
 public:
  SocketLink(Loop& loop, Accepted accepted)
      : loop_(loop),
        socket_(loop.context_, accepted.descriptor.release()),
        connection_(*this, loop.host_, std::move(accepted.peer)) {}

  Connection& connection() { return connection_; }

  int descriptor() const override { return descriptor_; }
  void wait_readable() override {
    socket_.async_wait(Descriptor::wait_read,
                       [self = shared_from_this()](const boost::system::error_code& error) {
                         if (!error) self->run(&Connection::on_readable);
                       });
  }
  void wait_writable() override {
    socket_.async_wait(Descriptor::wait_write,
                       [self = shared_from_this()](const boost::system::error_code& error) {
                         if (!error) self->run(&Connection::on_writable);
                       });
  }
  void close() override {
    boost::system::error_code ignored;  // Closing gives the descriptor up whatever it says.
    socket_.close(ignored);
    loop_.forget(*this);
  }

 private:
  Loop& loop_;
  Descriptor socket_;
  int descriptor_ = socket_.native_handle();
  Connection connection_;

  /// Where memory runs out only the connection ends for which it was wanted.
  void run(void (Connection::*event)()) {
    try {
      (connection_.*event)();
    } catch (const std::bad_alloc&) {
      spdlog::error("Out of memory: a connection is closed.");
      close();
    }
  }
};

IoThread::Loop::Loop(const HandlerFactory& make_handler, runtime::Clock& clock,
                     runtime::Workers& workers, const ConnectionLimits& limits)
    : clock_(clock),
      handler_(make_handler(queue_)),
      tick_(tick_length(limits.timeouts)),
      most_connections_(limits.most) {
  host_.handler = handler_.get();
  host_.queue = queue_;
  host_.workers = &workers;
  host_.patience = in_ticks(limits.timeouts, tick_);
  host_.buffer = {buffer_.get(), buffer_size};
  host_.date = http_date(clock.now());
}

void IoThread::Loop::run() {
  wait_for_tick();
  // A worker writes to a service's sink: the services outlive that, although the client may not.
  while (stop_at_ == 0 || !links_.empty() || host_.uploads_at_work > 0) {
    context_.run_one();
    for (int events = 1; events < most_events_a_round && context_.poll_one() > 0; ++events) {
    }
    handler_->end_of_round();
    closed_links_.clear();
  }
  queue_->close();
  timer_.cancel();
  for (const std::unique_ptr<Acceptor>& acceptor : acceptors_) acceptor->descriptor.release();
  // The waits that were cancelled hold their connections, which must go before the handler does.
  context_.poll();
  closed_links_.clear();
  if (stopped_) stopped_();
}

void IoThread::Loop::wait_for_tick() {
  timer_.expires_after(tick_);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    ++host_.tick;
    is_crowded_ = false;
    host_.date = http_date(clock_.now());
    for (const auto& link : all_links()) {
      link->connection().sweep();
      if (stop_at_ != 0 && host_.tick >= stop_at_) link->close();
    }
    for (const std::unique_ptr<Acceptor>& acceptor : acceptors_)
      if (std::exchange(acceptor->is_paused, false)) wait_for_client(*acceptor);
    wait_for_tick();
  });
}

void IoThread::Loop::accept_from(const Listener& listener, std::vector<IoThread*> targets) {
  acceptors_.push_back(std::make_unique<Acceptor>(context_, listener, std::move(targets)));
  wait_for_client(*acceptors_.back());
}

void IoThread::Loop::wait_for_client(Acceptor& acceptor) {
  acceptor.descriptor.async_wait(Descriptor::wait_read,
                                 [this, &acceptor](const boost::system::error_code& error) {
                                   if (!error && stop_at_ == 0) accept_clients(acceptor);
                                 });
}

void IoThread::Loop::accept_clients(Acceptor& acceptor) {
  for (;;) {
    std::expected<Accepted, AcceptFailure> accepted = gateway::accept_from(acceptor.listener);
    if (!accepted) {
      if (accepted.error() == AcceptFailure::out_of_resources) {
        spdlog::warn("No more connections can be accepted for now: {}.",
                     "out of file descriptors or memory");
        acceptor.is_paused = true;
        return;
      }
      return wait_for_client(acceptor);
    }
    IoThread& target = *acceptor.targets[acceptor.next++ % acceptor.targets.size()];
    if (target.loop_.get() == this) {
      adopt(std::move(*accepted));
    } else {
      target.adopt(std::move(*accepted));
    }
  }
}

void IoThread::Loop::adopt(Accepted accepted) {
  if (stop_at_ != 0) return;
  if (most_connections_ != 0 && links_.size() >= most_connections_ && !make_room()) return;
  auto link = std::make_shared<SocketLink>(*this, std::move(accepted));
  links_.emplace(link.get(), link);
  link->connection().start();
}

/// Closes the connection that has been idle longest. False where all are busy: then the new one has
/// to go, because what files are left are the store's.
bool IoThread::Loop::make_room() {
  SocketLink* longest = nullptr;
  for (const auto& [link, owner] : links_) {
    const std::optional<std::uint64_t> since = link->connection().idle_since();
    if (since && (!longest || *since < *longest->connection().idle_since())) longest = link;
  }
  if (!std::exchange(is_crowded_, true))
    spdlog::warn("{} connections are open. {}", links_.size(),
                 longest ? "Those that have been idle longest make room for new ones."
                         : "All are busy, and new ones are closed.");
  if (longest) longest->connection().give_way();
  return longest != nullptr;
}

void IoThread::Loop::forget(SocketLink& link) {
  const auto found = links_.find(&link);
  if (found == links_.end()) return;
  closed_links_.push_back(std::move(found->second));
  links_.erase(found);
}

/// A copy, because what is done to them may close them.
std::vector<std::shared_ptr<IoThread::Loop::SocketLink>> IoThread::Loop::all_links() const {
  std::vector<std::shared_ptr<SocketLink>> links;
  links.reserve(links_.size());
  for (const auto& [key, link] : links_) links.push_back(link);
  return links;
}

void IoThread::Loop::stop(runtime::Duration grace, runtime::Callback stopped) {
  stop_at_ = host_.tick + 1 + static_cast<std::uint64_t>((grace + tick_) / tick_);
  stopped_ = std::move(stopped);
  host_.is_stopping = true;
  for (const std::unique_ptr<Acceptor>& acceptor : acceptors_) acceptor->descriptor.cancel();
  for (const auto& link : all_links()) link->connection().begin_stop();
}

void IoThread::Loop::stop_now() {
  stop(runtime::Duration::zero(), std::move(stopped_));
  for (const auto& link : all_links()) link->close();
}

IoThread::IoThread(const HandlerFactory& make_handler, runtime::Clock& clock,
                   runtime::Workers& workers, const ConnectionLimits& limits)
    : loop_(std::make_unique<Loop>(make_handler, clock, workers, limits)) {}

IoThread::~IoThread() = default;

void IoThread::start(const std::string& name) {
  thread_.emplace(name, [this] { loop_->run(); });
}

void IoThread::accept_from(const Listener& listener, std::vector<IoThread*> targets) {
  loop_->post([this, &listener, targets = std::move(targets)]() mutable {
    loop_->accept_from(listener, std::move(targets));
  });
}

void IoThread::adopt(Accepted accepted) {
  loop_->post(
      [this, accepted = std::move(accepted)]() mutable { loop_->adopt(std::move(accepted)); });
}

void IoThread::stop_now() {
  loop_->post([this] { loop_->stop_now(); });
}

void IoThread::stop(runtime::Duration grace, runtime::Callback stopped) {
  loop_->post([this, grace, stopped = std::move(stopped)]() mutable {
    loop_->stop(grace, std::move(stopped));
  });
}

}  // namespace matinee::gateway
