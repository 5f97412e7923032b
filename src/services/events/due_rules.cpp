#include "services/events/due_rules.h"

#include "services/due_scan.h"
#include "services/events/names.h"

namespace matinee::events {

runtime::Task<std::vector<services::DueThing>> DueRules::due(services::DueQuery query,
                                                             runtime::Turns& turns) const {
  const storage::KeyRange range =
      due_.from(due_.all(), {query.now.time_since_epoch().count() + 1, "", "", "", ""});
  const auto tell = [query](const auto& place) -> std::optional<services::DueThing> {
    const DueKey key = place.key();
    if (!services::is_asked_for(key, query)) return std::nullopt;
    const auto& [at, account, region, bus, name] = key;
    return services::DueThing{.at = runtime::Time(runtime::Duration(at)),
                              .what = "the rule fires",
                              .resource = rule_arn({account, region, bus}, name)};
  };
  return services::scan_due(due_.cursor(range), query.most, turns, tell);
}

}  // namespace matinee::events
