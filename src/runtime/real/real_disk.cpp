#include "runtime/real/real_disk.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <map>
#include <mutex>
#include <system_error>

namespace matinee::runtime {

namespace {

DiskError::Kind kind_of(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return DiskError::Kind::not_found;
    case EEXIST:
      return DiskError::Kind::already_exists;
    case ENOSPC:
    case EDQUOT:
      return DiskError::Kind::no_space;
    case EACCES:
    case EPERM:
    case EROFS:
      return DiskError::Kind::not_permitted;
    default:
      return DiskError::Kind::other;
  }
}

std::unexpected<DiskError> failure(std::string_view doing, std::string_view path, int error) {
  std::string why = std::generic_category().message(error);
  return std::unexpected(
      DiskError{kind_of(error), fmt::format("cannot {} {}: {}", doing, path, why)});
}

/// A descriptor that is closed with its owner.
class Descriptor {
 public:
  Descriptor(const std::string& path, int flags) {
    do {
      number_ = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
    } while (number_ < 0 && errno == EINTR);
  }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }

  bool is_open() const { return number_ >= 0; }
  int number() const { return number_; }

 private:
  int number_ = -1;
};

class RealWritableFile final : public WritableFile {
 public:
  RealWritableFile(Descriptor descriptor, std::string path)
      : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

  DiskResult<> write(std::string_view bytes) override {
    while (!bytes.empty()) {
      ssize_t count = ::write(descriptor_.number(), bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return failure("write", path_, errno);
      bytes.remove_prefix(static_cast<std::size_t>(count));
      size_ += static_cast<std::uint64_t>(count);
    }
    return {};
  }

  DiskResult<> sync() override {
    if (::fdatasync(descriptor_.number()) != 0) return failure("sync", path_, errno);
    return {};
  }

  std::uint64_t size() const override { return size_; }

 private:
  Descriptor descriptor_;
  std::string path_;
  std::uint64_t size_ = 0;
};

class RealReadableFile final : public ReadableFile {
 public:
  RealReadableFile(Descriptor descriptor, std::string path, std::uint64_t size)
      : descriptor_(std::move(descriptor)), path_(std::move(path)), size_(size) {}

  int descriptor() const override { return descriptor_.number(); }
  std::string_view bytes() const override { return {}; }
  std::uint64_t size() const override { return size_; }

  DiskResult<std::size_t> read_at(std::uint64_t offset, std::span<char> target) const override {
    std::size_t total = 0;
    while (total < target.size()) {
      ssize_t count = ::pread(descriptor_.number(), target.data() + total, target.size() - total,
                              static_cast<off_t>(offset + total));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return failure("read", path_, errno);
      if (count == 0) break;
      total += static_cast<std::size_t>(count);
    }
    return total;
  }

 private:
  Descriptor descriptor_;
  std::string path_;
  std::uint64_t size_;
};

}  // namespace

/// Locks that were released, for whoever in this process takes them next.
class KeptLocks {
 public:
  void begin() {
    const std::lock_guard guard(mutex_);
    is_keeping_ = true;
  }
  void take(const std::string& path, Descriptor descriptor) {
    const std::lock_guard guard(mutex_);
    if (is_keeping_) kept_.emplace(path, std::move(descriptor));
  }
  std::optional<Descriptor> give(const std::string& path) {
    const std::lock_guard guard(mutex_);
    const auto found = kept_.find(path);
    if (found == kept_.end()) return std::nullopt;
    is_keeping_ = false;
    Descriptor descriptor = std::move(found->second);
    kept_.erase(found);
    return descriptor;
  }

 private:
  std::mutex mutex_;
  bool is_keeping_ = false;
  std::map<std::string, Descriptor> kept_;
};

namespace {

/// A lock of the open file, not of the process: it also keeps two parts of one process apart, and
/// others can look at it without taking it.
class RealFileLock final : public FileLock {
 public:
  RealFileLock(Descriptor descriptor, std::string path, std::shared_ptr<KeptLocks> kept)
      : descriptor_(std::move(descriptor)), path_(std::move(path)), kept_(std::move(kept)) {}
  ~RealFileLock() override { kept_->take(path_, std::move(descriptor_)); }
  RealFileLock(const RealFileLock&) = delete;
  RealFileLock& operator=(const RealFileLock&) = delete;

