// The values of secrets: written as versions, and read.
#include <fmt/format.h>

#include <algorithm>

#include "secretsmanager/errors.h"
#include "services/secretsmanager/filters.h"
#include "services/secretsmanager/service.h"
#include "services/secretsmanager/stages.h"
#include "services/secretsmanager/tokens.h"

namespace matinee::secretsmanager {
namespace {

constexpr std::size_t kept_versions = 100;
constexpr std::size_t most_versions = 500;
constexpr std::size_t most_stages = 20;
constexpr std::chrono::hours kept_for(24);

// The account's own key for the service is for nobody else.
void require_own_key(const Context& context, const Found& found) {
  if (found.place.account == context.account || !found.secret.key.empty()) return;
  throw InvalidRequestException(
      "You can't access a secret from a different AWS account if you encrypt the secret with the "
      "default KMS service key.");
}

}  // namespace

bool Service::has_same_value(const Context& context, const Found& found,
                             const NewVersion& version) const {
  const auto stored = catalog_.find_value(found.place, found.secret, version.id);
  return stored && stored->binary == version.value.binary &&
         encryption_.decrypt(context, {found.place, found.secret, version.id},
                             stored->ciphertext) == version.value.bytes;
}

bool Service::add_version(const Context& context, Found& found, const NewVersion& given) {
  SecretRecord& secret = found.secret;
  VersionRecord* version = find_version(secret, given.id);
  if (version && version->has_value) {
    if (has_same_value(context, found, given)) return false;
    throw ResourceExistsException(fmt::format(
        "You can't use ClientRequestToken {} because that value is already in use for a version of "
        "secret {}.",
        given.id, secret_arn(found.place, secret)));
  }
  const bool first = secret.versions.empty();
  if (!version) version = &secret.versions.emplace_back(VersionRecord{.id = given.id});
  version->created = now();
  version->has_value = true;
  version->key = secret.key;
  catalog_.put_value(found.place, secret.id(), given.id,
                     {.ciphertext = encryption_.encrypt(context, {found.place, secret, given.id},
                                                        given.value.bytes),
                      .binary = given.value.binary});
  // A label that AWSCURRENT moves by itself must not take back what was asked for.
  const bool is_current = given.stages.empty() || first ||
                          std::ranges::find(given.stages, current_stage) != given.stages.end();
  if (is_current) move_stage(secret, std::string(current_stage), given.id);
  // Documented: where rotation is counted in days, a value that is set by hand is a rotation too.
  if (is_current && secret.rotation && secret.rotation->enabled && secret.rotation->days)
    plan_rotation(*secret.rotation);
  for (const std::string& stage : given.stages)
    if (stage != current_stage) move_stage(secret, stage, given.id);
  drop_old_versions(found);
  return true;
}

// Versions without a label are kept for a day, and as long as there are not more than a hundred.
void Service::drop_old_versions(Found& found) {
  auto& versions = found.secret.versions;
  const runtime::Time limit = now() - kept_for;
  for (auto version = versions.begin();
       versions.size() > kept_versions && version != versions.end();) {
    if (!version->stages.empty() || version->created > limit) {
      ++version;
      continue;
    }
    catalog_.erase_value(found.place, found.secret, version->id);
    version = versions.erase(version);
  }
  if (versions.size() > most_versions)
    throw LimitExceededException(
        "The request failed because it would exceed one of the Secrets Manager quotas: there are "
        "too many versions of the secret.");
}

PutSecretValueResponse Service::put_secret_value(const Context& context,
                                                 const PutSecretValueRequest& request) {
  Found found = require_writable(context, request.secret_id);
  const std::string token = require_token(request.client_request_token);
  const auto value = given_value(request.secret_string, request.secret_binary);
  if (!value)
    throw InvalidRequestException("You must provide either SecretString or SecretBinary.");
  require_own_key(context, found);
  NewVersion version{.id = token, .value = *value};
  if (request.version_stages) version.stages = *request.version_stages;
  if (add_version(context, found, version)) save(context, found);
  const VersionRecord& added = *find_version(found.secret, token);
  if (added.stages.size() > most_stages)
    throw LimitExceededException(
        "The request failed because it would exceed one of the Secrets Manager quotas: a version "
        "has at most 20 staging labels.");
  return {.arn = secret_arn(found.place, found.secret),
          .name = found.secret.name,
          .version_id = token,
          .version_stages = stages_of(added)};
}

const VersionRecord& Service::require_version(const Found& found,
                                              const GetSecretValueRequest& request) {
  const SecretRecord& secret = found.secret;
  if (request.version_id) {
    const VersionRecord* version = find_version(secret, *request.version_id);
    if (!version || !version->has_value)
      throw ResourceNotFoundException(
          fmt::format("Secrets Manager can't find the specified secret value for VersionId: {}",
                      *request.version_id));
    if (request.version_stage && !version->stages.contains(*request.version_stage))
      throw InvalidRequestException(
          "You provided a VersionStage that is not associated to the provided VersionId.");
    return *version;
  }
  const std::string stage = request.version_stage.value_or(std::string(current_stage));
  const VersionRecord* version = find_stage(secret, stage);
  if (!version || !version->has_value)
    throw ResourceNotFoundException(fmt::format(
        "Secrets Manager can't find the specified secret value for staging label: {}", stage));
  return *version;
}

// AWS remembers the day only; so most reads write nothing.
void Service::note_access(Found& found, const std::string& id) {
  const runtime::Time today = std::chrono::floor<std::chrono::days>(runtime_.clock.now());
  VersionRecord& version = *find_version(found.secret, id);
  if (found.secret.accessed == today && version.accessed == today) return;
  found.secret.accessed = today;
  version.accessed = today;
  catalog_.put(found.place, found.secret);
}

GetSecretValueResponse Service::read(const Context& context, const GetSecretValueRequest& request) {
  Found found = require_live(context, request.secret_id);
  require_own_key(context, found);
  const VersionRecord version = require_version(found, request);
  GetSecretValueResponse response{.arn = secret_arn(found.place, found.secret),
                                  .name = found.secret.name,
                                  .version_id = version.id,
                                  .created_date = version.created};
  if (!version.stages.empty()) response.version_stages = stages_of(version);
  const auto value = catalog_.find_value(found.place, found.secret, version.id);
  if (!value) throw InternalServiceError("The value of the secret is missing.");
  std::string bytes =
      encryption_.decrypt(context, {found.place, found.secret, version.id}, value->ciphertext);
  if (value->binary)
    response.secret_binary = protocol::Blob{std::move(bytes)};
  else
    response.secret_string = std::move(bytes);
  note_access(found, version.id);
  return response;
}

GetSecretValueResponse Service::get_secret_value(const Context& context,
                                                 const GetSecretValueRequest& request) {
  return read(context, request);
}

std::optional<services::SecretText> Service::read_secret(const Context& context,
                                                         const services::SecretQuery& query) {
  GetSecretValueRequest request{.secret_id = query.secret};
  if (!query.version_id.empty()) request.version_id = query.version_id;
  if (!query.stage.empty()) request.version_stage = query.stage;
  require_permission(context, request);
  try {
    const GetSecretValueResponse found = read(context, request);
    if (!found.secret_string) return std::nullopt;
    return services::SecretText{.arn = *found.arn,
                                .name = *found.name,
                                .version_id = *found.version_id,
                                .text = *found.secret_string,
                                .stages = found.version_stages.value_or(std::vector<std::string>{}),
                                .created = *found.created_date};
  } catch (const ResourceNotFoundException&) {
    return std::nullopt;
  } catch (const InvalidRequestException&) {
    return std::nullopt;  // marked for deletion
  }
}

BatchGetSecretValueResponse Service::batch_get_secret_value(
    const Context& context, const BatchGetSecretValueRequest& request) {
  if (request.secret_id_list.has_value() == request.filters.has_value())
    throw InvalidParameterException(
        "Either 'SecretIdList' or 'Filters' must be provided, but not both.");
  if (request.max_results && !request.filters)
    throw InvalidParameterException(
        "'Filters' not specified. 'Filters' must also be specified when 'MaxResults' is provided.");
  BatchGetSecretValueResponse response;
  response.secret_values.emplace();
  response.errors.emplace();
  std::vector<std::string> ids;
  if (request.filters) {
    constexpr std::int32_t most = 20;
    const ListSecretsResponse page =
        list_secrets(context, {.max_results = std::min(request.max_results.value_or(most), most),
                               .next_token = request.next_token,
                               .filters = request.filters});
    for (const SecretListEntry& entry : *page.secret_list) ids.push_back(*entry.arn);
    response.next_token = page.next_token;
  } else {
    ids = *request.secret_id_list;
  }
  for (const std::string& id : ids) {
    try {
      const GetSecretValueRequest one{.secret_id = id};
      require_permission(context, one);
      GetSecretValueResponse value = read(context, one);
      response.secret_values->push_back({.arn = value.arn,
                                         .name = value.name,
                                         .version_id = value.version_id,
                                         .secret_binary = value.secret_binary,
                                         .secret_string = value.secret_string,
                                         .version_stages = value.version_stages,
                                         .created_date = value.created_date});
    } catch (const protocol::ServiceError& error) {
      if (error.status() >= 500) throw;
      response.errors->push_back(
          {.secret_id = id, .error_code = error.code(), .message = error.message()});
    }
  }
  return response;
}

}  // namespace matinee::secretsmanager
