#include "resources/types/dynamodb/table_settings.h"

namespace matinee::resources::types::dynamodb {

namespace {

constexpr std::string_view insights_property = "ContributorInsightsSpecification";
constexpr std::string_view stream_property = "StreamSpecification";

Value of_resource(const std::string& arn) {
  return fields({{"ResourceArn", arn}});
}

/// A change of insights; null where they are as they were, or were never on.
Value insights_change(const std::string& name, const Value& before, const Value& after) {
  const Value had = member(before, insights_property);
  const Value has = member(after, insights_property);
  if (had == has) return {};
  const bool is_on = member(has, "Enabled").truth();
  if (!is_on && !member(had, "Enabled").truth()) return {};
  Value request = of_table(name);
  request.set("ContributorInsightsAction", is_on ? "ENABLE" : "DISABLE");
  if (const Value mode = member(has, "Mode"); is_on && !mode.is_null())
    request.set("ContributorInsightsMode", mode);
  return request;
}

/// What the index of that name was, as long as it is still the same one; else nothing: an index
/// that is made anew has no insights.
Value same_index(const Value& indexes, const Value& now) {
  for (const Value& index : indexes.elements())
    if (index.text_or("IndexName") == now.text_or("IndexName") &&
        !differs(index, now, {"KeySchema", "Projection"}))
      return index;
  return Value::map();
}

/// Of a table, or of one of its indexes; null where nobody has said anything of them.
Task<Value> told_insights(Subject& subject, Value request) {
  const Value got =
      co_await call_if_there(subject, "dynamodb:DescribeContributorInsights", request);
  const Value mode = member(got, "ContributorInsightsMode");
  if (mode.is_null()) co_return Value();
  co_return fields(
      {{"Enabled", got.text_or("ContributorInsightsStatus") == "ENABLED"}, {"Mode", mode}});
}

/// Of a table or a stream, as the property says it; null where it has none.
Task<Value> told_policy(Subject& subject, std::string arn) {
  const Value got = co_await call_if_there(subject, "dynamodb:GetResourcePolicy", of_resource(arn));
  const Value text = member(got, "Policy");
  if (text.is_null()) co_return Value();
  co_return fields({{"PolicyDocument", document_of(text.text())}});
}

}  // namespace

Task<Value> told_tags(Subject& subject, std::string arn) {
  const Value got = co_await call(subject, "dynamodb:ListTagsOfResource", of_resource(arn));
  const Value tags = member(got, "Tags");
  co_return tags.elements().empty() ? Value() : tags;
}

Task<void> set_resource_policy(Subject& subject, std::string arn, const Value& before,
                               const Value& after) {
  if (!differs(before, after, "ResourcePolicy")) co_return;
  const Value document = nested(after, "ResourcePolicy.PolicyDocument");
  if (document.is_null())
    co_await call(subject, "dynamodb:DeleteResourcePolicy", of_resource(arn));
  else
    co_await call(subject, "dynamodb:PutResourcePolicy", of_resource(arn).set("Policy", document));
}

Task<void> set_tags(Subject& subject, std::string arn, const Value& before, const Value& after) {
  const std::vector<std::string> removed = removed_tags(subject, before, after);
  if (!removed.empty())
    co_await call(subject, "dynamodb:UntagResource",
                  fields({{"ResourceArn", arn}, {"TagKeys", list_of(removed)}}));
  const Value tags = tags_of(subject, after, false);
  if (!tags.elements().empty())
    co_await call(subject, "dynamodb:TagResource", fields({{"ResourceArn", arn}, {"Tags", tags}}));
}

Task<void> set_stream_settings(Subject& subject, std::string arn, const Value& before,
                               const Value& after) {
  const Value had = member(before, stream_property);
  const Value has = member(after, stream_property);
  // A stream that has ended keeps what it has until it is gone.
  if (has.is_null()) co_return;
  const bool is_same = had.text_or("StreamViewType") == has.text_or("StreamViewType");
  const Value there = is_same ? had : Value::map();
  co_await set_resource_policy(subject, arn, there, has);
  co_await set_tags(subject, arn, there, has);
}

Task<void> set_insights(Subject& subject, std::string name, const Value& before,
                        const Value& after) {
  if (const Value change = insights_change(name, before, after); !change.is_null())
    co_await call(subject, "dynamodb:UpdateContributorInsights", change);
  const Value had = member(before, "GlobalSecondaryIndexes");
  const Value has = member(after, "GlobalSecondaryIndexes");
  for (const Value& index : has.elements()) {
    Value change = insights_change(name, same_index(had, index), index);
    if (change.is_null()) continue;
    change.set("IndexName", member(index, "IndexName"));
    co_await call(subject, "dynamodb:UpdateContributorInsights", change);
  }
}

Task<void> add_settings(Subject& subject, std::string name, std::string arn, Value& properties) {
  const Value policy = co_await told_policy(subject, arn);
  if (!policy.is_null()) properties.set("ResourcePolicy", policy);
  if (Value stream = member(properties, stream_property); !stream.is_null()) {
    const std::string stream_arn = properties.text_or("StreamArn");
    const Value of_stream = co_await told_policy(subject, stream_arn);
    if (!of_stream.is_null()) stream.set("ResourcePolicy", of_stream);
    const Value tags = co_await told_tags(subject, stream_arn);
    if (!tags.is_null()) stream.set("Tags", tags);
    properties.set(stream_property, stream);
  }
  const Value backups =
      co_await call_if_there(subject, "dynamodb:DescribeContinuousBackups", of_table(name));
  const Value days = nested(
      backups, "ContinuousBackupsDescription.PointInTimeRecoveryDescription.RecoveryPeriodInDays");
  properties.set(
      "PointInTimeRecoverySpecification",
      fields({{"PointInTimeRecoveryEnabled", !days.is_null()}, {"RecoveryPeriodInDays", days}}));
  const Value insights = co_await told_insights(subject, of_table(name));
  if (!insights.is_null()) properties.set(insights_property, insights);
  const Value given = member(properties, "GlobalSecondaryIndexes");
  if (given.elements().empty()) co_return;
  Value indexes = Value::list();
  for (Value index : given.elements()) {
    Value request = of_table(name).set("IndexName", member(index, "IndexName"));
    const Value of_index = co_await told_insights(subject, std::move(request));
    if (!of_index.is_null()) index.set(insights_property, of_index);
    indexes.append(std::move(index));
  }
  properties.set("GlobalSecondaryIndexes", indexes);
}

}  // namespace matinee::resources::types::dynamodb
