// AWS::DynamoDB::GlobalTable in one region: a table, described in other words.
#include <fmt/format.h>

#include "resources/types/dynamodb/table_requests.h"

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

Value index_in(const Value& replica, const std::string& name) {
  const Value indexes = member(replica, "GlobalSecondaryIndexes");
  for (const Value& index : indexes.elements())
    if (index.text_or("IndexName") == name) return index;
  return {};
}

/// As properties of an AWS::DynamoDB::Table.
Value as_table(const Subject& subject, const Value& properties) {
  const Value replica = own_replica(subject, properties);
  Value table =
      pick(properties, {"TableName", "AttributeDefinitions", "KeySchema", "LocalSecondaryIndexes",
                        "StreamSpecification", "TimeToLiveSpecification", "WarmThroughput"});
  const auto set = [&](std::string_view property, const Value& value) {
    if (!value.is_null()) table.set(property, value);
  };
  if (properties.text_or("BillingMode", "PAY_PER_REQUEST") != "PAY_PER_REQUEST")
    refuse_property("BillingMode", "Capacity that scales by itself is not served here.");
  table.set("BillingMode", "PAY_PER_REQUEST");
  for (const char* each :
       {"ContributorInsightsSpecification", "DeletionProtectionEnabled", "TableClass", "Tags",
        "PointInTimeRecoverySpecification", "ResourcePolicy"})
    set(each, member(replica, each));
  set("OnDemandThroughput", limits_of(properties, replica));
  Value encryption = member(properties, "SSESpecification");
  if (const Value key = nested(replica, "SSESpecification.KMSMasterKeyId");
      !key.is_null() && !encryption.is_null())
    encryption.set("KMSMasterKeyId", key);
  set("SSESpecification", encryption);
  Value indexes = Value::list();
  const Value given = member(properties, "GlobalSecondaryIndexes");
  for (const Value& index : given.elements()) {
    const Value of_replica = index_in(replica, index.text_or("IndexName"));
    Value as_own = pick(index, {"IndexName", "KeySchema", "Projection", "WarmThroughput"});
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
    return {"GlobalTableSourceArn",
            "GlobalTableWitnesses",
            "MultiRegionConsistency",
            "ReadProvisionedThroughputSettings",
            "TableType",
            "VectorIndexes",
            "WriteProvisionedThroughputSettings"};
  }

  Task<Made> create(Subject& subject, const Value& properties) const override {
    refuse_all(properties);
    const Value table = as_table(subject, properties);
    co_return co_await create_table(subject, table);
  }

  Task<Made> update(Subject& subject, const std::string& id, const Value& before,
                    const Value& after) const override {
    refuse_all(after);
    const Value had = before.members().empty() ? Value::map() : as_table(subject, before);
    const Value has = as_table(subject, after);
    co_return co_await update_table(subject, id, had, has);
  }

  Task<void> remove(Subject& subject, const std::string& id, const Value&) const override {
    return remove_table(subject, id);
  }

  Task<Value> told(Subject& subject, const std::string& id) const override {
    Value properties = co_await read_table(subject, name(), id);
    Value replica = fields({{"Region", subject.region}});
    for (const char* each : {"DeletionProtectionEnabled", "TableClass", "Tags", "ResourcePolicy",
                             "ContributorInsightsSpecification"})
      if (const Value value = member(properties, each); !value.is_null()) {
        replica.set(each, value);
        properties.erase(each);
      }
    move_insights(properties, replica);
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
                               "GlobalTableSettingsReplicationMode", "KinesisStreamSpecification",
                               "ReadProvisionedThroughputSettings", "ReplicaStreamSpecification"})
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
