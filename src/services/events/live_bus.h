// A bus as events see it: its rules compiled, their targets read. Made when the first event comes.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "events/shapes.h"
#include "patterns/pattern_set.h"
#include "services/events/inputs.h"
#include "services/events/names.h"

namespace matinee::events {

struct LiveTarget {
  Target target;
  TargetInput input;
};

struct LiveRule {
  std::string name;
  std::string arn;
  std::string archive;  // that it feeds; empty for most
  /// Null until the rule matches for the first time.
  std::unique_ptr<std::vector<LiveTarget>> targets;
};

struct LiveBus {
  BusKey key;
  std::string arn;
  bool is_encrypted = false;  // with a key of the user's
  patterns::PatternSet patterns;
  std::map<patterns::PatternSet::Id, LiveRule> rules;
  std::map<std::string, patterns::PatternSet::Id> ids;  // of rules that are in the set
  patterns::PatternSet::Id last_id = 0;
};

}  // namespace matinee::events
