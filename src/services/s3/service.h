// S3: buckets and their objects. Each method is the operation of AWS's model with that name; what
// it throws are S3's errors with the codes of AWS.
//
// Buckets belong to one account, and their names are unique in the whole server.
// ACLs other than the owner's: requests that ask for them are refused.
#pragma once

#include <span>

#include "runtime/runtime.h"
#include "s3/operations.h"
#include "services/endpoint.h"
#include "services/key_service.h"
#include "services/s3/access/access.h"
#include "services/s3/catalog/catalog.h"
#include "services/s3/catalog/remains.h"
#include "services/s3/catalog/removed_buckets.h"
#include "services/s3/encryption/encryption.h"
#include "services/s3/lifecycle/lifecycle_pass.h"
#include "services/s3/notifications/notifications.h"
#include "services/writes.h"

namespace matinee::s3 {

/// The smallest part of a multipart upload that is not its last, in bytes.
inline constexpr std::uint64_t min_part_bytes = std::uint64_t{5} << 20;
inline constexpr std::int32_t max_part_number = 10'000;
/// The most entries that one reply of a listing holds, and that DeleteObjects takes.
inline constexpr std::int32_t max_page_size = 1000;

/// The object that content is for.
struct ContentPlace {
  const std::string& bucket;
  const std::string& key;
};

class Service : public BucketAccess {
 public:
  /// The dispatch table: an entry for each operation of the model.
  static std::span<const services::Handler> handlers();

  /// Without an outbox, buckets cannot be told to notify anybody.
  Service(storage::Store& store, const runtime::Runtime& runtime,
          services::Outbox* outbox = nullptr);

  /// Who knows the keys of SSE-KMS, and must outlive the service. Without it all keys exist.
  void use_keys(services::KeyService& keys) { keys_ = &keys; }
  /// The event bus that buckets may tell, which must outlive the service. Without it none can.
  void use_events(services::EventSink& events) { notifications_.use_events(events); }
  /// Who hears of objects written within traces. Must outlive the service.
  void use_journal(services::Journal& journal) { writes_.use(journal); }

  protocol::ServiceError invalid(const protocol::Operation& operation,
                                 const protocol::Violations& violations) const override;
  void check_before_body(const Context& context, const protocol::Operation& operation,
                         const void* request) override;
  /// Digests of documents; those of CompleteMultipartUpload are of the object.
  void check_body(const protocol::Operation& operation,
                  const protocol::HttpRequest& request) const override;
  std::unique_ptr<services::BodySink> open_sink(const protocol::Operation& operation,
                                                const protocol::HttpRequest& head) override;

  // What may touch much gives way to others when it takes long: all that give a task.
  CreateBucketResponse create_bucket(const Context&, const CreateBucketRequest&);
  HeadBucketResponse head_bucket(const Context&, const HeadBucketRequest&);
  runtime::Task<ListBucketsResponse> list_buckets(const Context&, const ListBucketsRequest&);
  runtime::Task<DeleteBucketResponse> delete_bucket(const Context&, const DeleteBucketRequest&);
  GetBucketLocationResponse get_bucket_location(const Context&, const GetBucketLocationRequest&);

  PutObjectResponse put_object(const Context&, const PutObjectRequest&);
  GetObjectResponse get_object(const Context&, const GetObjectRequest&);
  HeadObjectResponse head_object(const Context&, const HeadObjectRequest&);
  DeleteObjectResponse delete_object(const Context&, const DeleteObjectRequest&);
  runtime::Task<DeleteObjectsResponse> delete_objects(const Context&, const DeleteObjectsRequest&);
  runtime::Task<ListObjectsResponse> list_objects(const Context&, const ListObjectsRequest&);
  runtime::Task<ListObjectsV2Response> list_objects_v2(const Context&, const ListObjectsV2Request&);

  PutBucketVersioningResponse put_bucket_versioning(const Context&,
                                                    const PutBucketVersioningRequest&);
  GetBucketVersioningResponse get_bucket_versioning(const Context&,
                                                    const GetBucketVersioningRequest&);
  runtime::Task<ListObjectVersionsResponse> list_object_versions(const Context&,
                                                                 const ListObjectVersionsRequest&);
  GetObjectAttributesResponse get_object_attributes(const Context&,
                                                    const GetObjectAttributesRequest&);

  PutObjectLockConfigurationResponse put_object_lock_configuration(
      const Context&, const PutObjectLockConfigurationRequest&);
  GetObjectLockConfigurationResponse get_object_lock_configuration(
      const Context&, const GetObjectLockConfigurationRequest&);
  PutObjectRetentionResponse put_object_retention(const Context&, const PutObjectRetentionRequest&);
  GetObjectRetentionResponse get_object_retention(const Context&, const GetObjectRetentionRequest&);
  PutObjectLegalHoldResponse put_object_legal_hold(const Context&,
                                                   const PutObjectLegalHoldRequest&);
  GetObjectLegalHoldResponse get_object_legal_hold(const Context&,
                                                   const GetObjectLegalHoldRequest&);

