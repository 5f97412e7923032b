#include "resources/types/dynamodb/table_requests.h"

namespace matinee::resources::types::dynamodb {

namespace {

Value stream_of(const Value& properties) {
  const Value given = member(properties, "StreamSpecification");
  if (given.is_null()) return {};
  return fields({{"StreamEnabled", true}, {"StreamViewType", member(given, "StreamViewType")}});
}

Value encryption_of(const Value& properties) {
  Value given = member(properties, "SSESpecification");
  rename(given, "SSEEnabled", "Enabled");
  return given;
}

Value global_indexes_of(const Value& properties) {
  const Value given = member(properties, "GlobalSecondaryIndexes");
  if (given.elements().empty()) return {};
  Value indexes = Value::list();
  for (Value index : given.elements()) {
    index.erase("ContributorInsightsSpecification");
    indexes.append(std::move(index));
  }
  return indexes;
}

Value index_of(const Value& indexes, const std::string& name) {
  for (const Value& index : indexes.elements())
    if (index.text_or("IndexName") == name) return index;
  return {};
}

/// {"GlobalSecondaryIndexUpdates": [{kind: change}]}
Value index_update(const std::string& name, std::string_view kind, const Value& change) {
  Value updates = Value::list();
  updates.append(fields({{kind, change}}));
  return of_table(name).set("GlobalSecondaryIndexUpdates", updates);
}

/// Limits of on-demand capacity; one that a template has no more is -1, which means that there is
/// none. Null where nothing changes.
Value limits_change(const Value& before, const Value& after) {
  if (!differs(before, after, "OnDemandThroughput")) return {};
  constexpr int no_limit = -1;
  const Value had = member(before, "OnDemandThroughput");
  Value limits = member(after, "OnDemandThroughput");
  if (limits.is_null()) limits = Value::map();
  for (const char* each : {"MaxReadRequestUnits", "MaxWriteRequestUnits"})
    if (had.find(each) && !limits.find(each)) limits.set(each, no_limit);
  return limits.members().empty() ? Value() : limits;
}

/// A capacity of a table or an index that is not the same any more; null where it is, and where
/// there is none any more.
Value capacity_change(const Value& before, const Value& after, std::string_view capacity) {
  return differs(before, after, capacity) ? member(after, capacity) : Value();
}

/// Those that go first, so that there is room for those that come.
void add_index_changes(const std::string& name, const Value& before, const Value& after,
                       std::vector<Value>& requests) {
  const Value had = global_indexes_of(before);
  const Value has = global_indexes_of(after);
  const auto is_other = [](const Value& one, const Value& other) {
    return differs(one, other, {"KeySchema", "Projection"});
  };
  for (const Value& index : had.elements()) {
    const Value now = index_of(has, index.text_or("IndexName"));
    if (now.is_null() || is_other(index, now))
      requests.push_back(
          index_update(name, "Delete", fields({{"IndexName", member(index, "IndexName")}})));
  }
  for (const Value& index : has.elements()) {
    const Value old = index_of(had, index.text_or("IndexName"));
    if (!old.is_null() && !is_other(old, index)) continue;
    Value request = index_update(name, "Create", index);
    requests.push_back(request.set("AttributeDefinitions", member(after, "AttributeDefinitions")));
  }
}

/// {"GlobalSecondaryIndexUpdates": [{"Update": change}, …]} of the indexes that stay, in `request`;
/// `add_changes` adds what is new of one.
template <class Add>
void add_index_updates(const Value& before, const Value& after, const Add& add_changes,
                       Value& request) {
  Value updates = Value::list();
  const Value had = global_indexes_of(before);
  const Value has = global_indexes_of(after);
  for (const Value& index : has.elements()) {
    const Value old = index_of(had, index.text_or("IndexName"));
    if (old.is_null()) continue;
    Value change = fields({{"IndexName", member(index, "IndexName")}});
    add_changes(old, index, change);
    if (change.members().size() > 1) updates.append(fields({{"Update", change}}));
  }
  if (!updates.elements().empty()) request.set("GlobalSecondaryIndexUpdates", updates);
}

void add_request(Value request, std::vector<Value>& requests) {
  if (request.members().size() > 1) requests.push_back(std::move(request));
}

/// Provisioned capacities of the table and of the indexes that stay come in one request: with
/// another billing mode all have to be there. Limits and warmth each come alone.
void add_capacity_changes(const std::string& name, const Value& before, const Value& after,
                          std::vector<Value>& requests) {
  const auto set = [](Value& request, std::string_view member, const Value& change) {
    if (!change.is_null()) request.set(member, change);
  };
  Value billing = of_table(name);
  if (differs(before, after, "BillingMode"))
    billing.set("BillingMode", after.text_or("BillingMode", "PROVISIONED"));
  constexpr std::string_view provisioned = "ProvisionedThroughput";
  const auto add_provisioned = [&](const Value& old, const Value& now, Value& change) {
    set(change, provisioned, capacity_change(old, now, provisioned));
  };
  add_provisioned(before, after, billing);
  add_index_updates(before, after, add_provisioned, billing);
  add_request(std::move(billing), requests);

  // Provisioned capacity ends the limits by itself.
  const bool is_on_demand = after.text_or("BillingMode") == "PAY_PER_REQUEST";
  Value limits = of_table(name);
  if (is_on_demand) set(limits, "OnDemandThroughput", limits_change(before, after));
  add_request(std::move(limits), requests);
  constexpr std::string_view warmth = "WarmThroughput";
  Value warm = of_table(name);
  set(warm, warmth, capacity_change(before, after, warmth));
  add_request(std::move(warm), requests);
  Value indexes = of_table(name);
  const auto add_others = [&](const Value& old, const Value& now, Value& change) {
    if (is_on_demand) set(change, "OnDemandThroughput", limits_change(old, now));
    set(change, warmth, capacity_change(old, now, warmth));
  };
  add_index_updates(before, after, add_others, indexes);
  add_request(std::move(indexes), requests);
}

Value warmth_of(const Value& told) {
  const Value warmth =
      pick(member(told, "WarmThroughput"), {"ReadUnitsPerSecond", "WriteUnitsPerSecond"});
  return warmth.members().empty() ? Value() : warmth;
}

/// Without what only DynamoDB knows of an index.
Value described_indexes(const Value& told) {
  Value indexes = Value::list();
  for (const Value& index : told.elements()) {
    Value property = pick(index, {"IndexName", "KeySchema", "Projection", "OnDemandThroughput"});
    const Value throughput =
        pick(member(index, "ProvisionedThroughput"), {"ReadCapacityUnits", "WriteCapacityUnits"});
    if (throughput.text_or("ReadCapacityUnits", "0") != "0")
      property.set("ProvisionedThroughput", throughput);
    if (const Value warmth = warmth_of(index); !warmth.is_null())
      property.set("WarmThroughput", warmth);
    indexes.append(property);
  }
  return indexes;
}

std::string type_of(const Value& definitions, const std::string& attribute) {
  for (const Value& definition : definitions.elements())
    if (definition.text_or("AttributeName") == attribute)
      return definition.text_or("AttributeType");
  return {};
}

}  // namespace

Value creation_of(const Subject& subject, const std::string& name, const Value& properties) {
  Value request =
      pick(properties, {"AttributeDefinitions", "KeySchema", "BillingMode", "ProvisionedThroughput",
                        "OnDemandThroughput", "WarmThroughput", "LocalSecondaryIndexes",
                        "TableClass", "DeletionProtectionEnabled"});
  request.set("TableName", name);
  const auto set = [&](std::string_view member, const Value& value) {
    if (!value.is_null()) request.set(member, value);
  };
  set("GlobalSecondaryIndexes", global_indexes_of(properties));
  set("StreamSpecification", stream_of(properties));
  set("SSESpecification", encryption_of(properties));
  if (const Value tags = tags_of(subject, properties, false); !tags.elements().empty())
    request.set("Tags", tags);
  return request;
}

std::vector<Value> changes_of_table(const std::string& name, const Value& before,
                                    const Value& after) {
  std::vector<Value> requests;
  add_capacity_changes(name, before, after, requests);
  const Value settings =
      changes_of(before, after, {{"TableClass", "STANDARD"}, {"DeletionProtectionEnabled", false}});
  for (const templates::Member& setting : settings.members())
    requests.push_back(of_table(name).set(setting.name, setting.value));
  if (differs(before, after, "SSESpecification")) {
    const Value wanted = encryption_of(after);
    requests.push_back(of_table(name).set(
        "SSESpecification", wanted.is_null() ? fields({{"Enabled", false}}) : wanted));
  }
  if (const Value wanted = stream_of(after); !(wanted == stream_of(before))) {
    // Another view is another stream: the old one ends first.
    if (!stream_of(before).is_null())
      requests.push_back(
          of_table(name).set("StreamSpecification", fields({{"StreamEnabled", false}})));
    if (!wanted.is_null()) requests.push_back(of_table(name).set("StreamSpecification", wanted));
  }
  add_index_changes(name, before, after, requests);
  return requests;
}

Value properties_of(const Value& description) {
  Value properties = pick(description, {"TableName", "KeySchema", "AttributeDefinitions",
                                        "DeletionProtectionEnabled", "OnDemandThroughput"});
  const auto set = [&](std::string_view property, const Value& value) {
    if (!value.is_null()) properties.set(property, value);
  };
  set("Arn", member(description, "TableArn"));
  set("StreamArn", member(description, "LatestStreamArn"));
  set("TableId", member(description, "TableId"));
  set("WarmThroughput", warmth_of(description));
  set("TableClass", nested(description, "TableClassSummary.TableClass"));
  const Value mode = nested(description, "BillingModeSummary.BillingMode");
  set("BillingMode", mode.is_null() ? Value("PROVISIONED") : mode);
  if (mode.is_null() || mode.text() == "PROVISIONED")
    set("ProvisionedThroughput", pick(member(description, "ProvisionedThroughput"),
                                      {"ReadCapacityUnits", "WriteCapacityUnits"}));
  for (const char* each : {"GlobalSecondaryIndexes", "LocalSecondaryIndexes"})
    if (const Value told = member(description, each); !told.elements().empty())
      set(each, described_indexes(told));
  if (const Value view = nested(description, "StreamSpecification.StreamViewType"); !view.is_null())
    set("StreamSpecification", fields({{"StreamViewType", view}}));
  const Value key = nested(description, "SSEDescription.KMSMasterKeyArn");
  set("SSESpecification",
      key.is_null() ? fields({{"SSEEnabled", false}})
                    : fields({{"SSEEnabled", true}, {"SSEType", "KMS"}, {"KMSMasterKeyId", key}}));
  return properties;
}

std::optional<Recreation> recreation_of_table(std::string_view property, const Value* before,
                                              const Value* after) {
  if (property == "KeySchema" || property == "LocalSecondaryIndexes") return Recreation::always;
  if (property != "AttributeDefinitions") return std::nullopt;
  if (!before || !after) return Recreation::never;
  for (const Value& definition : before->elements()) {
    const std::string now = type_of(*after, definition.text_or("AttributeName"));
    if (!now.empty() && now != definition.text_or("AttributeType")) return Recreation::always;
  }
  return Recreation::never;
}

}  // namespace matinee::resources::types::dynamodb
