// What a service will do at a time that is known: for people who move the clock.
#pragma once

#include <string>
#include <vector>

#include "runtime/clock.h"
#include "runtime/task.h"
#include "runtime/turns.h"

namespace matinee::services {

struct DueThing {
  runtime::Time at;
  std::string what;      // in words: "the schedule fires"
  std::string resource;  // an ARN; empty for what a service does for all
};

/// What belongs to an account in a region, and is not overdue at `now`.
struct DueQuery {
  std::string account;
  std::string region;
  runtime::Time now;
  std::size_t most;
};

/// State thread only.
class DueSource {
 public:
  virtual ~DueSource() = default;

  /// At most so many, the earliest first. Takes turns, because there may be any number of others'
  /// among them.
  virtual runtime::Task<std::vector<DueThing>> due(DueQuery query, runtime::Turns& turns) const = 0;
};

/// In their order: by time, then by resource and words.
void keep_earliest(std::vector<DueThing>& things, std::size_t most);

}  // namespace matinee::services
