#include "services/lambda/due_calls.h"

#include "services/due_scan.h"
#include "services/lambda/catalog/names.h"

namespace matinee::lambda {

runtime::Task<std::vector<services::DueThing>> DueCalls::due(services::DueQuery query,
                                                             runtime::Turns& turns) const {
  const storage::KeyRange range =
      queued_.from(queued_.all(), {query.now + runtime::Duration(1), 0});
  const auto tell = [query](const auto& place) -> std::optional<services::DueThing> {
    const QueuedRecord call = place.record();
    if (call.account != query.account || call.region != query.region) return std::nullopt;
    return services::DueThing{
        .at = std::get<0>(place.key()),
        .what = "the function is called again",
        .resource = arn_of({call.account, call.region, call.function}, call.qualifier)};
  };
  return services::scan_due(queued_.cursor(range), query.most, turns, tell);
}

}  // namespace matinee::lambda