  GetObjectTaggingResponse get_object_tagging(const Context&, const GetObjectTaggingRequest&);
  PutObjectTaggingResponse put_object_tagging(const Context&, const PutObjectTaggingRequest&);
  DeleteObjectTaggingResponse delete_object_tagging(const Context&,
                                                    const DeleteObjectTaggingRequest&);

  GetBucketNotificationConfigurationResponse get_bucket_notification_configuration(
      const Context&, const GetBucketNotificationConfigurationRequest&);
  /// Waits for what the targets say to a test message.
  runtime::Task<PutBucketNotificationConfigurationResponse> put_bucket_notification_configuration(
      const Context&, const PutBucketNotificationConfigurationRequest&);

  /// Waits for digests where the copy's cannot be those of the source.
  runtime::Task<CopyObjectResponse> copy_object(const Context&, const CopyObjectRequest&);

  CreateMultipartUploadResponse create_multipart_upload(const Context&,
                                                        const CreateMultipartUploadRequest&);
  UploadPartResponse upload_part(const Context&, const UploadPartRequest&);
  runtime::Task<UploadPartCopyResponse> upload_part_copy(const Context&,
                                                         const UploadPartCopyRequest&);
  runtime::Task<CompleteMultipartUploadResponse> complete_multipart_upload(
      const Context&, const CompleteMultipartUploadRequest&);
  AbortMultipartUploadResponse abort_multipart_upload(const Context&,
                                                      const AbortMultipartUploadRequest&);
  runtime::Task<ListPartsResponse> list_parts(const Context&, const ListPartsRequest&);
  runtime::Task<ListMultipartUploadsResponse> list_multipart_uploads(
      const Context&, const ListMultipartUploadsRequest&);

  PutBucketLifecycleConfigurationResponse put_bucket_lifecycle_configuration(
      const Context&, const PutBucketLifecycleConfigurationRequest&);
  GetBucketLifecycleConfigurationResponse get_bucket_lifecycle_configuration(
      const Context&, const GetBucketLifecycleConfigurationRequest&);
  DeleteBucketLifecycleResponse delete_bucket_lifecycle(const Context&,
                                                        const DeleteBucketLifecycleRequest&);
  /// Carries out all lifecycle rules now instead of at midnight, in the coming rounds of the loop.
  void run_lifecycle();

  void reset(const services::ResetScope& scope) override;
  runtime::Task<> finish_reset() override;

 private:
  struct Assembly;
  struct Selection;
  struct Digests;
  struct Source;
  struct Removal;
  struct Removed;

  BucketRecord require_bucket(const Context& context, const std::string& name,
                              const Owner& expected_owner) const override;
  /// The current object of a key, or the version with an id, "null" among them. Throws NoSuchKey,
  /// NoSuchVersion, InvalidArgument where no version can have such an id, and MethodNotAllowed
  /// where the version is a delete marker: the latest one only for methods that change it.
  ObjectRecord require_object(const std::string& bucket, const std::string& key,
                              const std::optional<std::string>& version_id = std::nullopt,
                              std::string_view method = "GET") const override;
  /// Whether a version of the bucket that is not there may once have had this id.
  bool may_have_issued(const std::string& bucket, const std::string& version_id) const;
  std::optional<ObjectRecord> find_object(
      const std::string& bucket, const std::string& key,
      const std::optional<std::string>& version_id) const override;
  void replace_object(const Context& context, const std::string& bucket, const std::string& key,
                      const ObjectRecord& record) override;
  /// Throws NoSuchUpload.
  UploadRecord require_upload(const Catalog::UploadKey& key) const;
  /// Whole seconds, as objects are dated.
  runtime::Time now() const;

  /// The content of an upload, from its sink or from an in-process caller.
  template <class Request>
  std::shared_ptr<ReceivedContent> receive_content(const Request& request,
                                                   const WantedChecksums& wanted);

  /// Throws BucketNotEmpty.
  BucketRecord require_empty_bucket(const Context& context,
                                    const DeleteBucketRequest& request) const;
  /// Of those in progress in a bucket; true where none is left.
  bool remove_some_uploads(const std::string& bucket);

  template <class Request>
  Selection select(const Request& request, const ObjectRecord& object) const;
  /// Without a version id: the object goes, or is covered by a delete marker; with one: the version
  /// goes for ever. Removing what is not there is a success, unless it is expected to be there.
  Removed remove(const BucketRecord& record, const std::string& bucket, const Removal& removal);
  Removed remove_version(const Catalog::ObjectKey& key, const Removal& removal);
  DeletedObject remove_listed(const Context& context, const BucketRecord& bucket,
                              const DeleteObjectsRequest& request, const ObjectIdentifier& object);

