#include "services/secretsmanager/due_secrets.h"

#include <algorithm>

#include "services/due_scan.h"
#include "services/secretsmanager/encryption.h"

namespace matinee::secretsmanager {

namespace {

std::string what_of(const SecretRecord& secret) {
  if (secret.deleted) return "the secret is deleted for good";
  return secret.rotation && secret.rotation->run ? "a step of the secret's rotation is taken"
                                                 : "the secret is rotated";
}

}  // namespace

runtime::Task<std::vector<services::DueThing>> DueSecrets::due(services::DueQuery query,
                                                               runtime::Turns& turns) const {
  const auto tell = [this, query](const auto& place) -> std::optional<services::DueThing> {
    const Endings::KeyType key = place.key();
    if (!services::is_asked_for(key, query)) return std::nullopt;
    const auto& [at, account, region, name] = key;
    const auto secret = secrets_.find(Place{account, region}, name);
    if (!secret) return std::nullopt;  // it has gone since the cursor was made
    return services::DueThing{
        .at = at, .what = what_of(*secret), .resource = secret_arn({account, region}, *secret)};
  };
  const auto begin = [&query](const ByTime& table) {
    return table.cursor(table.from(table.all(), {query.now + runtime::Duration(1), "", "", ""}));
  };
  std::vector<services::DueThing> found =
      co_await services::scan_due(begin(endings_), query.most, turns, tell);
  std::ranges::move(co_await services::scan_due(begin(rotations_), query.most, turns, tell),
                    std::back_inserter(found));
  services::keep_earliest(found, query.most);
  co_return found;
}

}  // namespace matinee::secretsmanager
