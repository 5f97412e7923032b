// Aliases: names that point to a version, or to two with weights.
#include <fmt/format.h>

#include <algorithm>

#include "lambda/errors.h"
#include "services/lambda/catalog/concurrency_limits.h"
#include "services/lambda/catalog/pages.h"
#include "services/lambda/service.h"

namespace matinee::lambda {

namespace {

CreateAliasResponse told(const FunctionKey& key, const std::string& name,
                         const AliasRecord& alias) {
  CreateAliasResponse response{.alias_arn = arn_of(key, name),
                               .name = name,
                               .function_version = alias.version,
                               .description = alias.description,
                               .revision_id = alias.revision};
  if (!alias.weights.empty())
    response.routing_config =
        AliasRoutingConfiguration{.additional_version_weights = alias.weights};
  return response;
}

}  // namespace

/// The versions must be there; of two that share the calls none can be $LATEST, as AWS documents
/// it.
void Service::check_alias(const FunctionKey& key, const AliasRecord& alias) const {
  const auto require = [&](const std::string& text) {
    const std::optional<std::uint32_t> version = version_of_text(text);
    if (!version || !versions_.contains(versioned(key, *version)))
      refuse_unknown_function(key, text);
  };
  require(alias.version);
  if (alias.weights.empty()) return;
  if (alias.weights.size() > 1)
    refuse("Number of items in AdditionalVersionWeights cannot be greater than 1");
  if (alias.version == latest)
    refuse("$LATEST is not supported for an alias pointing to more than 1 version");
  const auto& [version, weight] = *alias.weights.begin();
  if (version == latest)
    refuse("$LATEST is not supported for an alias pointing to more than 1 version");
  if (version == alias.version)
    refuse(
        fmt::format("Invalid function version {}. Function version {} is already included in "
                    "routing configuration.",
                    version, version));
  require(version);
}

CreateAliasResponse Service::create_alias(const Context& context,
                                          const CreateAliasRequest& request) {
  const Named name = named(context, request.function_name);
  require_function(name.key);
  AliasRecord alias{.version = request.function_version,
                    .description = request.description.value_or("")};
  if (request.routing_config && request.routing_config->additional_version_weights)
    alias.weights = *request.routing_config->additional_version_weights;
  if (aliases_.contains(qualified(name.key, request.name)))
    refuse_conflict("Alias already exists: " + arn_of(name.key, request.name));
  check_alias(name.key, alias);
  alias.revision = new_revision();
  aliases_.put(qualified(name.key, request.name), alias);
  return told(name.key, request.name, alias);
}

AliasRecord Service::require_alias(const FunctionKey& key, const std::string& name) const {
  std::optional<AliasRecord> alias = aliases_.find(qualified(key, name));
  if (!alias) refuse_unknown("Cannot find alias arn: " + arn_of(key, name));
  return *std::move(alias);
}

GetAliasResponse Service::get_alias(const Context& context, const GetAliasRequest& request) {
  const Named name = named(context, request.function_name);
  return told(name.key, request.name, require_alias(name.key, request.name));
}

UpdateAliasResponse Service::update_alias(const Context& context,
                                          const UpdateAliasRequest& request) {
  const Named name = named(context, request.function_name);
  AliasRecord alias = require_alias(name.key, request.name);
  if (request.revision_id && !request.revision_id->empty() &&
      *request.revision_id != alias.revision)
    refuse_revision("GetFunction/GetAlias");
  if (request.function_version) alias.version = *request.function_version;
  if (request.description) alias.description = *request.description;
  if (request.routing_config) {
    alias.weights.clear();
    if (request.routing_config->additional_version_weights)
      alias.weights = *request.routing_config->additional_version_weights;
  }
  check_alias(name.key, alias);
  alias.revision = new_revision();
  const QualifiedKey key = qualified(name.key, request.name);
  aliases_.put(key, alias);
  if (provisioned_.contains(key)) {
    if (alias.version == latest) refuse(not_of_latest);
    require_free_version(key, provisioned_version(key));
    keep_provisioned_later(name.key);
  }
  return told(name.key, request.name, alias);
}

/// One that is not there is no error; a function that is not there is none either.
DeleteAliasResponse Service::delete_alias(const Context& context,
                                          const DeleteAliasRequest& request) {
  const Named name = named(context, request.function_name);
  const QualifiedKey key = qualified(name.key, request.name);
  aliases_.erase(key);
  // One of that name may be made again: nothing of this one counts for it.
  put_policy(key, {});
  provisioned_.erase(key);
  invoke_configs_.erase(key);
  if (const std::optional<UrlRecord> url = urls_.find(key)) {
    url_ids_.erase({url->id});
    urls_.erase(key);
  }
  keep_provisioned_later(name.key);
  return {};
}

ListAliasesResponse Service::list_aliases(const Context& context,
                                          const ListAliasesRequest& request) {
  const Named name = named(context, request.function_name);
  require_function(name.key);
  const std::size_t most = page_length(request.max_items);
  const std::string after = read_marker(request.marker);
  const auto& [account, region, function] = name.key;
  auto place = aliases_.cursor(aliases_.prefix(account, region, function));
  if (!after.empty()) place.seek(qualified(name.key, after));
  ListAliasesResponse response{.aliases = std::vector<CreateAliasResponse>{}};
  for (; place.valid(); place.next()) {
    const QualifiedKey key = place.key();
    const AliasRecord alias = place.record();
    if (std::get<3>(key) <= after && !after.empty()) continue;
    if (request.function_version && *request.function_version != alias.version) continue;
    if (response.aliases->size() == most) {
      response.next_marker = marker_after(*response.aliases->back().name);
      break;
    }
    response.aliases->push_back(told(name.key, std::get<3>(key), alias));
  }
  return response;
}

}  // namespace matinee::lambda
