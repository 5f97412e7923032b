#include "resources/types/dynamodb/table_import.h"
#include "resources/types/dynamodb/table_requests.h"
#include "resources/types/dynamodb/table_settings.h"

namespace matinee::resources::types::dynamodb {

namespace {

/// Null where the table is gone.
Task<Value> settled(Subject& subject, std::string name) {
  const Value got =
      co_await wait(subject, {.operation = "dynamodb:DescribeTable",
                              .request = of_table(name),
                              .is_ready = [](const Value& now) {
                                const Value status = nested(now, "Table.TableStatus");
                                if (status.is_null() || status.text() != "ACTIVE")
                                  return now.is_null();
                                const Value indexes = nested(now, "Table.GlobalSecondaryIndexes");
                                for (const Value& index : indexes.elements())
                                  if (index.text_or("IndexStatus", "ACTIVE") != "ACTIVE")
                                    return false;
                                return true;
                              }});
  co_return member(got, "Table");
}

/// The only thing that DynamoDB does not take twice: what is so already is left alone.
Task<void> set_time_to_live(Subject& subject, std::string name, const Value& before,
                            const Value& after) {
  if (!differs(before, after, "TimeToLiveSpecification")) co_return;
  const Value got = co_await call(subject, "dynamodb:DescribeTimeToLive", of_table(name));
  const Value there = nested(got, "TimeToLiveDescription.AttributeName");
  const Value wanted = member(after, "TimeToLiveSpecification");
  const bool is_wanted = member(wanted, "Enabled").truth();
  const Value attribute = is_wanted ? member(wanted, "AttributeName") : Value();
  if (attribute == there) co_return;
  const auto request = [&](const Value& of_attribute, bool is_on) {
    const Value specification = fields({{"AttributeName", of_attribute}, {"Enabled", is_on}});
    return of_table(name).set("TimeToLiveSpecification", specification);
  };
  if (!there.is_null()) co_await call(subject, "dynamodb:UpdateTimeToLive", request(there, false));
  if (is_wanted) co_await call(subject, "dynamodb:UpdateTimeToLive", request(attribute, true));
}

Task<void> set_backups(Subject& subject, std::string name, const Value& before,
                       const Value& after) {
  if (!differs(before, after, "PointInTimeRecoverySpecification")) co_return;
  Value wanted = member(after, "PointInTimeRecoverySpecification");
  if (!wanted.find("PointInTimeRecoveryEnabled")) wanted.set("PointInTimeRecoveryEnabled", false);
  co_await call(subject, "dynamodb:UpdateContinuousBackups",
                of_table(name).set("PointInTimeRecoverySpecification", wanted));
}

Made made(const std::string& name, const Value& description) {
  return {.id = name,
          .attributes = fields({{"Arn", member(description, "TableArn")},
                                {"StreamArn", member(description, "LatestStreamArn")},
                                {"TableId", member(description, "TableId")}})};
}

class Table final : public CodedType {
 public:
  Table() : CodedType("AWS::DynamoDB::Table") {}

  std::vector<std::string_view> refused() const override {
    return {"KinesisStreamSpecification", "VectorIndexes"};
  }

  Task<Made> create(Subject& subject, const Value& properties) const override {
    refuse_unserved(properties);
    co_return co_await create_table(subject, properties);
  }

  Task<Made> update(Subject& subject, const std::string& id, const Value& before,
                    const Value& after) const override {
    refuse_unserved(after);
    co_return co_await update_table(subject, id, before, after);
  }

  Task<void> remove(Subject& subject, const std::string& id, const Value&) const override {
    return remove_table(subject, id);
  }

  Task<Value> told(Subject& subject, const std::string& id) const override {
    return read_table(subject, name(), id);
  }

  Task<std::vector<std::string>> list(Subject& subject, const Value&) const override {
    return list_all(subject, {.operation = "dynamodb:ListTables",
                              .elements = "TableNames",
                              .id = "",
                              .token_in = "ExclusiveStartTableName",
                              .token_out = "LastEvaluatedTableName"});
  }

