#include "services/dynamodb/expiries.h"

#include <charconv>

namespace matinee::dynamodb {

std::optional<std::int64_t> expiry_of(const TableRecord& table, const Item& item) {
  const auto found = item.find(*table.time_to_live_attribute);
  if (found == item.end()) return std::nullopt;
  const auto* number = found->second.find<Number>();
  constexpr int most_digits = 17;
  if (!number || number->is_negative() || number->leading_exponent() > most_digits)
    return std::nullopt;
  const std::string text = number->to_string();
  std::int64_t seconds = 0;
  std::from_chars(text.data(), text.data() + text.size(), seconds);  // stops at a point
  return seconds;
}

void Expiries::replace(const TableRecord& table, const ItemKey& key, const Item* old,
                       const Item* now) {
  if (!table.time_to_live_attribute) return;
  const auto before = old ? expiry_of(table, *old) : std::nullopt;
  const auto after = now ? expiry_of(table, *now) : std::nullopt;
  if (before == after) return;
  if (before) table_.erase({table.number, *before, key.hash, storage::RawKey{key.bytes}});
  if (after) add(table, key, *after);
}

void Expiries::add(const TableRecord& table, const ItemKey& key, std::int64_t when) {
  const ExpiryPlace place{table.number, when, key.hash, storage::RawKey{key.bytes}};
  table_.put(place, {});
  lower(table.number, table_.from(table_.prefix(table.number), place).from);
  if (on_add) store_.on_commit([this, when] { on_add(when); });
}

void Expiries::erase(const ExpiryPlace& place) {
  table_.erase(place);
}

void Expiries::erase_all(const TableRecord& table) {
  table_.erase_range(table_.prefix(table.number));
  store_.on_commit([this, number = table.number] { left_.erase(number); });
}

std::optional<ExpiryPlace> Expiries::first(const TableRecord& table) {
  storage::KeyRange range = table_.prefix(table.number);
  if (const auto begin = left_.find(table.number); begin != left_.end())
    range.from = std::max(range.from, begin->second);
  auto place = table_.cursor(range);
  if (!place.valid()) return std::nullopt;
  ExpiryPlace found = place.key();
  // Within a transaction what was erased may come back.
  if (!store_.in_transaction())
    left_[table.number] = table_.from(table_.prefix(table.number), found).from;
  return found;
}

void Expiries::lower(std::uint64_t table, const std::string& encoded) {
  const auto begin = left_.find(table);
  if (begin != left_.end() && encoded < begin->second) begin->second = encoded;
}

}  // namespace matinee::dynamodb
