// AWS::DynamoDB::GlobalTable in one region: a table, described in other words.
#include <fmt/format.h>

#include "resources/types/dynamodb/table_requests.h"
#include "resources/types/dynamodb/table_scaling.h"

namespace matinee::resources::types::dynamodb {

namespace {

/// The only replica: the table itself.
Value own_replica(const Subject& subject, const Value& properties) {
  const Value replicas = member(properties, "Replicas");
  if (replicas.elements().size() != 1)
    refuse_property("Replicas", "A table is in one region here.");
  const Value replica = replicas.elements().front();
  if (replica.text_or("Region") != subject.region)
    refuse_property("Replicas/0/Region",
                    fmt::format("The stack is in {}, and its table has to be.", subject.region));
  return replica;
}

/// On-demand limits of table or index, of which one half is said by the replica.
Value limits_of(const Value& properties, const Value& replica) {
  Value reads = nested(replica, "ReadOnDemandThroughputSettings.MaxReadRequestUnits");
  if (reads.is_null())
    reads = nested(properties, "ReadOnDemandThroughputSettings.MaxReadRequestUnits");
  const Value limits =
      fields({{"MaxReadRequestUnits", reads},
              {"MaxWriteRequestUnits",
               nested(properties, "WriteOnDemandThroughputSettings.MaxWriteRequestUnits")}});
  return limits.members().empty() ? Value() : limits;
}

/// Reads are said by the replica, or for all of them.
Value provisioned_of(const Value& properties, const Value& replica, const Value& current) {
  constexpr const char* reads = "ReadProvisionedThroughputSettings";
  const Value of_replica = member(replica, reads);
  return capacity_of(member(properties, "WriteProvisionedThroughputSettings"),
                     of_replica.is_null() ? member(properties, reads) : of_replica,
                     member(current, "ProvisionedThroughput"));
}

bool is_provisioned(const Value& properties) {
  return properties.text_or("BillingMode", "PROVISIONED") == "PROVISIONED";
}

/// A capacity that is scaled begins with its seed where there was none.
void require_seeds(const Value& properties) {
  const auto require_seed = [](const Value& owner, std::string_view kind) {
    const std::string scaling = fmt::format("{}CapacityAutoScalingSettings", kind);
    const std::string path = fmt::format("{}ProvisionedThroughputSettings.{}", kind, scaling);
    const Value automatic = nested(owner, path);
    if (!automatic.is_null() && !automatic.find("SeedCapacity"))
      refuse_property(path + ".SeedCapacity",
                      "A table that was PAY_PER_REQUEST and becomes PROVISIONED needs it.");
  };
  const auto require_all = [&](const Value& owner, std::string_view kind) {
    require_seed(owner, kind);
    const Value indexes = member(owner, "GlobalSecondaryIndexes");
    for (const Value& index : indexes.elements()) require_seed(index, kind);
  };
  require_all(properties, "Write");
  const Value replicas = member(properties, "Replicas");
  for (const Value& replica : replicas.elements()) require_all(replica, "Read");
}

/// As properties of an AWS::DynamoDB::Table; `current` is what DescribeTable tells of it, or null.
Value as_table(const Subject& subject, const Value& properties, const Value& current) {
  const Value replica = own_replica(subject, properties);
  Value table =
      pick(properties, {"TableName", "AttributeDefinitions", "KeySchema", "LocalSecondaryIndexes",
                        "StreamSpecification", "TimeToLiveSpecification", "WarmThroughput"});
  const auto set = [&](std::string_view property, const Value& value) {
    if (!value.is_null()) table.set(property, value);
  };
  const bool has_capacity = is_provisioned(properties);
  table.set("BillingMode", has_capacity ? "PROVISIONED" : "PAY_PER_REQUEST");
  if (has_capacity)
    table.set("ProvisionedThroughput", provisioned_of(properties, replica, current));
  for (const char* each :
       {"ContributorInsightsSpecification", "DeletionProtectionEnabled", "TableClass", "Tags",
        "PointInTimeRecoverySpecification", "ResourcePolicy"})
    set(each, member(replica, each));
  if (const Value settings = member(replica, "ReplicaStreamSpecification"); !settings.is_null()) {
    Value stream = member(table, "StreamSpecification");
    if (stream.is_null())
      refuse_property("Replicas/0/ReplicaStreamSpecification",
                      "There is no stream without a StreamSpecification.");
    for (const templates::Member& setting : settings.members())
      stream.set(setting.name, setting.value);
    table.set("StreamSpecification", stream);
  }
  set("OnDemandThroughput", limits_of(properties, replica));
  Value encryption = member(properties, "SSESpecification");
  if (const Value key = nested(replica, "SSESpecification.KMSMasterKeyId");
      !key.is_null() && !encryption.is_null())
    encryption.set("KMSMasterKeyId", key);
  set("SSESpecification", encryption);
  Value indexes = Value::list();
  const Value given = member(properties, "GlobalSecondaryIndexes");
  for (const Value& index : given.elements()) {
    const std::string name = index.text_or("IndexName");
    const Value of_replica = index_in(replica, name);
    Value as_own = pick(index, {"IndexName", "KeySchema", "Projection", "WarmThroughput"});
    if (has_capacity)
      as_own.set("ProvisionedThroughput",
                 provisioned_of(index, of_replica, index_in(current, name)));
    if (const Value limits = limits_of(index, of_replica); !limits.is_null())
      as_own.set("OnDemandThroughput", limits);
    if (const Value insights = member(of_replica, "ContributorInsightsSpecification");
        !insights.is_null())
      as_own.set("ContributorInsightsSpecification", insights);
    indexes.append(as_own);
  }
  if (!indexes.elements().empty()) set("GlobalSecondaryIndexes", indexes);
  return table;
}

/// What the stream has of its own, in each replica.
void move_stream_settings(Value& properties, Value& replica) {
  Value stream = member(properties, "StreamSpecification");
  if (stream.is_null()) return;
  const Value settings = pick(stream, {"ResourcePolicy", "Tags"});
  if (settings.members().empty()) return;
  replica.set("ReplicaStreamSpecification", settings);
  for (const templates::Member& setting : settings.members()) stream.erase(setting.name);
  properties.set("StreamSpecification", stream);
}

/// What an index has of its own, in each replica.
void move_insights(Value& properties, Value& replica) {
  const Value given = member(properties, "GlobalSecondaryIndexes");
  if (given.elements().empty()) return;
  Value indexes = Value::list();
  Value of_replica = Value::list();
  for (Value index : given.elements()) {
    if (index.find("ContributorInsightsSpecification")) {
      of_replica.append(pick(index, {"IndexName", "ContributorInsightsSpecification"}));
      index.erase("ContributorInsightsSpecification");
    }
    indexes.append(std::move(index));
  }
  properties.set("GlobalSecondaryIndexes", indexes);
  if (!of_replica.elements().empty()) replica.set("GlobalSecondaryIndexes", of_replica);
}

class GlobalTable final : public CodedType {
 public:
  GlobalTable() : CodedType("AWS::DynamoDB::GlobalTable") {}

