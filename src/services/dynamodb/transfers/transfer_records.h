// What is kept of imports and exports of tables: what was asked for, by whom, and how far it is, so
// that it goes on after a crash.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "runtime/clock.h"
#include "services/caller_session.h"
#include "services/context.h"
#include "services/dynamodb/past_versions.h"
#include "storage/table.h"

namespace matinee::dynamodb::transfers {

enum class Status : std::uint8_t { in_progress = 1, completed = 2, failed = 3 };

/// Who has asked: buckets are read and written as that caller.
struct CallerRecord {
  std::string arn;
  std::uint8_t principal = 0;
  std::string id;
  std::string role;
  std::optional<services::CallerSession> session;

  static constexpr auto fields =
      std::tuple{storage::field<1>(&CallerRecord::arn), storage::field<2>(&CallerRecord::principal),
                 storage::field<3>(&CallerRecord::id), storage::field<4>(&CallerRecord::role),
                 storage::field<5>(&CallerRecord::session)};
};

/// What imports and exports have in common.
struct TransferRecord {
  std::string request;  // as JSON
  std::string token;    // ClientToken; empty without
  CallerRecord caller;
  std::string table;
  std::uint64_t number = 0;  // of the table
  std::string table_id;
  std::string table_arn;
  Status status = Status::in_progress;
  runtime::Time started;
  std::optional<runtime::Time> ended;
  std::string failure_code;
  std::string failure;

  static constexpr auto fields = std::tuple{storage::field<1>(&TransferRecord::request),
                                            storage::field<2>(&TransferRecord::token),
                                            storage::field<3>(&TransferRecord::caller),
                                            storage::field<4>(&TransferRecord::table),
                                            storage::field<5>(&TransferRecord::number),
                                            storage::field<6>(&TransferRecord::table_id),
                                            storage::field<7>(&TransferRecord::table_arn),
                                            storage::field<8>(&TransferRecord::status),
                                            storage::field<9>(&TransferRecord::started),
                                            storage::field<10>(&TransferRecord::ended),
                                            storage::field<11>(&TransferRecord::failure_code),
                                            storage::field<12>(&TransferRecord::failure)};
};

struct ImportRecord {
  TransferRecord transfer;
  std::int64_t bytes = 0;  // of text
  std::int64_t processed = 0;
  std::int64_t imported = 0;
  std::int64_t errors = 0;
  std::string done;  // the key of the last object that was read to its end
  std::string key;   // of the one that is being read, and how far it is: table_files::Mark
  std::string etag;
  std::uint64_t lines = 0;
  std::uint64_t records = 0;
  std::uint64_t text_bytes = 0;
  std::uint64_t checksum = 0;

  static constexpr auto fields = std::tuple{
      storage::field<1>(&ImportRecord::transfer),    storage::field<2>(&ImportRecord::bytes),
      storage::field<3>(&ImportRecord::processed),   storage::field<4>(&ImportRecord::imported),
      storage::field<5>(&ImportRecord::errors),      storage::field<6>(&ImportRecord::done),
      storage::field<7>(&ImportRecord::key),         storage::field<8>(&ImportRecord::etag),
      storage::field<9>(&ImportRecord::lines),       storage::field<10>(&ImportRecord::records),
      storage::field<11>(&ImportRecord::text_bytes), storage::field<12>(&ImportRecord::checksum)};
};

struct WrittenFile {
  std::uint64_t items = 0;
  std::string md5;
  std::string etag;
  std::string key;

  static constexpr auto fields =
      std::tuple{storage::field<1>(&WrittenFile::items), storage::field<2>(&WrittenFile::md5),
                 storage::field<3>(&WrittenFile::etag), storage::field<4>(&WrittenFile::key)};
};

struct ExportRecord {
  TransferRecord transfer;
  Moment from;             // of an incremental export
  Moment to;               // the moment of a full export
  std::uint64_t need = 0;  // its number among those who need the table's past
  KeySchema keys;
  std::int64_t items = 0;
  std::int64_t bytes = 0;  // of text
  std::vector<WrittenFile> files;
  std::uint16_t hash = 0;  // the place of the last item that is in a file
  std::string key;         // empty at the beginning

  static constexpr auto fields = std::tuple{
      storage::field<1>(&ExportRecord::transfer), storage::field<2>(&ExportRecord::from),
      storage::field<3>(&ExportRecord::to),       storage::field<4>(&ExportRecord::need),
      storage::field<5>(&ExportRecord::keys),     storage::field<6>(&ExportRecord::items),
      storage::field<7>(&ExportRecord::bytes),    storage::field<8>(&ExportRecord::files),
      storage::field<9>(&ExportRecord::hash),     storage::field<10>(&ExportRecord::key)};
};

/// Account, region, and the id, which begins with the time.
using TransferKey = std::tuple<std::string, std::string, std::string>;
using Imports = storage::Table<TransferKey, ImportRecord>;
using Exports = storage::Table<TransferKey, ExportRecord>;

inline constexpr storage::TableId imports_id{0x0230};
inline constexpr storage::TableId exports_id{0x0231};

}  // namespace matinee::dynamodb::transfers
