#include "runtime/real/real_folders.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

namespace matinee::runtime {

namespace {

std::unexpected<DiskError> failure(const std::string& path, const std::string& why) {
  return std::unexpected(DiskError{.kind = DiskError::Kind::other,
                                   .message = fmt::format("cannot read {}: {}", path, why)});
}

std::unexpected<DiskError> failure(const std::string& path, int error) {
  return failure(path, std::generic_category().message(error));
}

/// Goes through a folder and those below it.
class Walk {
 public:
  explicit Walk(const std::set<std::string>& left_out) : left_out_(left_out) {}

  DiskResult<> enter(const std::string& folder, const std::string& prefix) {
    struct stat status = {};
    if (::stat(folder.c_str(), &status) != 0) return failure(folder, errno);
    const Identity identity{status.st_dev, status.st_ino};
    if (std::ranges::find(above_, identity) != above_.end())
      return failure(folder, "a link leads back into a folder above it");
    above_.push_back(identity);
    const DiskResult<> result = look_through(folder, prefix);
    above_.pop_back();
    return result;
  }

  std::vector<FolderFile> take() {
    std::ranges::sort(files_, {}, &FolderFile::path);
    return std::move(files_);
  }

 private:
  using Identity = std::pair<dev_t, ino_t>;

  const std::set<std::string>& left_out_;
  std::vector<Identity> above_;
  std::vector<FolderFile> files_;

  DiskResult<> look_through(const std::string& folder, const std::string& prefix) {
    std::error_code error;
    std::filesystem::directory_iterator entry(folder, error);
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
      const std::string name = entry->path().filename();
      if (left_out_.contains(name)) continue;
      if (DiskResult<> result = look_at(entry->path(), prefix + name); !result) return result;
    }
    if (error) return failure(folder, error.value());
    return {};
  }

  DiskResult<> look_at(const std::string& path, const std::string& name) {
    struct stat status = {};
    if (::stat(path.c_str(), &status) != 0) return failure(path, errno);
    if (S_ISDIR(status.st_mode)) return enter(path, name + "/");
    if (!S_ISREG(status.st_mode)) return failure(path, "it is neither a file nor a folder");
    files_.push_back({.path = name,
                      .size = static_cast<std::uint64_t>(status.st_size),
                      .executable = (status.st_mode & S_IXUSR) != 0});
    return {};
  }
};

}  // namespace

bool RealFolders::is_folder(const std::string& path) const {
  struct stat status = {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

bool RealFolders::is_executable(const std::string& path) const {
  struct stat status = {};
  return ::stat(path.c_str(), &status) == 0 && (status.st_mode & S_IXUSR) != 0;
}

DiskResult<std::vector<FolderFile>> RealFolders::files(
    const std::string& folder, const std::set<std::string>& left_out) const {
  Walk walk(left_out);
  if (DiskResult<> result = walk.enter(folder, ""); !result) return std::unexpected(result.error());
  return walk.take();
}

}  // namespace matinee::runtime
