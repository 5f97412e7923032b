// The one door to files. The real disk is in real/, one that can be crashed and filled in
// simulated/. Everything that can go wrong outside the program is a result, never an exception.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace matinee::runtime {

struct DiskError {
  enum class Kind { not_found, already_exists, no_space, not_permitted, locked, other };
  Kind kind = Kind::other;
  /// What failed, on which path and why: "cannot write /data/x: No space left on device".
  std::string message;
};

template <class T = void>
using DiskResult = std::expected<T, DiskError>;

/// A file being written from its beginning to its end. Used by one thread at a time.
class WritableFile {
 public:
  virtual ~WritableFile() = default;
  /// Appends. After an error the file is of no use.
  virtual DiskResult<> write(std::string_view bytes) = 0;
  /// Makes what was written survive a power cut.
  virtual DiskResult<> sync() = 0;
  virtual std::uint64_t size() const = 0;
};

/// An open file; stays readable after its name is removed. Usable from any thread.
class ReadableFile {
 public:
  virtual ~ReadableFile() = default;
  /// For sendfile; -1 for a file in memory.
  virtual int descriptor() const = 0;
  /// The content of a file in memory; empty where there is a descriptor.
  virtual std::string_view bytes() const = 0;
  virtual std::uint64_t size() const = 0;
  /// Fills `target` from `offset`; returns how many bytes there were, fewer only at the end.
  virtual DiskResult<std::size_t> read_at(std::uint64_t offset, std::span<char> target) const = 0;
};

/// The size of a file system and what of it is free for this program, in bytes.
struct DiskSpace {
  std::uint64_t total = 0;
  std::uint64_t free = 0;
};

/// Who holds a lock: its process, and the text that it left for others, such as its address.
struct LockHolder {
  int process_id = 0;
  std::string text;
  /// Whether that is a process here. In another process namespace, such as a container's, or on
  /// another machine that shares the disk, the number means somebody else here, or nobody.
  bool is_here = true;
};

/// A lock on a file, held until destroyed or until the process ends, however it ends.
class FileLock {
 public:
  virtual ~FileLock() = default;
  /// Replaces the text that others read with Disk::find_lock_holder.
  virtual DiskResult<> write_text(std::string_view text) = 0;
};

/// Paths are in the operating system's form. All functions may be called from any thread.
class Disk {
 public:
  virtual ~Disk() = default;

  /// Whether a path means the same to the operating system, so that a library may open it itself.
  virtual bool is_native() const = 0;

  virtual bool exists(const std::string& path) const = 0;
  /// Of the file system that an existing path is on.
  virtual DiskResult<DiskSpace> space(const std::string& path) const = 0;
  virtual DiskResult<std::uint64_t> size(const std::string& path) const = 0;
  /// A whole file; for small ones.
  virtual DiskResult<std::string> read(const std::string& path) const = 0;
  virtual DiskResult<std::shared_ptr<const ReadableFile>> open(const std::string& path) const = 0;
  /// A new file; one of that name is emptied.
  virtual DiskResult<std::unique_ptr<WritableFile>> create(const std::string& path) = 0;
  /// Replaces a whole file so that after a crash there is either the old or the new content.
  virtual DiskResult<> write_atomically(const std::string& path, std::string_view bytes) = 0;
  virtual DiskResult<> rename(const std::string& from, const std::string& to) = 0;
  /// Makes the content of a closed file survive a power cut.
  virtual DiskResult<> sync_file(const std::string& path) = 0;
  /// Removes a file or an empty directory. What is not there is no error.
  virtual DiskResult<> remove(const std::string& path) = 0;

  /// With all its parents. One that exists is no error.
  virtual DiskResult<> create_directories(const std::string& path) = 0;
  /// As above, where those that are made are this user's alone.
  virtual DiskResult<> create_private_directories(const std::string& path) {
    return create_directories(path);
  }
  /// The names in a directory, sorted, without "." and "..".
  virtual DiskResult<std::vector<std::string>> list(const std::string& path) const = 0;
  /// Makes creations, renames and removals in a directory survive a power cut.
  virtual DiskResult<> sync_directory(const std::string& path) = 0;

  /// Makes everything on the file system of `path` survive a power cut: for when there is much.
  virtual DiskResult<> sync_everything(const std::string& path) = 0;

  /// Creates the file if needed. The error has the kind `locked` when another process, or another
  /// part of this one, holds it.
  virtual DiskResult<std::unique_ptr<FileLock>> lock(const std::string& path) = 0;
  /// Who holds the lock now, if anybody does.
  virtual std::optional<LockHolder> find_lock_holder(const std::string& path) const = 0;
};

}  // namespace matinee::runtime
