#include "services/secretsmanager/stages.h"

#include <algorithm>

namespace matinee::secretsmanager {

VersionRecord* find_version(SecretRecord& secret, std::string_view id) {
  const auto found = std::ranges::find(secret.versions, id, &VersionRecord::id);
  return found == secret.versions.end() ? nullptr : &*found;
}

const VersionRecord* find_version(const SecretRecord& secret, std::string_view id) {
  const auto found = std::ranges::find(secret.versions, id, &VersionRecord::id);
  return found == secret.versions.end() ? nullptr : &*found;
}

const VersionRecord* find_stage(const SecretRecord& secret, std::string_view stage) {
  const auto found = std::ranges::find_if(secret.versions, [&](const VersionRecord& version) {
    return version.stages.contains(std::string(stage));
  });
  return found == secret.versions.end() ? nullptr : &*found;
}

void remove_stage(SecretRecord& secret, std::string_view stage) {
  for (VersionRecord& version : secret.versions) version.stages.erase(std::string(stage));
}

void move_stage(SecretRecord& secret, const std::string& stage, std::string_view version) {
  const VersionRecord* holder = find_stage(secret, stage);
  if (holder && holder->id == version) return;
  const std::string before = holder ? holder->id : "";
  remove_stage(secret, stage);
  find_version(secret, version)->stages.insert(stage);
  if (stage != current_stage || before.empty()) return;
  remove_stage(secret, previous_stage);
  find_version(secret, before)->stages.emplace(previous_stage);
}

}  // namespace matinee::secretsmanager
