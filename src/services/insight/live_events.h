// What happens to messages, as it happens: hops of the journal as server-sent events, for pages
// that look on.
//
// Ten pieces a second at most, each with counts by edge and a sample of hops; what is more than
// that is counted and not read. While nobody listens nothing is watched, and no timer runs.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "protocol/live_source.h"
#include "runtime/loop.h"
#include "services/context.h"
#include "services/kept_hop.h"

namespace matinee::insight {

class LiveEvents {
 public:
  /// How often pieces are sent, and how often something is where nothing happens.
  static constexpr std::chrono::milliseconds interval{100};
  static constexpr std::chrono::seconds heartbeat{10};
  static constexpr std::size_t most_read = 256;  // hops a piece
  static constexpr std::size_t most_told = 24;   // of them as they are

  /// `clock` is the machine's: nobody moves it. All must outlive this.
  LiveEvents(services::JournalReader& journal, runtime::Clock& clock, runtime::Loop& loop)
      : journal_(journal), clock_(clock), loop_(loop) {}
  ~LiveEvents();
  LiveEvents(const LiveEvents&) = delete;
  LiveEvents& operator=(const LiveEvents&) = delete;

  /// A body that goes on with the hops that the caller may know, from now on.
  protocol::Body open(const services::Context& context);

 private:
  struct Session {
    services::Context caller;
    std::unique_ptr<protocol::LiveWriter> writer;
  };

  services::JournalReader& journal_;
  runtime::Clock& clock_;
  runtime::Loop& loop_;
  std::map<std::uint64_t, Session> sessions_;
  std::uint64_t last_session_ = 0;
  std::uint64_t place_ = 0;    // number of the last hop that was told or passed over
  std::uint64_t watcher_ = 0;  // 0: none
  runtime::TimerId timer_ = runtime::TimerId::none;
  runtime::TimerId heartbeat_ = runtime::TimerId::none;
  /// What is still posted when this object ends must not run.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);

  void watch();
  void stop();
  void tell();
  void beat();
  void forget_readers();
};

}  // namespace matinee::insight
