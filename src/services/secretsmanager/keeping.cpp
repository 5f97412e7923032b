// Secrets that other services keep here.
#include "services/secretsmanager/names.h"
#include "services/secretsmanager/service.h"
#include "services/secretsmanager/stages.h"

namespace matinee::secretsmanager {

std::string Service::keep_secret(const Context& context, const services::KeptSecret& kept) {
  const Place place{context.account, context.region};
  Found found{.place = place};
  if (auto existing = catalog_.find(place, kept.name)) {
    found.secret = *std::move(existing);
  } else {
    found.secret = {
        .name = kept.name, .suffix = new_suffix(), .created = now(), .owner = kept.owner};
  }
  found.secret.key = kept.key;
  add_version(context, found,
              {.id = runtime_.random.uuid(), .value = {.bytes = kept.text}, .stages = {}});
  save(context, found);
  return secret_arn(place, found.secret);
}

std::optional<std::string> Service::kept_secret(const Context& context, const std::string& name) {
  const Place place{context.account, context.region};
  const auto secret = catalog_.find(place, name);
  if (!secret) return std::nullopt;
  for (const VersionRecord& version : secret->versions) {
    if (!version.stages.contains(std::string(current_stage))) continue;
    const auto value = catalog_.find_value(place, *secret, version.id);
    if (!value) return std::nullopt;
    return encryption_.decrypt(context, {place, *secret, version.id}, value->ciphertext);
  }
  return std::nullopt;
}

void Service::drop_secret(const Context& context, const std::string& name) {
  const Place place{context.account, context.region};
  if (const auto secret = catalog_.find(place, name)) catalog_.erase(place, *secret);
}

}  // namespace matinee::secretsmanager
