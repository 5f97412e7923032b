// Drift: in what resources have come to differ from the template of their stack.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "services/cloudformation/catalog/stored_json.h"
#include "services/cloudformation/pages.h"
#include "services/cloudformation/planning/hidden.h"
#include "services/cloudformation/preparing/dynamic_values.h"
#include "services/cloudformation/running/failures.h"
#include "services/cloudformation/running/run.h"
#include "services/cloudformation/service.h"
#include "services/cloudformation/special/attachments.h"
#include "templates/reader.h"

namespace matinee::cloudformation {

namespace {

using templates::Value;

constexpr std::size_t page_size = 100;
constexpr const char* in_sync = "IN_SYNC";
constexpr const char* modified = "MODIFIED";
constexpr const char* deleted = "DELETED";
constexpr const char* not_checked = "NOT_CHECKED";

bool has_drifted(const std::string& status) {
  return status == modified || status == deleted;
}

StackResourceDrift told(const ResourceKey& key, const DriftRecord& record) {
  StackResourceDrift drift{.stack_id = arn_of(std::get<0>(key)),
                           .logical_resource_id = std::get<1>(key)};
  drift.physical_resource_id = record.physical_id;
  drift.resource_type = record.type;
  if (record.status != not_checked) drift.expected_properties = record.expected;
  if (!record.actual.empty()) drift.actual_properties = record.actual;
  drift.property_differences.emplace();
  for (const DifferenceRecord& difference : record.differences)
    drift.property_differences->push_back({.property_path = difference.path,
                                           .expected_value = difference.expected,
                                           .actual_value = difference.actual,
                                           .difference_type = difference.type});
  drift.stack_resource_drift_status = record.status;
  drift.timestamp = record.time;
  return drift;
}

/// In differences at or in what is hidden.
void hide_secrets(std::vector<DifferenceRecord>& differences, const Value& open,
                  const Value& shown) {
  for (DifferenceRecord& difference : differences) {
    const Value* in_open = &open;
    const Value* in_shown = &shown;
    std::string_view rest = std::string_view(difference.path).substr(1);
    while (in_open && in_shown && in_open->is_map() && in_shown->is_map() && !rest.empty()) {
      const std::string_view name = rest.substr(0, rest.find('/'));
      in_open = in_open->find(name);
      in_shown = in_shown->find(name);
      rest = rest.size() == name.size() ? std::string_view() : rest.substr(name.size() + 1);
    }
    if (!in_open || !in_shown || same_value(*in_open, *in_shown)) continue;
    if (!difference.expected.empty()) difference.expected = hidden_value;
    if (!difference.actual.empty()) difference.actual = hidden_value;
  }
}

/// What the caller is told where a resource cannot be read.
protocol::ServiceError not_detected(const resources::HandlerError& error) {
  constexpr int forbidden = 403;
  if (error.code == "AccessDenied") return {"AccessDenied", forbidden, error.message};
  return ValidationError(error.message);
}

/// Resources that are there.
bool is_there(const ResourceRecord& record) {
  return !record.state.id.empty() && record.status.ends_with("_COMPLETE") &&
         record.status != "DELETE_COMPLETE";
}

}  // namespace

/// Properties are compared as they were set: what stands for a secret was put in, and is read
/// again.
runtime::Task<DriftRecord> Service::compare(resources::Calls& calls, const ResourceKey& key,
                                            const ResourceRecord& record) {
  DriftRecord drift{
      .type = record.state.type,
      .physical_id = record.state.id,
      .status = not_checked,
      .expected = record.state.shown.empty() ? record.state.properties : record.state.shown,
      .time = runtime_.clock.now()};
  if (drift.expected.empty()) drift.expected = "{}";
  const resources::ResourceType* type = find_type(record.state.type);
  if (!type || type->schema().type_name().starts_with("Custom::")) co_return drift;
  const StackKey& stack = std::get<0>(key);
  resources::Subject subject{.calls = calls,
                             .runtime = runtime_,
                             .account = std::get<0>(stack),
                             .region = std::get<1>(stack)};
  subject.stack_name = name_of(stack);
  subject.stack_id = arn_of(stack);
  subject.logical_id = std::get<1>(key);
  bool is_gone = false;
  try {
    const Value expected = parsed(record.state.properties);
    const Value shown = with_references_hidden(parsed(drift.expected));
    const Value resolved =
        co_await resolve_dynamic_references(calls, as_set(record.state), record.state.type);
    subject.known = resolved;
    const Value told = co_await type->read(subject, record.state.id);
    const Value actual = without_attachments(key, record, told, resolved);
    drift.actual = templates::to_json(hide_same(only_expected(expected, actual), expected, shown));
    drift.differences = find_differences(type->schema(), resolved, actual);
    hide_secrets(drift.differences, expected, shown);
    drift.status = drift.differences.empty() ? in_sync : modified;
  } catch (const resources::HandlerError& error) {
    is_gone = error.code == "NotFound";
    const bool is_unreadable = error.code == "InvalidRequest" || error.code == "UnsupportedAction";
    if (!is_gone && !is_unreadable) throw;
  } catch (const protocol::ServiceError& error) {
    is_gone = handler_error(error).code == "NotFound";
    if (!is_gone) throw;
  }
  if (is_gone) drift.status = deleted;
  co_return drift;
}

Value Service::without_attachments(const ResourceKey& key, const ResourceRecord& record,
                                   const Value& actual, const Value& expected) const {
  Attachments attachments(record.state.type, record.state.id);
  if (!attachments.are_possible()) return actual;
  catalog_.resources.scan(catalog_.resources.prefix(std::get<0>(key)),
                          [&](const ResourceKey&, const ResourceRecord& other) {
                            if (is_there(other) && !other.state.properties.empty())
                              attachments.add(other.state.type, other.state.id,
                                              templates::read_value(other.state.properties));
                            return true;
                          });
  return attachments.without(actual, expected);
}

void Service::keep_drift(const ResourceKey& key, const DriftRecord& drift) {
  storage::Transaction transaction(store_);
  if (std::optional<ResourceRecord> record = catalog_.resources.find(key)) {
    record->drift_status = drift.status;
    record->drift_checked = drift.time;
    catalog_.resources.put(key, *record);
    drifts_.resources.put(key, drift);
  }
  transaction.commit();
}

FoundStack Service::require_at_rest(const Context& context, const std::string& name) const {
  FoundStack stack = catalog_.require(context, name);
  if (stack.record.status.ends_with("_IN_PROGRESS") || stack.record.status == "DELETE_COMPLETE")
    throw ValidationError(
        fmt::format("Drift detection cannot be performed on stack [{}] in the state of {}.",
                    arn_of(stack.key), stack.record.status));
  return stack;
}

runtime::Task<DetectStackResourceDriftResponse> Service::detect_stack_resource_drift(
    const Context& context, const DetectStackResourceDriftRequest& request) {
  const FoundStack stack = require_at_rest(context, request.stack_name);
  const ResourceKey key{stack.key, request.logical_resource_id};
  const std::optional<ResourceRecord> record = catalog_.resources.find(key);
  if (!record || !is_there(*record))
    throw ValidationError(fmt::format("Resource {} does not exist for stack {}",
                                      request.logical_resource_id, request.stack_name));
  const std::unique_ptr<resources::Calls> calls = calls_as(context, stack.record.role);
  std::optional<resources::HandlerError> failure;
  DriftRecord drift;
  try {
    drift = co_await compare(*calls, key, *record);
  } catch (const resources::HandlerError& error) {
    failure = error;
  } catch (const protocol::ServiceError& error) {
    failure = handler_error(error);
  }
  if (failure) throw not_detected(*failure);
  if (drift.status == not_checked)
    throw ValidationError(
        fmt::format("Drift detection is not supported for resource type {}.", record->state.type));
  keep_drift(key, drift);
  co_return DetectStackResourceDriftResponse{.stack_resource_drift = told(key, drift)};
}

/// All is compared before the answer: it takes as long as reading the resources does.
runtime::Task<DetectStackDriftResponse> Service::detect_stack_drift(
    const Context& context, const DetectStackDriftRequest& request) {
  const FoundStack stack = require_at_rest(context, request.stack_name);
  std::vector<std::pair<ResourceKey, ResourceRecord>> all;
  catalog_.resources.scan(catalog_.resources.prefix(stack.key), [&](const ResourceKey& key,
                                                                    const ResourceRecord& record) {
    const bool is_wanted = !request.logical_resource_ids ||
                           std::ranges::find(*request.logical_resource_ids, std::get<1>(key)) !=
                               request.logical_resource_ids->end();
    if (is_wanted && is_there(record)) all.emplace_back(key, record);
    return true;
  });
  const std::unique_ptr<resources::Calls> calls = calls_as(context, stack.record.role);
  DetectionRecord detection{
      .stack_id = arn_of(stack.key), .status = in_sync, .time = runtime_.clock.now()};
  for (const auto& [key, record] : all) {
    DriftRecord drift;
    try {
      drift = co_await compare(*calls, key, record);
    } catch (const std::exception& error) {
      detection.failure += fmt::format("Failed to detect drift on resource [{}]: {} ",
                                       std::get<1>(key), error.what());
      continue;
    }
    if (has_drifted(drift.status)) ++detection.drifted;
    if (drift.status != not_checked) keep_drift(key, drift);
  }
  if (detection.drifted > 0)
    detection.status = "DRIFTED";
  else if (!detection.failure.empty())
    detection.status = "UNKNOWN";  // nobody knows of those that could not be read
  const std::string id = runtime_.random.uuid();
  storage::Transaction transaction(store_);
  if (std::optional<StackRecord> record = catalog_.stacks.find(stack.key)) {
    record->drift_status = detection.status;
    record->drift_checked = detection.time;
    catalog_.stacks.put(stack.key, *record);
  }
  drifts_.detections.put({context.account, context.region, id}, detection);
  transaction.commit();
  co_return DetectStackDriftResponse{.stack_drift_detection_id = id};
}

DescribeStackDriftDetectionStatusResponse Service::describe_stack_drift_detection_status(
    const Context& context, const DescribeStackDriftDetectionStatusRequest& request) {
  const auto record =
      drifts_.detections.find({context.account, context.region, request.stack_drift_detection_id});
  if (!record)
    throw ValidationError(
        fmt::format("Drift detection ID [{}] does not exist.", request.stack_drift_detection_id));
  DescribeStackDriftDetectionStatusResponse response{
      .stack_id = record->stack_id, .stack_drift_detection_id = request.stack_drift_detection_id};
  response.stack_drift_status = record->status;
  response.detection_status = record->failure.empty() ? "DETECTION_COMPLETE" : "DETECTION_FAILED";
  if (!record->failure.empty()) response.detection_status_reason = record->failure;
  response.drifted_stack_resource_count = record->drifted;
  response.timestamp = record->time;
  return response;
}

DescribeStackResourceDriftsResponse Service::describe_stack_resource_drifts(
    const Context& context, const DescribeStackResourceDriftsRequest& request) {
  const FoundStack stack = catalog_.require(context, request.stack_name);
  const auto filters =
      request.stack_resource_drift_status_filters.value_or(std::vector<std::string>());
  const std::set<std::string> wanted(filters.begin(), filters.end());
  const auto most =
      static_cast<std::size_t>(request.max_results.value_or(static_cast<std::int32_t>(page_size)));
  auto range = drifts_.resources.prefix(stack.key);
  if (const auto after = read_page_token("drifts", request.next_token))
    range = drifts_.resources.after(range, {stack.key, *after});
  DescribeStackResourceDriftsResponse response;
  drifts_.resources.scan(range, [&](const ResourceKey& key, const DriftRecord& record) {
    if (!wanted.empty() && !wanted.contains(record.status)) return true;
    if (!catalog_.resources.contains(key)) return true;
    if (response.stack_resource_drifts.size() == most) {
      response.next_token =
          page_token("drifts", response.stack_resource_drifts.back().logical_resource_id);
      return false;
    }
    response.stack_resource_drifts.push_back(told(key, record));
    return true;
  });
  return response;
}

}  // namespace matinee::cloudformation
