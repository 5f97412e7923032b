#include "services/kms/due_keys.h"

#include "services/due_scan.h"
#include "services/kms/catalog.h"

namespace matinee::kms {

namespace {

std::string_view to_words(Due kind) {
  switch (kind) {
    case Due::deletion:
      return "the key is deleted";
    case Due::rotation:
      return "the key is rotated";
    case Due::expiry:
      return "the key's imported material expires";
    case Due::creation:
      return "the key can be used";
  }
  return "";
}

}  // namespace

runtime::Task<std::vector<services::DueThing>> DueKeys::due(services::DueQuery query,
                                                            runtime::Turns& turns) const {
  const storage::KeyRange range =
      due_.from(due_.all(), {query.now + runtime::Duration(1), "", "", "", Due::deletion});
  const auto tell = [query](const auto& place) -> std::optional<services::DueThing> {
    const DueTable::KeyType key = place.key();
    if (!services::is_asked_for(key, query)) return std::nullopt;
    const auto& [at, account, region, id, kind] = key;
    const Key named{.name = {.account = account, .region = region, .id = id}, .record = {}};
    return services::DueThing{
        .at = at, .what = std::string(to_words(kind)), .resource = named.arn()};
  };
  return services::scan_due(due_.cursor(range), query.most, turns, tell);
}

}  // namespace matinee::kms
