// Tags of functions. Versions and aliases have none.
#include "lambda/errors.h"
#include "services/lambda/service.h"

namespace matinee::lambda {

namespace {

constexpr std::size_t most_tags = 50;

}  // namespace

FunctionKey Service::require_tagged(const Context& context, const std::string& arn) const {
  const Named name = named(context, arn);
  if (!name.qualifier.empty())
    refuse(
        "Tags on function aliases and versions are not supported. Please specify a function ARN.");
  if (!functions_.contains(name.key)) refuse_unknown_function(name.key);
  return name.key;
}

TagResourceResponse Service::tag_resource(const Context& context,
                                          const TagResourceRequest& request) {
  const FunctionKey key = require_tagged(context, request.resource);
  FunctionRecord function = require_function(key);
  for (const auto& [name, value] : request.tags) function.tags[name] = value;
  if (function.tags.size() > most_tags) refuse("Number of tags exceeds resource tag limit.");
  functions_.put(key, function);
  return {};
}

UntagResourceResponse Service::untag_resource(const Context& context,
                                              const UntagResourceRequest& request) {
  const FunctionKey key = require_tagged(context, request.resource);
  FunctionRecord function = require_function(key);
  for (const std::string& name : request.tag_keys) function.tags.erase(name);
  functions_.put(key, function);
  return {};
}

ListTagsResponse Service::list_tags(const Context& context, const ListTagsRequest& request) {
  return {.tags = require_function(require_tagged(context, request.resource)).tags};
}

}  // namespace matinee::lambda
