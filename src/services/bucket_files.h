// How a service works with the objects of a bucket that its caller names: listed, read piece by
// piece and written, by the typed client, as that caller.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/task.h"
#include "services/context.h"

namespace matinee::services {

struct BucketFile {
  std::string key;
  std::uint64_t size = 0;
};

/// A part of an object. With an ETag it is of that very object, or PreconditionFailed is thrown.
struct FilePart {
  std::string bucket;
  std::string key;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  std::string etag = {};
};

struct ReadPart {
  std::string bytes;
  std::string etag;
};

/// Which objects: those whose keys begin so, after one of them.
struct BucketPlace {
  std::string bucket;
  std::string prefix;
  std::string after = {};
};

struct FileToWrite {
  std::string bucket;
  std::string key;
  std::string body;
};

class BucketFiles {
 public:
  virtual ~BucketFiles() = default;

  // All throw S3's errors.

  /// The next up to a thousand objects in the order of their keys; none at the end.
  virtual runtime::Task<std::vector<BucketFile>> list(Context caller, BucketPlace place) = 0;
  virtual runtime::Task<ReadPart> read(Context caller, FilePart part) = 0;
  /// Gives the ETag, without quotes.
  virtual runtime::Task<std::string> write(Context caller, FileToWrite file) = 0;
};

}  // namespace matinee::services
