#include "runtime/simulated/simulated_disk.h"

#include <algorithm>
#include <condition_variable>
#include <filesystem>

namespace matinee::runtime {

struct SimulatedDisk::Inode {
  std::string content;
  std::size_t synced = 0;
};

/// Shared with the open files, which may outlive the disk.
struct SimulatedDisk::State {
  using Names = std::map<std::string, std::shared_ptr<Inode>, std::less<>>;

  mutable std::mutex mutex;
  Names names;
  Names durable_names;  // As of the last sync of each directory.
  std::set<std::string, std::less<>> directories = {"/", "."};
  std::map<std::string, std::string, std::less<>> locks;
  std::uint64_t incarnation = 1;  // Handles of earlier ones are dead.
  bool crashed = false;
  std::uint64_t capacity = UINT64_MAX;
  std::uint64_t used = 0;
  std::optional<std::uint64_t> writes_until_crash;
  std::uint64_t power_cuts = 0;
  std::string failing;  // Part of the paths that cannot be written; empty for none.

  std::string held;  // Part of the paths that nobody gets on with; empty for none.
  std::condition_variable released;

  bool fails(std::string_view path) const { return !failing.empty() && path.contains(failing); }
  bool holds(std::string_view path) const { return !held.empty() && path.contains(held); }
  Crash planned_crash = Crash::power;

