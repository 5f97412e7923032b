#include "gateway/io_thread.h"

#include <sys/epoll.h>

#include <algorithm>
#include <unordered_map>

#include "gateway/connection.h"
#include "gateway/http_date.h"
#include "gateway/poller.h"
#include "gateway/tls/transports.h"
#include "runtime/later_clock.h"
#include "runtime/log.h"

namespace matinee::gateway {

namespace {

/// Everybody's read buffer: what one recv may bring.
constexpr std::size_t buffer_size = 256 * 1024;
constexpr runtime::Duration longest_tick = std::chrono::seconds(1);
constexpr std::uint32_t to_accept = EPOLLIN | EPOLLONESHOT;

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
  void accept_from(Listener listener, IoThread& target);
  void close_port(std::uint16_t port);
  void adopt(Accepted accepted);
  void stop(runtime::Duration grace, runtime::Callback stopped);
  void stop_now();

 private:
  class SocketLink;
  /// A listener, and whom the next clients go to.
  struct Acceptor final : Poller::Watcher {
    Acceptor(Loop& of, const Listener& from, std::vector<IoThread*> to)
        : loop(of), listener(from), targets(std::move(to)) {}
    void on_events(std::uint32_t) override { loop.accept_clients(*this); }

    Loop& loop;
    const Listener& listener;
    std::vector<IoThread*> targets;
    std::unique_ptr<Listener> owned;  // what `listener` is, where it is this thread's own
    std::size_t next = 0;
    bool is_paused = false;  // until the next tick, because descriptors or memory ran out
  };

  Poller poller_;
  std::shared_ptr<PollerQueue> queue_ = std::make_shared<PollerQueue>(poller_);
  runtime::Clock& clock_;
  std::unique_ptr<char[]> buffer_ = std::make_unique_for_overwrite<char[]>(buffer_size);
  ConnectionHost host_;
  std::unique_ptr<RequestHandler> handler_;
  runtime::Duration tick_;
  Ticker ticker_{poller_, tick_, [this] { tick(); }};
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  std::vector<std::unique_ptr<Acceptor>> closed_acceptors_;  // to the end of the round
  std::unordered_map<SocketLink*, std::shared_ptr<SocketLink>> links_;
  std::vector<std::shared_ptr<SocketLink>> closed_links_;
  std::vector<std::shared_ptr<SocketLink>> due_links_;  // that have something to read already
  std::size_t most_connections_;                        // 0: no limit
  std::shared_ptr<const tls::Context> tls_;             // null: nothing but plain HTTP
  bool is_crowded_ = false;                             // since the last tick somebody had to go
  std::uint64_t stop_at_ = 0;                           // tick; 0: not stopping
  runtime::Callback stopped_;

