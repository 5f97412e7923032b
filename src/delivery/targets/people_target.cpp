#include "delivery/targets/people_target.h"

namespace matinee::delivery {

PeopleTarget::PeopleTarget(storage::Store& store, const runtime::Clock& clock)
    : store_(store), clock_(clock), table_(store, storage::TableId{0x0804}) {
  if (const auto newest = table_.first(table_.all(), storage::Order::backward))
    last_number_ = newest->first;
}

runtime::Task<services::Refusals> PeopleTarget::send(std::vector<services::Delivery> deliveries) {
  storage::Transaction transaction(store_);
  services::Refusals refusals = take(deliveries).value();
  transaction.commit();
  co_return refusals;
}

/// A number that was given in a transaction that was rolled back is left out.
std::optional<services::Refusals> PeopleTarget::take(std::vector<services::Delivery>& deliveries) {
  for (services::Delivery& delivery : deliveries) {
    table_.put(++last_number_, {.time = clock_.now(),
                                .to = delivery.target,
                                .subject = delivery.subject,
                                .text = delivery.body,
                                .source = delivery.source_arn,
                                .account = delivery.source_account,
                                .id = delivery.id});
    if (last_number_ > most_letters) table_.erase(last_number_ - most_letters);
  }
  return services::Refusals(deliveries.size());
}

std::vector<services::Letter> PeopleTarget::last(const std::string& account,
                                                 std::size_t most) const {
  std::vector<services::Letter> letters;
  if (most == 0) return letters;
  table_.scan(
      table_.all(),
      [&](std::uint64_t number, LetterRecord record) {
        if (!account.empty() && record.account != account) return true;
        letters.push_back({.number = number,
                           .time = record.time,
                           .to = std::move(record.to),
                           .subject = std::move(record.subject),
                           .text = std::move(record.text),
                           .source = std::move(record.source),
                           .account = std::move(record.account),
                           .id = std::move(record.id)});
        return letters.size() < most;
      },
      storage::Order::backward);
  return letters;
}

void PeopleTarget::reset(const services::ResetScope& scope) {
  table_.scan(table_.all(), [&](std::uint64_t number, const LetterRecord& record) {
    if (scope.covers(record.account)) table_.erase(number);
    return true;
  });
}

}  // namespace matinee::delivery
