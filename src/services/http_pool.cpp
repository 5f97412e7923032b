#include "services/http_pool.h"

namespace matinee::services {

namespace {

/// Slow endpoints that are gone do not tell: beyond so many one is believed to be quick again.
constexpr std::size_t most_known = 10'000;

}  // namespace

/// A call that is under way.
class HttpPool::Connection {
 public:
  Connection(HttpPool& pool, Endpoint& endpoint)
      : pool_(pool),
        endpoint_(endpoint),
        counts_as_slow_(endpoint.is_slow),
        began_(pool.clock_.now()) {
    ++endpoint_.calls;
    ++(counts_as_slow_ ? pool_.slow_calls_ : pool_.quick_calls_);
    timer_ = pool_.clock_.call_at(began_ + leaves_after, [this] { leave_place(); });
  }
  ~Connection() {
    pool_.clock_.cancel(timer_);
    --endpoint_.calls;
    --(counts_as_slow_ ? pool_.slow_calls_ : pool_.quick_calls_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void note_end() { endpoint_.is_slow = pool_.clock_.now() - began_ >= known_as_slow_after; }

 private:
  HttpPool& pool_;
  Endpoint& endpoint_;
  bool counts_as_slow_;
  runtime::Time began_;
  runtime::TimerId timer_ = runtime::TimerId::none;

  void leave_place() {
    timer_ = runtime::TimerId::none;
    if (std::exchange(counts_as_slow_, true)) return;
    --pool_.quick_calls_;
    ++pool_.slow_calls_;
    pool_.let_next();
  }
};

/// A place among those that wait for a connection.
class HttpPool::Turn {
 public:
  explicit Turn(Waiting& waiting)
      : waiting_(waiting), place_(waiting.insert(waiting.end(), &event_)) {}
  ~Turn() { waiting_.erase(place_); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  runtime::Event::Wait wait() { return event_.wait(); }

 private:
  Waiting& waiting_;
  runtime::Event event_;
  Waiting::iterator place_;
};

HttpPool::Rank HttpPool::rank_of(const Endpoint& endpoint) {
  if (endpoint.is_slow) return Rank::slow;
  return endpoint.calls == 0 ? Rank::first : Rank::further;
}

bool HttpPool::has_room(Rank rank) const {
  const std::size_t calls = quick_calls_ + slow_calls_;
  switch (rank) {
    case Rank::first:
      return calls < most_calls && quick_calls_ < most_quick_calls;
    case Rank::further:
      return calls < most_calls_beside_first && quick_calls_ < most_quick_calls_beside_first;
    case Rank::slow:
      return calls < most_calls_beside_first && slow_calls_ < most_slow_calls;
  }
  return false;
}

/// Each that is let in leaves its list, or goes into that of its new rank.
void HttpPool::let_next() {
  for (const Rank rank : {Rank::first, Rank::further, Rank::slow}) {
    Waiting& waiting = waiting_[static_cast<std::size_t>(rank)];
    while (!waiting.empty() && has_room(rank)) waiting.front()->notify();
  }
}

void HttpPool::forget(const std::string& name) {
  const auto place = endpoints_.find(name);
  const Endpoint& endpoint = place->second;
  if (endpoint.calls == 0 && (!endpoint.is_slow || endpoints_.size() > most_known))
    endpoints_.erase(place);
}

runtime::Task<HttpOutcome> HttpPool::deliver(runtime::HttpClient& http, runtime::HttpCall call,
                                             HttpRules rules, std::string endpoint) {
  while (true) {
    const Rank rank = rank_of(endpoints_[endpoint]);
    if (has_room(rank)) break;
    Turn turn(waiting_[static_cast<std::size_t>(rank)]);
    co_await turn.wait();
  }
  HttpOutcome outcome;
  {
    Connection connection(*this, endpoints_[endpoint]);
    outcome = co_await deliver_by_http(http, std::move(call), rules);
    connection.note_end();
  }
  forget(endpoint);
  let_next();
  co_return outcome;
}

}  // namespace matinee::services
