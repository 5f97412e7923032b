#include <fmt/format.h>

#include <algorithm>

#include "resources/types/s3/configurations.h"
#include "resources/types/s3/reading.h"
#include "resources/types/s3/s3_types.h"

namespace matinee::resources::types::s3 {

namespace {

/// A property that one operation sets as a whole.
struct Configuration {
  std::string_view property;
  std::string_view operation;
  std::string_view member;
  /// What the operation takes instead of the property's value; null: the value itself.
  Value (*convert)(const Value&);
  /// How the property goes away: the operation that removes it ...
  std::string_view removal;
  /// ... or, where there is none, the JSON that `operation` takes for nothing.
  std::string_view nothing;
};

/// In the order in which they have to be set: who owns objects before lists of access, versions
/// before locks and replication.
constexpr Configuration all_configurations[] = {
    {"OwnershipControls", "s3:PutBucketOwnershipControls", "OwnershipControls", nullptr,
     "s3:DeleteBucketOwnershipControls", ""},
    {"PublicAccessBlockConfiguration", "s3:PutPublicAccessBlock", "PublicAccessBlockConfiguration",
     nullptr, "s3:DeletePublicAccessBlock", ""},
    {"VersioningConfiguration", "s3:PutBucketVersioning", "VersioningConfiguration", nullptr, "",
     R"({"Status":"Suspended"})"},
    {"BucketEncryption", "s3:PutBucketEncryption", "ServerSideEncryptionConfiguration",
     encryption_of, "s3:DeleteBucketEncryption", ""},
    {"ObjectLockConfiguration", "s3:PutObjectLockConfiguration", "ObjectLockConfiguration",
     object_lock_of, "", R"({"ObjectLockEnabled":"Enabled"})"},
    {"CorsConfiguration", "s3:PutBucketCors", "CORSConfiguration", cors_of, "s3:DeleteBucketCors",
     ""},
    {"LoggingConfiguration", "s3:PutBucketLogging", "BucketLoggingStatus", logging_of, "", "{}"},
    {"WebsiteConfiguration", "s3:PutBucketWebsite", "WebsiteConfiguration", website_of,
     "s3:DeleteBucketWebsite", ""},
    {"ReplicationConfiguration", "s3:PutBucketReplication", "ReplicationConfiguration",
     replication_of, "s3:DeleteBucketReplication", ""},
    {"NotificationConfiguration", "s3:PutBucketNotificationConfiguration",
     "NotificationConfiguration", notifications_of, "", "{}"},
};

/// A property that is a list, of which every element has an id and is set by itself.
struct Elements {
  std::string_view property;
  std::string_view noun;  // in the names of operations and members
  Value (*convert)(const Value&);
};
constexpr Elements all_elements[] = {
    {"AnalyticsConfigurations", "Analytics", analytics_of},
    {"IntelligentTieringConfigurations", "IntelligentTiering", tiering_of},
    {"InventoryConfigurations", "Inventory", inventory_of},
    {"MetricsConfigurations", "Metrics", metrics_of},
};

Task<void> set_configuration(Subject& subject, std::string bucket,
                             const Configuration& configuration, Value wanted) {
  if (wanted.is_null() && !configuration.removal.empty()) {
    co_await call_if_there(subject, configuration.removal, of_bucket(bucket));
    co_return;
  }
  Value value = wanted;
  if (wanted.is_null())
    value = read_json(configuration.nothing).value_or(Value::map());
  else if (configuration.convert)
    value = configuration.convert(wanted);
  co_await call(subject, configuration.operation,
                of_bucket(bucket).set(configuration.member, value));
}

/// Texts are names of states: "Enabled".
Task<void> set_states(Subject& subject, std::string bucket, const Value& before,
                      const Value& after) {
  if (differs(before, after, "AccelerateConfiguration")) {
    const Value status = nested(after, "AccelerateConfiguration.AccelerationStatus");
    const Value wanted = fields({{"Status", status.is_null() ? Value("Suspended") : status}});
    co_await call(subject, "s3:PutBucketAccelerateConfiguration",
                  of_bucket(bucket).set("AccelerateConfiguration", wanted));
  }
  if (differs(before, after, "AbacStatus")) {
    const Value wanted = fields({{"Status", after.text_or("AbacStatus", "Disabled")}});
    co_await call(subject, "s3:PutBucketAbac", of_bucket(bucket).set("AbacStatus", wanted));
  }
  // A bucket whose lists of access are switched off refuses even the list that it has.
  const std::string control = after.text_or("AccessControl", "Private");
  if (before.text_or("AccessControl", "Private") != control)
    co_await call(subject, "s3:PutBucketAcl", of_bucket(bucket).set("ACL", canned_acl(control)));
}

Task<void> set_lifecycle(Subject& subject, std::string bucket, const Value& before,
                         const Value& after) {
  if (!differs(before, after, "LifecycleConfiguration")) co_return;
  const Value wanted = member(after, "LifecycleConfiguration");
  if (wanted.is_null()) {
    co_await call_if_there(subject, "s3:DeleteBucketLifecycle", of_bucket(bucket));
    co_return;
  }
  Value request = of_bucket(bucket).set("LifecycleConfiguration", lifecycle_of(wanted));
  const Value least = member(wanted, "TransitionDefaultMinimumObjectSize");
  if (!least.is_null()) request.set("TransitionDefaultMinimumObjectSize", least);
  co_await call(subject, "s3:PutBucketLifecycleConfiguration", std::move(request));
}

/// A bucket's tags are one document: the resource's own and the stack's.
Task<void> set_tags(Subject& subject, std::string bucket, const Value& properties) {
  const Value tags = tags_of(subject, properties, true);
  if (tags.elements().empty())
    co_await call_if_there(subject, "s3:DeleteBucketTagging", of_bucket(bucket));
  else
    co_await call(subject, "s3:PutBucketTagging",
                  of_bucket(bucket).set("Tagging", fields({{"TagSet", tags}})));
}

Value with_id(const Value& list, const std::string& id) {
  for (const Value& each : list.elements())
    if (each.text_or("Id") == id) return each;
  return {};
}

/// One by one: what is new or other, then what is no more.
Task<void> set_elements(Subject& subject, std::string bucket, const Value& before,
                        const Value& after) {
  for (const Elements& kind : all_elements) {
    const Value had = member(before, kind.property);
    const Value has = member(after, kind.property);
    for (const Value& each : has.elements()) {
      const std::string id = each.text_or("Id");
      if (with_id(had, id) == each) continue;
      Value request = of_bucket(bucket).set("Id", id);
      co_await call(subject, fmt::format("s3:PutBucket{}Configuration", kind.noun),
                    request.set(fmt::format("{}Configuration", kind.noun), kind.convert(each)));
    }
    for (const Value& each : had.elements()) {
      const std::string id = each.text_or("Id");
      if (!with_id(has, id).is_null()) continue;
      co_await call_if_there(subject, fmt::format("s3:DeleteBucket{}Configuration", kind.noun),
                             of_bucket(bucket).set("Id", id));
    }
  }
}

Task<void> configure(Subject& subject, std::string bucket, const Value& before,
                     const Value& after) {
  for (const Configuration& configuration : all_configurations)
    if (differs(before, after, configuration.property))
      co_await set_configuration(subject, bucket, configuration,
                                 member(after, configuration.property));
  co_await set_states(subject, bucket, before, after);
  co_await set_lifecycle(subject, bucket, before, after);
  co_await set_elements(subject, bucket, before, after);
}

/// AWS's oldest regions have a dash in the names of their sites.
std::string site_of(const std::string& bucket, const std::string& region) {
  constexpr std::string_view with_dash[] = {"us-east-1",      "us-west-1",      "us-west-2",
                                            "ap-southeast-1", "ap-southeast-2", "ap-northeast-1",
                                            "eu-west-1",      "sa-east-1",      "us-gov-west-1"};
  const bool is_old = std::ranges::find(with_dash, region) != std::end(with_dash);
  return fmt::format("http://{}.s3-website{}{}.amazonaws.com", bucket, is_old ? "-" : ".", region);
}

Value attributes_of(const Subject& subject, const std::string& bucket) {
  const std::string& region = subject.region;
  return fields(
      {{"Arn", fmt::format("arn:{}:s3:::{}", subject.partition, bucket)},
       {"DomainName", fmt::format("{}.s3.amazonaws.com", bucket)},
       {"RegionalDomainName", fmt::format("{}.s3.{}.amazonaws.com", bucket, region)},
       {"DualStackDomainName", fmt::format("{}.s3.dualstack.{}.amazonaws.com", bucket, region)},
       {"WebsiteURL", site_of(bucket, region)}});
}

class Bucket final : public CodedType {
 public:
  Bucket() : CodedType("AWS::S3::Bucket") {}

