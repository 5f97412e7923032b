// Live Tail: sessions that see events when they come in, and tell their clients once a second.
//
// Nothing of it is stored. What comes in is handed over by those who write events; while nobody
// tails a group, that costs a look into a map.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "logs/shapes.h"
#include "protocol/live_source.h"
#include "runtime/runtime.h"
#include "services/logs/catalog/catalog.h"
#include "services/logs/filters/filter_pattern.h"
#include "services/reset.h"

namespace matinee::logs {

/// What a session looks at.
struct TailQuery {
  std::string account;
  std::string region;
  std::string request_id;
  std::vector<Group> groups;
  filters::FilterPattern pattern;
  StartLiveTailRequest request;
};

class LiveTails {
 public:
  explicit LiveTails(runtime::Runtime& runtime) : runtime_(runtime) {}
  ~LiveTails();
  LiveTails(const LiveTails&) = delete;
  LiveTails& operator=(const LiveTails&) = delete;

  /// The body of the reply, which goes on. Throws LimitExceededException.
  protocol::Body start(TailQuery query);

  bool watch(GroupNumber group) const { return by_group_.contains(group); }

  /// Where an event has come in, and when.
  struct Arrival {
    const Group& group;
    const std::string& stream;
    Milliseconds now;
  };
  /// Of an event that was committed.
  void take(const Arrival& arrival, Milliseconds time, std::string_view text);

  void reset(const services::ResetScope& scope);

 private:
  struct Session;

  runtime::Runtime& runtime_;
  std::map<std::string, std::shared_ptr<Session>> sessions_;  // by id
  std::multimap<GroupNumber, Session*> by_group_;
  /// What is still posted when this object ends must not run.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);

  void require_room(const TailQuery& query) const;
  void set_timer(Session& session);
  void update(const std::string& id);
  void send(const std::shared_ptr<Session>& session, std::string message);
  void end(const std::string& id);
};

}  // namespace matinee::logs
