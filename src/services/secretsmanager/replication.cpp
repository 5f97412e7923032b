// Copies of a secret in other regions of its account, which follow it.
#include <fmt/format.h>

#include <algorithm>

#include "secretsmanager/errors.h"
#include "services/secretsmanager/service.h"
#include "services/secretsmanager/stages.h"

namespace matinee::secretsmanager {
namespace {

void require_target(const Found& found, const ReplicaRegionType& target) {
  if (!target.region || *target.region == found.place.region)
    throw InvalidParameterException("Invalid replica region.");
}

}  // namespace

std::vector<ReplicationStatusType> describe_replicas(const SecretRecord& secret, bool in_progress) {
  std::vector<ReplicationStatusType> shown;
  for (const ReplicaRecord& replica : secret.replicas) {
    ReplicationStatusType status{
        .region = replica.region,
        .kms_key_id = replica.key.empty() ? std::string(default_key) : replica.key};
    // A new copy is on its way for those who have asked for it, and there for all who ask later.
    status.status = replica.failed ? "Failed" : in_progress ? "InProgress" : "InSync";
    if (!in_progress)
      status.status_message = replica.failed ? replica.message : "Replication succeeded";
    shown.push_back(std::move(status));
  }
  return shown;
}

void Service::update_replica(const Context& context, const Found& found,
                             const ReplicaRecord& replica) {
  const SecretRecord& primary = found.secret;
  const Place place{found.place.account, replica.region};
  SecretRecord copy = primary;
  copy.replicas.clear();
  copy.rotation.reset();
  copy.key = replica.key;
  const auto before = catalog_.find(place, primary.name);
  copy.accessed = before ? before->accessed : std::nullopt;
  for (VersionRecord& version : copy.versions) {
    version.key = replica.key;
    version.accessed.reset();
    const VersionRecord* old = before ? find_version(*before, version.id) : nullptr;
    if (old) version.accessed = old->accessed;
    if (!version.has_value || catalog_.find_value(place, copy, version.id)) continue;
    auto value = catalog_.find_value(found.place, primary, version.id);
    if (!value) continue;
    const std::string plain =
        encryption_.decrypt(context, {found.place, primary, version.id}, value->ciphertext);
    value->ciphertext = encryption_.encrypt(context, {place, copy, version.id}, plain);
    catalog_.put_value(place, copy.id(), version.id, *value);
  }
  catalog_.put(place, copy);
}

void Service::replicate(const Context& context, Found& found, const ReplicaRegionType& target,
                        bool overwrite) {
  require_target(found, target);
  auto& replicas = found.secret.replicas;
  const auto known = std::ranges::find(replicas, *target.region, &ReplicaRecord::region);
  if (known != replicas.end() && !known->failed) return;
  if (known != replicas.end()) replicas.erase(known);
  ReplicaRecord replica{.region = *target.region};
  if (target.kms_key_id && *target.kms_key_id != default_key) replica.key = *target.kms_key_id;
  found.secret.primary_region = found.place.region;
  const Place place{found.place.account, replica.region};
  const auto existing = catalog_.find(place, found.secret.name);
  if (existing && !overwrite) {
    replica.failed = true;
    replica.message = fmt::format("Replication failed: Secret name {} already exists in region {}.",
                                  found.secret.name, replica.region);
  } else {
    if (existing) catalog_.erase(place, *existing);
    update_replica(context, found, replica);
  }
  replicas.push_back(std::move(replica));
  catalog_.put(found.place, found.secret);
}

ReplicateSecretToRegionsResponse Service::replicate_secret_to_regions(
    const Context& context, const ReplicateSecretToRegionsRequest& request) {
  Found found = require_writable(context, request.secret_id);
  for (const ReplicaRegionType& target : request.add_replica_regions)
    replicate(context, found, target, request.force_overwrite_replica_secret.value_or(false));
  return {.arn = secret_arn(found.place, found.secret),
          .replication_status = describe_replicas(found.secret, true)};
}

RemoveRegionsFromReplicationResponse Service::remove_regions_from_replication(
    const Context& context, const RemoveRegionsFromReplicationRequest& request) {
  Found found = require_writable(context, request.secret_id);
  auto& replicas = found.secret.replicas;
  for (const std::string& region : request.remove_replica_regions) {
    const auto known = std::ranges::find(replicas, region, &ReplicaRecord::region);
    if (known == replicas.end()) throw InvalidParameterException("Invalid replica region.");
    const Place place{found.place.account, region};
    const auto copy = known->failed ? std::nullopt : catalog_.find(place, found.secret.name);
    if (copy) catalog_.erase(place, *copy);
    replicas.erase(known);
  }
  if (replicas.empty()) found.secret.primary_region.clear();
  save(context, found);
  return {.arn = secret_arn(found.place, found.secret),
          .replication_status = describe_replicas(found.secret, false)};
}

StopReplicationToReplicaResponse Service::stop_replication_to_replica(
    const Context& context, const StopReplicationToReplicaRequest& request) {
  Found found = require_live(context, request.secret_id);
  SecretRecord& secret = found.secret;
  if (!secret.is_replica(found.place.region))
    throw InvalidRequestException("The secret is not a replica.");
  Found primary{.place = {found.place.account, secret.primary_region}};
  if (auto record = catalog_.find(primary.place, secret.name)) {
    primary.secret = *std::move(record);
    std::erase_if(primary.secret.replicas, [&](const ReplicaRecord& replica) {
      return replica.region == found.place.region;
    });
    if (primary.secret.replicas.empty()) primary.secret.primary_region.clear();
    save(context, primary);
  }
  secret.primary_region.clear();
  save(context, found);
  return {.arn = secret_arn(found.place, secret)};
}

}  // namespace matinee::secretsmanager
