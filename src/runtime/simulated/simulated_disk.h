// A disk in memory. Simulations crash it and fill it; a store without durability lives on it.
#pragma once

#include <map>
#include <mutex>
#include <set>

#include "runtime/disk.h"
#include "runtime/random.h"

namespace matinee::runtime {

class SimulatedDisk final : public Disk {
 public:
  enum class Crash {
    process,  ///< kill -9: what was written stays, whether or not it was synced.
    power,    ///< What was not synced is lost, in files and in directories.
  };

  SimulatedDisk();
  ~SimulatedDisk() override;

  /// The program ends here: every file handle is dead, and every further operation fails, until
  /// `restart`. With `random`, a power cut keeps a random part of what was not synced of each file.
  void crash(Crash kind, Random* random = nullptr);
  /// Crashes by itself at the write after the next `writes` ones, which is cut short.
  void crash_after(std::uint64_t writes, Crash kind);
  bool has_crashed() const;
  /// The program starts again.
  void restart();

  /// Writes beyond this many bytes on the disk fail with no_space.
  void set_capacity(std::uint64_t bytes);
  std::uint64_t used() const;

  /// Cuts a file off behind everyone's back.
  void cut(const std::string& path, std::uint64_t size);
  /// Somebody removes a directory: what is open goes on to work.
  void forget_directory(const std::string& path);
  /// From now on writing to files, or creating them, whose path contains `part` fails for a reason
  /// that is not the space; an empty part ends that.
  void fail_writes_to(std::string part);
  /// From now on whoever writes to files whose path contains `part` waits; an empty part ends that.
  void hold_writes_to(std::string part);

  /// Changes bytes behind everyone's back: a damaged file.
  void overwrite(const std::string& path, std::uint64_t offset, std::string_view bytes);

  bool is_native() const override { return false; }
  bool exists(const std::string& path) const override;
  DiskResult<DiskSpace> space(const std::string& path) const override;
  bool is_directory(const std::string& path) const;
  DiskResult<std::uint64_t> size(const std::string& path) const override;
  DiskResult<std::string> read(const std::string& path) const override;
  DiskResult<std::shared_ptr<const ReadableFile>> open(const std::string& path) const override;
  DiskResult<std::unique_ptr<WritableFile>> create(const std::string& path) override;
  DiskResult<> write_atomically(const std::string& path, std::string_view bytes) override;
  DiskResult<> rename(const std::string& from, const std::string& to) override;
  DiskResult<> sync_file(const std::string& path) override;
  DiskResult<> remove(const std::string& path) override;
  DiskResult<> create_directories(const std::string& path) override;
  DiskResult<std::vector<std::string>> list(const std::string& path) const override;
  DiskResult<> sync_directory(const std::string& path) override;
  DiskResult<> sync_everything(const std::string& path) override;
  DiskResult<std::unique_ptr<FileLock>> lock(const std::string& path) override;
  std::optional<LockHolder> find_lock_holder(const std::string& path) const override;

 private:
  struct Inode;
  struct State;
  class Writable;
  class Readable;
  class Lock;

  std::shared_ptr<State> state_;
};

}  // namespace matinee::runtime
