// The access keys of users in memory, for the threads that check signatures. Changed by the state
// thread when what it has done to the tables is committed.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "services/access_keys.h"
#include "services/reset.h"

namespace matinee::iam {

class KeyRing final : public services::AccessKeys {
 public:
  std::optional<services::AccessKeyOwner> find(std::string_view access_key) const override;

  void put(const std::string& access_key, services::AccessKeyOwner owner);
  void erase(const std::string& access_key);
  void remove_all(const services::ResetScope& scope);

 private:
  /// Readers of one do not wait for writers of another.
  struct Shard {
    mutable std::shared_mutex mutex;
    std::unordered_map<std::string, services::AccessKeyOwner> keys;
  };
  std::array<Shard, 16> shards_;

  const Shard& shard_of(std::string_view access_key) const {
    return shards_[std::hash<std::string_view>()(access_key) % shards_.size()];
  }
  Shard& shard_of(std::string_view access_key) {
    return shards_[std::hash<std::string_view>()(access_key) % shards_.size()];
  }
};

}  // namespace matinee::iam
