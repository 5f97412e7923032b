#include "storage/database.h"

#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/table_properties_collectors.h>

#include <array>
#include <cstdio>

#include "runtime/log.h"
#include "storage/disk_file_system.h"

namespace matinee::storage {

namespace {

constexpr std::uint64_t small_disk_bytes = std::uint64_t{1} << 30;

/// RocksDB's own log would be a file of hundreds of lines at each start. Only what it says of
/// damage and of what it leaves out goes to ours.
class WarningsOnly final : public rocksdb::Logger {
 public:
  WarningsOnly() : Logger(rocksdb::InfoLogLevel::WARN_LEVEL) {}
  using Logger::Logv;
  void Logv(const char* format, va_list arguments) override {
    std::array<char, 1024> line{};
    std::vsnprintf(line.data(), line.size(), format, arguments);
    std::string_view text = line.data();
    // What keeps it from opening it also returns.
    if (text.contains("Open() failed")) return;
    if (!text.contains("dropping") && !text.contains("orruption")) return;
    // Which line of RocksDB says it comes first, in brackets.
    text.remove_prefix(std::min(text.rfind("] ") + 2, text.size()));
    spdlog::warn("The database says: {}", text);
  }
};

/// Index and filter of a file are trees of small blocks, of which only the roots stay in memory: in
/// one piece they outgrow the cache with a million keys, and each read would bring in the whole.
void set_table_format(rocksdb::Options& settings, const StoreOptions& options) {
  rocksdb::BlockBasedTableOptions table;
  rocksdb::LRUCacheOptions cache;
  cache.capacity = options.block_cache_bytes;
  cache.num_shard_bits = 0;  // Only the state thread is often here.
  // Reads of a large store hardly ever meet the same data again, but always the same indexes.
  cache.high_pri_pool_ratio = 0.7;
  table.block_cache = rocksdb::NewLRUCache(cache);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.partition_filters = true;
  table.metadata_block_size = 8192;
  table.block_size = 8192;
  // Common beginnings of keys are left out, which makes an index a third as large.
  table.index_block_restart_interval = 8;
  table.enable_index_compression = false;
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.pin_top_level_index_and_filter = true;
  table.data_block_index_type = rocksdb::BlockBasedTableOptions::kDataBlockBinaryAndHash;
  // Fast on every processor; the default needs instructions that a portable build does not use.
  table.checksum = rocksdb::kXXH3;
  settings.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  // The youngest files and the level below them, of up to 128 MB, are soon rewritten; compressing
  // them would only cost time.
  settings.num_levels = 7;
  settings.compression_per_level.assign(7, rocksdb::kLZ4Compression);
  settings.compression_per_level[0] = rocksdb::kNoCompression;
  settings.compression_per_level[1] = rocksdb::kNoCompression;
  settings.level_compaction_dynamic_level_bytes = true;
  settings.target_file_size_base = std::uint64_t{32} << 20;
  // The more there is, the larger the files: each of those that are open takes memory, and opening
  // takes time.
  settings.target_file_size_multiplier = 2;
  settings.max_bytes_for_level_base = std::uint64_t{128} << 20;
  // Each merge of the youngest files rewrites what a deep queue has, so it is not done often.
  settings.level0_file_num_compaction_trigger = 8;
  settings.level0_slowdown_writes_trigger = 24;
  // Merging cannot keep up for long with the largest items, one after the other. Writes then take a
  // little longer, and the youngest files become more; but as it is the state thread that writes,
  // nobody is to wait until they are fewer again.
  settings.level0_stop_writes_trigger = 96;
  settings.delayed_write_rate = std::uint64_t{256} << 20;
  // Not while services read what they need from it: see BackgroundSync.
  settings.disable_auto_compactions = true;
  // Queues leave long runs of deleted keys, which scans would have to step over. Shorter ones, such
  // as each of the youngest files has, are gone with the next merge.
  settings.table_properties_collector_factories.push_back(
      rocksdb::NewCompactOnDeletionCollectorFactory(65536, 32768));
}

rocksdb::Options settings_for(const StoreOptions& options) {
  rocksdb::Options settings;
  settings.create_if_missing = true;
  settings.info_log = std::make_shared<WarningsOnly>();
  settings.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  settings.stats_dump_period_sec = 0;
  settings.stats_persist_period_sec = 0;

  // A lost end of the log is what a power cut does; everything before it is used. That nothing else
  // is lost, check_logs has made sure.
  settings.manual_wal_flush = true;
  settings.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;

  // BackgroundSync tries again, where that may help.
  settings.max_bgerror_resume_count = 0;

  settings.write_buffer_size = options.memtable_bytes;
  settings.max_write_buffer_number = most_memtables;
  // What is older than the tables in memory, as in a long queue, is not looked for there.
  settings.memtable_whole_key_filtering = true;
  settings.memtable_prefix_bloom_size_ratio = 0.02;
  settings.max_background_jobs = 2;
  settings.bytes_per_sync = std::uint64_t{1} << 20;
  settings.compaction_readahead_size = std::size_t{256} << 10;
  settings.avoid_flush_during_shutdown = true;
  // Only the state thread writes.
  settings.allow_concurrent_memtable_write = false;
  settings.enable_write_thread_adaptive_yield = false;

  settings.max_open_files = 256;
  settings.max_file_opening_threads = 1;
  settings.skip_stats_update_on_db_open = true;
  settings.max_manifest_file_size = std::uint64_t{4} << 20;
  set_table_format(settings, options);
  return settings;
}

OpenError to_open_error(const rocksdb::Status& status, const std::string& directory) {
  using Kind = OpenError::Kind;
  if (status.IsNoSpace()) {
    return {Kind::not_writable, "The disk of the data directory " + directory + " is full."};
  }
  if (status.IsIOError() && !status.IsPathNotFound()) {
    return {Kind::not_writable,
            "The data directory " + directory + " cannot be used: " + status.ToString() + "."};
  }
  return {Kind::damaged,
          "The data directory " + directory + " is damaged: " + status.ToString() + "."};
}

}  // namespace

namespace {

/// For a disk so full that what the log holds cannot be written anew: it stays in the log, and in
/// memory in one piece. Once there is room it becomes a file as always.
rocksdb::Status open_without_writing(rocksdb::Options settings, const std::string& path,
                                     const StoreOptions& options, rocksdb::DB** db) {
  settings.avoid_flush_during_recovery = true;
  settings.write_buffer_size = std::size_t{1} << 30;
  settings.memtable_prefix_bloom_size_ratio = 0;
  const rocksdb::Status status = rocksdb::DB::Open(settings, path, db);
  // That this cannot be written down on the full disk does not matter: each start says it again.
  if (status.ok())
    (void)(*db)->SetOptions({{"write_buffer_size", std::to_string(options.memtable_bytes)}});
  return status;
}

}  // namespace

std::expected<Database, OpenError> open_database(const StoreOptions& options, runtime::Disk& disk,
                                                 std::shared_ptr<Condition> condition) {
  rocksdb::Options settings = settings_for(options);
  Database database;
  database.errors = std::make_shared<BackgroundErrors>(std::move(condition));
  settings.listeners.push_back(database.errors);
  if (!disk.is_native()) {
    database.environment = make_disk_environment(disk);
    settings.env = database.environment.get();
  }
  const auto space = disk.space(options.directory);
  // Space that is reserved ahead is missed on a small disk.
  settings.allow_fallocate = space && space->total >= small_disk_bytes;
  rocksdb::DB* db = nullptr;
  const std::string path = options.directory + "/store";
  rocksdb::Status status = rocksdb::DB::Open(settings, path, &db);
  if (status.IsNoSpace()) {
    status = open_without_writing(settings, path, options, &db);
  }
  if (!status.ok()) return std::unexpected(to_open_error(status, options.directory));
  database.db.reset(db);
  return database;
}

std::expected<Database, OpenError> open_read_only(const StoreOptions& options,
                                                  runtime::Disk& disk) {
  rocksdb::Options settings = settings_for(options);
  Database database;
  if (!disk.is_native()) {
    database.environment = make_disk_environment(disk);
    settings.env = database.environment.get();
  }
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status =
      rocksdb::DB::OpenForReadOnly(settings, options.directory + "/store", &db);
  if (!status.ok()) return std::unexpected(to_open_error(status, options.directory));
  database.db.reset(db);
  return database;
}

void verify_database(const Database& database, Verification& found) {
  std::vector<rocksdb::LiveFileMetaData> files;
  database.db->GetLiveFilesMetaData(&files);
  for (const rocksdb::LiveFileMetaData& file : files) {
    rocksdb::SstFileReader reader(database.db->GetOptions());
    rocksdb::Status status = reader.Open(file.directory + "/" + file.relative_filename);
    if (status.ok()) status = reader.VerifyChecksum();
    if (!status.ok())
      found.damages.push_back(fmt::format("The file store/{} of the database does not check: {}",
                                          file.relative_filename, status.ToString()));
  }
  rocksdb::ReadOptions once;
  once.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> record(database.db->NewIterator(once));
  for (record->SeekToFirst(); record->Valid(); record->Next()) ++found.records;
  if (!record->status().ok())
    found.damages.push_back(fmt::format("Records cannot be read: {}", record->status().ToString()));
}

runtime::DiskError to_disk_error(const rocksdb::Status& status) {
  using Kind = runtime::DiskError::Kind;
  Kind kind = status.IsNoSpace() ? Kind::no_space : Kind::other;
  return {kind, "cannot write to the store: " + status.ToString()};
}

}  // namespace matinee::storage