  DiskResult<> write_text(std::string_view text) override {
    std::string content = fmt::format("{}\n{}\n", ::getpid(), text);
    if (::ftruncate(descriptor_.number(), 0) != 0) return failure("write", path_, errno);
    ssize_t count = ::pwrite(descriptor_.number(), content.data(), content.size(), 0);
    if (count < 0) return failure("write", path_, errno);
    if (static_cast<std::size_t>(count) != content.size()) return failure("write", path_, ENOSPC);
    return {};
  }

 private:
  Descriptor descriptor_;
  std::string path_;
  std::shared_ptr<KeptLocks> kept_;
};

/// Whether a process of this namespace has the file open.
bool has_open(int process_id, const struct stat& file) {
  std::error_code error;
  std::filesystem::directory_iterator entry(fmt::format("/proc/{}/fd", process_id), error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    struct stat opened = {};
    if (::stat(entry->path().c_str(), &opened) == 0 && opened.st_dev == file.st_dev &&
        opened.st_ino == file.st_ino)
      return true;
  }
  return false;
}

struct flock whole_file(int type) {
  struct flock lock = {};
  lock.l_type = static_cast<short>(type);
  lock.l_whence = SEEK_SET;
  return lock;
}

}  // namespace

bool RealDisk::exists(const std::string& path) const {
  struct stat status = {};
  return ::stat(path.c_str(), &status) == 0;
}

DiskResult<DiskSpace> RealDisk::space(const std::string& path) const {
  struct statvfs status = {};
  if (::statvfs(path.c_str(), &status) != 0) return failure("read", path, errno);
  return DiskSpace{.total = static_cast<std::uint64_t>(status.f_blocks) * status.f_frsize,
                   .free = static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize};
}

DiskResult<std::uint64_t> RealDisk::size(const std::string& path) const {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0) return failure("read", path, errno);
  return static_cast<std::uint64_t>(status.st_size);
}

