// Names of streams by their numbers, while many events are looked through.
#pragma once

#include <unordered_map>

#include "services/logs/catalog/catalog.h"

namespace matinee::logs {

class StreamNames {
 public:
  StreamNames(const Catalog& catalog, GroupNumber group) : catalog_(catalog), group_(group) {}

  /// Null for a stream that was deleted. Until the next call.
  const std::string* find(StreamNumber number) {
    auto known = names_.find(number);
    if (known == names_.end()) {
      if (names_.size() >= most_names) names_.clear();
      known = names_.emplace(number, catalog_.stream_names.find({group_, number})).first;
    }
    return known->second ? &*known->second : nullptr;
  }

 private:
  static constexpr std::size_t most_names = 10'000;

  const Catalog& catalog_;
  GroupNumber group_;
  std::unordered_map<StreamNumber, std::optional<std::string>> names_;
};

}  // namespace matinee::logs
