#include "services/s3/access/actions.h"

#include <algorithm>

#include "s3/operations.h"

namespace matinee::s3 {

namespace {

struct Renamed {
  std::string_view operation;
  std::string_view action;
};

/// The operations whose action does not have their name.
constexpr Renamed renamed[] = {
    {"AbortMultipartUpload", "s3:AbortMultipartUpload"},
    {"CompleteMultipartUpload", "s3:PutObject"},
    {"CopyObject", "s3:PutObject"},
    {"CreateMultipartUpload", "s3:PutObject"},
    {"DeleteBucketAnalyticsConfiguration", "s3:PutAnalyticsConfiguration"},
    {"DeleteBucketCors", "s3:PutBucketCORS"},
    {"DeleteBucketEncryption", "s3:PutEncryptionConfiguration"},
    {"DeleteBucketIntelligentTieringConfiguration", "s3:PutIntelligentTieringConfiguration"},
    {"DeleteBucketInventoryConfiguration", "s3:PutInventoryConfiguration"},
    {"DeleteBucketLifecycle", "s3:PutLifecycleConfiguration"},
    {"DeleteBucketMetricsConfiguration", "s3:PutMetricsConfiguration"},
    {"DeleteBucketOwnershipControls", "s3:PutBucketOwnershipControls"},
    {"DeleteBucketReplication", "s3:PutReplicationConfiguration"},
    {"DeleteBucketTagging", "s3:PutBucketTagging"},
    {"DeleteObjects", "s3:DeleteObject"},
    {"DeletePublicAccessBlock", "s3:PutBucketPublicAccessBlock"},
    {"GetBucketAccelerateConfiguration", "s3:GetAccelerateConfiguration"},
    {"GetBucketAnalyticsConfiguration", "s3:GetAnalyticsConfiguration"},
    {"GetBucketCors", "s3:GetBucketCORS"},
    {"GetBucketEncryption", "s3:GetEncryptionConfiguration"},
    {"GetBucketIntelligentTieringConfiguration", "s3:GetIntelligentTieringConfiguration"},
    {"GetBucketInventoryConfiguration", "s3:GetInventoryConfiguration"},
    {"GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration"},
    {"GetBucketMetricsConfiguration", "s3:GetMetricsConfiguration"},
    {"GetBucketNotificationConfiguration", "s3:GetBucketNotification"},
    {"GetBucketReplication", "s3:GetReplicationConfiguration"},
    {"GetObjectLockConfiguration", "s3:GetBucketObjectLockConfiguration"},
    {"GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"},
    {"HeadBucket", "s3:ListBucket"},
    {"HeadObject", "s3:GetObject"},
    {"ListBucketAnalyticsConfigurations", "s3:GetAnalyticsConfiguration"},
    {"ListBucketIntelligentTieringConfigurations", "s3:GetIntelligentTieringConfiguration"},
    {"ListBucketInventoryConfigurations", "s3:GetInventoryConfiguration"},
    {"ListBucketMetricsConfigurations", "s3:GetMetricsConfiguration"},
    {"ListBuckets", "s3:ListAllMyBuckets"},
    {"ListMultipartUploads", "s3:ListBucketMultipartUploads"},
    {"ListObjectVersions", "s3:ListBucketVersions"},
    {"ListObjects", "s3:ListBucket"},
    {"ListObjectsV2", "s3:ListBucket"},
    {"ListParts", "s3:ListMultipartUploadParts"},
    {"PutBucketAccelerateConfiguration", "s3:PutAccelerateConfiguration"},
    {"PutBucketAnalyticsConfiguration", "s3:PutAnalyticsConfiguration"},
    {"PutBucketCors", "s3:PutBucketCORS"},
    {"PutBucketEncryption", "s3:PutEncryptionConfiguration"},
    {"PutBucketIntelligentTieringConfiguration", "s3:PutIntelligentTieringConfiguration"},
    {"PutBucketInventoryConfiguration", "s3:PutInventoryConfiguration"},
    {"PutBucketLifecycleConfiguration", "s3:PutLifecycleConfiguration"},
    {"PutBucketMetricsConfiguration", "s3:PutMetricsConfiguration"},
    {"PutBucketNotificationConfiguration", "s3:PutBucketNotification"},
    {"PutBucketReplication", "s3:PutReplicationConfiguration"},
    {"PutObjectLockConfiguration", "s3:PutBucketObjectLockConfiguration"},
    {"PutPublicAccessBlock", "s3:PutBucketPublicAccessBlock"},
    {"UploadPart", "s3:PutObject"},
    {"UploadPartCopy", "s3:PutObject"},
};

/// The actions on a version have a name of their own.
constexpr Renamed of_versions[] = {
    {"DeleteObject", "s3:DeleteObjectVersion"},
    {"DeleteObjectTagging", "s3:DeleteObjectVersionTagging"},
    {"GetObject", "s3:GetObjectVersion"},
    {"GetObjectAcl", "s3:GetObjectVersionAcl"},
    {"GetObjectAttributes", "s3:GetObjectVersionAttributes"},
    {"GetObjectTagging", "s3:GetObjectVersionTagging"},
    {"HeadObject", "s3:GetObjectVersion"},
    {"PutObjectAcl", "s3:PutObjectVersionAcl"},
    {"PutObjectTagging", "s3:PutObjectVersionTagging"},
};

constexpr Action actions[] = {
    {"s3:AbortMultipartUpload", true},
    {"s3:BypassGovernanceRetention", true},
    {"s3:CreateBucket"},
    {"s3:DeleteBucket"},
    {"s3:DeleteBucketPolicy"},
    {"s3:DeleteBucketWebsite"},
    {"s3:DeleteObject", true},
    {"s3:DeleteObjectTagging", true},
    {"s3:DeleteObjectVersion", true},
    {"s3:DeleteObjectVersionTagging", true},
    {"s3:GetAccelerateConfiguration"},
    {"s3:GetAnalyticsConfiguration"},
    {"s3:GetBucketAbac"},
    {"s3:GetBucketAcl"},
    {"s3:GetBucketCORS"},
    {"s3:GetBucketLocation"},
    {"s3:GetBucketLogging"},
    {"s3:GetBucketNotification"},
    {"s3:GetBucketObjectLockConfiguration"},
    {"s3:GetBucketOwnershipControls"},
    {"s3:GetBucketPolicy"},
    {"s3:GetBucketPolicyStatus"},
    {"s3:GetBucketPublicAccessBlock"},
    {"s3:GetBucketRequestPayment"},
    {"s3:GetBucketTagging"},
    {"s3:GetBucketVersioning"},
    {"s3:GetBucketWebsite"},
    {"s3:GetEncryptionConfiguration"},
    {"s3:GetIntelligentTieringConfiguration"},
    {"s3:GetInventoryConfiguration"},
    {"s3:GetLifecycleConfiguration"},
    {"s3:GetMetricsConfiguration"},
    {"s3:GetObject", true},
    {"s3:GetObjectAcl", true},
    {"s3:GetObjectAttributes", true},
    {"s3:GetObjectLegalHold", true},
    {"s3:GetObjectRetention", true},
    {"s3:GetObjectTagging", true},
    {"s3:GetObjectTorrent", true},
    {"s3:GetObjectVersion", true},
    {"s3:GetObjectVersionAcl", true},
    {"s3:GetObjectVersionAttributes", true},
    {"s3:GetObjectVersionForReplication", true},
    {"s3:GetObjectVersionTagging", true},
    {"s3:GetObjectVersionTorrent", true},
    {"s3:GetReplicationConfiguration"},
    {"s3:InitiateReplication", true},
    {"s3:ListBucket"},
    {"s3:ListBucketMultipartUploads"},
    {"s3:ListBucketVersions"},
    {"s3:ListMultipartUploadParts", true},
    {"s3:ListTagsForResource"},
    {"s3:ObjectOwnerOverrideToBucketOwner", true},
    {"s3:PutAccelerateConfiguration"},
    {"s3:PutAnalyticsConfiguration"},
    {"s3:PutBucketAbac"},
    {"s3:PutBucketAcl"},
    {"s3:PutBucketCORS"},
    {"s3:PutBucketLogging"},
    {"s3:PutBucketNotification"},
    {"s3:PutBucketObjectLockConfiguration"},
    {"s3:PutBucketOwnershipControls"},
    {"s3:PutBucketPolicy"},
    {"s3:PutBucketPublicAccessBlock"},
    {"s3:PutBucketRequestPayment"},
    {"s3:PutBucketTagging"},
    {"s3:PutBucketVersioning"},
    {"s3:PutBucketWebsite"},
    {"s3:PutEncryptionConfiguration"},
    {"s3:PutIntelligentTieringConfiguration"},
    {"s3:PutInventoryConfiguration"},
    {"s3:PutLifecycleConfiguration"},
    {"s3:PutMetricsConfiguration"},
    {"s3:PutObject", true},
    {"s3:PutObjectAcl", true},
    {"s3:PutObjectLegalHold", true},
    {"s3:PutObjectRetention", true},
    {"s3:PutObjectTagging", true},
    {"s3:PutObjectVersionAcl", true},
    {"s3:PutObjectVersionTagging", true},
    {"s3:PutReplicationConfiguration"},
    {"s3:ReplicateDelete", true},
    {"s3:ReplicateObject", true},
    {"s3:ReplicateTags", true},
    {"s3:RestoreObject", true},
    {"s3:TagResource"},
    {"s3:UntagResource"},
    {"s3:UpdateObjectEncryption", true},
};

template <std::size_t size>
std::string_view find_name(const Renamed (&table)[size], std::string_view operation) {
  const auto found = std::ranges::find(table, operation, &Renamed::operation);
  return found == std::end(table) ? std::string_view() : found->action;
}

ActionRule make_rule(const protocol::Operation& operation) {
  ActionRule rule;
  rule.action = find_name(renamed, operation.name);
  if (rule.action.empty()) rule.action = "s3:" + std::string(operation.name);
  rule.version_action = find_name(of_versions, operation.name);
  const auto field = [&](std::string_view name) -> const protocol::Field* {
    return operation.input ? operation.input->find(name) : nullptr;
  };
  rule.bucket = field("Bucket");
  rule.key = field("Key");
  rule.version = field("VersionId");
  rule.copy_source = field("CopySource");
  const bool makes_object = rule.action == "s3:PutObject";
  if (makes_object)
    for (const std::string_view name :
         {"ACL", "GrantFullControl", "GrantRead", "GrantReadACP", "GrantWriteACP"})
      if (const protocol::Field* list = field(name)) rule.lists.push_back(list);
  if (makes_object) rule.tagging = field("Tagging");
  rule.reads_object = rule.key && rule.action.starts_with("s3:GetObject");
  return rule;
}

}  // namespace

std::unordered_map<const protocol::Operation*, ActionRule> make_action_rules() {
  std::unordered_map<const protocol::Operation*, ActionRule> rules;
  for (const protocol::Operation* operation : model.operations)
    rules.emplace(operation, make_rule(*operation));
  return rules;
}

std::span<const Action> policy_actions() {
  return actions;
}

}  // namespace matinee::s3
