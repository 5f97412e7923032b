#include "services/iam/key_ring.h"

#include <mutex>

namespace matinee::iam {

std::optional<services::AccessKeyOwner> KeyRing::find(std::string_view access_key) const {
  const Shard& shard = shard_of(access_key);
  const std::shared_lock lock(shard.mutex);
  const auto found = shard.keys.find(std::string(access_key));
  if (found == shard.keys.end()) return std::nullopt;
  return found->second;
}

void KeyRing::put(const std::string& access_key, services::AccessKeyOwner owner) {
  Shard& shard = shard_of(access_key);
  const std::unique_lock lock(shard.mutex);
  shard.keys.insert_or_assign(access_key, std::move(owner));
}

void KeyRing::erase(const std::string& access_key) {
  Shard& shard = shard_of(access_key);
  const std::unique_lock lock(shard.mutex);
  shard.keys.erase(access_key);
}

void KeyRing::remove_all(const services::ResetScope& scope) {
  for (Shard& shard : shards_) {
    const std::unique_lock lock(shard.mutex);
    std::erase_if(shard.keys, [&](const auto& key) { return scope.covers(key.second.account); });
  }
}

}  // namespace matinee::iam