DiskResult<std::string> RealDisk::read(const std::string& path) const {
  Descriptor file(path, O_RDONLY);
  if (!file.is_open()) return failure("read", path, errno);
  std::string content;
  std::array<char, 16384> buffer{};
  for (;;) {
    ssize_t count = ::read(file.number(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failure("read", path, errno);
    if (count == 0) return content;
    content.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

DiskResult<std::shared_ptr<const ReadableFile>> RealDisk::open(const std::string& path) const {
  Descriptor file(path, O_RDONLY);
  if (!file.is_open()) return failure("open", path, errno);
  struct stat status = {};
  if (::fstat(file.number(), &status) != 0) return failure("open", path, errno);
  return std::make_shared<RealReadableFile>(std::move(file), path,
                                            static_cast<std::uint64_t>(status.st_size));
}

DiskResult<std::unique_ptr<WritableFile>> RealDisk::create(const std::string& path) {
  Descriptor file(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file.is_open()) return failure("create", path, errno);
  return std::make_unique<RealWritableFile>(std::move(file), path);
}

DiskResult<> RealDisk::write_synced(const std::string& path, std::string_view bytes) {
  auto file = create(path);
  if (!file) return std::unexpected(file.error());
  if (auto written = (*file)->write(bytes); !written) return written;
  return (*file)->sync();
}

DiskResult<> RealDisk::write_atomically(const std::string& path, std::string_view bytes) {
  std::string temporary = fmt::format("{}.{}.tmp", path, ::getpid());
  DiskResult<> written = write_synced(temporary, bytes);
  if (written) written = rename(temporary, path);
  if (!written) {
    ::unlink(temporary.c_str());
    return written;
  }
  std::string directory = std::filesystem::path(path).parent_path();
  return sync_directory(directory.empty() ? "." : directory);
}

DiskResult<> RealDisk::rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return failure("rename", from, errno);
  return {};
}

DiskResult<> RealDisk::sync_file(const std::string& path) {
  Descriptor file(path, O_RDONLY);
  if (!file.is_open()) return failure("open", path, errno);
  if (::fdatasync(file.number()) != 0) return failure("sync", path, errno);
  return {};
}

DiskResult<> RealDisk::remove(const std::string& path) {
  if (::remove(path.c_str()) != 0 && errno != ENOENT) return failure("remove", path, errno);
  return {};
}

DiskResult<> RealDisk::create_directories(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return failure("create", path, error.value());
  return {};
}

DiskResult<> RealDisk::create_private_directories(const std::string& path) {
  const std::filesystem::path whole = std::filesystem::path(path).lexically_normal();
  std::filesystem::path made;
  for (const std::filesystem::path& part : whole) {
    made /= part;
    if (!exists(made) && ::mkdir(made.c_str(), S_IRWXU) != 0 && errno != EEXIST)
      return failure("create", path, errno);
  }
  return create_directories(path);
}

DiskResult<std::vector<std::string>> RealDisk::list(const std::string& path) const {
  std::error_code error;
  std::vector<std::string> names;
  std::filesystem::directory_iterator entry(path, error);
  while (!error && entry != std::filesystem::directory_iterator()) {
    names.push_back(entry->path().filename());
    entry.increment(error);
  }
  if (error) return failure("list", path, error.value());
  std::ranges::sort(names);
  return names;
}

DiskResult<> RealDisk::sync_directory(const std::string& path) {
  Descriptor directory(path, O_RDONLY | O_DIRECTORY);
  if (!directory.is_open()) return failure("open", path, errno);
  if (::fsync(directory.number()) != 0) return failure("sync", path, errno);
  return {};
}

DiskResult<> RealDisk::sync_everything(const std::string& path) {
  Descriptor directory(path, O_RDONLY);
  if (!directory.is_open()) return failure("open", path, errno);
  if (::syncfs(directory.number()) != 0) return failure("sync", path, errno);
  return {};
}

RealDisk::RealDisk() : kept_locks_(std::make_shared<KeptLocks>()) {}

RealDisk::~RealDisk() = default;

void RealDisk::keep_locks() {
  kept_locks_->begin();
}

DiskResult<std::unique_ptr<FileLock>> RealDisk::lock(const std::string& path) {
  if (auto kept = kept_locks_->give(path))
    return std::make_unique<RealFileLock>(*std::move(kept), path, kept_locks_);
  Descriptor file(path, O_RDWR | O_CREAT);
  if (!file.is_open()) return failure("lock", path, errno);
  struct flock lock = whole_file(F_WRLCK);
  if (::fcntl(file.number(), F_OFD_SETLK, &lock) != 0) {
    if (errno != EAGAIN && errno != EACCES) return failure("lock", path, errno);
    return std::unexpected(DiskError{
        DiskError::Kind::locked, fmt::format("cannot lock {}: another process holds it", path)});
  }
  auto held = std::make_unique<RealFileLock>(std::move(file), path, kept_locks_);
  if (auto written = held->write_text(""); !written) return std::unexpected(written.error());
  return held;
}

std::optional<LockHolder> RealDisk::find_lock_holder(const std::string& path) const {
  Descriptor file(path, O_RDONLY);
  if (!file.is_open()) return std::nullopt;
  struct flock lock = whole_file(F_RDLCK);
  if (::fcntl(file.number(), F_OFD_GETLK, &lock) != 0 || lock.l_type == F_UNLCK) {
    return std::nullopt;
  }
  LockHolder holder;
  std::string content = read(path).value_or("");
  auto [rest, error] =
      std::from_chars(content.data(), content.data() + content.size(), holder.process_id);
  std::string_view text(rest, content.data() + content.size());
  // A text without its line end is still being written.
  if (error == std::errc() && text.starts_with('\n') && text.size() > 1 && text.ends_with('\n')) {
    holder.text = text.substr(1, text.size() - 2);
  }
  struct stat status = {};
  holder.is_here = ::fstat(file.number(), &status) == 0 && has_open(holder.process_id, status);
  return holder;
}

}  // namespace matinee::runtime
