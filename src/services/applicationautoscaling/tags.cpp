// Tags of scalable targets.
#include "services/applicationautoscaling/service.h"
#include "services/applicationautoscaling/targets.h"

namespace matinee::applicationautoscaling {

/// ARNs have letters and digits instead of what they stand for; an account has few targets.
std::optional<Service::Found> Service::find_tagged(const Context& context,
                                                   const std::string& arn) const {
  std::optional<Found> found;
  targets_.scan(targets_.prefix(context.account, context.region),
                [&](const TargetKey& key, const TargetRecord& record) {
                  if (arn_of(key, record) == arn) found = Found{key, record};
                  return !found;
                });
  return found;
}

Service::Found Service::require_tagged(const Context& context, const std::string& arn) const {
  if (auto found = find_tagged(context, arn)) return *std::move(found);
  throw ResourceNotFoundException("No scalable target has the ARN " + arn, {.resource_name = arn});
}

TagResourceResponse Service::tag_resource(const Context& context,
                                          const TagResourceRequest& request) {
  Found found = require_tagged(context, request.resource_arn);
  add_tags(request.tags, found.record, request.resource_arn);
  targets_.put(found.key, found.record);
  return {};
}

UntagResourceResponse Service::untag_resource(const Context& context,
                                              const UntagResourceRequest& request) {
  Found found = require_tagged(context, request.resource_arn);
  for (const std::string& name : request.tag_keys) found.record.tags.erase(name);
  targets_.put(found.key, found.record);
  return {};
}

ListTagsForResourceResponse Service::list_tags_for_resource(
    const Context& context, const ListTagsForResourceRequest& request) {
  ListTagsForResourceResponse response;
  response.tags = require_tagged(context, request.resource_arn).record.tags;
  return response;
}

}  // namespace matinee::applicationautoscaling
