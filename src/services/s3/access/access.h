// Who may do what with buckets and objects: bucket policies, access control lists, ownership of
// objects, and the blocks against public access; and the operations that set them.
//
// Callers of the owner's account may do what no policy denies. A request for a bucket without a
// policy and without lists, by its owner, costs a lookup in memory and nothing else.
#pragma once

#include <memory>
#include <unordered_map>

#include "policy/evaluate.h"
#include "services/s3/access/acl.h"
#include "services/s3/access/actions.h"
#include "services/s3/configurations/bucket_configurations.h"

namespace matinee::s3 {

/// Whose the objects of a bucket are. `removed`: nobody has said, after
/// DeleteBucketOwnershipControls; then it is as with `writer`.
enum class Ownership : std::uint8_t { enforced = 0, preferred = 1, writer = 2, removed = 3 };

/// PublicAccessBlock. New buckets have all four.
struct PublicBlockRecord {
  bool block_acls = true;
  bool ignore_acls = true;
  bool block_policy = true;
  bool restrict_buckets = true;
  bool removed = false;  // DeletePublicAccessBlock: then the others are false

  static constexpr auto fields = std::tuple{storage::field<1>(&PublicBlockRecord::block_acls),
                                            storage::field<2>(&PublicBlockRecord::ignore_acls),
                                            storage::field<3>(&PublicBlockRecord::block_policy),
                                            storage::field<4>(&PublicBlockRecord::restrict_buckets),
                                            storage::field<5>(&PublicBlockRecord::removed)};
};

/// What a bucket without a record has is what AWS gives to new buckets.
struct AccessRecord {
  std::optional<std::string> policy;  // as it was put
  Ownership ownership = Ownership::enforced;
  PublicBlockRecord block;
  std::optional<AclRecord> acl;  // nothing: private

  static constexpr auto fields = std::tuple{
      storage::field<1>(&AccessRecord::policy), storage::field<2>(&AccessRecord::ownership),
      storage::field<3>(&AccessRecord::block), storage::field<4>(&AccessRecord::acl)};
};

class BucketAccess : public BucketConfigurations {
 public:
  /// Throws AccessDenied, and AuthorizationHeaderMalformed where the request is signed for another
  /// region than the bucket's. What does not exist is for the operation to tell.
  void authorize(const Context& context, const protocol::Operation& operation,
                 const void* request) override;

  bool judges_itself() const override { return true; }
  /// Of the bucket in the ARN, for who explains decisions. Lists of who may do what are not in it.
  services::Guarded guard_of(const services::Inquiry& inquiry) const override;
  protocol::ServiceError refusal(const services::Inquiry& inquiry,
                                 std::string sentence) const override;
  std::optional<std::vector<std::string>> find_key(const services::Inquiry& inquiry,
                                                   std::string_view key) const override;

  void authorize_tags(const Context& context, const std::string& bucket,
                      std::string_view action) const override;

  /// By the bucket's CORS configuration. Throws NoSuchBucket and AccessForbidden for preflights.
  services::BrowserAnswer answer_browser(const services::BrowserQuestion& question) const override;

  PutBucketPolicyResponse put_bucket_policy(const Context&, const PutBucketPolicyRequest&);
  GetBucketPolicyResponse get_bucket_policy(const Context&, const GetBucketPolicyRequest&);
  DeleteBucketPolicyResponse delete_bucket_policy(const Context&, const DeleteBucketPolicyRequest&);
  GetBucketPolicyStatusResponse get_bucket_policy_status(const Context&,
                                                         const GetBucketPolicyStatusRequest&);

  PutPublicAccessBlockResponse put_public_access_block(const Context&,
                                                       const PutPublicAccessBlockRequest&);
  GetPublicAccessBlockResponse get_public_access_block(const Context&,
                                                       const GetPublicAccessBlockRequest&);
  DeletePublicAccessBlockResponse delete_public_access_block(const Context&,
                                                             const DeletePublicAccessBlockRequest&);

  PutBucketOwnershipControlsResponse put_bucket_ownership_controls(
      const Context&, const PutBucketOwnershipControlsRequest&);
  GetBucketOwnershipControlsResponse get_bucket_ownership_controls(
      const Context&, const GetBucketOwnershipControlsRequest&);
  DeleteBucketOwnershipControlsResponse delete_bucket_ownership_controls(
      const Context&, const DeleteBucketOwnershipControlsRequest&);

  PutBucketAclResponse put_bucket_acl(const Context&, const PutBucketAclRequest&);
  GetBucketAclResponse get_bucket_acl(const Context&, const GetBucketAclRequest&);
  PutObjectAclResponse put_object_acl(const Context&, const PutObjectAclRequest&);
  GetObjectAclResponse get_object_acl(const Context&, const GetObjectAclRequest&);

