// Files below a folder or below a prefix of a bucket, in one way for both.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "jobs/tables/place.h"
#include "runtime/folders.h"
#include "runtime/runtime.h"
#include "runtime/task.h"
#include "s3/client.h"

namespace matinee::jobs::tables {

struct FoundFile {
  std::string name;  // from the root, with slashes
  std::uint64_t size = 0;
};

/// The content of a file, one piece after the other.
class FileBytes {
 public:
  virtual ~FileBytes() = default;
  /// Empty at the end.
  virtual runtime::Task<std::string> next() = 0;
};

/// Everything throws JobError, whose what() is a sentence, where it cannot be done. A name may
/// begin with "../": beside the root.
class Files {
 public:
  virtual ~Files() = default;

  /// All files below the root in the order of their names; nothing where there is no such root.
  virtual runtime::Task<std::vector<FoundFile>> list() = 0;
  virtual runtime::Task<std::optional<std::uint64_t>> find_size(std::string name) = 0;
  virtual runtime::Task<std::string> read(std::string name) = 0;
  virtual runtime::Task<std::unique_ptr<FileBytes>> open(FoundFile file) = 0;
  /// A file that is there is replaced.
  virtual runtime::Task<> write(std::string name, std::string bytes) = 0;
  virtual runtime::Task<> remove(std::string name) = 0;
  /// For sentences.
  virtual std::string full_name(const std::string& name) const = 0;
};

/// What files are reached with; all must outlive them.
struct FileAccess {
  runtime::Runtime& runtime;
  runtime::Folders& folders;
  s3::Client s3;
  std::string cloud;  // for sentences
};

/// Of a folder or a prefix; not of standard output.
std::unique_ptr<Files> open_files(FileAccess& access, const Place& root);
std::unique_ptr<Files> open_folder(FileAccess& access, std::string folder);
std::unique_ptr<Files> open_prefix(FileAccess& access, std::string bucket, std::string prefix);

}  // namespace matinee::jobs::tables
