#include "resources/types/s3/reading.h"

#include <fmt/format.h>

#include <cctype>

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

/// S3 tells "Prefix" and "Suffix", templates mostly have small letters.
Value filter_rules_property(const Value& told) {
  return mapped(told, [](const Value& each) {
    Value rule = each;
    std::string name = rule.text_or("Name");
    if (!name.empty()) name.front() = static_cast<char>(std::tolower(name.front()));
    return rule.set("Name", name);
  });
}

/// A template names one event a rule, S3 any number.
void add_notifications(const Value& told, std::string_view arn, std::string_view as, Value& rules) {
  for (const Value& rule : told.elements())
    for (const Value& event : member(rule, "Events").elements()) {
      Value filter;
      if (const Value names = nested(rule, "Filter.Key.FilterRules"); !names.elements().empty()) {
        const Value key = fields({{"Rules", filter_rules_property(names)}});
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

/// A property that is a list, of which every element is told by itself.
struct Elements {
  std::string_view property;
  std::string_view noun;  // in the names of operations and members
  Value (*convert)(const Value& told);
};
constexpr Elements all_elements[] = {
    {"AnalyticsConfigurations", "Analytics", analytics_property},
    {"IntelligentTieringConfigurations", "IntelligentTiering", tiering_property},
    {"InventoryConfigurations", "Inventory", inventory_property},
    {"MetricsConfigurations", "Metrics", metrics_property},
};

Task<void> read_elements(Subject& subject, std::string bucket, Elements elements,
                         Value& properties) {
  Value told = Value::list();
  Value request = of_bucket(bucket);
  std::string token;
  do {
    const Value page = co_await call(
        subject, fmt::format("s3:ListBucket{}Configurations", elements.noun), request);
    for (const Value& each :
         member(page, fmt::format("{}ConfigurationList", elements.noun)).elements())
      told.append(elements.convert(each));
    token = page.text_or("NextContinuationToken");
    request.set("ContinuationToken", token);
  } while (!token.empty());
  if (!told.elements().empty()) properties.set(elements.property, told);
}

}  // namespace

Task<void> read_configurations(Subject& subject, const std::string& bucket, Value& properties) {
  for (const Reading& reading : all_readings) {
    const Value got = co_await call_if_there(subject, reading.operation, of_bucket(bucket));
    if (got.is_null()) continue;
    const Value value = reading.convert(got);
    if (value.is_null() || (value.is_map() && value.members().empty())) continue;
    properties.set(reading.property, value);
  }
  for (const Elements& elements : all_elements)
    co_await read_elements(subject, bucket, elements, properties);
  const Value rules =
      co_await call_if_there(subject, "s3:GetBucketLifecycleConfiguration", of_bucket(bucket));
  if (!rules.is_null())
    properties.set("LifecycleConfiguration",
                   lifecycle_property(rules, member(subject.known, "LifecycleConfiguration")));
  if (properties.find("ObjectLockConfiguration")) properties.set("ObjectLockEnabled", true);
}

}  // namespace matinee::resources::types::s3