 protected:
  BucketAccess(storage::Store& store, const runtime::Runtime& runtime);

  struct NewObject {
    const std::string& bucket;
    const std::string& key;
    std::string_view action;  // as a refusal calls it
  };
  /// The list of an object that is about to be stored, as its headers want it; nothing where the
  /// bucket's owner has it for himself. Throws AccessControlListNotSupported, AccessDenied where
  /// the list is public and public lists are blocked, and what `read_acl` throws.
  std::optional<AclRecord> acl_of_new_object(const Context& context, const NewObject& object,
                                             const AclHeaders& headers) const;
  /// Whether objects of the bucket, which must exist, may belong to others than its owner.
  bool has_lists(const std::string& bucket) const;
  /// One of the objects of a DeleteObjects. Throws AccessDenied.
  void authorize_removal(const Context& context, const DeleteObjectsRequest& request,
                         const ObjectIdentifier& object) const;
  /// Ownership and list of a bucket that is about to be made. Throws
  /// InvalidBucketAclWithObjectOwnership and InvalidBucketAclWithBlockPublicAccessError.
  void set_up_access(const Context& context, const CreateBucketRequest& request);
  /// All of this of a bucket that goes away.
  void remove_access(const std::string& bucket);

  /// An object, or the version with an id. Nothing where there is none.
  virtual std::optional<ObjectRecord> find_object(
      const std::string& bucket, const std::string& key,
      const std::optional<std::string>& version_id) const = 0;
  /// Throws what finding an object throws, which depends on the request's HTTP method.
  virtual ObjectRecord require_object(const std::string& bucket, const std::string& key,
                                      const std::optional<std::string>& version_id,
                                      std::string_view method) const = 0;
  /// Stores a version whose list has changed.
  virtual void replace_object(const Context& context, const std::string& bucket,
                              const std::string& key, const ObjectRecord& record) = 0;

 private:
  /// What is kept in memory of a bucket that was used.
  struct State {
    std::string account;
    std::string region;
    std::shared_ptr<const policy::Document> policy;  // null without
    bool policy_is_public = false;
    bool policy_has_canonical_users = false;
    Ownership ownership = Ownership::enforced;
    PublicBlockRecord block;
    std::optional<AclRecord> acl;

    bool has_lists() const { return ownership != Ownership::enforced; }
    /// Whether its owner may do everything.
    bool is_plain() const { return !policy && !has_lists(); }
  };
  /// A request for one resource.
  struct Inquiry;

  static void require_region(const Context& context, const std::string& region);
  /// Null where there is no such bucket. Good until the bucket's record changes.
  const State* find_state(const std::string& bucket) const;
  AccessRecord access_of(const std::string& bucket) const;
  void put_access(const std::string& bucket, const AccessRecord& record);
  /// For those operations that a policy can let others ask for, and AWS still refuses them.
  BucketRecord require_own_bucket(const Context& context, const std::string& name,
                                  const Owner& expected_owner) const;

  /// `refused`: nothing allows it. `denied`: a policy forbids it.
  enum class Judgement : std::uint8_t { allowed, refused, denied };
  Judgement judge(const Inquiry& inquiry, std::string_view action) const;
  /// By what is attached to bucket and object alone.
  Judgement judge_by_resource(const Inquiry& inquiry, std::string_view action) const;
  /// With the policies of who calls, where these count.
  Judgement judge_by_all(const Inquiry& inquiry, std::string_view action) const;
  /// What is about no bucket, or about one that does not exist.
  void judge_by_identity(const Context& context, const protocol::Operation& operation,
                         const void* request) const;
  [[noreturn]] void deny() const;
  bool may(const Inquiry& inquiry, std::string_view action) const;
  /// Whether an object exists is only for those to know who may list its bucket. So whoever may
  /// list is told of what is not there, whatever else he may; and who may not list, of nothing.
  bool may_read(const Inquiry& inquiry, std::string_view action) const;
  bool list_permits(const Inquiry& inquiry, std::string_view action,
                    const std::optional<ObjectRecord>& object) const;
  void require_source_readable(const Context& context, const ActionRule& rule,
                               const protocol::Operation& operation, const void* request) const;
  std::optional<std::vector<std::string>> find_bucket_tag(const std::string& bucket,
                                                          std::string_view name) const;
  std::optional<std::vector<std::string>> find_key(const Inquiry& inquiry,
                                                   std::string_view key) const;

  storage::Table<std::string, AccessRecord> access_;
  storage::Table<std::string, BucketRecord> owners_;
  runtime::Clock& clock_;
  std::unordered_map<const protocol::Operation*, ActionRule> rules_;
  mutable std::unordered_map<std::string, State> states_;
  /// AWS's sentence for the last refusal by policies of identities; empty where S3 gives no reason.
  mutable std::string refusal_;
};

}  // namespace matinee::s3
