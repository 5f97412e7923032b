#include "storage/disk_file_system.h"

#include <rocksdb/file_system.h>
#include <rocksdb/system_clock.h>

#include "runtime/assertion.h"

namespace matinee::storage {

namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using runtime::DiskError;

IOStatus to_status(const DiskError& error) {
  switch (error.kind) {
    case DiskError::Kind::not_found:
      return IOStatus::PathNotFound(error.message);
    case DiskError::Kind::no_space:
      return IOStatus::NoSpace(error.message);
    default:
      return IOStatus::IOError(error.message);
  }
}

template <class T>
IOStatus to_status(const runtime::DiskResult<T>& result) {
  return result ? IOStatus::OK() : to_status(result.error());
}

/// Reads into `scratch`, of which `result` is a view.
IOStatus read_into(const runtime::ReadableFile& file, std::uint64_t offset, std::span<char> scratch,
                   rocksdb::Slice* result) {
  auto count = file.read_at(offset, scratch);
  if (count) *result = rocksdb::Slice(scratch.data(), *count);
  return to_status(count);
}

class SequentialFile final : public rocksdb::FSSequentialFile {
 public:
  explicit SequentialFile(std::shared_ptr<const runtime::ReadableFile> file)
      : file_(std::move(file)) {}

  IOStatus Read(std::size_t n, const IOOptions&, rocksdb::Slice* result, char* scratch,
                IODebugContext*) override {
    IOStatus status = read_into(*file_, offset_, {scratch, n}, result);
    if (status.ok()) offset_ += result->size();
    return status;
  }
  IOStatus Skip(std::uint64_t n) override {
    offset_ += n;
    return IOStatus::OK();
  }

 private:
  std::shared_ptr<const runtime::ReadableFile> file_;
  std::uint64_t offset_ = 0;
};

class RandomAccessFile final : public rocksdb::FSRandomAccessFile {
 public:
  explicit RandomAccessFile(std::shared_ptr<const runtime::ReadableFile> file)
      : file_(std::move(file)) {}

  IOStatus Read(std::uint64_t offset, std::size_t n, const IOOptions&, rocksdb::Slice* result,
                char* scratch, IODebugContext*) const override {
    return read_into(*file_, offset, {scratch, n}, result);
  }

 private:
  std::shared_ptr<const runtime::ReadableFile> file_;
};

class WritableFile final : public rocksdb::FSWritableFile {
 public:
  explicit WritableFile(std::unique_ptr<runtime::WritableFile> file) : file_(std::move(file)) {}

  using FSWritableFile::Append;
  IOStatus Append(const rocksdb::Slice& data, const IOOptions&, IODebugContext*) override {
    return to_status(file_->write(data.ToStringView()));
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions&, IODebugContext*) override {
    // RocksDB cuts off what it preallocated, of which there is none here.
    runtime::expect(size == file_->size(), "files are only appended to");
    return IOStatus::OK();
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return to_status(file_->sync()); }
  bool IsSyncThreadSafe() const override { return true; }
  std::uint64_t GetFileSize(const IOOptions&, IODebugContext*) override { return file_->size(); }

 private:
  std::unique_ptr<runtime::WritableFile> file_;
};

class Directory final : public rocksdb::FSDirectory {
 public:
  Directory(runtime::Disk& disk, std::string path) : disk_(disk), path_(std::move(path)) {}

  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    return to_status(disk_.sync_directory(path_));
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }

 private:
  runtime::Disk& disk_;
  std::string path_;
};

class Lock final : public rocksdb::FileLock {
 public:
  explicit Lock(std::unique_ptr<runtime::FileLock> lock) : lock_(std::move(lock)) {}

 private:
  std::unique_ptr<runtime::FileLock> lock_;
};

class DiskFileSystem final : public rocksdb::FileSystem {
 public:
  explicit DiskFileSystem(runtime::Disk& disk) : disk_(disk) {}

  const char* Name() const override { return "matinee::DiskFileSystem"; }

