// How a service writes objects into buckets: S3, by the typed client, in that service's name.
#pragma once

#include <string>

#include "runtime/task.h"

namespace matinee::services {

struct ObjectToWrite {
  std::string account;
  std::string region;
  std::string bucket;
  std::string key;
  std::string body;
  std::string content_type;
  std::string service_principal;  // "logs.us-east-1.amazonaws.com"
  std::string source_arn;
};

class ObjectWriter {
 public:
  virtual ~ObjectWriter() = default;

  /// Ends once S3 has it. Throws S3's error.
  virtual runtime::Task<> write(ObjectToWrite object) = 0;
};

}  // namespace matinee::services
