#include "resources/types/s3/reading.h"

#include "resources/types/s3/s3_types.h"

namespace matinee::resources::types::s3 {

namespace {

template <class Change>
Value mapped(const Value& list, Change change) {
  Value result = Value::list();
  for (const Value& each : list.elements()) result.append(change(each));
  return result;
}

Value encryption_property(const Value& got) {
  const Value rules = nested(got, "ServerSideEncryptionConfiguration.Rules");
  return fields({{"ServerSideEncryptionConfiguration", mapped(rules, [](const Value& told) {
                    Value rule = told;
                    rename(rule, "ApplyServerSideEncryptionByDefault",
                           "ServerSideEncryptionByDefault");
                    return rule;
                  })}});
}

Value cors_property(const Value& got) {
  return fields({{"CorsRules", mapped(member(got, "CORSRules"), [](const Value& told) {
                    Value rule = told;
                    rename(rule, "ID", "Id");
                    rename(rule, "ExposeHeaders", "ExposedHeaders");
                    rename(rule, "MaxAgeSeconds", "MaxAge");
                    return rule;
                  })}});
}

Value logging_property(const Value& got) {
  const Value enabled = member(got, "LoggingEnabled");
  if (enabled.is_null()) return {};
  Value prefix = member(enabled, "TargetPrefix");
  if (prefix.text().empty()) prefix = Value();
  return fields({{"DestinationBucketName", member(enabled, "TargetBucket")},
                 {"LogFilePrefix", prefix},
                 {"TargetObjectKeyFormat", member(enabled, "TargetObjectKeyFormat")}});
}

Value website_property(const Value& got) {
  const Value told = member(got, "RoutingRules");
  Value rules;
  if (!told.elements().empty())
    rules = mapped(told, [](const Value& rule) {
      return fields({{"RoutingRuleCondition", member(rule, "Condition")},
                     {"RedirectRule", member(rule, "Redirect")}});
    });
  return fields({{"IndexDocument", nested(got, "IndexDocument.Suffix")},
                 {"ErrorDocument", nested(got, "ErrorDocument.Key")},
                 {"RedirectAllRequestsTo", member(got, "RedirectAllRequestsTo")},
                 {"RoutingRules", rules}});
}

/// A template names one event a rule, S3 any number.
void add_notifications(const Value& told, std::string_view arn, std::string_view as, Value& rules) {
  for (const Value& rule : told.elements())
    for (const Value& event : member(rule, "Events").elements()) {
      Value filter;
      if (const Value names = nested(rule, "Filter.Key.FilterRules"); !names.elements().empty()) {
        const Value key = fields({{"Rules", names}});
        filter = fields({{"S3Key", key}});
      }
      rules.append(fields({{"Event", event}, {as, member(rule, arn)}, {"Filter", filter}}));
    }
}

Value notifications_property(const Value& got) {
  Value property = Value::map();
  const auto add = [&](std::string_view list, std::string_view told, std::string_view arn,
                       std::string_view as) {
    Value rules = Value::list();
    add_notifications(member(got, told), arn, as, rules);
    if (!rules.elements().empty()) property.set(list, rules);
  };
  add("LambdaConfigurations", "LambdaFunctionConfigurations", "LambdaFunctionArn", "Function");
  add("QueueConfigurations", "QueueConfigurations", "QueueArn", "Queue");
  add("TopicConfigurations", "TopicConfigurations", "TopicArn", "Topic");
  if (got.find("EventBridgeConfiguration"))
    property.set("EventBridgeConfiguration", fields({{"EventBridgeEnabled", true}}));
  return property.members().empty() ? Value() : property;
}

Value versioning_property(const Value& got) {
  return fields({{"Status", member(got, "Status")}});
}

Value accelerate_property(const Value& got) {
  return fields({{"AccelerationStatus", member(got, "Status")}});
}

Value tags_property(const Value& got) {
  Value tags = Value::list();
  for (const Value& tag : member(got, "TagSet").elements())
    if (!tag.text_or("Key").starts_with("aws:")) tags.append(tag);
  return tags.elements().empty() ? Value() : tags;
}

/// What is told becomes the property; null and empty maps are left out.
struct Reading {
  std::string_view property;
  std::string_view operation;
  Value (*convert)(const Value& response);
};

template <const char* Path>
Value part(const Value& response) {
  return nested(response, Path);
}
constexpr char ownership[] = "OwnershipControls";
constexpr char access_block[] = "PublicAccessBlockConfiguration";
constexpr char object_lock[] = "ObjectLockConfiguration";
constexpr char replication_role[] = "ReplicationConfiguration";

constexpr Reading all_readings[] = {
    {"AccelerateConfiguration", "s3:GetBucketAccelerateConfiguration", accelerate_property},
    {"BucketEncryption", "s3:GetBucketEncryption", encryption_property},
    {"CorsConfiguration", "s3:GetBucketCors", cors_property},
    {"LoggingConfiguration", "s3:GetBucketLogging", logging_property},
    {"NotificationConfiguration", "s3:GetBucketNotificationConfiguration", notifications_property},
    {"ObjectLockConfiguration", "s3:GetObjectLockConfiguration", part<object_lock>},
    {"OwnershipControls", "s3:GetBucketOwnershipControls", part<ownership>},
    {"PublicAccessBlockConfiguration", "s3:GetPublicAccessBlock", part<access_block>},
    {"ReplicationConfiguration", "s3:GetBucketReplication", part<replication_role>},
    {"Tags", "s3:GetBucketTagging", tags_property},
    {"VersioningConfiguration", "s3:GetBucketVersioning", versioning_property},
    {"WebsiteConfiguration", "s3:GetBucketWebsite", website_property},
};

}  // namespace

Task<void> read_configurations(Subject& subject, const std::string& bucket, Value& properties) {
  for (const Reading& reading : all_readings) {
    const Value got = co_await call_if_there(subject, reading.operation, of_bucket(bucket));
    if (got.is_null()) continue;
    const Value value = reading.convert(got);
    if (value.is_null() || (value.is_map() && value.members().empty())) continue;
    properties.set(reading.property, value);
  }
  if (properties.find("ObjectLockConfiguration")) properties.set("ObjectLockEnabled", true);
}

}  // namespace matinee::resources::types::s3