  Recreation recreation(std::string_view property, const Value* before,
                        const Value* after) const override {
    return recreation_of_table(property, before, after)
        .value_or(ResourceType::recreation(property, before, after));
  }
};

}  // namespace

const CodedType& table() {
  static const Table type;
  return type;
}

Value of_table(const std::string& name) {
  return fields({{"TableName", name}});
}

Task<Made> create_table(Subject& subject, const Value& properties) {
  constexpr std::size_t longest_name = 255;
  const std::string name =
      properties.text_or("TableName", generated_name(subject, {.most = longest_name}));
  if (!member(properties, "ImportSourceSpecification").is_null()) {
    co_await make(subject, import_of(subject, name, properties));
    co_await finish_import(subject, name);
    co_return co_await update_table(subject, name, imported_part(properties), properties);
  }
  co_await make(subject, {.operation = "dynamodb:CreateTable",
                          .request = creation_of(subject, name, properties),
                          .id_of = [name](const Value&) { return name; },
                          .named = name});
  const Value description = co_await settled(subject, name);
  if (description.is_null()) not_found("AWS::DynamoDB::Table", name);
  co_await set_time_to_live(subject, name, Value::map(), properties);
  co_await set_backups(subject, name, Value::map(), properties);
  co_await set_resource_policy(subject, description.text_or("TableArn"), Value::map(), properties);
  co_await set_stream_settings(subject, description.text_or("LatestStreamArn"), Value::map(),
                               properties);
  co_await set_insights(subject, name, Value::map(), properties);
  co_return made(name, description);
}

Task<Made> update_table(Subject& subject, const std::string& name, const Value& before,
                        const Value& after) {
  for (const Value& request : changes_of_table(name, before, after)) {
    co_await call(subject, "dynamodb:UpdateTable", request);
    co_await settled(subject, name);
  }
  co_await set_time_to_live(subject, name, before, after);
  co_await set_backups(subject, name, before, after);
  const Value description = co_await settled(subject, name);
  if (description.is_null()) not_found("AWS::DynamoDB::Table", name);
  co_await set_tags(subject, description.text_or("TableArn"), before, after);
  co_await set_resource_policy(subject, description.text_or("TableArn"), before, after);
  co_await set_stream_settings(subject, description.text_or("LatestStreamArn"), before, after);
  co_await set_insights(subject, name, before, after);
  co_return made(name, description);
}

Task<void> remove_table(Subject& subject, const std::string& name) {
  co_await settled(subject, name);  // a table goes only when its indexes are there
  const Value begun = co_await call_if_there(subject, "dynamodb:DeleteTable", of_table(name));
  if (begun.is_null()) co_return;
  co_await wait(subject, {.operation = "dynamodb:DescribeTable",
                          .request = of_table(name),
                          .is_ready = nullptr,
                          .until_gone = true});
}

Task<Value> read_table(Subject& subject, std::string_view type, const std::string& name) {
  const Value got = co_await call_if_there(subject, "dynamodb:DescribeTable", of_table(name));
  if (got.is_null()) not_found(type, name);
  const Value description = member(got, "Table");
  Value properties = properties_of(description);
  const Value lifetime = co_await call(subject, "dynamodb:DescribeTimeToLive", of_table(name));
  const Value attribute = nested(lifetime, "TimeToLiveDescription.AttributeName");
  if (!attribute.is_null())
    properties.set("TimeToLiveSpecification",
                   fields({{"AttributeName", attribute}, {"Enabled", true}}));
  const Value tags = co_await told_tags(subject, description.text_or("TableArn"));
  if (!tags.is_null()) properties.set("Tags", tags);
  co_await add_settings(subject, name, description.text_or("TableArn"), properties);
  co_return properties;
}

}  // namespace matinee::resources::types::dynamodb
