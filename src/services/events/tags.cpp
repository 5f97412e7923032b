// Tags of buses and rules.
#include <algorithm>

#include "events/errors.h"
#include "services/arn.h"
#include "services/events/managed_rules.h"
#include "services/events/service.h"
#include "services/events/tag_list.h"
#include "services/from_cloudformation.h"

namespace matinee::events {

namespace {

constexpr std::size_t most_tags = 50;

Named require_named(const std::string& arn) {
  std::optional<Named> named = find_named(arn);
  if (!named)
    refuse("Parameter ResourceARN is not valid. Reason: Provided Arn is not in correct format.");
  return *std::move(named);
}

}  // namespace

void add_tags(Tags& tags, const std::vector<Tag>& more, const services::Context& context) {
  for (const Tag& tag : more) {
    if (tag.key.starts_with("aws:") && !services::comes_from_cloudformation(context))
      refuse("System tags cannot be added/updated/deleted by requester.");
    const auto found = std::ranges::find(tags, tag.key, &Tags::value_type::first);
    if (found != tags.end())
      found->second = tag.value;
    else
      tags.emplace_back(tag.key, tag.value);
  }
  if (tags.size() > most_tags)
    throw LimitExceededException("The requested resource exceeds the maximum number allowed.");
}

std::vector<Tag> to_list(const Tags& tags) {
  std::vector<Tag> list;
  for (const auto& [key, value] : tags) list.push_back({.key = key, .value = value});
  return list;
}

TagResourceResponse Service::tag_resource(const Context& context,
                                          const TagResourceRequest& request) {
  const Named tagged = require_named(request.resource_arn);
  if (!tagged.rule.empty()) {
    RuleRecord rule = require_rule(tagged.bus, tagged.rule);
    require_unmanaged_for_tags(tagged.rule, rule);
    add_tags(rule.tags, request.tags, context);
    rules_.put({tagged.bus.account, tagged.bus.region, tagged.bus.name, tagged.rule}, rule);
    return {};
  }
  BusRecord bus = require_bus(tagged.bus);
  add_tags(bus.tags, request.tags, context);
  buses_.put(tagged.bus.stored(), bus);
  return {};
}

UntagResourceResponse Service::untag_resource(const Context&, const UntagResourceRequest& request) {
  const Named tagged = require_named(request.resource_arn);
  const auto remove = [&](Tags& tags) {
    std::erase_if(tags, [&](const auto& tag) {
      return std::ranges::find(request.tag_keys, tag.first) != request.tag_keys.end();
    });
  };
  if (!tagged.rule.empty()) {
    RuleRecord rule = require_rule(tagged.bus, tagged.rule);
    require_unmanaged_for_tags(tagged.rule, rule);
    remove(rule.tags);
    rules_.put({tagged.bus.account, tagged.bus.region, tagged.bus.name, tagged.rule}, rule);
    return {};
  }
  BusRecord bus = require_bus(tagged.bus);
  remove(bus.tags);
  buses_.put(tagged.bus.stored(), bus);
  return {};
}

ListTagsForResourceResponse Service::list_tags_for_resource(
    const Context&, const ListTagsForResourceRequest& request) {
  const Named tagged = require_named(request.resource_arn);
  if (!tagged.rule.empty()) return {.tags = to_list(require_rule(tagged.bus, tagged.rule).tags)};
  return {.tags = to_list(require_bus(tagged.bus).tags)};
}

}  // namespace matinee::events
