// How many stacks there may be, and how long deleted ones are remembered.
#include <set>

#include "services/cloudformation/service.h"

namespace matinee::cloudformation {

void Service::require_room(const Context& context) const {
  constexpr std::size_t most_stacks = 2000;
  if (!neighbours_.keeps_quotas) return;
  std::size_t count = 0;
  catalog_.live.scan(catalog_.live.prefix(context.account, context.region),
                     [&](const LiveKey&, const std::string&) { return ++count < most_stacks; });
  if (count >= most_stacks) throw LimitExceededException("Limit for stack has been exceeded");
}

void Service::erase_expired() {
  constexpr int most_in_one_call = 4;
  for (int count = 0; count < most_in_one_call; ++count) {
    const auto first = catalog_.expiries.first();
    if (!first || std::get<0>(first->first) > runtime_.clock.now()) return;
    erase_stack(std::get<1>(first->first));
    catalog_.expiries.erase(first->first);
  }
}

void Service::erase_stack(const StackKey& key) {
  std::vector<std::pair<ChangeSetKey, ChangeSetRecord>> sets;
  catalog_.change_sets.scan(catalog_.change_sets.prefix(key),
                            [&](const ChangeSetKey& set, ChangeSetRecord record) {
                              sets.emplace_back(set, std::move(record));
                              return true;
                            });
  for (const auto& [set, record] : sets) remove_change_set(set, record);
  catalog_.definitions.erase_range(catalog_.definitions.prefix(key));
  catalog_.templates.erase_range(catalog_.templates.prefix(key));
  catalog_.resources.erase_range(catalog_.resources.prefix(key));
  catalog_.leftovers.erase_range(catalog_.leftovers.prefix(key));
  std::set<std::string> operations;
  catalog_.events.scan(catalog_.events.prefix(key), [&](const EventKey&, const EventRecord& event) {
    operations.insert(event.operation_id);
    return true;
  });
  for (const std::string& id : operations)
    catalog_.operation_ids.erase({std::get<0>(key), std::get<1>(key), id});
  catalog_.events.erase_range(catalog_.events.prefix(key));
  drifts_.resources.erase_range(drifts_.resources.prefix(key));
  catalog_.stacks.erase(key);
}

}  // namespace matinee::cloudformation
