#include "jobs/deploy/stack.h"

#include <algorithm>

namespace matinee::jobs::deploy {

namespace {

/// AWS gives this reason to what it stops because something else has failed.
bool is_given_up(const StackEvent& event) {
  return event.reason.starts_with("Resource creation cancelled") ||
         event.reason.starts_with("Resource update cancelled");
}

}  // namespace

bool is_at_rest(std::string_view status) {
  return !status.ends_with("_IN_PROGRESS");
}

bool is_as_wanted(std::string_view status) {
  return status == "CREATE_COMPLETE" || status == "UPDATE_COMPLETE" || status == "IMPORT_COMPLETE";
}

std::optional<Failure> find_failure(const std::vector<StackEvent>& events) {
  const auto failed = std::ranges::find_if(events, [](const StackEvent& event) {
    return event.has_failed() && !event.is_stack && !is_given_up(event);
  });
  if (failed != events.end()) return Failure{failed->name, failed->type, failed->reason};
  const auto told = std::ranges::find_if(events, [](const StackEvent& event) {
    return event.is_stack && (event.has_failed() || event.status.contains("ROLLBACK")) &&
           !event.reason.empty();
  });
  if (told != events.end()) return Failure{told->name, told->type, told->reason};
  return std::nullopt;
}

}  // namespace matinee::jobs::deploy