  void tick();
  void run_due_links();
  void wait_for_client(Acceptor& acceptor);
  void accept_clients(Acceptor& acceptor);
  bool make_room();
  void forget(SocketLink& link);
  std::vector<std::shared_ptr<SocketLink>> all_links() const;
};

/// A connection and its socket. Alive as long as it is registered, and to the end of the round.
///
/// What the poller tells once stays true until a read has found the end of what there is: so what
/// arrives while nobody wants to read is not forgotten.
class IoThread::Loop::SocketLink final : public Link,
                                         public Poller::Watcher,
                                         public std::enable_shared_from_this<SocketLink> {
 public:
  SocketLink(Loop& loop, Accepted accepted)
      : loop_(loop),
        socket_(std::move(accepted.descriptor)),
        transport_(make_transport()),
        connection_(*this, loop.host_, std::move(accepted.peer)) {
    loop_.poller_.add(socket_.get(), to_read, *this);
  }

  Connection& connection() { return connection_; }

  Transport& transport() override { return *transport_; }
  void wait_readable() override {
    is_read_wanted_ = true;
    if (transport_->receives_when_writable())
      loop_.poller_.change(socket_.get(), to_read | EPOLLOUT, *this);
    if (is_readable_) loop_.due_links_.push_back(shared_from_this());
  }
  void still_readable() override { is_readable_ = true; }
  void wait_writable() override {
    is_write_wanted_ = true;
    loop_.poller_.change(socket_.get(), to_read | EPOLLOUT, *this);
  }
  void close() override {
    socket_ = OwnedDescriptor(-1);
    loop_.forget(*this);
  }
  OwnedDescriptor release() override {
    loop_.poller_.remove(socket_.get());
    OwnedDescriptor socket = std::exchange(socket_, OwnedDescriptor(-1));
    loop_.forget(*this);
    return socket;
  }

  void on_events(std::uint32_t events) override {
    constexpr std::uint32_t end = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
    if ((events & end) != 0) has_ended_ = true;
    if ((events & (EPOLLIN | end)) != 0) is_readable_ = true;
    if ((events & EPOLLOUT) != 0 && transport_->receives_when_writable()) is_readable_ = true;
    if ((events & (EPOLLOUT | end)) != 0 && std::exchange(is_write_wanted_, false))
      run(&Connection::on_writable);
    read_if_due();
  }
  void read_if_due() {
    if (!is_readable_ || !std::exchange(is_read_wanted_, false)) return;
    is_readable_ = has_ended_;
    run(&Connection::on_readable);
  }

 private:
  static constexpr std::uint32_t to_read = EPOLLIN | EPOLLRDHUP | EPOLLET;

  Loop& loop_;
  OwnedDescriptor socket_;
  std::unique_ptr<Transport> transport_;
  bool is_readable_ = false;
  bool has_ended_ = false;  // the client sends nothing after what is there
  bool is_read_wanted_ = false;
  bool is_write_wanted_ = false;
  Connection connection_;

  std::unique_ptr<Transport> make_transport() const {
    if (loop_.tls_) return std::make_unique<tls::EitherTransport>(*loop_.tls_, socket_.get());
    return std::make_unique<SocketTransport>(socket_.get());
  }

  /// Where memory runs out only the connection ends for which it was wanted.
  void run(void (Connection::*event)()) {
    if (socket_.get() < 0) return;
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
      most_connections_(limits.most),
      tls_(limits.tls) {
  host_.handler = handler_.get();
  host_.queue = queue_;
  host_.workers = &workers;
  host_.patience = in_ticks(limits.timeouts, tick_);
  host_.buffer = {buffer_.get(), buffer_size};
  host_.date = http_date(runtime::wall_time(clock));
  host_.has_tunnels = tls_ != nullptr;
  host_.tunnels = limits.tunnels;
}

void IoThread::Loop::run() {
  // A worker writes to a service's sink: the services outlive that, although the client may not.
  while (stop_at_ == 0 || !links_.empty() || host_.uploads_at_work > 0) {
    poller_.wait(!due_links_.empty() || !queue_->may_sleep());
    run_due_links();
    queue_->run();
    handler_->end_of_round();
    closed_links_.clear();
    closed_acceptors_.clear();
  }
  queue_->run();
  queue_->close();
  due_links_.clear();
  closed_links_.clear();
  if (stopped_) stopped_();
}

/// Those that become due meanwhile have their turn in the next round.
void IoThread::Loop::run_due_links() {
  for (const auto& link : std::exchange(due_links_, {})) link->read_if_due();
}

void IoThread::Loop::tick() {
  ++host_.tick;
  is_crowded_ = false;
  host_.date = http_date(runtime::wall_time(clock_));
  for (const auto& link : all_links()) {
    link->connection().sweep();
    if (stop_at_ != 0 && host_.tick >= stop_at_) link->close();
  }
  for (const std::unique_ptr<Acceptor>& acceptor : acceptors_)
    if (std::exchange(acceptor->is_paused, false)) wait_for_client(*acceptor);
}

void IoThread::Loop::accept_from(const Listener& listener, std::vector<IoThread*> targets) {
  acceptors_.push_back(std::make_unique<Acceptor>(*this, listener, std::move(targets)));
  poller_.add(listener.descriptor.get(), to_accept, *acceptors_.back());
}

void IoThread::Loop::accept_from(Listener listener, IoThread& target) {
  if (stop_at_ != 0) return;
  auto owned = std::make_unique<Listener>(std::move(listener));
  const Listener& place = *owned;
  accept_from(place, {&target});
  acceptors_.back()->owned = std::move(owned);
}

void IoThread::Loop::close_port(std::uint16_t port) {
  const auto found = std::ranges::find_if(acceptors_, [&](const auto& acceptor) {
    return acceptor->owned && acceptor->listener.port == port;
  });
  if (found == acceptors_.end()) return;
  poller_.remove((*found)->listener.descriptor.get());
  closed_acceptors_.push_back(std::move(*found));
  acceptors_.erase(found);
}

void IoThread::Loop::wait_for_client(Acceptor& acceptor) {
  if (stop_at_ == 0) poller_.change(acceptor.listener.descriptor.get(), to_accept, acceptor);
}

void IoThread::Loop::accept_clients(Acceptor& acceptor) {
  while (stop_at_ == 0) {
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
  if (stop_at_ == 0)
    for (const std::unique_ptr<Acceptor>& acceptor : acceptors_)
      poller_.remove(acceptor->listener.descriptor.get());
  stop_at_ = host_.tick + 1 + static_cast<std::uint64_t>((grace + tick_) / tick_);
  stopped_ = std::move(stopped);
  host_.is_stopping = true;
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

void IoThread::accept_from(Listener listener) {
  loop_->post([this, listener = std::move(listener)]() mutable {
    loop_->accept_from(std::move(listener), *this);
  });
}

void IoThread::close_port(std::uint16_t port) {
  loop_->post([this, port] { loop_->close_port(port); });
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
