#include "services/dynamodb/history/backup_store.h"

#include <fmt/format.h>

#include "services/arn.h"

namespace matinee::dynamodb::history {

void BackupStore::add(const std::string& id, BackupRecord& backup) {
  backup.moment = past_.now();
  past_.keep(backup.table, backup.moment, NeedKind::backup);
  const BackupKey key{backup.table.account, backup.table.region, backup.table.name, id};
  backups_.put(key, backup);
  if (backup.expires_at) expiries_.put({*backup.expires_at, key}, {});
}

void BackupStore::remove(const BackupKey& key, const BackupRecord& backup) {
  backups_.erase(key);
  if (backup.expires_at) expiries_.erase({*backup.expires_at, key});
  past_.release(backup.table.number, backup.moment, NeedKind::backup);
}

void BackupStore::list(
    const Listing& listing,
    const std::function<bool(const BackupKey&, const BackupRecord&)>& visit) const {
  storage::KeyRange range = listing.table
                                ? backups_.prefix(listing.account, listing.region, *listing.table)
                                : backups_.prefix(listing.account, listing.region);
  if (listing.after) range = backups_.after(range, *listing.after);
  backups_.scan(range, visit);
}

std::optional<runtime::Time> BackupStore::next_expiry() const {
  const auto first = expiries_.first(expiries_.all());
  if (!first) return std::nullopt;
  return std::get<0>(first->first);
}

bool BackupStore::expire(runtime::Time now) {
  const auto first = expiries_.first(expiries_.all());
  if (!first || std::get<0>(first->first) > now) return false;
  const BackupKey& key = std::get<1>(first->first);
  if (const auto backup = backups_.find(key))
    remove(key, *backup);
  else
    expiries_.erase(first->first);
  return true;
}

void BackupStore::forget_all(const std::optional<std::string>& account) {
  std::vector<std::tuple<runtime::Time, BackupKey>> expiring;
  for (auto place = expiries_.cursor(); place.valid(); place.next())
    if (!account || std::get<0>(std::get<1>(place.key())) == *account)
      expiring.push_back(place.key());
  for (const auto& key : expiring) expiries_.erase(key);
  backups_.erase_range(account ? backups_.prefix(*account) : backups_.all());
}

std::string backup_arn(const BackupKey& key) {
  const auto& [account, region, table, id] = key;
  return fmt::format("arn:aws:dynamodb:{}:{}:table/{}/backup/{}", region, account, table, id);
}

std::optional<BackupKey> parse_backup_arn(std::string_view arn) {
  const std::optional<services::Arn> parts = services::parse_arn(arn);
  constexpr std::string_view before = "table/";
  constexpr std::string_view between = "/backup/";
  if (!parts || parts->service != "dynamodb" || !parts->resource.starts_with(before))
    return std::nullopt;
  const std::string& resource = parts->resource;
  const std::size_t end = resource.find('/', before.size());
  if (end == std::string::npos || resource.compare(end, between.size(), between) != 0)
    return std::nullopt;
  return BackupKey{parts->account, parts->region,
                   resource.substr(before.size(), end - before.size()),
                   resource.substr(end + between.size())};
}

}  // namespace matinee::dynamodb::history
