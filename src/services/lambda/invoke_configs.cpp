// What becomes of asynchronous invocations: how often they are tried again, and where their results
// go.
#include <fmt/format.h>

#include <algorithm>

#include "lambda/errors.h"
#include "services/arn.h"
#include "services/lambda/catalog/pages.h"
#include "services/lambda/service.h"

namespace matinee::lambda {

namespace {

std::string destination_of(const auto& on) {
  return on ? on->destination.value_or("") : std::string();
}

GetFunctionEventInvokeConfigResponse told(const QualifiedKey& key,
                                          const InvokeConfigRecord& record) {
  const auto& [account, region, name, qualifier] = key;
  GetFunctionEventInvokeConfigResponse response{
      .last_modified = record.modified,
      .function_arn = arn_of({account, region, name}, qualifier),
      .maximum_retry_attempts = record.most_retries,
      .maximum_event_age_in_seconds = record.oldest_seconds,
      .destination_config =
          DestinationConfig{.on_success = OnSuccess{}, .on_failure = OnFailure{}}};
  if (!record.on_success.empty())
    response.destination_config->on_success->destination = record.on_success;
  if (!record.on_failure.empty())
    response.destination_config->on_failure->destination = record.on_failure;
  return response;
}

/// As AWS's own program writes the structure in its error.
std::string java_of(const InvokeConfigRecord& record) {
  const auto part = [](std::string_view name, std::string_view kind,
                       const std::string& destination) {
    if (destination.empty()) return fmt::format("{}=null", name);
    return fmt::format("{}={}(destination={})", name, kind, destination);
  };
  return fmt::format("DestinationConfig({}, {})", part("onSuccess", "OnSuccess", record.on_success),
                     part("onFailure", "OnFailure", record.on_failure));
}

[[noreturn]] void refuse_without_config(const Named& name) {
  refuse_unknown(fmt::format("The function {} doesn't have an EventInvokeConfig",
                             arn_of(name.key, name.qualifier_or_latest())));
}

}  // namespace

/// Queues, topics, functions, buses, and buckets for failures.
void Service::check_destinations(const Named& name, const InvokeConfigRecord& record) const {
  for (const std::string* destination : {&record.on_success, &record.on_failure}) {
    if (destination->empty()) continue;
    const std::optional<services::Arn> arn = services::parse_arn(*destination);
    constexpr std::string_view kinds[] = {"sqs", "sns", "lambda", "events", "s3"};
    const bool is_for_success_too = arn && arn->service != "s3";
    if (!arn || std::ranges::find(kinds, arn->service) == std::end(kinds) ||
        (destination == &record.on_success && !is_for_success_too))
      refuse(fmt::format("The provided destination config {} is invalid.", java_of(record)));
    if (arn->service != "lambda") continue;
    const std::optional<Named> target = find_named(*destination);
    if (!target || !functions_.contains(target->key))
      refuse(fmt::format("The destination ARN {} is invalid.", *destination));
    if (target->key == name.key)
      refuse("You can't specify the function as a destination for itself.");
  }
}

/// The function, and the qualifier, must be there.
void Service::require_invokable(const Named& name) const {
  constexpr const char* gone = "The function doesn't exist.";
  if (!functions_.contains(name.key)) refuse_unknown(gone);
  if (name.qualifier.empty() || name.qualifier == latest) return;
  const std::optional<std::uint32_t> version = version_of_text(name.qualifier);
  const bool is_there = version ? versions_.contains(versioned(name.key, *version))
                                : aliases_.contains(qualified(name.key, name.qualifier));
  if (!is_there) refuse_unknown(gone);
}

PutFunctionEventInvokeConfigResponse Service::put_function_event_invoke_config(
    const Context& context, const PutFunctionEventInvokeConfigRequest& request) {
  const Named name = named(context, request.function_name, request.qualifier);
  const auto& config = request.destination_config;
  const bool says_something = request.maximum_retry_attempts ||
                              request.maximum_event_age_in_seconds ||
                              (config && (config->on_success || config->on_failure));
  if (!says_something)
    refuse("You must specify at least one of error handling or destination setting.");
  require_invokable(name);
  InvokeConfigRecord record{.most_retries = request.maximum_retry_attempts,
                            .oldest_seconds = request.maximum_event_age_in_seconds,
                            .modified = runtime_.clock.now()};
  if (config) {
    record.on_success = destination_of(config->on_success);
    record.on_failure = destination_of(config->on_failure);
  }
  check_destinations(name, record);
  const QualifiedKey key = qualified(name.key, name.qualifier_or_latest());
  invoke_configs_.put(key, record);
  return told(key, record);
}

UpdateFunctionEventInvokeConfigResponse Service::update_function_event_invoke_config(
    const Context& context, const UpdateFunctionEventInvokeConfigRequest& request) {
  const Named name = named(context, request.function_name, request.qualifier);
  if (!functions_.contains(name.key)) refuse_unknown("The function doesn't exist.");
  const QualifiedKey key = qualified(name.key, name.qualifier_or_latest());
  std::optional<InvokeConfigRecord> record = invoke_configs_.find(key);
  if (!record) refuse_without_config(name);
  if (request.maximum_retry_attempts) record->most_retries = request.maximum_retry_attempts;
  if (request.maximum_event_age_in_seconds)
    record->oldest_seconds = request.maximum_event_age_in_seconds;
  if (const auto& config = request.destination_config) {
    if (config->on_success) record->on_success = destination_of(config->on_success);
    if (config->on_failure) record->on_failure = destination_of(config->on_failure);
  }
  check_destinations(name, *record);
  record->modified = runtime_.clock.now();
  invoke_configs_.put(key, *record);
  return told(key, *record);
}

GetFunctionEventInvokeConfigResponse Service::get_function_event_invoke_config(
    const Context& context, const GetFunctionEventInvokeConfigRequest& request) {
  const Named name = named(context, request.function_name, request.qualifier);
  const QualifiedKey key = qualified(name.key, name.qualifier_or_latest());
  const std::optional<InvokeConfigRecord> record = invoke_configs_.find(key);
  if (!record) refuse_without_config(name);
  return told(key, *record);
}

DeleteFunctionEventInvokeConfigResponse Service::delete_function_event_invoke_config(
    const Context& context, const DeleteFunctionEventInvokeConfigRequest& request) {
  const Named name = named(context, request.function_name, request.qualifier);
  const QualifiedKey key = qualified(name.key, name.qualifier_or_latest());
  if (!invoke_configs_.contains(key)) refuse_without_config(name);
  invoke_configs_.erase(key);
  return {};
}

ListFunctionEventInvokeConfigsResponse Service::list_function_event_invoke_configs(
    const Context& context, const ListFunctionEventInvokeConfigsRequest& request) {
  const Named name = named(context, request.function_name);
  if (!functions_.contains(name.key)) refuse_unknown("The function doesn't exist.");
  const std::size_t most = page_length(request.max_items);
  const std::string after = read_marker(request.marker);
  const auto& [account, region, function] = name.key;
  auto place = invoke_configs_.cursor(invoke_configs_.prefix(account, region, function));
  if (!after.empty()) place.seek(qualified(name.key, after));
  std::string last;
  ListFunctionEventInvokeConfigsResponse response{
      .function_event_invoke_configs = std::vector<GetFunctionEventInvokeConfigResponse>{}};
  for (; place.valid(); place.next()) {
    const QualifiedKey key = place.key();
    if (std::get<3>(key) == after) continue;
    if (response.function_event_invoke_configs->size() == most) {
      response.next_marker = marker_after(last);
      break;
    }
    response.function_event_invoke_configs->push_back(told(key, place.record()));
    last = std::get<3>(key);
  }
  return response;
}

}  // namespace matinee::lambda
