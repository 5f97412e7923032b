#include "services/lambda/due_calls.h"

#include "services/lambda/catalog/names.h"

namespace matinee::lambda {

std::vector<services::DueThing> DueCalls::due(const services::Context& context, runtime::Time now,
                                              std::size_t most) const {
  std::vector<services::DueThing> found;
  if (most == 0) return found;
  // What has been removed lies before `now`, and is not stepped over.
  queued_.scan(
      queued_.from(queued_.all(), {now, 0}), [&](const QueuedKey& key, const QueuedRecord& call) {
        if (call.account == context.account && call.region == context.region)
          found.push_back(
              {.at = std::get<0>(key),
               .what = "the function is called again",
               .resource = arn_of({call.account, call.region, call.function}, call.qualifier)});
        return found.size() < most;
      });
  return found;
}

}  // namespace matinee::lambda
