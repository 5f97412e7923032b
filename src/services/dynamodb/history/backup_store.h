// Backups of tables: what they tell, and the moments that they keep.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <tuple>

#include "services/dynamodb/past_versions.h"

namespace matinee::dynamodb::history {

struct BackupRecord {
  std::string name;
  bool is_system = false;  // made of a table with recovery that was removed
  Moment moment;
  runtime::Time created_at;
  std::optional<runtime::Time> expires_at;
  ContentRecord content;
  TableRecord table;  // as it was

  static constexpr auto fields = std::tuple{
      storage::field<1>(&BackupRecord::name),       storage::field<2>(&BackupRecord::is_system),
      storage::field<3>(&BackupRecord::moment),     storage::field<4>(&BackupRecord::created_at),
      storage::field<5>(&BackupRecord::expires_at), storage::field<6>(&BackupRecord::content),
      storage::field<7>(&BackupRecord::table)};
};

/// Account, region, table's name, and an id that begins with the time: "01489602797149-73d8d5bc".
using BackupKey = std::tuple<std::string, std::string, std::string, std::string>;
using Backups = storage::Table<BackupKey, BackupRecord>;

struct BackupExpiry {
  static constexpr auto fields = std::tuple{};
};
/// Those that expire, the first ones first.
using BackupExpiries = storage::Table<std::tuple<runtime::Time, BackupKey>, BackupExpiry>;

inline constexpr storage::TableId backups_id{0x0225};
inline constexpr storage::TableId backup_expiries_id{0x0226};

/// Holds references only: cheap to make.
class BackupStore {
 public:
  BackupStore(storage::Store& store, PastVersions& past)
      : backups_(store, backups_id), expiries_(store, backup_expiries_id), past_(past) {}

  /// Makes a backup of the table in the record, at this moment, which is written there. `id` is
  /// new.
  void add(const std::string& id, BackupRecord& backup);
  std::optional<BackupRecord> find(const BackupKey& key) const { return backups_.find(key); }
  void remove(const BackupKey& key, const BackupRecord& backup);

  /// In the order of the tables' names and of time: those of an account in a region, or of one
  /// table (a name) alone, after a backup, until `visit` returns false.
  struct Listing {
    std::string account;
    std::string region;
    std::optional<std::string> table;
    std::optional<BackupKey> after;
  };
  void list(const Listing& listing,
            const std::function<bool(const BackupKey&, const BackupRecord&)>& visit) const;

  /// When the next backup expires.
  std::optional<runtime::Time> next_expiry() const;
  /// Removes the first one that has expired. False where there is none.
  bool expire(runtime::Time now);

  /// Of an account, or all; what they keep is left to PastVersions::forget_all.
  void forget_all(const std::optional<std::string>& account);

 private:
  Backups backups_;
  BackupExpiries expiries_;
  PastVersions& past_;
};

std::string backup_arn(const BackupKey& key);
/// Nothing where the text is not the ARN of a backup.
std::optional<BackupKey> parse_backup_arn(std::string_view arn);

}  // namespace matinee::dynamodb::history
