#include "resources/types/dynamodb/table_scaling.h"

#include <fmt/format.h>

#include <algorithm>

namespace matinee::resources::types::dynamodb {

namespace {

/// What Application Auto Scaling, the policies' metrics and a GlobalTable's properties call a
/// capacity.
struct Kind {
  std::string_view capacity;   // of a dimension, and of a ProvisionedThroughput
  std::string_view metric;     // that a policy tracks
  std::string_view settings;   // of a GlobalTable's table or index
  std::string_view automatic;  // the member of these settings
};
constexpr Kind writes{"WriteCapacityUnits", "DynamoDBWriteCapacityUtilization",
                      "WriteProvisionedThroughputSettings", "WriteCapacityAutoScalingSettings"};
constexpr Kind reads{"ReadCapacityUnits", "DynamoDBReadCapacityUtilization",
                     "ReadProvisionedThroughputSettings", "ReadCapacityAutoScalingSettings"};

/// A capacity that is scaled.
struct Scaled {
  Value target;  // what each request names
  std::string policy;
  Value settings;  // CapacityAutoScalingSettings

  bool is_of(const Scaled& other) const { return target == other.target; }
};

Scaled scaled(const std::string& name, const std::string& index, const Kind& kind) {
  const std::string resource =
      index.empty() ? "table/" + name : fmt::format("table/{}/index/{}", name, index);
  return {.target = fields(
              {{"ServiceNamespace", "dynamodb"},
               {"ResourceId", resource},
               {"ScalableDimension",
                fmt::format("dynamodb:{}:{}", index.empty() ? "table" : "index", kind.capacity)}}),
          .policy = fmt::format("{}:{}", kind.metric, resource),
          .settings = {}};
}

Value replica_of(const Value& properties) {
  const Value replicas = member(properties, "Replicas");
  return replicas.elements().empty() ? Value() : replicas.elements().front();
}

/// All scaled capacities that properties of a GlobalTable ask for.
std::vector<Scaled> scaled_in(const std::string& name, const Value& properties) {
  std::vector<Scaled> all;
  const auto add = [&](const std::string& index, const Kind& kind, const Value& owner) {
    const Value settings = member(member(owner, kind.settings), kind.automatic);
    if (settings.is_null()) return;
    all.push_back(scaled(name, index, kind));
    all.back().settings = settings;
  };
  if (properties.text_or("BillingMode", "PROVISIONED") != "PROVISIONED") return all;
  const Value replica = replica_of(properties);
  add("", writes, properties);
  add("", reads, replica);
  const Value indexes = member(properties, "GlobalSecondaryIndexes");
  for (const Value& index : indexes.elements()) {
    const std::string index_name = index.text_or("IndexName");
    add(index_name, writes, index);
    add(index_name, reads, index_in(replica, index_name));
  }
  return all;
}

Task<void> scale(Subject& subject, Scaled wanted) {
  Value target = wanted.target;
  target.merge(pick(wanted.settings, {"MinCapacity", "MaxCapacity"}));
  co_await call(subject, "application-autoscaling:RegisterScalableTarget", target);
  Value tracking = member(wanted.settings, "TargetTrackingScalingPolicyConfiguration");
  tracking.set(
      "PredefinedMetricSpecification",
      fields({{"PredefinedMetricType", wanted.policy.substr(0, wanted.policy.find(':'))}}));
  Value policy = wanted.target;
  policy.merge(fields({{"PolicyName", wanted.policy},
                       {"PolicyType", "TargetTrackingScaling"},
                       {"TargetTrackingScalingPolicyConfiguration", tracking}}));
  co_await call(subject, "application-autoscaling:PutScalingPolicy", policy);
}

/// CapacityAutoScalingSettings of a capacity; null where it is not scaled.
Task<Value> told_settings(Subject& subject, Scaled asked) {
  Value one = pick(asked.target, {"ServiceNamespace", "ScalableDimension"});
  one.set("ResourceIds", list_of({asked.target.text_or("ResourceId")}));
  const Value targets =
      member(co_await call(subject, "application-autoscaling:DescribeScalableTargets", one),
             "ScalableTargets");
  if (targets.elements().empty()) co_return Value();
  Value settings = pick(targets.elements().front(), {"MinCapacity", "MaxCapacity"});
  const Value policies = member(
      co_await call(subject, "application-autoscaling:DescribeScalingPolicies", asked.target),
      "ScalingPolicies");
  for (const Value& policy : policies.elements())
    settings.set("TargetTrackingScalingPolicyConfiguration",
                 pick(member(policy, "TargetTrackingScalingPolicyConfiguration"),
                      {"TargetValue", "DisableScaleIn", "ScaleInCooldown", "ScaleOutCooldown"}));
  co_return settings;
}

/// What a table or an index is told to have, where a GlobalTable has it: in its properties, and in
/// those of its replica. `known` are properties that have been set: reads are said in either.
struct Owner {
  Value known;
  Value& properties;
  Value& of_replica;

