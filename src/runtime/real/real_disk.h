// The file system of the machine.
#pragma once

#include "runtime/disk.h"

namespace matinee::runtime {

class KeptLocks;

class RealDisk final : public Disk {
 public:
  RealDisk();
  ~RealDisk() override;
  RealDisk(const RealDisk&) = delete;
  RealDisk& operator=(const RealDisk&) = delete;

  bool is_native() const override { return true; }
  bool exists(const std::string& path) const override;
  DiskResult<DiskSpace> space(const std::string& path) const override;
  DiskResult<std::uint64_t> size(const std::string& path) const override;
  DiskResult<std::string> read(const std::string& path) const override;
  DiskResult<std::shared_ptr<const ReadableFile>> open(const std::string& path) const override;
  DiskResult<std::unique_ptr<WritableFile>> create(const std::string& path) override;
  DiskResult<> write_atomically(const std::string& path, std::string_view bytes) override;
  DiskResult<> rename(const std::string& from, const std::string& to) override;
  DiskResult<> sync_file(const std::string& path) override;
  DiskResult<> remove(const std::string& path) override;
  DiskResult<> create_directories(const std::string& path) override;
  DiskResult<> create_private_directories(const std::string& path) override;
  DiskResult<std::vector<std::string>> list(const std::string& path) const override;
  DiskResult<> sync_directory(const std::string& path) override;
  DiskResult<> sync_everything(const std::string& path) override;
  DiskResult<std::unique_ptr<FileLock>> lock(const std::string& path) override;
  std::optional<LockHolder> find_lock_holder(const std::string& path) const override;

  /// A lock that is released from now on stays with this process, text and all, until it is asked
  /// for here again: nobody else comes in between. Ends with that.
  void keep_locks();

 private:
  DiskResult<> write_synced(const std::string& path, std::string_view bytes);

  std::shared_ptr<KeptLocks> kept_locks_;
};

}  // namespace matinee::runtime
