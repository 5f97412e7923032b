#include "services/ssm/due_policies.h"

#include <algorithm>

#include "services/due_scan.h"
#include "services/ssm/names.h"

namespace matinee::ssm {

runtime::Task<std::vector<services::DueThing>> DuePolicies::due(services::DueQuery query,
                                                                runtime::Turns& turns) const {
  const auto telling = [query](std::string_view what) {
    return [query, what](const auto& place) -> std::optional<services::DueThing> {
      const auto key = place.key();
      if (!services::is_asked_for(key, query)) return std::nullopt;
      return services::DueThing{
          .at = std::get<0>(key),
          .what = std::string(what),
          .resource = parameter_arn({query.account, query.region}, std::get<3>(key))};
    };
  };
  const runtime::Time begin = query.now + runtime::Duration(1);
  std::vector<services::DueThing> found = co_await services::scan_due(
      expirations_.cursor(expirations_.from(expirations_.all(), {begin, "", "", ""})), query.most,
      turns, telling("the parameter expires"));
  std::ranges::move(
      co_await services::scan_due(
          notices_.cursor(notices_.from(notices_.all(), {begin, "", "", "", 0})), query.most, turns,
          telling("EventBridge is told of the parameter by its policy")),
      std::back_inserter(found));
  services::keep_earliest(found, query.most);
  co_return found;
}

}  // namespace matinee::ssm
