#include "resources/types/s3/configurations.h"

namespace matinee::resources::types::s3 {

namespace {

/// The elements of a list, each made another.
template <class Change>
Value mapped(const Value& list, Change change) {
  Value result = Value::list();
  for (const Value& each : list.elements()) result.append(change(each));
  return result;
}

/// Prefix, tags and sizes as a filter has them: what is one thing stands for itself, more stand
/// together in And.
Value filter_of(const Value& parts, const Value& tags) {
  const std::size_t number = parts.members().size() + tags.elements().size();
  if (number == 0) return {};
  if (number == 1 && !tags.elements().empty()) return fields({{"Tag", tags.elements().front()}});
  if (number == 1) return parts;
  Value together = parts;
  if (!tags.elements().empty()) together.set("Tags", tags);
  return fields({{"And", together}});
}

/// Prefix, TagFilters and further parts of a configuration, removed from it, as its Filter.
void move_to_filter(Value& configuration, std::initializer_list<std::string_view> parts) {
  const Value filter = filter_of(pick(configuration, parts), member(configuration, "TagFilters"));
  for (const std::string_view part : parts) configuration.erase(part);
  configuration.erase("TagFilters");
  if (!filter.is_null()) configuration.set("Filter", filter);
}

Value destination_of(const Value& destination, std::string_view account) {
  Value to = destination;
  rename(to, "BucketArn", "Bucket");
  rename(to, "BucketAccountId", account);
  return fields({{"S3BucketDestination", to}});
}

Value transition_of(const Value& transition) {
  Value result = transition;
  rename(result, "TransitionDate", "Date");
  rename(result, "TransitionInDays", "Days");
  return result;
}

Value noncurrent_transition_of(const Value& transition) {
  Value result = transition;
  rename(result, "TransitionInDays", "NoncurrentDays");
  return result;
}

/// `one` is the older form of the list `all`, for a single element.
template <class Change>
void merge_transitions(Value& rule, std::string_view one, std::string_view all, Change change) {
  Value list = mapped(member(rule, all), change);
  if (const Value single = member(rule, one); !single.is_null()) list.append(change(single));
  rule.erase(one);
  rule.erase(all);
  if (!list.elements().empty()) rule.set(all, list);
}

Value lifecycle_rule_of(const Value& given) {
  Value rule = given;
  merge_transitions(rule, "Transition", "Transitions", transition_of);
  merge_transitions(rule, "NoncurrentVersionTransition", "NoncurrentVersionTransitions",
                    noncurrent_transition_of);
  const Value expiration =
      fields({{"Date", member(rule, "ExpirationDate")},
              {"Days", member(rule, "ExpirationInDays")},
              {"ExpiredObjectDeleteMarker", member(rule, "ExpiredObjectDeleteMarker")}});
  for (const char* each : {"ExpirationDate", "ExpirationInDays", "ExpiredObjectDeleteMarker"})
    rule.erase(each);
  if (!expiration.members().empty()) rule.set("Expiration", expiration);
  if (const Value days = member(rule, "NoncurrentVersionExpirationInDays"); !days.is_null())
    rule.set("NoncurrentVersionExpiration", fields({{"NoncurrentDays", days}}));
  rule.erase("NoncurrentVersionExpirationInDays");
  move_to_filter(rule, {"Prefix", "ObjectSizeGreaterThan", "ObjectSizeLessThan"});
  // A rule for all objects says so by an empty prefix.
  if (!rule.find("Filter")) rule.set("Filter", fields({{"Prefix", ""}}));
  return rule;
}

Value notification_of(const Value& given, std::string_view from, std::string_view to) {
  Value rule = fields({{to, member(given, from)}});
  Value events = Value::list();
  events.append(member(given, "Event"));
  rule.set("Events", events);
  const Value rules = nested(given, "Filter.S3Key.Rules");
  if (!rules.is_null()) {
    const Value key = fields({{"FilterRules", rules}});
    rule.set("Filter", fields({{"Key", key}}));
  }
  return rule;
}

Value replication_rule_of(const Value& given) {
  Value rule = given;
  Value filter = member(rule, "Filter");
  if (filter.is_null()) return rule;
  rename(filter, "TagFilter", "Tag");
  if (Value together = member(filter, "And"); !together.is_null()) {
    rename(together, "TagFilters", "Tags");
    filter.set("And", together);
  }
  rule.set("Filter", filter);
  return rule;
}

/// {name: value}; null where there is no value.
Value inside(std::string_view name, const Value& value) {
  return value.is_null() ? Value() : fields({{name, value}});
}

}  // namespace

Value cors_of(const Value& property) {
  const Value rules = mapped(member(property, "CorsRules"), [](const Value& given) {
    Value rule = given;
    rename(rule, "ExposedHeaders", "ExposeHeaders");
    rename(rule, "MaxAge", "MaxAgeSeconds");
    return rule;
  });
  return fields({{"CORSRules", rules}});
}

Value encryption_of(const Value& property) {
  const Value rules =
      mapped(member(property, "ServerSideEncryptionConfiguration"), [](const Value& given) {
        Value rule = given;
        rename(rule, "ServerSideEncryptionByDefault", "ApplyServerSideEncryptionByDefault");
        return rule;
      });
  return fields({{"Rules", rules}});
}

Value lifecycle_of(const Value& property) {
  return fields({{"Rules", mapped(member(property, "Rules"), lifecycle_rule_of)}});
}

Value logging_of(const Value& property) {
  const Value enabled =
      fields({{"TargetBucket", member(property, "DestinationBucketName")},
              {"TargetPrefix", property.text_or("LogFilePrefix")},
              {"TargetObjectKeyFormat", member(property, "TargetObjectKeyFormat")}});
  return fields({{"LoggingEnabled", enabled}});
}

Value notifications_of(const Value& property) {
  const auto rules = [&](std::string_view list, std::string_view from, std::string_view to) {
    const Value given = member(property, list);
    if (given.is_null()) return Value();
    return mapped(given, [&](const Value& each) { return notification_of(each, from, to); });
  };
  const Value to_bus = nested(property, "EventBridgeConfiguration.EventBridgeEnabled");
  const bool is_on_bus =
      property.find("EventBridgeConfiguration") && (to_bus.is_null() || to_bus.truth());
  return fields({{"LambdaFunctionConfigurations",
                  rules("LambdaConfigurations", "Function", "LambdaFunctionArn")},
                 {"QueueConfigurations", rules("QueueConfigurations", "Queue", "QueueArn")},
                 {"TopicConfigurations", rules("TopicConfigurations", "Topic", "TopicArn")},
                 {"EventBridgeConfiguration", is_on_bus ? Value::map() : Value()}});
}

Value object_lock_of(const Value& property) {
  Value configuration = property;
  if (!configuration.find("ObjectLockEnabled")) configuration.set("ObjectLockEnabled", "Enabled");
  return configuration;
}

Value replication_of(const Value& property) {
  return fields({{"Role", member(property, "Role")},
                 {"Rules", mapped(member(property, "Rules"), replication_rule_of)}});
}

Value website_of(const Value& property) {
  const Value given_rules = member(property, "RoutingRules");
  Value rules;
  if (!given_rules.is_null())
    rules = mapped(given_rules, [](const Value& given) {
      return fields({{"Condition", member(given, "RoutingRuleCondition")},
                     {"Redirect", member(given, "RedirectRule")}});
    });
  return fields({{"IndexDocument", inside("Suffix", member(property, "IndexDocument"))},
                 {"ErrorDocument", inside("Key", member(property, "ErrorDocument"))},
                 {"RedirectAllRequestsTo", member(property, "RedirectAllRequestsTo")},
                 {"RoutingRules", rules}});
}

Value analytics_of(const Value& element) {
  Value configuration = element;
  move_to_filter(configuration, {"Prefix"});
  Value data_export = nested(element, "StorageClassAnalysis.DataExport");
  if (data_export.is_null()) return configuration;
  data_export.set("Destination",
                  destination_of(member(data_export, "Destination"), "BucketAccountId"));
  return configuration.set("StorageClassAnalysis", inside("DataExport", data_export));
}

Value inventory_of(const Value& element) {
  Value configuration = element;
  rename(configuration, "Enabled", "IsEnabled");
  configuration.set("Destination", destination_of(member(element, "Destination"), "AccountId"));
  configuration.set("Schedule", inside("Frequency", member(element, "ScheduleFrequency")));
  configuration.erase("ScheduleFrequency");
  configuration.erase("Prefix");
  if (const Value prefix = member(element, "Prefix"); !prefix.is_null())
    configuration.set("Filter", inside("Prefix", prefix));
  return configuration;
}

Value metrics_of(const Value& element) {
  Value configuration = element;
  move_to_filter(configuration, {"Prefix", "AccessPointArn"});
  return configuration;
}

Value tiering_of(const Value& element) {
  Value configuration = element;
  move_to_filter(configuration, {"Prefix"});
  return configuration;
}

std::string canned_acl(const std::string& control) {
  std::string acl;
  for (const char c : control) {
    const bool is_capital = c >= 'A' && c <= 'Z';
    if (is_capital && !acl.empty()) acl += '-';
    acl += is_capital ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return acl;
}

}  // namespace matinee::resources::types::s3