  template <class Request>
  Source require_source(const Context& context, const Request& request) const;
  /// On a worker.
  runtime::Task<Digests> compute_digests(std::vector<protocol::Slice> slices,
                                         std::optional<Algorithm> algorithm);
  CopyObjectResponse store_copy(const CopyObjectRequest& request, const BucketRecord& bucket,
                                const Source& source, const Digests& digests);
  UploadPartCopyResponse store_part_copy(const UploadPartCopyRequest& request, const Source& source,
                                         const Digests& digests);

  /// What UploadPart and UploadPartCopy check before anything else.
  template <class Request>
  UploadRecord require_upload_for_part(const Context& context, const Request& request) const;
  /// Stores a part in place of an earlier one with its number.
  void put_part(const Catalog::PartKey& key, const PartRecord& part);
  CompleteMultipartUploadResponse describe_completed(const Context& context,
                                                     const CompleteMultipartUploadRequest& request,
                                                     const ObjectRecord& object) const;
  std::optional<ObjectRecord> find_completed(const CompleteMultipartUploadRequest& request) const;
  /// The upload, where it can be completed with the parts that are listed.
  UploadRecord require_completable(const CompleteMultipartUploadRequest& request) const;
  /// Makes the object of an upload whose parts are put together.
  CompleteMultipartUploadResponse complete(const Context& context,
                                           const CompleteMultipartUploadRequest& request,
                                           Assembly assembly);

  /// The ARN of a KMS key that may be used for the object of a request. Throws
  /// KMS.NotFoundException and the like, AccessDenied.
  std::string require_kms_key(const Context& context, const std::string& region,
                              const services::KeyUse& use) const;
  /// Whether content that is read can be: where its key is one of KMS, that must be in use.
  void require_decryption(const Context& context, const std::optional<EncryptionRecord>& stored,
                          const ContentPlace& place) const;
  /// How new content of a bucket is to be encrypted; see choose_encryption.
  std::optional<EncryptionRecord> encryption_of_new(const Context& context,
                                                    const ContentPlace& content,
                                                    const EncryptionHeaders& headers);
  /// Tells of an event in a bucket with notifications, for which nobody looks twice.
  void publish(const Context& context, const std::string& bucket, const ObjectEvent& event);
  /// Keys, and sizes of what was written.
  using KeysAndSizes = std::vector<std::pair<std::string, std::uint64_t>>;
  void tell_of_writes(const Context& context, const std::string& bucket, services::HopKind kind,
                      const KeysAndSizes& objects);
  /// Of all that was removed in this transaction.
  void tell_of_removed(const Context& context, const std::string& bucket);
  /// Tells of what became of the object that a request names. Costs nothing without notifications
  /// and outside of traces.
  template <class Request>
  void notify(const Context& context, const Request& request, std::string_view event,
              const ObjectRecord& object) {
    if (notifications_.find(request.bucket))
      publish(context, request.bucket, event_of(event, request.key, object));
    if (event.starts_with("ObjectCreated:") && writes_.wants(context))
      tell_of_writes(context, request.bucket, services::HopKind::wrote,
                     {{request.key, object.size}});
  }
  void notify_removed(const Context& context, const std::string& bucket, const std::string& key,
                      const Removed& removed);
  /// Throws InvalidArgument for the first target that does not take a message of this bucket.
  runtime::Task<> test_targets(const Context& context, std::string bucket,
                               NotificationRecord record);
  /// Stores other tags with a version and tells of it; gives the version's id for the reply.
  template <class Request>
  std::optional<std::string> replace_tags(const Context& context, const Request& request,
                                          const std::map<std::string, std::string>& tags);

  /// Notifies those who want to know what lifecycle rules do.
  void tell_of_lifecycle(const std::string& bucket, const ObjectEvent& event);
  /// A bucket without what is in it.
  void remove_bucket(const std::string& account, const std::string& bucket);
  /// All configurations of a bucket that goes away.
  void remove_configurations(const std::string& bucket);
  /// x-amz-expiration: when lifecycle rules remove a current object, where they do.
  std::optional<std::string> expiration_of(const std::string& bucket, const std::string& key,
                                           const ObjectRecord& object) const;
  /// When lifecycle rules abort an upload, where they do.
  std::optional<Due> abort_of(const std::string& bucket, const std::string& key,
                              const UploadRecord& upload) const;

  /// Uploads whose parts are being put together, and how often their parts have changed since.
  struct Watched {
    int by = 0;
    std::uint64_t changes = 0;
  };
  class Watch;
  std::map<std::string, Watched> watched_uploads_;
  void note_change(const std::string& upload_id);

  storage::Store& store_;
  runtime::Clock& clock_;
  runtime::Random& random_;
  runtime::Loop& loop_;
  runtime::Workers& workers_;
  Catalog catalog_;
  Remains remains_;
  RemovedBuckets removed_buckets_;
  LifecyclePass lifecycle_pass_;
  Notifications notifications_;
  services::Writes writes_;
  KeysAndSizes removed_now_;  // in the current transaction, within a trace
  services::KeyService* keys_ = nullptr;
};

}  // namespace matinee::s3
