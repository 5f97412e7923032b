#include "services/dynamodb/due_expiries.h"

#include "services/dynamodb/expiry_time.h"

namespace matinee::dynamodb {

runtime::Task<std::vector<services::DueThing>> DueExpiries::due(services::DueQuery query,
                                                                runtime::Turns& turns) const {
  std::vector<services::DueThing> found;
  const std::int64_t begin = runtime::to_seconds(query.now) + 1;
  for (auto place = tables_.cursor(); place.valid(); place.next()) {
    if (turns.is_over()) co_await turns.next();
    const ExpiringTable names = place.record();
    if (names.account != query.account || names.region != query.region) continue;
    const std::uint64_t number = place.key();
    // What has been removed lies before, and is not stepped over.
    const auto first =
        expiries_.cursor(expiries_.from(expiries_.prefix(number), {number, begin, 0, {}}));
    if (!first.valid()) continue;
    TableRecord table;
    table.account = names.account;
    table.region = names.region;
    table.name = names.table;
    found.push_back({.at = expiry_time(std::get<1>(first.key())),
                     .what = "an item expires",
                     .resource = table_arn(table)});
    if (found.size() > 2 * query.most) services::keep_earliest(found, query.most);
  }
  services::keep_earliest(found, query.most);
  co_return found;
}

}  // namespace matinee::dynamodb
