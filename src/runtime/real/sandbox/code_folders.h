// The folders in which a server keeps what functions consist of, for as long as somebody holds
// them, and no longer than it runs itself.
#pragma once

#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/loop.h"
#include "runtime/real/sandbox/packets.h"
#include "runtime/sandbox.h"
#include "runtime/workers.h"

namespace matinee::runtime {

/// A folder of this server's own below another one, locked for as long as the server lives. What
/// servers have left there that live no more is removed.
class RunFolder {
 public:
  /// Makes it. Where that fails its path is empty, and `failure` a sentence.
  explicit RunFolder(const std::string& parent);
  ~RunFolder();
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;

  const std::string& path() const { return path_; }
  const std::string& failure() const { return failure_; }

 private:
  std::string path_;
  std::string failure_;
  OwnedDescriptor lock_;
};

/// On the state thread.
class CodeFolders {
 public:
  using Folder = std::shared_ptr<CodeFolder>;
  using Done = std::move_only_function<void(std::expected<Folder, std::string>)>;

  /// Below `parent`, from when the first one is needed.
  CodeFolders(Loop& loop, Workers& workers, std::string parent);
  ~CodeFolders();

  void unpack(const std::string& id, ReadArchive read, Done done);
  Folder find(const std::string& id) const;
  /// One folder in which the later ones cover the earlier ones; the same one for the same folders.
  /// At once where it is there already.
  void merge(const std::vector<Folder>& folders, Done done);

  /// Of this server; made when first asked for.
  const RunFolder& run_folder();

 private:
  /// What is being made, or was, and who waits for it.
  struct Entry {
    std::weak_ptr<CodeFolder> folder;
    std::vector<Done> waiting;
    bool is_being_made = false;
  };
  using Work = std::move_only_function<std::expected<void, std::string>(const std::string& path)>;

  Loop& loop_;
  Workers& workers_;
  std::string parent_;
  std::unique_ptr<RunFolder> run_folder_;
  std::map<std::string, Entry> entries_;
  std::uint64_t last_number_ = 0;
  std::shared_ptr<bool> lives_ = std::make_shared<bool>(true);

  void make(const std::string& id, Work work, Done done);
  void finish(const std::string& id, const std::string& path,
              std::expected<void, std::string> result);
};

}  // namespace matinee::runtime
