#include "services/s3control/service.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "s3control/errors.h"

namespace matinee::s3control {

namespace {

/// The bucket of "arn:aws:s3:::bucket".
std::string require_bucket_name(const std::string& arn) {
  constexpr std::string_view start = "arn:aws:s3:::";
  const std::string bucket = arn.starts_with(start) ? arn.substr(start.size()) : "";
  if (bucket.empty() || bucket.find('/') != std::string::npos)
    throw NotImplemented(fmt::format("Matinee keeps tags of buckets only, not of {}.", arn));
  return bucket;
}

}  // namespace

Service::Service(services::BucketTags& tags) : ServiceBase(s3control::model), tags_(tags) {}

protocol::ServiceError Service::invalid(const protocol::Operation&,
                                        const protocol::Violations& violations) const {
  const protocol::Violation& first = violations.front();
  const std::string_view type = first.type ? first.type->name : "";
  if (type == "TagKeyString") return InvalidTag("The TagKey you have provided is invalid");
  if (type == "TagValueString") return InvalidTag("The TagValue you have provided is invalid");
  return InvalidRequest(protocol::describe(violations));
}

void Service::authorize(const Context& context, const protocol::Operation& operation,
                        const void* request) {
  const protocol::Field* arn = operation.input->find("ResourceArn");
  if (arn == nullptr) return;
  const auto& text = *static_cast<const std::string*>(arn->find(request));
  tags_.authorize_tags(context, require_bucket_name(text), fmt::format("s3:{}", operation.name));
}

ListTagsForResourceResponse Service::list_tags_for_resource(
    const Context&, const ListTagsForResourceRequest& request) {
  ListTagsForResourceResponse response;
  std::vector<Tag>& tags = response.tags.emplace();
  const std::string bucket = require_bucket_name(request.resource_arn);
  for (const auto& [key, value] : tags_.tags_of_bucket(bucket, request.account_id))
    tags.push_back({.key = key, .value = value});
  return response;
}

TagResourceResponse Service::tag_resource(const Context&, const TagResourceRequest& request) {
  const std::string bucket = require_bucket_name(request.resource_arn);
  services::Tags tags = tags_.tags_of_bucket(bucket, request.account_id);
  std::set<std::string_view> given;
  for (const Tag& tag : request.tags) {
    if (!given.insert(tag.key).second)
      throw InvalidTag("Cannot provide multiple Tags with the same key");
    const auto place = std::ranges::find(tags, tag.key, &services::Tags::value_type::first);
    if (place == tags.end())
      tags.emplace_back(tag.key, tag.value);
    else
      place->second = tag.value;
  }
  tags_.put_tags_of_bucket(bucket, tags);
  return {};
}

UntagResourceResponse Service::untag_resource(const Context&, const UntagResourceRequest& request) {
  const std::string bucket = require_bucket_name(request.resource_arn);
  services::Tags tags = tags_.tags_of_bucket(bucket, request.account_id);
  std::erase_if(tags, [&](const auto& tag) {
    return std::ranges::find(request.tag_keys, tag.first) != request.tag_keys.end();
  });
  tags_.put_tags_of_bucket(bucket, tags);
  return {};
}

}  // namespace matinee::s3control
