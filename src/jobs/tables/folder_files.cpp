// Files on this machine, read and written by workers.
#include <fmt/format.h>

#include <filesystem>

#include "jobs/report.h"
#include "jobs/tables/files.h"
#include "runtime/elsewhere.h"

namespace matinee::jobs::tables {
namespace {

template <class T>
T require(runtime::DiskResult<T> result) {
  if (!result) throw JobError(fmt::format("This does not work: {}.", result.error().message));
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

class LocalBytes final : public FileBytes {
 public:
  LocalBytes(runtime::Runtime& runtime, std::shared_ptr<const runtime::ReadableFile> file)
      : runtime_(runtime), file_(std::move(file)) {}

  runtime::Task<std::string> next() override {
    using Read = runtime::DiskResult<std::string>;
    auto piece = require(
        co_await runtime::elsewhere<Read>(runtime_, [file = file_, offset = offset_]() -> Read {
          constexpr std::size_t piece_bytes = std::size_t{256} << 10;
          std::string bytes(piece_bytes, '\0');
          const auto count = file->read_at(offset, bytes);
          if (!count) return std::unexpected(count.error());
          bytes.resize(*count);
          return bytes;
        }));
    offset_ += piece.size();
    co_return piece;
  }

 private:
  runtime::Runtime& runtime_;
  std::shared_ptr<const runtime::ReadableFile> file_;
  std::uint64_t offset_ = 0;
};

runtime::DiskResult<> write_file(runtime::Disk& disk, const std::string& path,
                                 std::string_view bytes) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  if (!folder.empty())
    if (auto made = disk.create_directories(folder); !made) return made;
  auto file = disk.create(path);
  if (!file) return std::unexpected(file.error());
  if (auto written = (*file)->write(bytes); !written) return written;
  return (*file)->sync();
}

class FolderFiles final : public Files {
 public:
  FolderFiles(FileAccess& access, std::string folder)
      : access_(access), folder_(std::move(folder)) {}

  runtime::Task<std::vector<FoundFile>> list() override {
    std::vector<FoundFile> found;
    if (!access_.folders.is_folder(folder_)) co_return found;
    for (runtime::FolderFile& file : require(access_.folders.files(folder_, {})))
      found.push_back({std::move(file.path), file.size});
    co_return found;
  }

  runtime::Task<std::optional<std::uint64_t>> find_size(std::string name) override {
    const std::string path = full_name(name);
    if (!access_.runtime.disk.exists(path) || access_.folders.is_folder(path))
      co_return std::nullopt;
    co_return require(access_.runtime.disk.size(path));
  }

  runtime::Task<std::string> read(std::string name) override {
    co_return require(access_.runtime.disk.read(full_name(name)));
  }

  runtime::Task<std::unique_ptr<FileBytes>> open(FoundFile file) override {
    co_return std::make_unique<LocalBytes>(
        access_.runtime, require(access_.runtime.disk.open(full_name(file.name))));
  }

  runtime::Task<> write(std::string name, std::string bytes) override {
    using Written = runtime::DiskResult<>;
    require(co_await runtime::elsewhere<Written>(
        access_.runtime, [&disk = access_.runtime.disk, path = full_name(name),
                          bytes = std::move(bytes)] { return write_file(disk, path, bytes); }));
  }

  runtime::Task<> remove(std::string name) override {
    require(access_.runtime.disk.remove(full_name(name)));
    co_return;
  }

  std::string full_name(const std::string& name) const override {
    return (std::filesystem::path(folder_) / name).lexically_normal().string();
  }

 private:
  FileAccess& access_;
  std::string folder_;
};

}  // namespace

std::unique_ptr<Files> open_folder(FileAccess& access, std::string folder) {
  return std::make_unique<FolderFiles>(access, std::move(folder));
}

std::unique_ptr<Files> open_files(FileAccess& access, const Place& root) {
  if (root.kind == Place::Kind::local) return open_folder(access, root.path);
  return open_prefix(access, root.bucket, root.prefix);
}

}  // namespace matinee::jobs::tables
