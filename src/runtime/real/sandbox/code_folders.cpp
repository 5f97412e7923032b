#include "runtime/real/sandbox/code_folders.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "runtime/real/sandbox/unpacking.h"

namespace matinee::runtime {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view run_prefix = "matinee-functions-";
constexpr const char* lock_name = "lock";

/// Goes away when nobody holds it any more.
class UnpackedFolder final : public CodeFolder {
 public:
  UnpackedFolder(Workers& workers, std::string path) : workers_(workers), path_(std::move(path)) {}
  ~UnpackedFolder() override {
    workers_.post([path = path_] { remove_folder(path); });
  }
  const std::string& path() const override { return path_; }

 private:
  Workers& workers_;
  std::string path_;
};

OwnedDescriptor lock_folder(const std::string& folder) {
  OwnedDescriptor lock(
      ::open((folder + "/" + lock_name).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (lock && ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) lock.reset();
  return lock;
}

void remove_leftovers(const std::string& parent) {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(parent, error)) {
    if (!entry.path().filename().native().starts_with(run_prefix)) continue;
    struct stat status{};
    if (::lstat(entry.path().c_str(), &status) != 0 || !S_ISDIR(status.st_mode) ||
        status.st_uid != ::geteuid())
      continue;
    if (lock_folder(entry.path())) remove_folder(entry.path());
  }
}

}  // namespace

RunFolder::RunFolder(const std::string& parent) {
  std::error_code error;
  fs::create_directories(parent, error);
  remove_leftovers(parent);
  // Under another name until it is locked, so that nobody takes it for a leftover.
  std::string path = parent + "/matinee-new-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) {
    failure_ = parent + " cannot hold the code of functions: " + std::strerror(errno) + ".";
    return;
  }
  lock_ = lock_folder(path);
  // A user without rights, as whom programs of root may run, must get through.
  ::chmod(path.c_str(), 0711);
  const std::size_t letters = path.rfind('-') + 1;
  path_ = parent + "/" + std::string(run_prefix) + path.substr(letters);
  if (::rename(path.c_str(), path_.c_str()) != 0) path_ = std::move(path);
}

CodeFolders::~CodeFolders() {
  *lives_ = false;
}

RunFolder::~RunFolder() {
  if (!path_.empty()) remove_folder(path_);
}

CodeFolders::CodeFolders(Loop& loop, Workers& workers, std::string parent)
    : loop_(loop), workers_(workers), parent_(std::move(parent)) {}

const RunFolder& CodeFolders::run_folder() {
  if (!run_folder_) run_folder_ = std::make_unique<RunFolder>(parent_);
  return *run_folder_;
}

CodeFolders::Folder CodeFolders::find(const std::string& id) const {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : found->second.folder.lock();
}

void CodeFolders::unpack(const std::string& id, ReadArchive read, Done done) {
  make(
      id,
      [read =
           std::move(read)](const std::string& path) mutable -> std::expected<void, std::string> {
        const std::expected<std::string, std::string> archive = read();
        if (!archive) return std::unexpected(archive.error());
        return unpack_archive(*archive, path);
      },
      std::move(done));
}

void CodeFolders::merge(const std::vector<Folder>& folders, Done done) {
  std::string id = "layers";
  std::vector<std::string> paths;
  for (const Folder& folder : folders) {
    paths.push_back(folder->path());
    id += "\n" + folder->path();
  }
  if (Folder merged = find(id)) return done(std::move(merged));
  make(
      id,
      [folders, paths = std::move(paths)](const std::string& path) {
        return lay_over_each_other(paths, path);
      },
      std::move(done));
}

void CodeFolders::make(const std::string& id, Work work, Done done) {
  std::erase_if(entries_, [](const auto& entry) {
    return !entry.second.is_being_made && entry.second.folder.expired();
  });
  Entry& entry = entries_[id];
  entry.waiting.push_back(std::move(done));
  if (entry.is_being_made) return;
  entry.is_being_made = true;
  if (Folder known = entry.folder.lock())
    return loop_.post([this, lives = lives_, id, known] {
      if (*lives) finish(id, known->path(), {});
    });
  const RunFolder& run = run_folder();
  if (run.path().empty())
    return loop_.post([this, lives = lives_, id, failure = run.failure()] {
      if (*lives) finish(id, "", std::unexpected(failure));
    });
  const std::string path = run.path() + "/" + std::to_string(++last_number_);
  workers_.post([this, &loop = loop_, lives = lives_, id, path, work = std::move(work)]() mutable {
    std::expected<void, std::string> result;
    if (::mkdir(path.c_str(), 0755) != 0 || ::chmod(path.c_str(), 0755) != 0)
      result = std::unexpected(path + " cannot be made: " + std::strerror(errno) + ".");
    else
      result = work(path);
    work = nullptr;
    loop.post([this, lives, id, path, result = std::move(result)] {
      if (*lives) finish(id, path, result);
    });
  });
}

void CodeFolders::finish(const std::string& id, const std::string& path,
                         std::expected<void, std::string> result) {
  Entry& entry = entries_[id];
  entry.is_being_made = false;
  std::vector<Done> waiting = std::move(entry.waiting);
  entry.waiting.clear();
  Folder folder = entry.folder.lock();
  if (!result && !path.empty()) workers_.post([path] { remove_folder(path); });
  if (result && !folder) {
    folder = std::make_shared<UnpackedFolder>(workers_, path);
    entry.folder = folder;
  }
  for (Done& done : waiting) {
    if (result)
      done(folder);
    else
      done(std::unexpected(result.error()));
  }
}

}  // namespace matinee::runtime