  void crash(Crash kind, Random* random);
  void rename_directory(const std::string& from, const std::string& to);
};

namespace {

/// Where Linux tells one run of the machine from another.
constexpr std::string_view boot_id_path = "/proc/sys/kernel/random/boot_id";

std::unexpected<DiskError> failure(DiskError::Kind kind, std::string_view doing,
                                   std::string_view path, std::string_view why) {
  std::string message = "cannot ";
  message.append(doing).append(" ").append(path).append(": ").append(why);
  return std::unexpected(DiskError{kind, std::move(message)});
}

std::unexpected<DiskError> crashed(std::string_view doing, std::string_view path) {
  return failure(DiskError::Kind::other, doing, path, "the simulated machine has crashed");
}

std::unexpected<DiskError> broken(std::string_view doing, std::string_view path) {
  return failure(DiskError::Kind::other, doing, path, "Input/output error");
}

std::unexpected<DiskError> not_found(std::string_view doing, std::string_view path) {
  return failure(DiskError::Kind::not_found, doing, path, "No such file or directory");
}

/// Without repeated and trailing slashes, "." and "..".
std::string normal(std::string_view path) {
  std::string out = std::filesystem::path(path).lexically_normal().string();
  if (out.size() > 1 && out.back() == '/') out.pop_back();
  return out;
}

std::string parent_of(const std::string& path) {
  std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

/// With all that is in it, and so that a power cut does not take it back.
void SimulatedDisk::State::rename_directory(const std::string& from, const std::string& to) {
  const std::string below = from + "/";
  for (Names* all : {&names, &durable_names}) {
    for (auto at = all->lower_bound(below); at != all->end() && at->first.starts_with(below);) {
      auto node = all->extract(at++);
      node.key() = to + node.key().substr(from.size());
      all->insert(std::move(node));
    }
  }
  for (auto at = directories.lower_bound(below);
       at != directories.end() && at->starts_with(below);) {
    auto node = directories.extract(at++);
    node.value() = to + node.value().substr(from.size());
    directories.insert(std::move(node));
  }
  directories.erase(from);
  directories.insert(to);
}

void SimulatedDisk::State::crash(Crash kind, Random* random) {
  ++incarnation;
  crashed = true;
  locks.clear();
  writes_until_crash.reset();
  if (kind == Crash::process) return;
  ++power_cuts;
  names = durable_names;
  used = 0;
  for (auto& [name, inode] : names) {
    std::size_t unsynced = inode->content.size() - inode->synced;
    std::size_t kept = random != nullptr ? random->below(unsynced + 1) : 0;
    inode->content.resize(inode->synced + kept);
    inode->synced = inode->content.size();
    used += inode->content.size();
  }
}

class SimulatedDisk::Writable final : public WritableFile {
 public:
  Writable(std::shared_ptr<State> state, std::shared_ptr<Inode> inode, std::string path)
      : state_(std::move(state)),
        inode_(std::move(inode)),
        path_(std::move(path)),
        incarnation_(state_->incarnation) {}

  DiskResult<> write(std::string_view bytes) override {
    std::unique_lock guard(state_->mutex);
    state_->released.wait(guard, [this] { return !state_->holds(path_); });
    if (incarnation_ != state_->incarnation) return crashed("write", path_);
    if (state_->fails(path_)) return broken("write", path_);
    if (state_->writes_until_crash && (*state_->writes_until_crash)-- == 0) {
      inode_->content.append(bytes.substr(0, bytes.size() / 2));
      state_->crash(state_->planned_crash, nullptr);
      return crashed("write", path_);
    }
    if (bytes.size() > state_->capacity - std::min(state_->used, state_->capacity)) {
      return failure(DiskError::Kind::no_space, "write", path_, "No space left on device");
    }
    inode_->content.append(bytes);
    state_->used += bytes.size();
    return {};
  }

  DiskResult<> sync() override {
    std::lock_guard guard(state_->mutex);
    if (incarnation_ != state_->incarnation) return crashed("sync", path_);
    inode_->synced = inode_->content.size();
    return {};
  }

  std::uint64_t size() const override {
    std::lock_guard guard(state_->mutex);
    return inode_->content.size();
  }

 private:
  std::shared_ptr<State> state_;
  std::shared_ptr<Inode> inode_;
  std::string path_;
  std::uint64_t incarnation_;
};

class SimulatedDisk::Readable final : public ReadableFile {
 public:
  Readable(std::shared_ptr<State> state, std::shared_ptr<const Inode> inode)
      : state_(std::move(state)), inode_(std::move(inode)) {}

  int descriptor() const override { return -1; }
  std::string_view bytes() const override {
    std::lock_guard guard(state_->mutex);
    return inode_->content;
  }
  std::uint64_t size() const override { return bytes().size(); }

  DiskResult<std::size_t> read_at(std::uint64_t offset, std::span<char> target) const override {
    std::lock_guard guard(state_->mutex);
    std::string_view content = inode_->content;
    std::string_view part = content.substr(std::min<std::uint64_t>(offset, content.size()));
    part = part.substr(0, target.size());
    std::ranges::copy(part, target.begin());
    return part.size();
  }

 private:
  std::shared_ptr<State> state_;
  std::shared_ptr<const Inode> inode_;
};

class SimulatedDisk::Lock final : public FileLock {
 public:
  Lock(std::shared_ptr<State> state, std::string path)
      : state_(std::move(state)), path_(std::move(path)), incarnation_(state_->incarnation) {}
  ~Lock() override {
    std::lock_guard guard(state_->mutex);
    if (incarnation_ == state_->incarnation) state_->locks.erase(path_);
  }

  DiskResult<> write_text(std::string_view text) override {
    std::lock_guard guard(state_->mutex);
    if (incarnation_ != state_->incarnation) return crashed("write", path_);
    state_->locks[path_] = text;
    return {};
  }

 private:
  std::shared_ptr<State> state_;
  std::string path_;
  std::uint64_t incarnation_;
};

SimulatedDisk::SimulatedDisk() : state_(std::make_shared<State>()) {}
SimulatedDisk::~SimulatedDisk() = default;

void SimulatedDisk::crash(Crash kind, Random* random) {
  std::lock_guard guard(state_->mutex);
  state_->crash(kind, random);
}

void SimulatedDisk::crash_after(std::uint64_t writes, Crash kind) {
  std::lock_guard guard(state_->mutex);
  state_->writes_until_crash = writes;
  state_->planned_crash = kind;
}

bool SimulatedDisk::has_crashed() const {
  std::lock_guard guard(state_->mutex);
  return state_->crashed;
}

void SimulatedDisk::restart() {
  std::lock_guard guard(state_->mutex);
  state_->crashed = false;
}

void SimulatedDisk::set_capacity(std::uint64_t bytes) {
  std::lock_guard guard(state_->mutex);
  state_->capacity = bytes;
}

std::uint64_t SimulatedDisk::used() const {
  std::lock_guard guard(state_->mutex);
  return state_->used;
}

void SimulatedDisk::overwrite(const std::string& path, std::uint64_t offset,
                              std::string_view bytes) {
  std::lock_guard guard(state_->mutex);
  std::string& content = state_->names.at(normal(path))->content;
  content.replace(offset, bytes.size(), bytes);
}

void SimulatedDisk::cut(const std::string& path, std::uint64_t size) {
  std::lock_guard guard(state_->mutex);
  Inode& inode = *state_->names.at(normal(path));
  inode.content.resize(size);
  inode.synced = std::min<std::size_t>(inode.synced, size);
}

void SimulatedDisk::forget_directory(const std::string& path) {
  std::lock_guard guard(state_->mutex);
  const std::string directory = normal(path);
  const auto is_inside = [&](const std::string& name) { return name.starts_with(directory + "/"); };
  std::erase_if(state_->names, [&](const auto& entry) { return is_inside(entry.first); });
  std::erase_if(state_->directories, is_inside);
  state_->directories.erase(directory);
}

void SimulatedDisk::fail_writes_to(std::string part) {
  std::lock_guard guard(state_->mutex);
  state_->failing = std::move(part);
}

void SimulatedDisk::hold_writes_to(std::string part) {
  std::lock_guard guard(state_->mutex);
  state_->held = std::move(part);
  state_->released.notify_all();
}

DiskResult<DiskSpace> SimulatedDisk::space(const std::string&) const {
  std::lock_guard guard(state_->mutex);
  return DiskSpace{.total = state_->capacity,
                   .free = state_->capacity - std::min(state_->used, state_->capacity)};
}

bool SimulatedDisk::exists(const std::string& path) const {
  std::lock_guard guard(state_->mutex);
  return state_->names.contains(normal(path)) || state_->directories.contains(normal(path));
}

bool SimulatedDisk::is_directory(const std::string& path) const {
  std::lock_guard guard(state_->mutex);
  return state_->directories.contains(normal(path));
}

DiskResult<std::uint64_t> SimulatedDisk::size(const std::string& path) const {
  auto file = open(path);
  if (!file) return std::unexpected(file.error());
  return (*file)->size();
}

DiskResult<std::string> SimulatedDisk::read(const std::string& path) const {
  if (path == boot_id_path) {
    std::lock_guard guard(state_->mutex);
    return std::to_string(state_->power_cuts) + "\n";
  }
  auto file = open(path);
  if (!file) return std::unexpected(file.error());
  return std::string((*file)->bytes());
}

DiskResult<std::shared_ptr<const ReadableFile>> SimulatedDisk::open(const std::string& path) const {
  std::lock_guard guard(state_->mutex);
  if (state_->crashed) return crashed("open", path);
  auto found = state_->names.find(normal(path));
  if (found == state_->names.end()) return not_found("open", path);
  return std::make_shared<Readable>(state_, found->second);
}

DiskResult<std::unique_ptr<WritableFile>> SimulatedDisk::create(const std::string& path) {
  std::lock_guard guard(state_->mutex);
  if (state_->crashed) return crashed("create", path);
  if (state_->fails(path)) return broken("create", path);
  std::string name = normal(path);
  if (!state_->directories.contains(parent_of(name))) return not_found("create", path);
  std::shared_ptr<Inode>& inode = state_->names[name];
  if (inode) state_->used -= inode->content.size();
  inode = std::make_shared<Inode>();
  return std::make_unique<Writable>(state_, inode, name);
}

DiskResult<> SimulatedDisk::write_atomically(const std::string& path, std::string_view bytes) {
  std::string temporary = path + ".tmp";
  auto file = create(temporary);
  if (!file) return std::unexpected(file.error());
  if (auto written = (*file)->write(bytes); !written) return written;
  if (auto synced = (*file)->sync(); !synced) return synced;
  if (auto renamed = rename(temporary, path); !renamed) return renamed;
  return sync_directory(parent_of(normal(path)));
}

DiskResult<> SimulatedDisk::rename(const std::string& from, const std::string& to) {
  std::lock_guard guard(state_->mutex);
  if (state_->crashed) return crashed("rename", from);
  if (state_->directories.contains(normal(from))) {
    const auto child = state_->names.lower_bound(normal(to) + "/");
    if (child != state_->names.end() && child->first.starts_with(normal(to) + "/"))
      return failure(DiskError::Kind::other, "rename", from, "Directory not empty");
    state_->rename_directory(normal(from), normal(to));
    return {};
  }
  auto found = state_->names.find(normal(from));
  if (found == state_->names.end()) return not_found("rename", from);
  std::shared_ptr<Inode> inode = std::move(found->second);
  state_->names.erase(found);
  std::shared_ptr<Inode>& target = state_->names[normal(to)];
  if (target) state_->used -= target->content.size();
  target = std::move(inode);
  return {};
}

DiskResult<> SimulatedDisk::sync_file(const std::string& path) {
  std::lock_guard guard(state_->mutex);
  if (state_->crashed) return crashed("sync", path);
  auto found = state_->names.find(normal(path));
  if (found == state_->names.end()) return not_found("sync", path);
  found->second->synced = found->second->content.size();
  return {};
}

DiskResult<> SimulatedDisk::remove(const std::string& path) {
  std::lock_guard guard(state_->mutex);
  if (state_->crashed) return crashed("remove", path);
  std::string name = normal(path);
  if (auto found = state_->names.find(name); found != state_->names.end()) {
    state_->used -= found->second->content.size();
    state_->names.erase(found);
    return {};
  }
  auto child = state_->names.lower_bound(name + "/");
  if (child != state_->names.end() && child->first.starts_with(name + "/")) {
    return failure(DiskError::Kind::other, "remove", path, "Directory not empty");
  }
  state_->directories.erase(name);
  return {};
}

DiskResult<> SimulatedDisk::create_directories(const std::string& path) {
  std::lock_guard guard(state_->mutex);
  if (state_->crashed) return crashed("create", path);
  for (std::string name = normal(path); state_->directories.insert(name).second;) {
    name = parent_of(name);
  }
  return {};
}

DiskResult<std::vector<std::string>> SimulatedDisk::list(const std::string& path) const {
  std::lock_guard guard(state_->mutex);
  if (state_->crashed) return crashed("list", path);
  std::string directory = normal(path);
  if (!state_->directories.contains(directory)) return not_found("list", path);
  std::set<std::string> found;
  for (const auto& [name, inode] : state_->names) {
    if (parent_of(name) == directory) found.insert(name.substr(name.rfind('/') + 1));
  }
  for (const std::string& name : state_->directories) {
    if (name != directory && parent_of(name) == directory) {
      found.insert(name.substr(name.rfind('/') + 1));
    }
  }
  return std::vector(found.begin(), found.end());
}

DiskResult<> SimulatedDisk::sync_directory(const std::string& path) {
  std::lock_guard guard(state_->mutex);
  if (state_->crashed) return crashed("sync", path);
  std::string directory = normal(path);
  auto in_directory = [&](const auto& entry) { return parent_of(entry.first) == directory; };
  std::erase_if(state_->durable_names, in_directory);
  for (const auto& entry : state_->names) {
    if (in_directory(entry)) state_->durable_names.insert(entry);
  }
  return {};
}

DiskResult<> SimulatedDisk::sync_everything(const std::string& path) {
  std::lock_guard guard(state_->mutex);
  if (state_->crashed) return crashed("sync", path);
  for (auto& [name, inode] : state_->names) inode->synced = inode->content.size();
  state_->durable_names = state_->names;
  return {};
}

DiskResult<std::unique_ptr<FileLock>> SimulatedDisk::lock(const std::string& path) {
  std::lock_guard guard(state_->mutex);
  if (state_->crashed) return crashed("lock", path);
  if (!state_->locks.try_emplace(normal(path)).second) {
    return failure(DiskError::Kind::locked, "lock", path, "another process holds it");
  }
  return std::make_unique<Lock>(state_, normal(path));
}

std::optional<LockHolder> SimulatedDisk::find_lock_holder(const std::string& path) const {
  std::lock_guard guard(state_->mutex);
  auto found = state_->locks.find(normal(path));
  if (found == state_->locks.end()) return std::nullopt;
  // Whoever has it goes on to hold a lock that nobody sees.
  if (!state_->directories.contains(parent_of(found->first))) return std::nullopt;
  return LockHolder{.process_id = 1, .text = found->second};
}

}  // namespace matinee::runtime
