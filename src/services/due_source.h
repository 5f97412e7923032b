// What a service will do at a time that is known: for people who move the clock.
#pragma once

#include <string>
#include <vector>

#include "runtime/clock.h"
#include "services/context.h"

namespace matinee::services {

struct DueThing {
  runtime::Time at;
  std::string what;      // in words: "the schedule fires"
  std::string resource;  // an ARN
};

/// State thread only. Tells what belongs to account and region of the context.
class DueSource {
 public:
  virtual ~DueSource() = default;

  /// At most so many, the earliest first; none of those that are overdue.
  virtual std::vector<DueThing> due(const Context& context, runtime::Time now,
                                    std::size_t most) const = 0;
};

}  // namespace matinee::services
