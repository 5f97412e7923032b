// A disk for tests on which a program stops in front of its nth change of a name or of a file's
// content, as one that is killed there.
#pragma once

#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "runtime/disk.h"

namespace matinee::storage {

class StoppingDisk final : public runtime::Disk {
 public:
  explicit StoppingDisk(runtime::Disk& disk) : disk_(disk) {}

  /// After so many further changes.
  void stop_after(int changes) { left_ = changes; }
  void go_on() { left_ = std::numeric_limits<int>::max(); }
  bool has_stopped() const { return left_ < 0; }
  /// What is renamed to what, and which directories are synced, or all that is below them, a word
  /// and a path each, in order.
  const std::vector<std::string>& events() const { return events_; }
  /// Once, before this directory is made.
  void before_making(std::string path, std::function<void()> happens) {
    awaited_ = std::move(path);
    happens_ = std::move(happens);
  }

  bool is_native() const override { return disk_.is_native(); }
  bool exists(const std::string& path) const override { return disk_.exists(path); }
  runtime::DiskResult<runtime::DiskSpace> space(const std::string& path) const override {
    return disk_.space(path);
  }
  runtime::DiskResult<std::uint64_t> size(const std::string& path) const override {
    return disk_.size(path);
  }
  runtime::DiskResult<std::string> read(const std::string& path) const override {
    return disk_.read(path);
  }
  runtime::DiskResult<std::shared_ptr<const runtime::ReadableFile>> open(
      const std::string& path) const override {
    return disk_.open(path);
  }
  runtime::DiskResult<std::vector<std::string>> list(const std::string& path) const override {
    return disk_.list(path);
  }
  runtime::DiskResult<std::unique_ptr<runtime::FileLock>> lock(const std::string& path) override {
    return disk_.lock(path);
  }
  std::optional<runtime::LockHolder> find_lock_holder(const std::string& path) const override {
    return disk_.find_lock_holder(path);
  }

  runtime::DiskResult<std::unique_ptr<runtime::WritableFile>> create(
      const std::string& path) override {
    if (stops()) return std::unexpected(stopped());
    return disk_.create(path);
  }
  runtime::DiskResult<> write_atomically(const std::string& path, std::string_view bytes) override {
    return stops() ? std::unexpected(stopped()) : disk_.write_atomically(path, bytes);
  }
  runtime::DiskResult<> rename(const std::string& from, const std::string& to) override {
    if (stops()) return std::unexpected(stopped());
    events_.push_back("rename " + to);
    return disk_.rename(from, to);
  }
  runtime::DiskResult<> remove(const std::string& path) override {
    return stops() ? std::unexpected(stopped()) : disk_.remove(path);
  }
  runtime::DiskResult<> create_directories(const std::string& path) override {
    if (path == awaited_ && happens_) std::exchange(happens_, nullptr)();
    return stops() ? std::unexpected(stopped()) : disk_.create_directories(path);
  }
  runtime::DiskResult<> sync_file(const std::string& path) override {
    return has_stopped() ? std::unexpected(stopped()) : disk_.sync_file(path);
  }
  runtime::DiskResult<> sync_directory(const std::string& path) override {
    if (has_stopped()) return std::unexpected(stopped());
    events_.push_back("sync " + path);
    return disk_.sync_directory(path);
  }
  runtime::DiskResult<> sync_everything(const std::string& path) override {
    if (has_stopped()) return std::unexpected(stopped());
    events_.push_back("sync-all " + path);
    return disk_.sync_everything(path);
  }

 private:
  runtime::Disk& disk_;
  int left_ = std::numeric_limits<int>::max();
  std::vector<std::string> events_;
  std::string awaited_;
  std::function<void()> happens_;

  bool stops() {
    if (left_ >= 0) --left_;
    return left_ < 0;
  }
  static runtime::DiskError stopped() {
    return {runtime::DiskError::Kind::other, "the program has stopped"};
  }
};

}  // namespace matinee::storage
