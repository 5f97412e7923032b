#include "storage/old_versions.h"

#include <rocksdb/perf_context.h>

namespace matinee::storage {
namespace {

/// Versions that the calling thread has stepped over because a newer one was there. A deletion
/// hides one too, and would have to be stepped over in a file as well: that one is not counted.
std::uint64_t stepped_over_so_far() {
  const rocksdb::PerfContext& seen = *rocksdb::get_perf_context();
  return seen.internal_key_skipped_count - seen.internal_delete_skipped_count;
}

}  // namespace

OldVersions::Watch::Watch(OldVersions& all) : all_(all), before_(stepped_over_so_far()) {}

OldVersions::Watch::~Watch() {
  const auto stepped_over = static_cast<std::int64_t>(stepped_over_so_far() - before_);
  if (stepped_over >= static_cast<std::int64_t>(many))
    all_.add(static_cast<std::uint64_t>(stepped_over));
}

void OldVersions::add(std::uint64_t stepped_over) {
  const std::uint64_t before = stepped_over_.fetch_add(stepped_over, std::memory_order_relaxed);
  if (before + stepped_over < worth_a_file) return;
  stepped_over_.store(0, std::memory_order_relaxed);
  std::uint64_t entries = 0;
  if (!db_.GetIntProperty(rocksdb::DB::Properties::kNumEntriesActiveMemTable, &entries)) return;
  if (entries < least_entries) return;
  rocksdb::FlushOptions options;
  options.wait = false;
  // Otherwise it might wait for merges, and whoever moves a cursor with it.
  options.allow_write_stall = true;
  // Should it fail, the store's condition tells it as it does of every file.
  (void)db_.Flush(options);
}

}  // namespace matinee::storage
