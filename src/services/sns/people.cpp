#include "services/sns/people.h"

#include <algorithm>

#include "services/arn.h"

namespace matinee::sns {

namespace {

constexpr storage::TableId kept_table{0x0511};

}  // namespace

People::People(storage::Store& store, runtime::Clock& clock)
    : store_(store), clock_(clock), table_(store, kept_table) {}

runtime::Task<services::Refusals> People::send(std::vector<services::Delivery> deliveries) {
  storage::Transaction transaction(store_);
  services::Refusals refusals = *take(deliveries);
  transaction.commit();
  co_return refusals;
}

std::optional<services::Refusals> People::take(const std::vector<services::Delivery>& deliveries) {
  for (const services::Delivery& delivery : deliveries) {
    const std::optional<services::Arn> source = services::parse_arn(delivery.source_arn + "-");
    const std::string region = source ? source->region : std::string();
    const auto range = table_.prefix(delivery.source_account, region);
    const auto last = table_.first(range, storage::Order::backward);
    const std::uint64_t number = last ? std::get<2>(last->first) + 1 : 1;
    table_.put({delivery.source_account, region, number}, {.to = delivery.target,
                                                           .subject = delivery.subject,
                                                           .body = delivery.body,
                                                           .source_arn = delivery.source_arn,
                                                           .id = delivery.id,
                                                           .at = clock_.now()});
    if (number > most_kept) table_.erase({delivery.source_account, region, number - most_kept});
  }
  return services::Refusals(deliveries.size());
}

std::vector<services::UnsentMessage> People::unsent(std::string_view account,
                                                    std::size_t most) const {
  std::vector<services::UnsentMessage> found;
  const auto range = account.empty() ? table_.all() : table_.prefix(std::string(account));
  table_.scan(range, [&](const Key& key, KeptRecord record) {
    found.push_back({.account = std::get<0>(key),
                     .region = std::get<1>(key),
                     .to = std::move(record.to),
                     .subject = std::move(record.subject),
                     .body = std::move(record.body),
                     .source_arn = std::move(record.source_arn),
                     .id = std::move(record.id),
                     .at = record.at});
    return true;
  });
  std::ranges::sort(found, std::greater<>(), &services::UnsentMessage::at);
  if (found.size() > most) found.resize(most);
  return found;
}

void People::reset(const services::ResetScope& scope) {
  table_.erase_range(scope.account ? table_.prefix(*scope.account) : table_.all());
}

}  // namespace matinee::sns
