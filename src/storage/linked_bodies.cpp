#include "storage/linked_bodies.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace matinee::storage {

namespace {

using runtime::DiskError;
using runtime::DiskResult;
using runtime::Linked;

/// Directory by directory, by whoever comes. File systems let nobody else into a directory while a
/// name is added to it, so that two are at different ones.
class Linking {
 public:
  Linking(runtime::Disk& disk, std::string from, std::string to, std::vector<std::string> shards)
      : disk_(disk), from_(std::move(from)), to_(std::move(to)), shards_(std::move(shards)) {}

  /// Until nothing is left to be begun. Whoever comes after that does nothing, and does not need
  /// the disk any more.
  void help() {
    std::unique_lock guard(mutex_);
    while (next_ < shards_.size() && !error_) {
      const std::string& shard = shards_[next_++];
      ++working_;
      guard.unlock();
      const auto linked = runtime::link_files(disk_, from_ + "/" + shard, to_ + "/" + shard);
      guard.lock();
      if (linked) {
        linked_.files += linked->files;
        linked_.bytes += linked->bytes;
      } else if (!error_) {
        error_ = linked.error();
      }
      if (--working_ == 0) rests_.notify_all();
    }
  }
  /// After `help`: what has come of it, once all who have begun are done.
  DiskResult<Linked> finish() {
    std::unique_lock guard(mutex_);
    rests_.wait(guard, [this] { return working_ == 0; });
    if (error_) return std::unexpected(*error_);
    return linked_;
  }

 private:
  runtime::Disk& disk_;
  const std::string from_;
  const std::string to_;
  const std::vector<std::string> shards_;

  std::mutex mutex_;
  std::condition_variable rests_;
  std::size_t next_ = 0;
  int working_ = 0;
  Linked linked_;
  std::optional<DiskError> error_;
};

}  // namespace

DiskResult<Linked> link_bodies(runtime::Disk& disk, const std::string& from, const std::string& to,
                               runtime::Workers* helpers) {
  if (auto made = disk.create_directories(to); !made) return std::unexpected(made.error());
  auto shards = disk.list(from);
  if (!shards && shards.error().kind == DiskError::Kind::not_found) return Linked{};
  if (!shards) return std::unexpected(shards.error());
  const bool is_worth_help = shards->size() > 1;
  const auto linking = std::make_shared<Linking>(disk, from, to, *std::move(shards));
  if (helpers != nullptr && is_worth_help) helpers->post([linking] { linking->help(); });
  linking->help();
  return linking->finish();
}

}  // namespace matinee::storage
