// Rules and configurations with filters, as S3 tells them, as templates call them.
#include "resources/types/s3/reading.h"
#include "resources/types/s3/s3_types.h"

namespace matinee::resources::types::s3 {

namespace {

/// Filter and what is in it, as members of the configuration.
void move_from_filter(Value& configuration) {
  const Value filter = member(configuration, "Filter");
  configuration.erase("Filter");
  if (filter.is_null()) return;
  const Value together = member(filter, "And");
  const Value& parts = together.is_null() ? filter : together;
  for (const templates::Member& part : parts.members()) {
    if (part.name == "Tag") {
      Value tags = Value::list();
      tags.append(part.value);
      configuration.set("TagFilters", tags);
    } else {
      configuration.set(part.name == "Tags" ? "TagFilters" : part.name, part.value);
    }
  }
}

Value destination_property(const Value& told, std::string_view account) {
  Value destination = member(told, "S3BucketDestination");
  rename(destination, "Bucket", "BucketArn");
  rename(destination, account, "BucketAccountId");
  return destination;
}

/// The list, and in its place the only element where the template has the older form.
void set_transitions(Value& rule, const Value& known, std::string_view all, std::string_view one) {
  Value list = Value::list();
  for (Value transition : member(rule, all).elements()) {
    for (const char* days : {"Days", "NoncurrentDays"})
      rename(transition, days, "TransitionInDays");
    rename(transition, "Date", "TransitionDate");
    list.append(std::move(transition));
  }
  rule.erase(all);
  if (list.elements().empty()) return;
  const bool is_older = known.find(one) && !known.find(all) && list.elements().size() == 1;
  rule.set(is_older ? one : all, is_older ? list.elements().front() : list);
}

Value lifecycle_rule_property(const Value& told, const Value& known) {
  Value rule = told;
  rename(rule, "ID", "Id");
  move_from_filter(rule);
  if (rule.text_or("Prefix").empty() && !known.find("Prefix")) rule.erase("Prefix");
  const Value expiration = member(rule, "Expiration");
  rule.erase("Expiration");
  for (const auto& [from, to] : {std::pair{"Days", "ExpirationInDays"},
                                 {"Date", "ExpirationDate"},
                                 {"ExpiredObjectDeleteMarker", "ExpiredObjectDeleteMarker"}})
    if (const Value value = member(expiration, from); !value.is_null()) rule.set(to, value);
  set_transitions(rule, known, "Transitions", "Transition");
  set_transitions(rule, known, "NoncurrentVersionTransitions", "NoncurrentVersionTransition");
  if (known.find("NoncurrentVersionExpirationInDays")) {
    const Value days = nested(rule, "NoncurrentVersionExpiration.NoncurrentDays");
    rule.erase("NoncurrentVersionExpiration");
    if (!days.is_null()) rule.set("NoncurrentVersionExpirationInDays", days);
  }
  return rule;
}

}  // namespace

Value analytics_property(const Value& told) {
  Value configuration = told;
  move_from_filter(configuration);
  Value analysis = Value::map();
  Value data_export = nested(told, "StorageClassAnalysis.DataExport");
  if (!data_export.is_null()) {
    data_export.set("Destination",
                    destination_property(member(data_export, "Destination"), "BucketAccountId"));
    analysis.set("DataExport", data_export);
  }
  return configuration.set("StorageClassAnalysis", analysis);
}

Value inventory_property(const Value& told) {
  Value configuration = told;
  move_from_filter(configuration);
  rename(configuration, "IsEnabled", "Enabled");
  configuration.set("Destination", destination_property(member(told, "Destination"), "AccountId"));
  configuration.erase("Schedule");
  return configuration.set("ScheduleFrequency", nested(told, "Schedule.Frequency"));
}

Value metrics_property(const Value& told) {
  Value configuration = told;
  move_from_filter(configuration);
  return configuration;
}

Value tiering_property(const Value& told) {
  return metrics_property(told);
}

Value lifecycle_property(const Value& told, const Value& known) {
  const Value told_rules = member(told, "Rules");
  const Value known_rules = member(known, "Rules");
  Value rules = Value::list();
  for (std::size_t i = 0; i < told_rules.elements().size(); ++i)
    rules.append(lifecycle_rule_property(told_rules.elements()[i], i < known_rules.elements().size()
                                                                       ? known_rules.elements()[i]
                                                                       : Value::map()));
  return fields(
      {{"Rules", rules},
       {"TransitionDefaultMinimumObjectSize", member(told, "TransitionDefaultMinimumObjectSize")}});
}

}  // namespace matinee::resources::types::s3