  IOStatus NewSequentialFile(const std::string& path, const FileOptions&,
                             std::unique_ptr<rocksdb::FSSequentialFile>* result,
                             IODebugContext*) override {
    auto file = disk_.open(path);
    if (file) *result = std::make_unique<SequentialFile>(*std::move(file));
    return to_status(file);
  }
  IOStatus NewRandomAccessFile(const std::string& path, const FileOptions&,
                               std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                               IODebugContext*) override {
    auto file = disk_.open(path);
    if (file) *result = std::make_unique<RandomAccessFile>(*std::move(file));
    return to_status(file);
  }
  IOStatus NewWritableFile(const std::string& path, const FileOptions&,
                           std::unique_ptr<rocksdb::FSWritableFile>* result,
                           IODebugContext*) override {
    auto file = disk_.create(path);
    if (file) *result = std::make_unique<WritableFile>(*std::move(file));
    return to_status(file);
  }
  IOStatus NewDirectory(const std::string& path, const IOOptions&,
                        std::unique_ptr<rocksdb::FSDirectory>* result, IODebugContext*) override {
    *result = std::make_unique<Directory>(disk_, path);
    return IOStatus::OK();
  }

  IOStatus FileExists(const std::string& path, const IOOptions&, IODebugContext*) override {
    return disk_.exists(path) ? IOStatus::OK() : IOStatus::NotFound(path);
  }
  IOStatus GetChildren(const std::string& path, const IOOptions&, std::vector<std::string>* result,
                       IODebugContext*) override {
    auto names = disk_.list(path);
    if (names) *result = *names;
    return to_status(names);
  }
  IOStatus DeleteFile(const std::string& path, const IOOptions&, IODebugContext*) override {
    return to_status(disk_.remove(path));
  }
  IOStatus CreateDir(const std::string& path, const IOOptions&, IODebugContext*) override {
    return to_status(disk_.create_directories(path));
  }
  IOStatus CreateDirIfMissing(const std::string& path, const IOOptions&, IODebugContext*) override {
    return to_status(disk_.create_directories(path));
  }
  IOStatus DeleteDir(const std::string& path, const IOOptions&, IODebugContext*) override {
    return to_status(disk_.remove(path));
  }
  IOStatus GetFileSize(const std::string& path, const IOOptions&, std::uint64_t* result,
                       IODebugContext*) override {
    auto size = disk_.size(path);
    if (size) *result = *size;
    return to_status(size);
  }
  IOStatus GetFileModificationTime(const std::string&, const IOOptions&, std::uint64_t* result,
                                   IODebugContext*) override {
    *result = 0;
    return IOStatus::OK();
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions&,
                      IODebugContext*) override {
    return to_status(disk_.rename(from, to));
  }
  IOStatus IsDirectory(const std::string& path, const IOOptions&, bool* result,
                       IODebugContext*) override {
    *result = disk_.list(path).has_value();
    return IOStatus::OK();
  }
  IOStatus GetAbsolutePath(const std::string& path, const IOOptions&, std::string* result,
                           IODebugContext*) override {
    *result = path;
    return IOStatus::OK();
  }
  IOStatus GetTestDirectory(const IOOptions&, std::string* result, IODebugContext*) override {
    *result = "/test";
    return IOStatus::OK();
  }

  IOStatus LockFile(const std::string& path, const IOOptions&, rocksdb::FileLock** result,
                    IODebugContext*) override {
    auto lock = disk_.lock(path);
    if (lock) *result = new Lock(*std::move(lock));
    return to_status(lock);
  }
  IOStatus UnlockFile(rocksdb::FileLock* lock, const IOOptions&, IODebugContext*) override {
    delete lock;
    return IOStatus::OK();
  }

 private:
  runtime::Disk& disk_;
};

/// A disk that is not the machine's has no reason to make anybody wait in real time: RocksDB sleeps
/// a second after a write in the background has failed, as writes do on a disk that has crashed.
class SleeplessClock final : public rocksdb::SystemClockWrapper {
 public:
  using SystemClockWrapper::SystemClockWrapper;
  const char* Name() const override { return "SleeplessClock"; }
  void SleepForMicroseconds(int) override {}
};

class DiskEnvironment final : public rocksdb::EnvWrapper {
 public:
  explicit DiskEnvironment(runtime::Disk& disk)
      : EnvWrapper(rocksdb::NewCompositeEnv(std::make_shared<DiskFileSystem>(disk))) {
    system_clock_ = std::make_shared<SleeplessClock>(system_clock_);
  }
};

}  // namespace

std::unique_ptr<rocksdb::Env> make_disk_environment(runtime::Disk& disk) {
  return std::make_unique<DiskEnvironment>(disk);
}

}  // namespace matinee::storage
