// The connections that deliveries by HTTP share, so that endpoints that are slow or silent take
// them from each other, and from nobody else.
//
// A call that takes more than a second leaves its place to others that wait. Where many wait, an
// endpoint's first call goes before further ones. An endpoint whose last call took five seconds, as
// those do that never end by themselves, is known as slow until one takes less; of calls to such
// few are under way at once, however many endpoints they are. State thread only.
#pragma once

#include <array>
#include <list>
#include <map>
#include <string>

#include "runtime/channel.h"
#include "runtime/movable_clock.h"
#include "services/http_delivery.h"

namespace matinee::services {

class HttpPool {
 public:
  static constexpr std::size_t most_calls = 512;
  static constexpr std::size_t most_quick_calls = 256;
  /// As long as there are so many, endpoints may have several at once.
  static constexpr std::size_t most_calls_beside_first = 384;
  static constexpr std::size_t most_quick_calls_beside_first = 128;
  /// To endpoints that are known to be slow.
  static constexpr std::size_t most_slow_calls = 128;
  /// That may wait for a connection or have one: what targets tell the outbox.
  static constexpr std::size_t most_waiting = 2048;
  static constexpr runtime::Duration leaves_after = std::chrono::seconds(1);
  static constexpr runtime::Duration known_as_slow_after = std::chrono::seconds(5);

  /// `clock` must outlive it. Calls are timed by the machine's clock, which nobody moves.
  explicit HttpPool(runtime::Clock& clock) : clock_(runtime::real_clock(clock)) {}
  HttpPool(const HttpPool&) = delete;
  HttpPool& operator=(const HttpPool&) = delete;

  /// As deliver_by_http, once there is a connection. `endpoint` is what is slow or not: a
  /// subscription, or the target of a rule.
  runtime::Task<HttpOutcome> deliver(runtime::HttpClient& http, runtime::HttpCall call,
                                     HttpRules rules, std::string endpoint);

 private:
  /// Who goes before whom.
  enum class Rank : std::uint8_t { first, further, slow };
  struct Endpoint {
    std::size_t calls = 0;
    bool is_slow = false;
  };
  class Connection;
  class Turn;
  using Waiting = std::list<runtime::Event*>;  // who has waited longest comes first

  runtime::Clock& clock_;
  std::size_t quick_calls_ = 0;                // that have their place still
  std::size_t slow_calls_ = 0;                 // all others
  std::array<Waiting, 3> waiting_;             // by rank
  std::map<std::string, Endpoint> endpoints_;  // with calls, or slow

  static Rank rank_of(const Endpoint& endpoint);
  bool has_room(Rank rank) const;
  void let_next();
  void forget(const std::string& name);
};

}  // namespace matinee::services
