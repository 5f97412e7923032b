// Scaling policies. DynamoDB and Lambda know one kind: tracking a target value. No alarms are made
// of them, because nothing is scaled here.
#include "protocol/json.h"
#include "services/applicationautoscaling/service.h"
#include "services/applicationautoscaling/targets.h"

namespace matinee::applicationautoscaling {
namespace {

constexpr std::string_view only_type = "TargetTrackingScaling";

std::string policy_arn(const PartKey& key, const PartRecord& record) {
  return arn_of(key, record, "scalingPolicy", "policyName");
}

/// A policy measures what AWS measures of the service, or a metric of one's own; one of both.
void require_metric(const TargetTrackingScalingPolicyConfiguration& tracking,
                    const std::string& dimension) {
  if (tracking.predefined_metric_specification.has_value() ==
      tracking.customized_metric_specification.has_value())
    throw ValidationException(
        "Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification must be "
        "given");
  if (!tracking.predefined_metric_specification) return;
  const std::string& metric = tracking.predefined_metric_specification->predefined_metric_type;
  const std::string_view fitting =
      dimension.starts_with("lambda:") ? "LambdaProvisionedConcurrencyUtilization"
      : dimension.contains(":Read")    ? "DynamoDBReadCapacityUtilization"
                                       : "DynamoDBWriteCapacityUtilization";
  if (metric != fitting)
    throw ValidationException(
        fmt::format("Predefined metric type {} is not for the scalable dimension {}: {} is", metric,
                    dimension, fitting));
}

ScalingPolicy show(const PartKey& key, const PartRecord& record) {
  ScalingPolicy policy;
  policy.policy_arn = policy_arn(key, record);
  policy.policy_name = std::get<5>(key);
  policy.service_namespace = std::get<2>(key);
  policy.resource_id = std::get<3>(key);
  policy.scalable_dimension = std::get<4>(key);
  policy.policy_type = only_type;
  policy.target_tracking_scaling_policy_configuration.emplace();
  std::string json = record.json;
  protocol::json::read(TargetTrackingScalingPolicyConfiguration::shape, json,
                       &*policy.target_tracking_scaling_policy_configuration, nullptr);
  policy.alarms.emplace();
  policy.creation_time = record.created;
  return policy;
}

}  // namespace

PutScalingPolicyResponse Service::put_scaling_policy(const Context& context,
                                                     const PutScalingPolicyRequest& request) {
  const PartKey key = require_part(context, request, request.policy_name);
  require_target(target_of(key));
  std::optional<PartRecord> record = policies_.find(key);
  // Without a type, a new policy would be of steps.
  const std::string type =
      request.policy_type.value_or(record ? std::string(only_type) : "StepScaling");
  if (type != only_type)
    throw ValidationException(
        fmt::format("Unsupported policy type {} for service namespace {}: {} is", type,
                    std::get<2>(key), only_type));
  if (!request.target_tracking_scaling_policy_configuration)
    throw ValidationException(
        "TargetTrackingScalingPolicyConfiguration is required for the policy type " + type);
  require_metric(*request.target_tracking_scaling_policy_configuration, std::get<4>(key));
  if (!record) record = new_part();
  record->json.clear();
  protocol::json::append_structure(record->json, TargetTrackingScalingPolicyConfiguration::shape,
                                   &*request.target_tracking_scaling_policy_configuration);
  policies_.put(key, *record);
  PutScalingPolicyResponse response;
  response.policy_arn = policy_arn(key, *record);
  response.alarms.emplace();
  return response;
}

DescribeScalingPoliciesResponse Service::describe_scaling_policies(
    const Context& context, const DescribeScalingPoliciesRequest& request) {
  require_resource_with_dimension(request, request.resource_id.has_value());
  DescribeScalingPoliciesResponse response;
  auto page =
      read_page(policies_, context, request, [&](const PartKey& key, const PartRecord& record) {
        return is_of(request, key) && lists(request.policy_names, std::get<5>(key))
                   ? std::optional(show(key, record))
                   : std::nullopt;
      });
  response.scaling_policies = std::move(page.entries);
  response.next_token = std::move(page.next_token);
  return response;
}

DeleteScalingPolicyResponse Service::delete_scaling_policy(
    const Context& context, const DeleteScalingPolicyRequest& request) {
  const PartKey key = require_part(context, request, request.policy_name);
  if (!policies_.contains(key))
    throw ObjectNotFoundException(fmt::format("No scaling policy found for {}, policy name: {}",
                                              place_of(target_of(key)), request.policy_name));
  policies_.erase(key);
  return {};
}

}  // namespace matinee::applicationautoscaling