  void set_reads(std::string_view settings, const Value& value) {
    (known.find(settings) ? properties : of_replica).set(settings, value);
  }
};

Task<void> tell_provisioned(Subject& subject, std::string name, Owner owner) {
  const Value units = member(owner.properties, "ProvisionedThroughput");
  owner.properties.erase("ProvisionedThroughput");
  const std::string index = owner.properties.text_or("IndexName");
  if (const Value automatic = co_await told_settings(subject, scaled(name, index, writes));
      !automatic.is_null())
    owner.properties.set(writes.settings, fields({{writes.automatic, automatic}}));
  const Value automatic = co_await told_settings(subject, scaled(name, index, reads));
  owner.set_reads(reads.settings, automatic.is_null() ? pick(units, {reads.capacity})
                                                      : fields({{reads.automatic, automatic}}));
}

void tell_limits(Owner owner) {
  const Value limits = member(owner.properties, "OnDemandThroughput");
  owner.properties.erase("OnDemandThroughput");
  const auto told = [&](const char* limit) {
    return limits.text_or(limit, "-1") == "-1" ? Value() : pick(limits, {limit});
  };
  if (const Value most = told("MaxWriteRequestUnits"); !most.is_null())
    owner.properties.set("WriteOnDemandThroughputSettings", most);
  if (const Value most = told("MaxReadRequestUnits"); !most.is_null())
    owner.set_reads("ReadOnDemandThroughputSettings", most);
}

}  // namespace

Value index_in(const Value& owner, const std::string& name) {
  const Value indexes = member(owner, "GlobalSecondaryIndexes");
  for (const Value& index : indexes.elements())
    if (index.text_or("IndexName") == name) return index;
  return {};
}

Value capacity_of(const Value& write_settings, const Value& read_settings, const Value& current) {
  const auto units = [&](const Value& settings, const Kind& kind) {
    const Value fixed = member(settings, kind.capacity);
    if (!fixed.is_null()) return fixed;
    const Value automatic = member(settings, kind.automatic);
    if (automatic.is_null())
      refuse_property(kind.settings, "A table or index whose capacity is provisioned needs it.");
    if (current.text_or(kind.capacity, "0") != "0") return member(current, kind.capacity);
    const Value seed = member(automatic, "SeedCapacity");
    return seed.is_null() ? member(automatic, "MinCapacity") : seed;
  };
  return fields({{reads.capacity, units(read_settings, reads)},
                 {writes.capacity, units(write_settings, writes)}});
}

Task<void> set_scaling(Subject& subject, std::string name, const Value& before,
                       const Value& after) {
  const std::vector<Scaled> had = scaled_in(name, before);
  const std::vector<Scaled> has = scaled_in(name, after);
  const auto find_in = [](const std::vector<Scaled>& list, const Scaled& wanted) {
    return std::ranges::find_if(list, [&](const Scaled& each) { return each.is_of(wanted); });
  };
  for (const Scaled& old : had)
    if (find_in(has, old) == has.end())
      co_await call_if_there(subject, "application-autoscaling:DeregisterScalableTarget",
                             old.target);
  for (const Scaled& wanted : has) {
    const auto old = find_in(had, wanted);
    if (old == had.end() || !(old->settings == wanted.settings)) co_await scale(subject, wanted);
  }
}

Task<void> tell_capacities(Subject& subject, std::string name, Value& properties, Value& replica) {
  const bool is_provisioned = properties.text_or("BillingMode") == "PROVISIONED";
  const Value known = subject.known;
  tell_limits({known, properties, replica});
  if (is_provisioned) co_await tell_provisioned(subject, name, {known, properties, replica});
  const Value given = member(properties, "GlobalSecondaryIndexes");
  if (given.elements().empty()) co_return;
  Value indexes = Value::list();
  Value of_replica = Value::list();
  for (Value index : given.elements()) {
    const std::string index_name = index.text_or("IndexName");
    Value in_replica = index_in(replica, index_name);
    in_replica.set("IndexName", index_name);
    const Owner owner{index_in(known, index_name), index, in_replica};
    tell_limits(owner);
    if (is_provisioned) co_await tell_provisioned(subject, name, owner);
    indexes.append(std::move(index));
    if (in_replica.members().size() > 1) of_replica.append(std::move(in_replica));
  }
  properties.set("GlobalSecondaryIndexes", indexes);
  if (!of_replica.elements().empty()) replica.set("GlobalSecondaryIndexes", of_replica);
}

}  // namespace matinee::resources::types::dynamodb
