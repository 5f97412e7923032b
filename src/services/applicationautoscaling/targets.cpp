// Scalable targets: what could be scaled, and between which capacities.
#include "services/applicationautoscaling/targets.h"

#include "applicationautoscaling/operations.h"
#include "policy/wildcard.h"
#include "services/applicationautoscaling/service.h"
#include "services/lower_paths.h"

namespace matinee::applicationautoscaling {
namespace {

constexpr std::size_t most_tags = 50;

/// A dimension of a resource, and how ids of such resources begin.
struct Dimension {
  std::string_view name;
  std::string_view resource;
  bool of_index = false;
};

constexpr Dimension dimensions[] = {
    {"dynamodb:table:ReadCapacityUnits", "table/"},
    {"dynamodb:table:WriteCapacityUnits", "table/"},
    {"dynamodb:index:ReadCapacityUnits", "table/", true},
    {"dynamodb:index:WriteCapacityUnits", "table/", true},
    {"lambda:function:ProvisionedConcurrency", "function:"},
};

bool fits(const Dimension& dimension, std::string_view resource) {
  return resource.starts_with(dimension.resource) && resource.size() > dimension.resource.size() &&
         resource.contains("/index/") == dimension.of_index;
}

/// The role that AWS makes for the namespace. It is told in place of any that a request names, as
/// on AWS, where these services are scaled with no other role.
std::string role_of(const TargetKey& key) {
  const std::string& service = std::get<2>(key);
  return fmt::format(
      "arn:aws:iam::{}:role/aws-service-role/{}.application-autoscaling.amazonaws.com/"
      "AWSServiceRoleForApplicationAutoScaling_{}",
      std::get<0>(key), service, service == "dynamodb" ? "DynamoDBTable" : "LambdaConcurrency");
}

void change_suspension(const SuspendedState& wanted, TargetRecord& record) {
  record.suspends_in = wanted.dynamic_scaling_in_suspended.value_or(record.suspends_in);
  record.suspends_out = wanted.dynamic_scaling_out_suspended.value_or(record.suspends_out);
  record.suspends_schedules =
      wanted.scheduled_scaling_suspended.value_or(record.suspends_schedules);
}

ScalableTarget show(const TargetKey& key, const TargetRecord& record) {
  ScalableTarget target;
  target.service_namespace = std::get<2>(key);
  target.resource_id = std::get<3>(key);
  target.scalable_dimension = std::get<4>(key);
  target.min_capacity = record.minimum;
  target.max_capacity = record.maximum;
  target.role_arn = role_of(key);
  target.creation_time = record.created;
  target.suspended_state = SuspendedState{.dynamic_scaling_in_suspended = record.suspends_in,
                                          .dynamic_scaling_out_suspended = record.suspends_out,
                                          .scheduled_scaling_suspended = record.suspends_schedules};
  target.scalable_target_arn = arn_of(key, record);
  return target;
}

}  // namespace

Service::Service(storage::Store& store, runtime::Runtime& runtime)
    : ServiceBase(applicationautoscaling::model),
      runtime_(runtime),
      targets_(store, targets_table),
      policies_(store, policies_table),
      actions_(store, actions_table) {}

protocol::ServiceError Service::invalid(const protocol::Operation& operation,
                                        const protocol::Violations& violations) const {
  return ServiceBase::invalid(operation, services::with_lower_paths(violations));
}

std::optional<std::vector<std::string>> Service::find_key(const services::Inquiry& inquiry,
                                                          std::string_view key) const {
  constexpr std::string_view prefix = "aws:resourcetag/";
  if (!key.starts_with(prefix)) return std::nullopt;
  const auto found = find_tagged(inquiry.context, std::string(inquiry.resource));
  if (!found) return std::nullopt;
  for (const auto& [name, value] : found->record.tags)
    if (policy::equals_ignoring_case(name, key.substr(prefix.size()))) return std::vector{value};
  return std::nullopt;
}

void Service::reset(const services::ResetScope& scope) {
  targets_.erase_range(scope.account ? targets_.prefix(*scope.account) : targets_.all());
  policies_.erase_range(scope.account ? policies_.prefix(*scope.account) : policies_.all());
  actions_.erase_range(scope.account ? actions_.prefix(*scope.account) : actions_.all());
}

std::string place_of(const TargetKey& key) {
  return fmt::format("service namespace: {}, resource ID: {}, scalable dimension: {}",
                     std::get<2>(key), std::get<3>(key), std::get<4>(key));
}

std::string arn_of(const TargetKey& key, const TargetRecord& record) {
  return fmt::format("arn:aws:application-autoscaling:{}:{}:scalable-target/{}", std::get<1>(key),
                     std::get<0>(key), record.id);
}

std::string arn_of(const PartKey& key, const PartRecord& record, std::string_view kind,
                   std::string_view name_of) {
  return fmt::format("arn:aws:autoscaling:{}:{}:{}:{}:resource/{}/{}:{}/{}", std::get<1>(key),
                     std::get<0>(key), kind, record.id, std::get<2>(key), std::get<3>(key), name_of,
                     std::get<5>(key));
}

TargetKey require_key(const Context& context, const std::string& service,
                      const std::string& resource, const std::string& dimension) {
  TargetKey key{context.account, context.region, service, resource, dimension};
  if (service != "dynamodb" && service != "lambda")
    throw protocol::ServiceError(
        "NotImplemented", 501,
        fmt::format("Matinee does not serve scalable targets of the service namespace {}.",
                    service));
  const auto* known = std::ranges::find(dimensions, dimension, &Dimension::name);
  if (known == std::end(dimensions) || !dimension.starts_with(service + ":") ||
      !fits(*known, resource))
    throw ValidationException(
        "Unsupported service namespace, resource type or scalable dimension: " + place_of(key));
  return key;
}

PartRecord Service::new_part() {
  return {.id = runtime_.random.uuid(),
          .json = {},
          .created = std::chrono::floor<std::chrono::milliseconds>(runtime_.clock.now())};
}

void Service::require_target(const TargetKey& key) const {
  if (targets_.contains(key)) return;
  throw ObjectNotFoundException("No scalable target registered for " + place_of(key));
}

/// Registered again, a target keeps what the request does not name.
RegisterScalableTargetResponse Service::register_scalable_target(
    const Context& context, const RegisterScalableTargetRequest& request) {
  const TargetKey key = require_key(context, request.service_namespace, request.resource_id,
                                    request.scalable_dimension);
  const std::optional<TargetRecord> known = targets_.find(key);
  TargetRecord record = known.value_or(TargetRecord{});
  if (!known) {
    if (!request.min_capacity || !request.max_capacity)
      throw ValidationException(
          "MinCapacity and MaxCapacity are required when a scalable target is registered for the "
          "first time");
    record.id = runtime_.random.uuid();
    record.created = std::chrono::floor<std::chrono::milliseconds>(runtime_.clock.now());
  } else if (request.tags) {
    throw ValidationException(
        "Tags can only be given when a scalable target is registered for the first time. Use "
        "TagResource instead");
  }
  record.minimum = request.min_capacity.value_or(record.minimum);
  record.maximum = request.max_capacity.value_or(record.maximum);
  if (record.minimum < 0) throw ValidationException("Minimum capacity cannot be negative");
  if (record.maximum < record.minimum)
    throw ValidationException("Maximum capacity cannot be less than minimum capacity");
  if (request.suspended_state) change_suspension(*request.suspended_state, record);
  if (request.tags) add_tags(*request.tags, record, arn_of(key, record));
  targets_.put(key, record);
  RegisterScalableTargetResponse response;
  response.scalable_target_arn = arn_of(key, record);
  return response;
}

DescribeScalableTargetsResponse Service::describe_scalable_targets(
    const Context& context, const DescribeScalableTargetsRequest& request) {
  const bool names_resource = request.resource_ids && !request.resource_ids->empty();
  require_resource_with_dimension(request, names_resource);
  DescribeScalableTargetsResponse response;
  auto page =
      read_page(targets_, context, request, [&](const TargetKey& key, const TargetRecord& record) {
        return lists(request.resource_ids, std::get<3>(key)) &&
                       (!request.scalable_dimension ||
                        *request.scalable_dimension == std::get<4>(key))
                   ? std::optional(show(key, record))
                   : std::nullopt;
      });
  response.scalable_targets = std::move(page.entries);
  response.next_token = std::move(page.next_token);
  return response;
}

/// Its policies and scheduled actions go with it.
DeregisterScalableTargetResponse Service::deregister_scalable_target(
    const Context& context, const DeregisterScalableTargetRequest& request) {
  const TargetKey key = require_key(context, request.service_namespace, request.resource_id,
                                    request.scalable_dimension);
  if (!targets_.contains(key))
    throw ObjectNotFoundException("No scalable target found for " + place_of(key));
  targets_.erase(key);
  const auto& [account, region, service, resource, dimension] = key;
  policies_.erase_range(policies_.prefix(account, region, service, resource, dimension));
  actions_.erase_range(actions_.prefix(account, region, service, resource, dimension));
  return {};
}

/// Nothing is ever scaled.
DescribeScalingActivitiesResponse Service::describe_scaling_activities(
    const Context&, const DescribeScalingActivitiesRequest& request) {
  require_resource_with_dimension(request, request.resource_id.has_value());
  if (request.next_token) throw InvalidNextTokenException("The next token is not valid");
  DescribeScalingActivitiesResponse response;
  response.scaling_activities.emplace();
  return response;
}

void add_tags(const std::map<std::string, std::string>& tags, TargetRecord& record,
              const std::string& arn) {
  for (const auto& [name, value] : tags) {
    if (name.starts_with("aws:"))
      throw ValidationException("Tag keys that begin with aws: are reserved for AWS: " + name);
    record.tags[name] = value;
  }
  if (record.tags.size() <= most_tags) return;
  throw TooManyTagsException(fmt::format("A scalable target has at most {} tags", most_tags),
                             {.resource_name = arn});
}

}  // namespace matinee::applicationautoscaling
