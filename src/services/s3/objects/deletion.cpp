// Objects and versions: removed, one by one and in batches.
#include "services/s3/requests.h"
#include "services/s3/service.h"

namespace matinee::s3 {

namespace {

/// Whatever the header says, it has no place where nothing can be locked.
template <class Request>
void check_bypass(const Request& request, const BucketRecord& bucket) {
  if (!request.bypass_governance_retention || bucket.lock) return;
  InvalidArgument error(
      "x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets.");
  error.details = {{"ArgumentName", "x-amz-bypass-governance-retention"}};
  throw error;
}

}  // namespace

/// What is to be removed.
struct Service::Removal {
  std::string key;
  std::optional<std::string> version_id;
  std::optional<std::string> if_match;
  bool bypass_governance = false;
  bool is_listed = false;  // in a DeleteObjects, which has an error of its own for unknown versions
};

/// What was done, as replies tell it.
struct Service::Removed {
  /// Of the version that is gone, or of the delete marker that is new.
  std::optional<std::string> version_id;
  bool delete_marker = false;
  /// Of the event that notifications tell; empty where nothing has changed.
  std::string_view event = {};
};

Service::Removed Service::remove(const BucketRecord& record, const std::string& bucket,
                                 const Removal& removal) {
  check_key(removal.key);
  const Catalog::Target target = catalog_.find_target(record, bucket, removal.key);
  // Conditions look at the current object, whichever version is to be removed.
  const std::optional<Validator> validator = target.current.transform(validator_of);
  check_removal(removal.if_match, validator ? &*validator : nullptr, removal.key);
  if (removal.version_id) return remove_version(target.key, removal);
  // S3 tells also of the removal of what is not there.
  if (record.versioning == Versioning::none && !target.current) {
    catalog_.overtake_uploads(target.key);
    return {.event = "ObjectRemoved:Delete"};
  }
  const std::optional<Version> marker = catalog_.remove_object(target, now());
  if (!marker) return {.event = "ObjectRemoved:Delete"};
  return {.version_id = version_id_of(marker->object),
          .delete_marker = true,
          .event = "ObjectRemoved:DeleteMarkerCreated"};
}

Service::Removed Service::remove_version(const Catalog::ObjectKey& key, const Removal& removal) {
  const std::optional<Version> version = catalog_.find_version(key, *removal.version_id);
  if (!version) {
    if (may_have_issued(std::get<0>(key), *removal.version_id))
      return {.version_id = removal.version_id};
    if (removal.is_listed) throw NoSuchVersion("The specified version does not exist.");
    throw invalid_version_id(*removal.version_id);
  }
  check_unlocked(version->object, clock_.now(), removal.bypass_governance);
  catalog_.remove_version(key, *version);
  return {.version_id = removal.version_id,
          .delete_marker = version->delete_marker,
          .event = "ObjectRemoved:Delete"};
}

DeleteObjectResponse Service::delete_object(const Context& context,
                                            const DeleteObjectRequest& request) {
  const BucketRecord bucket =
      require_bucket(context, request.bucket, request.expected_bucket_owner);
  refuse_unserved(request);
  // Deletes that depend on more than the entity tag exist for directory buckets only.
  if (request.if_match_last_modified_time || request.if_match_size)
    refuse("x-amz-if-match-size and x-amz-if-match-last-modified-time");
  check_bypass(request, bucket);
  if (request.version_id) check_version_id(*request.version_id);
  const Removed removed =
      remove(bucket, request.bucket,
             {.key = request.key,
              .version_id = request.version_id,
              .if_match = request.if_match,
              .bypass_governance = request.bypass_governance_retention.value_or(false)});
  notify_removed(context, request.bucket, request.key, removed);
  tell_of_removed(context, request.bucket);
  DeleteObjectResponse response{.version_id = removed.version_id};
  if (removed.delete_marker) response.delete_marker = true;
  return response;
}

/// Each object succeeds or fails for itself.
runtime::Task<DeleteObjectsResponse> Service::delete_objects(const Context& context,
                                                             const DeleteObjectsRequest& request) {
  check_bypass(request, require_bucket(context, request.bucket, request.expected_bucket_owner));
  const std::vector<ObjectIdentifier>& objects = request.delete_.objects;
  if (objects.empty() || objects.size() > static_cast<std::size_t>(max_page_size))
    throw MalformedXML(
        "The XML you provided was not well-formed or did not validate against our published "
        "schema");
  DeleteObjectsResponse response;
  const auto remove_next = [&](const BucketRecord& bucket, const ObjectIdentifier& object) {
    try {
      const DeletedObject deleted = remove_listed(context, bucket, request, object);
      if (request.delete_.quiet.value_or(false)) return;
      if (!response.deleted) response.deleted.emplace();
      response.deleted->push_back(deleted);
    } catch (const protocol::ServiceError& error) {
      if (!response.errors) response.errors.emplace();
      response.errors->push_back({.key = object.key,
                                  .version_id = object.version_id,
                                  .code = error.code(),
                                  .message = error.message()});
    }
  };
  for (auto next = objects.begin(); next != objects.end();) {
    if (loop_.turns().is_over()) co_await loop_.turns().next();
    storage::Transaction transaction(store_);
    const BucketRecord bucket =
        require_bucket(context, request.bucket, request.expected_bucket_owner);
    do {
      remove_next(bucket, *next);
    } while (++next != objects.end() && !loop_.turns().is_over());
    tell_of_removed(context, request.bucket);
    transaction.commit();
  }
  co_return response;
}

void Service::notify_removed(const Context& context, const std::string& bucket,
                             const std::string& key, const Removed& removed) {
  if (removed.event.empty()) return;
  if (writes_.wants(context)) removed_now_.emplace_back(key, 0);
  if (!notifications_.find(bucket)) return;
  ObjectEvent event{.name = removed.event, .key = key};
  if (removed.version_id && removed.version_id != "null") event.version_id = *removed.version_id;
  publish(context, bucket, event);
}

void Service::tell_of_removed(const Context& context, const std::string& bucket) {
  if (removed_now_.empty()) return;
  tell_of_writes(context, bucket, services::HopKind::deleted, std::exchange(removed_now_, {}));
}

DeletedObject Service::remove_listed(const Context& context, const BucketRecord& bucket,
                                     const DeleteObjectsRequest& request,
                                     const ObjectIdentifier& object) {
  authorize_removal(context, request, object);
  if (object.last_modified_time || object.size) refuse("deletes by size or time");
  if (object.version_id && !is_version_id(*object.version_id))
    throw NoSuchVersion("The specified version does not exist.");
  const Removed removed =
      remove(bucket, request.bucket,
             {.key = object.key,
              .version_id = object.version_id,
              .if_match = object.etag,
              .bypass_governance = request.bypass_governance_retention.value_or(false),
              .is_listed = true});
  notify_removed(context, request.bucket, object.key, removed);
  DeletedObject deleted{.key = object.key, .version_id = object.version_id};
  if (removed.delete_marker) {
    deleted.delete_marker = true;
    deleted.delete_marker_version_id = removed.version_id;
  }
  return deleted;
}

}  // namespace matinee::s3
