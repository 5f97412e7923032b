#include "services/secretsmanager/catalog.h"

#include <vector>

namespace matinee::secretsmanager {
namespace {

constexpr Moment moments[] = {Moment::created, Moment::changed, Moment::accessed};

}  // namespace

runtime::Time moment_of(const SecretRecord& secret, Moment moment) {
  if (moment == Moment::created) return secret.created;
  if (moment == Moment::changed) return secret.changed;
  return secret.accessed.value_or(runtime::Time{});
}

Catalog::Catalog(storage::Store& store)
    : secrets(store, secrets_id),
      orders(store, orders_id),
      values_(store, values_id),
      endings_(store, endings_id),
      rotations_(store, rotations_id) {}

std::optional<SecretRecord> Catalog::find(const Place& place, const std::string& name) const {
  return secrets.find({place.account, place.region, storage::RawKey{name}});
}

std::optional<SecretRecord> Catalog::find(const Reference& reference) const {
  auto found = find(reference.place, reference.name);
  if (found && reference.suffix && *reference.suffix != found->suffix) return std::nullopt;
  return found;
}

void Catalog::put(const Place& place, const SecretRecord& record) {
  const auto before = find(place, record.name);
  index(place, before ? &*before : nullptr, &record);
  secrets.put({place.account, place.region, storage::RawKey{record.name}}, record);
}

void Catalog::erase(const Place& place, const SecretRecord& record) {
  const auto before = find(place, record.name);
  if (!before) return;
  index(place, &*before, nullptr);
  secrets.erase({place.account, place.region, storage::RawKey{record.name}});
  values_.erase_range(values_.prefix(place.account, place.region, before->id()));
}

std::optional<ValueRecord> Catalog::find_value(const Place& place, const SecretRecord& secret,
                                               const std::string& version) const {
  return values_.find({place.account, place.region, secret.id(), version});
}

void Catalog::put_value(const Place& place, const std::string& secret_id,
                        const std::string& version, const ValueRecord& value) {
  values_.put({place.account, place.region, secret_id, version}, value);
}

void Catalog::erase_value(const Place& place, const SecretRecord& secret,
                          const std::string& version) {
  values_.erase({place.account, place.region, secret.id(), version});
}

void Catalog::index(const Place& place, const SecretRecord* before, const SecretRecord* after) {
  const std::string& name = before ? before->name : after->name;
  for (const Moment moment : moments) {
    if (before && after && moment_of(*before, moment) == moment_of(*after, moment)) continue;
    const auto key = [&](const SecretRecord& record) {
      return Orders::KeyType{place.account, place.region, moment, moment_of(record, moment),
                             storage::RawKey{name}};
    };
    if (before) orders.erase(key(*before));
    if (after) orders.put(key(*after), {});
  }
  const auto move = [&](Endings& table, std::optional<runtime::Time> from,
                        std::optional<runtime::Time> to) {
    if (from == to) return;
    if (from) table.erase({*from, place.account, place.region, name});
    if (to) table.put({*to, place.account, place.region, name}, {});
  };
  move(endings_, before ? before->ends : std::nullopt, after ? after->ends : std::nullopt);
  move(rotations_, before ? before->rotation_due() : std::nullopt,
       after ? after->rotation_due() : std::nullopt);
}

std::optional<runtime::Time> Catalog::next_ending() {
  const auto next = endings_.first();
  if (!next) return std::nullopt;
  return std::get<0>(next->first);
}

void Catalog::end(runtime::Time now, int most) {
  std::vector<Endings::KeyType> due;
  endings_.scan(endings_.left(), [&](const Endings::KeyType& key, const NothingRecord&) {
    if (std::get<0>(key) > now || std::ssize(due) == most) return false;
    due.push_back(key);
    return true;
  });
  for (const auto& [time, account, region, name] : due) {
    const Place place{account, region};
    if (const auto record = find(place, name)) erase(place, *record);
  }
}

void Catalog::reset(const services::ResetScope& scope) {
  const auto clear = [&](auto& table) {
    table.erase_range(scope.account ? table.prefix(*scope.account) : table.all());
  };
  for (Endings* table : {&endings_, &rotations_}) {
    std::vector<Endings::KeyType> covered;
    table->scan(table->all(), [&](const Endings::KeyType& key, const NothingRecord&) {
      if (scope.covers(std::get<1>(key))) covered.push_back(key);
      return true;
    });
    for (const Endings::KeyType& key : covered) table->erase(key);
  }
  clear(secrets);
  clear(values_);
  clear(orders);
}

}  // namespace matinee::secretsmanager
