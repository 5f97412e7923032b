// Tags of functions, event source mappings and code signing configurations. Versions and aliases
// have none.
#include "lambda/errors.h"
#include "services/arn.h"
#include "services/lambda/service.h"

namespace matinee::lambda {

namespace {

constexpr std::size_t most_tags = 50;
constexpr std::string_view mapping_kind = "event-source-mapping:";
constexpr std::string_view signing_kind = "code-signing-config:";

using Tags = std::map<std::string, std::string>;

void check_count(const Tags& tags) {
  if (tags.size() > most_tags) refuse("Number of tags exceeds resource tag limit.");
}

}  // namespace

/// Lets `change` look at the tags of what an ARN names, and keeps what it has made of them where it
/// says so.
void Service::with_tags(const Context& context, const std::string& arn,
                        const std::function<bool(Tags& tags)>& change) {
  const std::optional<services::Arn> parts = services::parse_arn(arn);
  if (parts && parts->resource.starts_with(mapping_kind)) {
    const FunctionKey key{parts->account, parts->region,
                          parts->resource.substr(mapping_kind.size())};
    MappingRecord mapping = require_mapping(key);
    if (change(mapping.tags)) mappings_.put(key, mapping);
    return;
  }
  if (parts && parts->resource.starts_with(signing_kind)) {
    const FunctionKey key = require_signing(arn);
    SigningConfigRecord config = *signing_configs_.find(key);
    if (change(config.tags)) signing_configs_.put(key, config);
    return;
  }
  const Named name = named(context, arn);
  if (!name.qualifier.empty())
    refuse(
        "Tags on function aliases and versions are not supported. Please specify a function ARN.");
  FunctionRecord function = require_function(name.key);
  if (change(function.tags)) functions_.put(name.key, function);
}

TagResourceResponse Service::tag_resource(const Context& context,
                                          const TagResourceRequest& request) {
  with_tags(context, request.resource, [&](Tags& tags) {
    for (const auto& [name, value] : request.tags) tags[name] = value;
    check_count(tags);
    return true;
  });
  return {};
}

UntagResourceResponse Service::untag_resource(const Context& context,
                                              const UntagResourceRequest& request) {
  with_tags(context, request.resource, [&](Tags& tags) {
    for (const std::string& name : request.tag_keys) tags.erase(name);
    return true;
  });
  return {};
}

ListTagsResponse Service::list_tags(const Context& context, const ListTagsRequest& request) {
  ListTagsResponse response;
  with_tags(context, request.resource, [&](Tags& tags) {
    response.tags = tags;
    return false;
  });
  return response;
}

}  // namespace matinee::lambda
