// Policies of streams, as decisions see them. A policy is kept with its stream.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>

#include "policy/document.h"
#include "services/dynamodb/change_log.h"

namespace matinee::dynamodb {

class StreamPolicies {
 public:
  /// Null where the stream is not there, or has none.
  std::shared_ptr<const policy::Document> find(const ChangeLog& changes, const StreamKey& key);

 private:
  struct Parsed {
    std::int64_t revision = 0;
    std::shared_ptr<const policy::Document> document;
  };
  /// By the stream's number, as they were read last.
  std::unordered_map<std::uint64_t, Parsed> parsed_;
};

}  // namespace matinee::dynamodb
