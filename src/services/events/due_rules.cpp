#include "services/events/due_rules.h"

#include "services/events/names.h"

namespace matinee::events {

std::vector<services::DueThing> DueRules::due(const services::Context& context, runtime::Time now,
                                              std::size_t most) const {
  std::vector<services::DueThing> found;
  if (most == 0) return found;
  // What has been removed lies before `now`, and is not stepped over.
  const storage::KeyRange left =
      due_.from(due_.all(), {now.time_since_epoch().count(), "", "", "", ""});
  due_.scan(left, [&](const DueKey& key, std::uint8_t) {
    const auto& [at, account, region, bus, name] = key;
    if (account == context.account && region == context.region)
      found.push_back({.at = runtime::Time(runtime::Duration(at)),
                       .what = "the rule fires",
                       .resource = rule_arn({account, region, bus}, name)});
    return found.size() < most;
  });
  return found;
}

}  // namespace matinee::events
