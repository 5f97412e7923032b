// Repositories, and what their operations have in common.
#include "services/ecr/repositories.h"

#include <fmt/format.h>

#include <algorithm>

#include "ecr/errors.h"
#include "protocol/base64.h"
#include "services/arn.h"
#include "services/ecr/service.h"

namespace matinee::ecr {
namespace {

constexpr std::size_t page_size = 100;
constexpr std::string_view arn_resource = "repository/";
constexpr std::string_view token_mark = "after:";
constexpr std::string_view default_key = "alias/aws/ecr";

/// What a list of exclusions goes with, and what only with one.
std::vector<std::string> exclusions_of(
    const std::optional<std::vector<ImageTagMutabilityExclusionFilter>>& filters,
    std::string_view mutability) {
  const bool wants_filters = mutability.ends_with("_WITH_EXCLUSION");
  if (wants_filters != filters.has_value())
    throw InvalidParameterException(
        wants_filters
            ? fmt::format("Invalid parameter at 'imageTagMutabilityExclusionFilters' failed to "
                          "satisfy constraint: 'must be given with {}'",
                          mutability)
            : fmt::format("Invalid parameter at 'imageTagMutabilityExclusionFilters' failed to "
                          "satisfy constraint: 'must not be given with {}'",
                          mutability));
  std::vector<std::string> wildcards;
  if (filters)
    for (const ImageTagMutabilityExclusionFilter& filter : *filters)
      wildcards.push_back(filter.filter);
  return wildcards;
}

std::optional<std::vector<ImageTagMutabilityExclusionFilter>> show_exclusions(
    const std::vector<std::string>& wildcards) {
  if (wildcards.empty()) return std::nullopt;
  std::vector<ImageTagMutabilityExclusionFilter> filters;
  for (const std::string& wildcard : wildcards)
    filters.push_back({.filter_type = "WILDCARD", .filter = wildcard});
  return filters;
}

/// The name after which the page begins; empty for the first.
std::string read_token(const std::optional<std::string>& token) {
  if (!token) return {};
  const auto text = protocol::base64_decode(*token);
  if (!text || !text->starts_with(token_mark))
    throw InvalidParameterException(
        "Invalid parameter at 'nextToken' failed to satisfy constraint: 'Invalid next token'");
  return text->substr(token_mark.size());
}

}  // namespace

std::string arn_of(const RepositoryKey& key) {
  const auto& [account, region, name] = key;
  return fmt::format("arn:aws:ecr:{}:{}:{}{}", region, account, arn_resource, name);
}

std::optional<RepositoryKey> key_of(std::string_view arn) {
  const auto parts = services::parse_arn(arn);
  if (!parts || parts->service != "ecr" || !parts->resource.starts_with(arn_resource))
    return std::nullopt;
  return RepositoryKey{parts->account, parts->region, parts->resource.substr(arn_resource.size())};
}

Repository show(const RepositoryKey& key, const RepositoryRecord& record) {
  const auto& [account, region, name] = key;
  EncryptionConfiguration encryption{.encryption_type = record.encryption};
  if (!record.key.empty()) encryption.kms_key = record.key;
  return {.repository_arn = arn_of(key),
          .registry_id = account,
          .repository_name = name,
          .repository_uri = fmt::format("{}.dkr.ecr.{}.amazonaws.com/{}", account, region, name),
          .created_at = record.created,
          .image_tag_mutability = record.mutability,
          .image_tag_mutability_exclusion_filters = show_exclusions(record.exclusions),
          .image_scanning_configuration = {{.scan_on_push = record.scans_on_push}},
          .encryption_configuration = std::move(encryption)};
}

std::string place_of(const RepositoryKey& key) {
  return fmt::format("the repository with name '{}' in the registry with id '{}'", std::get<2>(key),
                     std::get<0>(key));
}

Service::Found Service::require(const Context& context, const std::optional<std::string>& registry,
                                const std::string& name) const {
  Found found{.key = {registry.value_or(context.account), context.region, name}, .record = {}};
  auto record = repositories_.find(found.key);
  if (!record)
    throw RepositoryNotFoundException(
        fmt::format("The repository with name '{}' does not exist in the registry with id '{}'",
                    name, std::get<0>(found.key)));
  found.record = *std::move(record);
  return found;
}

std::string Service::require_key(const Context& context,
                                 const EncryptionConfiguration& wanted) const {
  if (wanted.encryption_type == "AES256") {
    if (wanted.kms_key)
      throw InvalidParameterException(
          "Invalid parameter at 'encryptionConfiguration' failed to satisfy constraint: 'KMS key "
          "should not be specified for encryption type AES256'");
    return {};
  }
  if (!keys_)
    throw protocol::ServiceError("NotImplemented", 501,
                                 "There is no KMS here, which this repository needs.");
  try {
    return keys_->require_key(context, {.key = wanted.kms_key.value_or(std::string(default_key)),
                                        .service = "ecr.amazonaws.com",
                                        .context = {}});
  } catch (const protocol::ServiceError& error) {
    if (error.status() >= 500) throw;
    throw KmsException(error.message(), {.kms_error = error.code()});
  }
}

CreateRepositoryResponse Service::create_repository(const Context& context,
                                                    const CreateRepositoryRequest& request) {
  const RepositoryKey key{context.account, context.region, request.repository_name};
  if (request.registry_id && *request.registry_id != context.account)
    throw InvalidParameterException(
        "Invalid parameter at 'registryId' failed to satisfy constraint: 'must be the registry of "
        "the caller'");
  if (repositories_.contains(key))
    throw RepositoryAlreadyExistsException(
        fmt::format("The repository with name '{}' already exists in the registry with id '{}'",
                    request.repository_name, context.account));
  const EncryptionConfiguration encryption = request.encryption_configuration.value_or(
      EncryptionConfiguration{.encryption_type = "AES256"});
  RepositoryRecord record{
      .created = std::chrono::floor<std::chrono::milliseconds>(runtime_.clock.now()),
      .mutability = request.image_tag_mutability.value_or("MUTABLE"),
      .exclusions = {},
      .encryption = encryption.encryption_type,
      .key = require_key(context, encryption),
      .policy = {},
      .lifecycle = {},
      .tags = {}};
  record.exclusions =
      exclusions_of(request.image_tag_mutability_exclusion_filters, record.mutability);
  if (request.image_scanning_configuration)
    record.scans_on_push = request.image_scanning_configuration->scan_on_push.value_or(false);
  if (request.tags) add_tags(context, *request.tags, record);
  repositories_.put(key, record);
  return {.repository = show(key, record)};
}

DescribeRepositoriesResponse Service::describe_repositories(
    const Context& context, const DescribeRepositoriesRequest& request) {
  DescribeRepositoriesResponse response;
  response.repositories.emplace();
  if (request.repository_names) {
    if (request.max_results || request.next_token)
      throw InvalidParameterException(
          "Invalid parameter at 'repositoryNames' failed to satisfy constraint: 'must not be given "
          "with maxResults or nextToken'");
    for (const std::string& name : *request.repository_names) {
      const Found found = require(context, request.registry_id, name);
      response.repositories->push_back(show(found.key, found.record));
    }
    return response;
  }
  const auto most = static_cast<std::size_t>(request.max_results.value_or(page_size));
  const std::string account = request.registry_id.value_or(context.account);
  auto range = repositories_.prefix(account, context.region);
  if (const std::string after = read_token(request.next_token); !after.empty())
    range = repositories_.after(range, {account, context.region, after});
  repositories_.scan(range, [&](const RepositoryKey& key, const RepositoryRecord& record) {
    if (response.repositories->size() == most) {
      response.next_token = protocol::base64_encode(std::string(token_mark) +
                                                    *response.repositories->back().repository_name);
      return false;
    }
    response.repositories->push_back(show(key, record));
    return true;
  });
  return response;
}

DeleteRepositoryResponse Service::delete_repository(const Context& context,
                                                    const DeleteRepositoryRequest& request) {
  const Found found = require(context, request.registry_id, request.repository_name);
  repositories_.erase(found.key);
  return {.repository = show(found.key, found.record)};
}

PutImageScanningConfigurationResponse Service::put_image_scanning_configuration(
    const Context& context, const PutImageScanningConfigurationRequest& request) {
  Found found = require(context, request.registry_id, request.repository_name);
  found.record.scans_on_push = request.image_scanning_configuration.scan_on_push.value_or(false);
  repositories_.put(found.key, found.record);
  return {.registry_id = std::get<0>(found.key),
          .repository_name = request.repository_name,
          .image_scanning_configuration = {{.scan_on_push = found.record.scans_on_push}}};
}

PutImageTagMutabilityResponse Service::put_image_tag_mutability(
    const Context& context, const PutImageTagMutabilityRequest& request) {
  Found found = require(context, request.registry_id, request.repository_name);
  found.record.exclusions =
      exclusions_of(request.image_tag_mutability_exclusion_filters, request.image_tag_mutability);
  found.record.mutability = request.image_tag_mutability;
  repositories_.put(found.key, found.record);
  return {.registry_id = std::get<0>(found.key),
          .repository_name = request.repository_name,
          .image_tag_mutability = found.record.mutability,
          .image_tag_mutability_exclusion_filters = show_exclusions(found.record.exclusions)};
}

}  // namespace matinee::ecr
