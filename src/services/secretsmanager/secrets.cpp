// Secrets as such: created, changed and described.
#include <fmt/format.h>

#include <algorithm>

#include "secretsmanager/errors.h"
#include "services/secretsmanager/service.h"
#include "services/secretsmanager/stages.h"

namespace matinee::secretsmanager {
namespace {

constexpr std::string_view letters_and_digits =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
constexpr std::size_t suffix_length = 6;

// The default key is as good as none.
std::string asked_key(const std::optional<std::string>& key) {
  if (!key || *key == default_key) return "";
  return *key;
}

RotationRulesType to_rules(const RotationRecord& rotation) {
  RotationRulesType rules{.automatically_after_days = rotation.days};
  if (!rotation.duration.empty()) rules.duration = rotation.duration;
  if (!rotation.schedule.empty()) rules.schedule_expression = rotation.schedule;
  return rules;
}

std::vector<ExternalSecretRotationMetadataItem> to_items(
    const std::vector<std::pair<std::string, std::string>>& data) {
  std::vector<ExternalSecretRotationMetadataItem> items;
  for (const auto& [key, value] : data) items.push_back({.key = key, .value = value});
  return items;
}

// What DescribeSecret and ListSecrets have in common: members that say nothing are absent.
template <class Shown>
Shown describe(const Place& place, const SecretRecord& secret) {
  Shown shown{.arn = secret_arn(place, secret),
              .name = secret.name,
              .last_changed_date = secret.changed,
              .last_accessed_date = secret.accessed,
              .created_date = secret.created};
  if (!secret.type.empty()) shown.type = secret.type;
  if (!secret.description.empty()) shown.description = secret.description;
  if (!secret.key.empty()) shown.kms_key_id = secret.key;
  if (!secret.owner.empty()) shown.owning_service = secret.owner;
  if (!secret.tags.empty()) shown.tags = to_tags(secret);
  if (!secret.primary_region.empty()) shown.primary_region = secret.primary_region;
  shown.deleted_date = secret.deleted;
  if (const auto& rotation = secret.rotation) {
    shown.rotation_enabled = rotation->enabled;
    if (!rotation->function.empty()) shown.rotation_lambda_arn = rotation->function;
    if (rotation->days || !rotation->schedule.empty()) shown.rotation_rules = to_rules(*rotation);
    if (!rotation->partner_role.empty())
      shown.external_secret_rotation_role_arn = rotation->partner_role;
    if (!rotation->partner_data.empty())
      shown.external_secret_rotation_metadata = to_items(rotation->partner_data);
    if (!rotation->enabled) return shown;
    shown.last_rotated_date = rotation->last;
    shown.next_rotation_date = rotation->next;
  }
  return shown;
}

std::optional<std::map<std::string, std::vector<std::string>>> stages_by_version(
    const SecretRecord& secret) {
  std::map<std::string, std::vector<std::string>> stages;
  for (const VersionRecord& version : secret.versions)
    if (!version.stages.empty()) stages.emplace(version.id, stages_of(version));
  if (stages.empty()) return std::nullopt;
  return stages;
}

}  // namespace

SecretListEntry to_list_entry(const Place& place, const SecretRecord& secret) {
  auto entry = describe<SecretListEntry>(place, secret);
  entry.secret_versions_to_stages = stages_by_version(secret);
  return entry;
}

std::string Service::new_suffix() {
  return runtime_.random.text(suffix_length, letters_and_digits);
}

CreateSecretResponse Service::repeat_creation(const Context& context,
                                              const CreateSecretRequest& request, Found found) {
  if (found.secret.deleted)
    throw InvalidRequestException(
        "You can't create this secret because a secret with this name is already scheduled for "
        "deletion.");
  const auto value = given_value(request.secret_string, request.secret_binary);
  const std::string token = request.client_request_token.value_or("");
  const VersionRecord* version = find_version(std::as_const(found.secret), token);
  if (!value || !version ||
      !has_same_value(context, found, {.id = token, .value = *value, .stages = {}}))
    throw ResourceExistsException(
        fmt::format("The operation failed because the secret {} already exists.", request.name));
  return {.arn = secret_arn(found.place, found.secret),
          .name = found.secret.name,
          .version_id = version->id};
}

CreateSecretResponse Service::create_secret(const Context& context,
                                            const CreateSecretRequest& request) {
  require_name(request.name);
  if (request.cross_account_primary_arn)
    throw protocol::ServiceError("NotImplemented", 501,
                                 "Replicas of secrets of other accounts are not served.");
  const std::string token = require_token(request.client_request_token);
  const auto value = given_value(request.secret_string, request.secret_binary);
  const Place place{context.account, context.region};
  if (auto existing = catalog_.find(place, request.name))
    return repeat_creation(context, request, {place, *std::move(existing)});
  Found found{.place = place,
              .secret = {.name = request.name,
                         .suffix = new_suffix(),
                         .description = request.description.value_or(""),
                         .key = asked_key(request.kms_key_id),
                         .type = request.type.value_or(""),
                         .created = now()}};
  if (request.tags) add_tags(*request.tags, found.secret, context);
  if (value) add_version(context, found, {.id = token, .value = *value, .stages = {}});
  save(context, found);
  CreateSecretResponse response{.arn = secret_arn(place, found.secret), .name = request.name};
  if (value) response.version_id = token;
  if (!request.add_replica_regions) return response;
  for (const ReplicaRegionType& target : *request.add_replica_regions)
    replicate(context, found, target, request.force_overwrite_replica_secret.value_or(false));
  response.replication_status = describe_replicas(found.secret, true);
  return response;
}

// The versions that are in use are encrypted with the secret's new key.
void Service::encrypt_again(const Context& context, Found& found) {
  for (VersionRecord& version : found.secret.versions) {
    const auto has = [&](std::string_view stage) {
      return version.stages.contains(std::string(stage));
    };
    if (!version.has_value || !(has(current_stage) || has(previous_stage) || has(pending_stage)))
      continue;
    auto value = catalog_.find_value(found.place, found.secret, version.id);
    if (!value) continue;
    const VersionOf of{found.place, found.secret, version.id};
    value->ciphertext =
        encryption_.encrypt(context, of, encryption_.decrypt(context, of, value->ciphertext));
    version.key = found.secret.key;
    catalog_.put_value(found.place, found.secret.id(), version.id, *value);
  }
}

UpdateSecretResponse Service::update_secret(const Context& context,
                                            const UpdateSecretRequest& request) {
  Found found = require_writable(context, request.secret_id);
  const std::string token = require_token(request.client_request_token);
  const auto value = given_value(request.secret_string, request.secret_binary);
  SecretRecord& secret = found.secret;
  if (request.description) secret.description = *request.description;
  if (request.type) secret.type = *request.type;
  if (request.kms_key_id && asked_key(request.kms_key_id) != secret.key) {
    secret.key = asked_key(request.kms_key_id);
    encrypt_again(context, found);
  }
  UpdateSecretResponse response{.arn = secret_arn(found.place, secret), .name = secret.name};
  if (value) {
    response.version_id = token;
    add_version(context, found, {.id = token, .value = *value, .stages = {}});
  }
  save(context, found);
  return response;
}

DescribeSecretResponse Service::describe_secret(const Context& context,
                                                const DescribeSecretRequest& request) {
  const Found found = require(context, request.secret_id);
  auto response = describe<DescribeSecretResponse>(found.place, found.secret);
  response.version_ids_to_stages = stages_by_version(found.secret);
  if (!found.secret.replicas.empty())
    response.replication_status = describe_replicas(found.secret, false);
  return response;
}

}  // namespace matinee::secretsmanager
