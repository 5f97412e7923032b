// The tags of objects: their own operations. Tags that come with an upload or a copy are read in
// names.cpp.
#include "services/s3/requests.h"
#include "services/s3/service.h"

namespace matinee::s3 {

namespace {

std::map<std::string, std::string> read_tags(const Tagging& tagging) {
  if (tagging.tag_set.size() > max_tags) throw BadRequest("Object tags cannot be greater than 10");
  std::map<std::string, std::string> tags;
  for (const Tag& tag : tagging.tag_set) {
    check_tag(tag.key, tag.value);
    if (tags.emplace(tag.key, tag.value).second) continue;
    InvalidTag error("Cannot provide multiple Tags with the same key");
    error.details = {{"TagKey", tag.key}};
    throw error;
  }
  return tags;
}

}  // namespace

GetObjectTaggingResponse Service::get_object_tagging(const Context& context,
                                                     const GetObjectTaggingRequest& request) {
  const BucketRecord bucket =
      require_bucket(context, request.bucket, request.expected_bucket_owner);
  check_key(request.key);
  const ObjectRecord object = require_object(request.bucket, request.key, request.version_id);
  GetObjectTaggingResponse response;
  name_version(bucket, object, response);
  for (const auto& [key, value] : object.attributes.tags)
    response.tag_set.push_back({.key = key, .value = value});
  return response;
}

template <class Request>
std::optional<std::string> Service::replace_tags(const Context& context, const Request& request,
                                                 const std::map<std::string, std::string>& tags) {
  require_bucket(context, request.bucket, request.expected_bucket_owner);
  check_key(request.key);
  constexpr bool puts = std::is_same_v<Request, PutObjectTaggingRequest>;
  constexpr std::string_view event = puts ? "ObjectTagging:Put" : "ObjectTagging:Delete";
  ObjectRecord object =
      require_object(request.bucket, request.key, request.version_id, puts ? "PUT" : "DELETE");
  object.attributes.tags = tags;
  catalog_.update_object(Catalog::object_key(request.bucket, request.key), object);
  notify(context, request, event, object);
  return id_of_written(object);
}

PutObjectTaggingResponse Service::put_object_tagging(const Context& context,
                                                     const PutObjectTaggingRequest& request) {
  return {.version_id = replace_tags(context, request, read_tags(request.tagging))};
}

DeleteObjectTaggingResponse Service::delete_object_tagging(
    const Context& context, const DeleteObjectTaggingRequest& request) {
  return {.version_id = replace_tags(context, request, {})};
}

}  // namespace matinee::s3