  std::vector<std::string_view> refused() const override {
    return {"BucketNamePrefix", "MetadataConfiguration", "MetadataTableConfiguration"};
  }

  Task<Made> create(Subject& subject, const Value& properties) const override {
    refuse_unserved(properties);
    constexpr std::size_t longest_name = 63;
    const std::string name = properties.text_or(
        "BucketName", generated_name(subject, {.most = longest_name, .is_lower_case = true}));
    co_await make_bucket(subject, name, properties);
    // Tags first: where access depends on them, they can be set no more.
    co_await set_tags(subject, name, properties);
    co_await configure(subject, name, Value::map(), properties);
    co_return Made{.id = name, .attributes = attributes_of(subject, name)};
  }

  Task<Made> update(Subject& subject, const std::string& id, const Value& before,
                    const Value& after) const override {
    refuse_unserved(after);
    // An existing bucket gets locks by a configuration; there is no way back.
    if (differs(before, after, "ObjectLockEnabled") && member(after, "ObjectLockEnabled").truth() &&
        member(after, "ObjectLockConfiguration").is_null())
      co_await call(
          subject, "s3:PutObjectLockConfiguration",
          of_bucket(id).set("ObjectLockConfiguration", fields({{"ObjectLockEnabled", "Enabled"}})));
    if (differs(before, after, "Tags") || !(subject.stack_tags == subject.previous_stack_tags))
      co_await set_tags(subject, id, after);
    co_await configure(subject, id, before, after);
    co_return Made{.id = id, .attributes = attributes_of(subject, id)};
  }

