// How a service reads an object that its caller names: S3, by the typed client, as that caller.
#pragma once

#include <cstdint>
#include <string>

#include "runtime/task.h"
#include "services/context.h"

namespace matinee::services {

struct ObjectToRead {
  std::string bucket;
  std::string key;
  std::string version = {};  // empty: the newest
  std::uint64_t most_bytes = 0;
};

class ObjectReader {
 public:
  virtual ~ObjectReader() = default;

  /// The whole content. Throws S3's error, and ServiceError "EntityTooLarge" for one that has more
  /// bytes than asked for.
  virtual runtime::Task<std::string> read(Context caller, ObjectToRead object) = 0;
};

}  // namespace matinee::services
