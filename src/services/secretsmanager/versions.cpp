// The versions of a secret, and the labels that tell what they are for.
#include <fmt/format.h>

#include "secretsmanager/errors.h"
#include "services/secretsmanager/service.h"
#include "services/secretsmanager/stages.h"
#include "services/secretsmanager/tokens.h"

namespace matinee::secretsmanager {
namespace {

constexpr std::size_t most_stages = 20;

ResourceNotFoundException no_version(const std::string& id) {
  return ResourceNotFoundException(
      fmt::format("Secrets Manager can't find the specified secret value for VersionId: {}", id));
}

void take_away(SecretRecord& secret, const std::string& stage,
               const std::optional<std::string>& from) {
  if (!from)
    throw InvalidParameterException(
        "You must provide a value for RemoveFromVersionId or MoveToVersionId.");
  VersionRecord* version = find_version(secret, *from);
  if (!version) throw no_version(*from);
  if (stage == current_stage)
    throw InvalidParameterException(
        "You can only move staging label AWSCURRENT to a different secret version. It can't be "
        "completely removed.");
  if (version->stages.erase(stage) == 0)
    throw InvalidParameterException(
        fmt::format("The staging label {} is not attached to version {}.", stage, *from));
}

// Who takes a label from a version has to say from which.
void require_holder(const VersionRecord& holder, const std::string& stage,
                    const std::optional<std::string>& from) {
  if (!from)
    throw InvalidParameterException(fmt::format(
        "The parameter RemoveFromVersionId can't be empty. Staging label {} is currently attached "
        "to version {}, so you must explicitly reference that version in RemoveFromVersionId.",
        stage, holder.id));
  if (*from != holder.id)
    throw InvalidParameterException(fmt::format(
        "The staging label {} is currently attached to version {}, and not to version {} that "
        "RemoveFromVersionId references.",
        stage, holder.id, *from));
}

}  // namespace

UpdateSecretVersionStageResponse Service::update_secret_version_stage(
    const Context& context, const UpdateSecretVersionStageRequest& request) {
  Found found = require_writable(context, request.secret_id);
  SecretRecord& secret = found.secret;
  const std::string& stage = request.version_stage;
  if (!request.move_to_version_id) {
    take_away(secret, stage, request.remove_from_version_id);
  } else {
    const std::string& target = *request.move_to_version_id;
    const VersionRecord* version = find_version(secret, target);
    if (!version) throw no_version(target);
    const VersionRecord* holder = find_stage(secret, stage);
    if (holder && holder != version) require_holder(*holder, stage, request.remove_from_version_id);
    if (!holder && request.remove_from_version_id &&
        !find_version(secret, *request.remove_from_version_id))
      throw no_version(*request.remove_from_version_id);
    move_stage(secret, stage, target);
    if (find_version(secret, target)->stages.size() > most_stages)
      throw LimitExceededException(
          "The request failed because it would exceed one of the Secrets Manager quotas: a version "
          "has at most 20 staging labels.");
  }
  save(context, found);
  return {.arn = secret_arn(found.place, secret), .name = secret.name};
}

ListSecretVersionIdsResponse Service::list_secret_version_ids(
    const Context& context, const ListSecretVersionIdsRequest& request) {
  const Found found = require(context, request.secret_id);
  constexpr std::int32_t most = 100;
  const auto limit = static_cast<std::size_t>(request.max_results.value_or(most));
  const auto after = read_token("versions", request.next_token);
  ListSecretVersionIdsResponse response{.arn = secret_arn(found.place, found.secret),
                                        .name = found.secret.name};
  response.versions.emplace();
  bool started = !after;
  for (const VersionRecord& version : found.secret.versions) {
    const bool is_here = started;
    started = started || version.id == *after;
    const bool deprecated = version.stages.empty();
    if (!is_here || !version.has_value ||
        (deprecated && !request.include_deprecated.value_or(false)))
      continue;
    if (response.versions->size() == limit) {
      response.next_token = make_token("versions", *response.versions->back().version_id);
      break;
    }
    SecretVersionsListEntry entry{.version_id = version.id,
                                  .last_accessed_date = version.accessed,
                                  .created_date = version.created};
    entry.kms_key_ids = {{version.key.empty() ? "DefaultEncryptionKey" : version.key}};
    if (!deprecated) entry.version_stages = stages_of(version);
    response.versions->push_back(std::move(entry));
  }
  return response;
}

}  // namespace matinee::secretsmanager