  std::vector<std::string_view> refused() const override {
    return {"GlobalTableSourceArn", "GlobalTableWitnesses", "MultiRegionConsistency", "TableType",
            "VectorIndexes"};
  }

  Task<Made> create(Subject& subject, const Value& properties) const override {
    refuse_all(properties);
    const Value table = as_table(subject, properties, Value());
    Made made = co_await create_table(subject, table);
    co_await set_scaling(subject, made.id, Value::map(), properties);
    co_return made;
  }

  Task<Made> update(Subject& subject, const std::string& id, const Value& before,
                    const Value& after) const override {
    refuse_all(after);
    const bool is_known = !before.members().empty();
    if (is_known && is_provisioned(after) && !is_provisioned(before)) require_seeds(after);
    const Value current =
        member(co_await call_if_there(subject, "dynamodb:DescribeTable", of_table(id)), "Table");
    const Value had = is_known ? as_table(subject, before, current) : Value::map();
    const Value has = as_table(subject, after, current);
    Made made = co_await update_table(subject, id, had, has);
    co_await set_scaling(subject, id, before, after);
    co_return made;
  }

  Task<void> remove(Subject& subject, const std::string& id,
                    const Value& properties) const override {
    co_await set_scaling(subject, id, properties, Value::map());
    co_await remove_table(subject, id);
  }

  Task<Value> told(Subject& subject, const std::string& id) const override {
    Value properties = co_await read_table(subject, name(), id);
    Value replica = fields({{"Region", subject.region}});
    for (const char* each :
         {"DeletionProtectionEnabled", "TableClass", "Tags", "ResourcePolicy",
          "ContributorInsightsSpecification", "PointInTimeRecoverySpecification"})
      if (const Value value = member(properties, each); !value.is_null()) {
        replica.set(each, value);
        properties.erase(each);
      }
    move_stream_settings(properties, replica);
    move_insights(properties, replica);
    co_await tell_capacities(subject, id, properties, replica);
    Value replicas = Value::list();
    replicas.append(replica);
    co_return properties.set("Replicas", replicas);
  }

  Task<std::vector<std::string>> list(Subject& subject, const Value&) const override {
    return table().list(subject, Value::map());
  }

  Recreation recreation(std::string_view property, const Value* before,
                        const Value* after) const override {
    return recreation_of_table(property, before, after)
        .value_or(ResourceType::recreation(property, before, after));
  }

 private:
  void refuse_all(const Value& properties) const {
    refuse_unserved(properties);
    const Value replicas = member(properties, "Replicas");
    for (const Value& replica : replicas.elements())
      for (const char* each : {"DisassociationProtectionEnabled",
                               "GlobalTableSettingsReplicationMode", "KinesisStreamSpecification"})
        if (!member(replica, each).is_null())
          refuse_property(fmt::format("Replicas/{}", each), "Matinee does not serve it.");
  }
};

}  // namespace

const CodedType& global_table() {
  static const GlobalTable type;
  return type;
}

}  // namespace matinee::resources::types::dynamodb
