// Multi-region keys: one key, with the same id and material, in several regions of this cloud. What
// they share follows the primary; policy, tags, aliases and state are each one's own.
#include <fmt/format.h>

#include "services/kms/rules.h"
#include "services/kms/service.h"

namespace matinee::kms {

namespace {

/// AWS takes some seconds; whoever uses the replica at once fails there, and here.
constexpr std::chrono::milliseconds creation_takes{500};

void require_primary(const Key& key) {
  if (!key.record.is_multi_region || key.record.primary_region != key.name.region)
    throw UnsupportedOperationException(
        fmt::format("{} is not a multi-region primary key.", key.arn()));
}

}  // namespace

ReplicateKeyResponse Service::replicate_key(const Context& context,
                                            const ReplicateKeyRequest& request) {
  Key key = require_own(context, request.key_id, "ReplicateKey");
  require_state(key, {State::enabled});
  require_primary(key);
  Key replica = key;
  replica.name.region = request.replica_region;
  if (partition_of(replica.name.region) != partition_of(key.name.region))
    refuse(fmt::format("Invalid region {}", replica.name.region));
  if (replica.name.region == key.name.region || catalog_.find(replica.name))
    throw AlreadyExistsException(
        fmt::format("{} already exists in region {}.", key.arn(), replica.name.region));
  DetailsRecord details{.description = request.description.value_or(""),
                        .policy = request.policy.value_or(default_policy(replica.name)),
                        .tags = {}};
  if (request.policy)
    require_policy(context, replica, *request.policy,
                   request.bypass_policy_lockout_safety_check.value_or(false));
  if (request.tags) add_tags(details.tags, *request.tags, context);
  key.record.replica_regions.push_back(replica.name.region);
  catalog_.put(key);
  replica.record.created = clock_.now();
  replica.record.state = State::creating;
  replica.record.replica_regions.clear();
  replica.record.current = 0;
  replica.record.last = 0;
  replica.record.grants = 0;
  if (!key.record.is_external) copy_material(key, replica);
  add_key(replica, details);
  schedule(replica.name, replica.record.created + creation_takes, Due::creation);
  ReplicateKeyResponse response;
  response.replica_key_metadata = describe(replica);
  response.replica_policy = details.policy;
  if (request.tags && !request.tags->empty()) response.replica_tags = list_tags(details.tags);
  return response;
}

/// Of a key that was made here; imported material has to be brought to each region.
void Service::copy_material(const Key& from, Key& to) {
  for (const auto& [number, material] : catalog_.materials(from.name))
    catalog_.put_material(to.name, number, material);
  to.record.current = from.record.current;
  to.record.last = from.record.last;
}

UpdatePrimaryRegionResponse Service::update_primary_region(
    const Context& context, const UpdatePrimaryRegionRequest& request) {
  Key key = require_own(context, request.key_id, "UpdatePrimaryRegion");
  require_state(key, {State::enabled, State::disabled, State::pending_import});
  require_primary(key);
  if (request.primary_region == key.name.region)
    throw UnsupportedOperationException(fmt::format("{} is already the primary key.", key.arn()));
  std::optional<Key> next = catalog_.find({key.name.account, request.primary_region, key.name.id});
  if (!next)
    throw NotFoundException(fmt::format(
        "Key '{}' does not exist",
        Key{.name = {key.name.account, request.primary_region, key.name.id}, .record = {}}.arn()));
  require_state(*next, {State::enabled, State::disabled, State::pending_import});
  for (Key& other : related(key)) {
    if (other.name == next->name) continue;
    other.record.primary_region = next->name.region;
    catalog_.put(other);
  }
  next->record.primary_region = next->name.region;
  next->record.replica_regions = key.record.replica_regions;
  std::erase(next->record.replica_regions, next->name.region);
  next->record.replica_regions.push_back(key.name.region);
  next->record.on_demand_rotations = key.record.on_demand_rotations;
  key.record.primary_region = next->name.region;
  key.record.replica_regions.clear();
  if (key.record.next_rotation) {
    unschedule(key.name, key.record.next_rotation, Due::rotation);
    schedule(next->name, *key.record.next_rotation, Due::rotation);
  }
  catalog_.put(key);
  catalog_.put(*next);
  return {};
}

}  // namespace matinee::kms