  /// S3 refuses to delete a bucket with objects, and so does the resource.
  Task<void> remove(Subject& subject, const std::string& id, const Value&) const override {
    co_await call_if_there(subject, "s3:DeleteBucket", of_bucket(id));
  }

  Task<Value> told(Subject& subject, const std::string& id) const override {
    const Value there = co_await call_if_there(subject, "s3:HeadBucket", of_bucket(id));
    if (there.is_null()) not_found(name(), id);
    Value properties = fields({{"BucketName", id}});
    co_await read_configurations(subject, id, properties);
    const Value attributes = attributes_of(subject, id);
    for (const templates::Member& attribute : attributes.members())
      properties.set(attribute.name, attribute.value);
    co_return properties;
  }

  Task<std::vector<std::string>> list(Subject& subject, const Value&) const override {
    return list_all(subject, {.operation = "s3:ListBuckets",
                              .elements = "Buckets",
                              .id = "Name",
                              .token_in = "ContinuationToken",
                              .token_out = "ContinuationToken"});
  }

 private:
  /// S3 gives its owner a bucket of that name that is there already; a template does not get it.
  static Task<void> make_bucket(Subject& subject, std::string name, const Value& properties) {
    if (!subject.made_id.empty()) co_return;
    if (!subject.is_repeated || properties.find("BucketName")) {
      const Value there = co_await call_if_there(subject, "s3:HeadBucket", of_bucket(name));
      if (!there.is_null())
        throw HandlerError("AlreadyExists", fmt::format("{} already exists", name));
    }
    Value request = of_bucket(name);
    if (subject.region != "us-east-1")
      request.set("CreateBucketConfiguration", fields({{"LocationConstraint", subject.region}}));
    if (member(properties, "ObjectLockEnabled").truth() ||
        !member(properties, "ObjectLockConfiguration").is_null())
      request.set("ObjectLockEnabledForBucket", true);
    if (const Value space = member(properties, "BucketNamespace"); !space.is_null())
      request.set("BucketNamespace", space);
    co_await make(subject, {.operation = "s3:CreateBucket",
                            .request = std::move(request),
                            .id_of = [name](const Value&) { return name; },
                            .named = name});
  }
};

}  // namespace

const CodedType& bucket() {
  static const Bucket type;
  return type;
}

Value of_bucket(const std::string& name) {
  return fields({{"Bucket", name}});
}

}  // namespace matinee::resources::types::s3
