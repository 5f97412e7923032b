// Keys whose material comes from outside: wrapped for them, perhaps for a time only.
#include <fmt/format.h>

#include "services/kms/rules.h"
#include "services/kms/service.h"

namespace matinee::kms {

bool Service::is_complete(const Key& key) const {
  if (key.record.current == 0) return false;
  for (const auto& [number, material] : catalog_.materials(key.name))
    if (material.sealed.empty() && !material.is_waiting) return false;
  return true;
}

void Service::forget_material(Key& key, std::uint32_t number) {
  std::optional<MaterialRecord> material = catalog_.find_material(key.name, number);
  if (!material) return;
  unschedule(key.name, material->expires_at, Due::expiry);
  if (material->is_waiting) {
    catalog_.remove_material(key.name, number);
    return;
  }
  material->sealed.clear();
  material->expires_at.reset();
  catalog_.put_material(key.name, number, *material);
  if (key.record.state != State::enabled && key.record.state != State::disabled) return;
  key.record.state = State::pending_import;
  catalog_.put(key);
}

/// All that has expired by now.
void Service::expire_material(Key key) {
  const runtime::Time now = clock_.now();
  for (const auto& [number, material] : catalog_.materials(key.name))
    if (material.expires_at && *material.expires_at <= now) forget_material(key, number);
}

}  // namespace matinee::kms
