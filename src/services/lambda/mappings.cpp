// Event source mappings: which function reads which queue, or which stream of a table
// (change_mappings.cpp). Other sources are refused by name.
#include <fmt/format.h>

#include <algorithm>

#include "lambda/errors.h"
#include "runtime/log.h"
#include "services/arn.h"
#include "services/lambda/catalog/pages.h"
#include "services/lambda/requests.h"
#include "services/lambda/service.h"

namespace matinee::lambda {

namespace {

constexpr std::int32_t page_size = 100;
constexpr std::int32_t most_in_fifo_batch = 10;
constexpr std::int32_t most_without_window = 10;
constexpr std::int32_t most_in_batch = 10'000;
constexpr std::int32_t usual_stream_batch = 100;
constexpr std::size_t most_filters = 5;
constexpr std::size_t usual_concurrency = 10;
constexpr std::string_view reports = "ReportBatchItemFailures";
constexpr int not_implemented = 501;
constexpr runtime::Duration wait_for_disk = std::chrono::seconds(1);

std::string_view text_of(MappingStage stage) {
  switch (stage) {
    case MappingStage::creating:
      return "Creating";
    case MappingStage::enabled:
      return "Enabled";
    case MappingStage::disabled:
      return "Disabled";
    case MappingStage::updating:
      return "Updating";
    case MappingStage::deleting:
      return "Deleting";
    case MappingStage::enabling:
      return "Enabling";
    case MappingStage::disabling:
      return "Disabling";
  }
  return "";
}

void tell_stream(const MappingRecord& mapping, CreateEventSourceMappingResponse& response) {
  constexpr std::int32_t without_end = -1;
  response.state_transition_reason = "User action";
  response.starting_position = mapping.starting_position;
  response.maximum_record_age_in_seconds = mapping.oldest_seconds.value_or(without_end);
  response.maximum_retry_attempts = mapping.most_retries.value_or(without_end);
  response.parallelization_factor = mapping.lanes;
  response.bisect_batch_on_function_error = mapping.bisects;
  response.tumbling_window_in_seconds = mapping.tumbling_seconds;
  response.destination_config = DestinationConfig{.on_failure = OnFailure{}};
  if (!mapping.on_failure.empty())
    response.destination_config->on_failure->destination = mapping.on_failure;
}

}  // namespace

CreateEventSourceMappingResponse Service::mapping_response(const FunctionKey& key,
                                                           const MappingRecord& mapping) const {
  const auto& [account, region, id] = key;
  CreateEventSourceMappingResponse response{.uuid = id};
  response.event_source_mapping_arn =
      fmt::format("arn:aws:lambda:{}:{}:event-source-mapping:{}", region, account, id);
  response.event_source_arn = mapping.source;
  response.function_arn = mapping.function;
  response.batch_size = mapping.batch_size;
  response.maximum_batching_window_in_seconds = mapping.window_seconds;
  response.function_response_types.emplace();
  if (mapping.reports_failures) response.function_response_types->emplace_back(reports);
  response.last_modified = mapping.modified;
  response.state = text_of(mapping.stage);
  response.state_transition_reason = "USER_INITIATED";
  if (!mapping.filters.empty()) {
    response.filter_criteria.emplace().filters.emplace();
    for (const std::string& pattern : mapping.filters)
      response.filter_criteria->filters->push_back({.pattern = pattern});
  }
  if (mapping.most_concurrent)
    response.scaling_config = ScalingConfig{.maximum_concurrency = mapping.most_concurrent};
  if (mapping.metrics)
    response.metrics_config = EventSourceMappingMetricsConfig{.metrics = mapping.metrics};
  response.kms_key_arn = mapping.key;
  if (!mapping.reads_stream()) return response;
  tell_stream(mapping, response);
  if (const auto position = stream_positions_.find(key))
    response.last_processing_result = position->result;
  return response;
}

namespace {

[[noreturn]] void refuse_source(std::string_view what) {
  throw protocol::ServiceError("NotImplemented", not_implemented,
                               fmt::format("{} cannot be event sources here.", what));
}

/// What both requests may say.
template <class Request>
void apply_mapping(const Request& request, MappingRecord& mapping) {
  if (request.batch_size) mapping.batch_size = *request.batch_size;
  if (request.maximum_batching_window_in_seconds)
    mapping.window_seconds = *request.maximum_batching_window_in_seconds;
  if (request.enabled) mapping.is_enabled = *request.enabled;
  if (request.filter_criteria) {
    mapping.filters.clear();
    for (const Filter& filter : request.filter_criteria->filters.value_or(std::vector<Filter>{}))
      mapping.filters.push_back(filter.pattern.value_or("{}"));
  }
  if (request.function_response_types)
    mapping.reports_failures = !request.function_response_types->empty();
  if (request.scaling_config) mapping.most_concurrent = request.scaling_config->maximum_concurrency;
  if (request.metrics_config) mapping.metrics = request.metrics_config->metrics;
  if (request.kms_key_arn) mapping.key = *request.kms_key_arn;
  if (request.maximum_retry_attempts) {
    mapping.most_retries.reset();
    if (*request.maximum_retry_attempts >= 0) mapping.most_retries = request.maximum_retry_attempts;
  }
  if (request.maximum_record_age_in_seconds) {
    mapping.oldest_seconds.reset();
    if (*request.maximum_record_age_in_seconds >= 0)
      mapping.oldest_seconds = request.maximum_record_age_in_seconds;
  }
  if (request.bisect_batch_on_function_error)
    mapping.bisects = *request.bisect_batch_on_function_error;
  if (request.parallelization_factor) mapping.lanes = *request.parallelization_factor;
  if (request.destination_config) {
    const auto& on_failure = request.destination_config->on_failure;
    mapping.on_failure = on_failure ? on_failure->destination.value_or("") : "";
  }
  if (request.tumbling_window_in_seconds)
    mapping.tumbling_seconds = *request.tumbling_window_in_seconds;
  if (request.provisioned_poller_config)
    refuse_member("ProvisionedPollerConfig", "event sources are not read by pollers of their own");
  if (request.source_access_configurations)
    refuse_member("SourceAccessConfigurations", "queues need none");
}

/// By qualifier, where there is one.
std::string function_arn(const Named& name) {
  return arn_of(name.key, name.qualifier);
}

}  // namespace

std::vector<patterns::Pattern> filters_of(const MappingRecord& mapping) {
  std::vector<patterns::Pattern> filters;
  for (const std::string& text : mapping.filters)
    if (auto compiled = patterns::Pattern::compile(patterns::Dialect::event_source, text))
      filters.push_back(*std::move(compiled));
  return filters;
}

MappingRecord Service::require_mapping(const FunctionKey& key) const {
  std::optional<MappingRecord> mapping = mappings_.find(key);
  if (!mapping) refuse_unknown("The resource you requested does not exist.");
  return *std::move(mapping);
}

void Service::check_mapping(const FunctionKey& key, const MappingRecord& mapping) const {
  const bool is_fifo = mapping.source.ends_with(".fifo");
  if (mapping.batch_size > most_in_batch || mapping.batch_size < 1)
    refuse(fmt::format("BatchSize must be between 1 and {}.", most_in_batch));
  if (is_fifo && mapping.batch_size > most_in_fifo_batch)
    refuse("Maximum batch size for FIFO queues is 10.");
  if (is_fifo && mapping.window_seconds > 0)
    refuse("Batching window is not supported for FIFO queues.");
  if (mapping.reads_stream()) check_stream_mapping(mapping);
  if (!mapping.reads_stream() && mapping.tumbling_seconds > 0)
    refuse("TumblingWindowInSeconds is for streams; queues have no windows.");
  if (!mapping.reads_stream() && mapping.batch_size > most_without_window &&
      mapping.window_seconds == 0)
    refuse(
        "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater "
        "than 10");
  if (mapping.filters.size() > most_filters)
    refuse(fmt::format("The number of filters must be less than or equal to {}.", most_filters));
  for (const std::string& pattern : mapping.filters)
    if (const auto compiled = patterns::Pattern::compile(patterns::Dialect::event_source, pattern);
        !compiled)
      refuse(compiled.error().message);
  const auto& [account, region, id] = key;
  mappings_.scan(mappings_.prefix(account, region), [&](const FunctionKey& other,
                                                        const MappingRecord& record) {
    if (other != key && record.source == mapping.source && record.function == mapping.function)
      refuse_conflict(fmt::format(
          "The event source arn (\" {} \") and function (\" {} \") provided mapping "
          "already exists. Please update or delete the existing mapping with UUID "
          "{}",
          mapping.source, std::get<2>(find_named(mapping.function)->key), std::get<2>(other)));
    return true;
  });
}

void Service::put_mapping(const FunctionKey& key, const MappingRecord& mapping) {
  mappings_.put(key, mapping);
  unsettled_mappings_.put(key, {});
  store_.on_commit([this] {
    runtime_.loop.post([this, lives = lives_] {
      if (*lives) settle_mappings();
    });
  });
}

CreateEventSourceMappingResponse Service::create_event_source_mapping(
    const Context& context, const CreateEventSourceMappingRequest& request) {
  if (request.self_managed_event_source || request.topics) refuse_source("Clusters of Kafka");
  if (request.queues) refuse_source("Brokers of Amazon MQ");
  if (request.document_db_event_source_config) refuse_source("Clusters of DocumentDB");
  if (!request.event_source_arn) refuse("EventSourceArn is required for this event source type.");
  const std::optional<services::Arn> source = services::parse_arn(*request.event_source_arn);
  if (!source) refuse(fmt::format("Unrecognized event source: {}", *request.event_source_arn));
  const bool is_stream = source->service == "dynamodb";
  if (source->service != "sqs" && !is_stream)
    refuse_source(fmt::format("Sources of {}", source->service));
  const Named name = named(context, request.function_name);
  const Target target = require_target(name);
  MappingRecord mapping{.function = function_arn(name), .source = *request.event_source_arn};
  if (is_stream) {
    if (!request.starting_position)
      refuse(
          "1 validation error detected: Value null at 'startingPosition' failed to satisfy "
          "constraint: Member must not be null.");
    mapping.starting_position = *request.starting_position;
    mapping.batch_size = usual_stream_batch;
  }
  apply_mapping(request, mapping);
  if (request.tags) mapping.tags = *request.tags;
  const FunctionKey key{context.account, context.region, runtime_.random.uuid()};
  check_mapping(key, mapping);
  if (is_stream) {
    mapping.begins_after = place_in_stream(key, mapping);
  } else if (neighbours_.watches) {
    const auto visibility = neighbours_.watches->find_visibility_timeout(mapping.source);
    if (!visibility)
      refuse(
          "Error occurred while ReceiveMessage. SQS Error Code: "
          "AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does "
          "not exist.");
    const std::int32_t timeout =
        require_version(versioned(target.key, target.version)).settings.timeout_seconds;
    if (visibility->count() < timeout)
      refuse(fmt::format(
          "Queue visibility timeout: {} seconds is less than Function timeout: {} seconds",
          visibility->count(), timeout));
  }
  mapping.modified = runtime_.clock.now();
  put_mapping(key, mapping);
  return mapping_response(key, mapping);
}

GetEventSourceMappingResponse Service::get_event_source_mapping(
    const Context& context, const GetEventSourceMappingRequest& request) {
  const FunctionKey key{context.account, context.region, request.uuid};
  return mapping_response(key, require_mapping(key));
}

UpdateEventSourceMappingResponse Service::update_event_source_mapping(
    const Context& context, const UpdateEventSourceMappingRequest& request) {
  const FunctionKey key{context.account, context.region, request.uuid};
  MappingRecord mapping = require_mapping(key);
  if (request.function_name) {
    const Named name = named(context, *request.function_name);
    require_target(name);
    mapping.function = function_arn(name);
  }
  const bool was_enabled = mapping.is_enabled;
  apply_mapping(request, mapping);
  check_mapping(key, mapping);
  mapping.stage = MappingStage::updating;
  if (mapping.is_enabled != was_enabled)
    mapping.stage = mapping.is_enabled ? MappingStage::enabling : MappingStage::disabling;
  mapping.modified = runtime_.clock.now();
  put_mapping(key, mapping);
  return mapping_response(key, mapping);
}

DeleteEventSourceMappingResponse Service::delete_event_source_mapping(
    const Context& context, const DeleteEventSourceMappingRequest& request) {
  const FunctionKey key{context.account, context.region, request.uuid};
  MappingRecord mapping = require_mapping(key);
  mapping.stage = MappingStage::deleting;
  put_mapping(key, mapping);
  return mapping_response(key, mapping);
}

ListEventSourceMappingsResponse Service::list_event_source_mappings(
    const Context& context, const ListEventSourceMappingsRequest& request) {
  const std::size_t most = page_length(request.max_items, page_size);
  const std::string after = read_marker(request.marker);
  std::string function;
  if (request.function_name) function = function_arn(named(context, *request.function_name));
  auto place = mappings_.cursor(mappings_.prefix(context.account, context.region));
  if (!after.empty()) place.seek(FunctionKey{context.account, context.region, after});
  ListEventSourceMappingsResponse response{.event_source_mappings =
                                               std::vector<CreateEventSourceMappingResponse>{}};
  for (; place.valid(); place.next()) {
    const FunctionKey key = place.key();
    if (std::get<2>(key) == after) continue;
    const MappingRecord mapping = place.record();
    if (request.event_source_arn && mapping.source != *request.event_source_arn) continue;
    if (!function.empty() && mapping.function != function) continue;
    if (response.event_source_mappings->size() == most) {
      response.next_marker = marker_after(*response.event_source_mappings->back().uuid);
      break;
    }
    response.event_source_mappings->push_back(mapping_response(key, mapping));
  }
  return response;
}

/// Stages end as soon as what began them is kept.
void Service::settle_mappings() {
  std::vector<FunctionKey> changed;
  try {
    storage::Transaction transaction(store_);
    unsettled_mappings_.scan(
        unsettled_mappings_.all(), [&](const FunctionKey& key, const UnsettledRecord&) {
          unsettled_mappings_.erase(key);
          changed.push_back(key);
          std::optional<MappingRecord> mapping = mappings_.find(key);
          if (!mapping) return true;
          if (mapping->stage == MappingStage::deleting) {
            mappings_.erase(key);
            stream_positions_.erase(key);
            stream_windows_.erase(key);
            return true;
          }
          mapping->stage = mapping->is_enabled ? MappingStage::enabled : MappingStage::disabled;
          mappings_.put(key, *mapping);
          return true;
        });
    transaction.commit();
  } catch (const storage::StoreFailure& failure) {
    spdlog::error("Event source mappings stay as they are for now: {}", failure.what());
    runtime_.clock.call_at(runtime_.clock.now() + wait_for_disk, [this, lives = lives_] {
      if (*lives) settle_mappings();
    });
    return;
  }
  for (const FunctionKey& key : changed) {
    pollers_.erase(key);
    change_pollers_.erase(key);
    if (const auto mapping = mappings_.find(key))
      start_poller(key, *mapping);
    else
      mapping_calls_.erase(key);
  }
}

void Service::start_pollers() {
  mappings_.scan(mappings_.all(), [&](const FunctionKey& key, const MappingRecord& mapping) {
    start_poller(key, mapping);
    return true;
  });
}

void Service::start_poller(const FunctionKey& key, const MappingRecord& mapping) {
  if (!runner_ || !neighbours_.queues || mapping.stage != MappingStage::enabled) return;
  if (mapping.reads_stream()) return start_change_poller(key, mapping);
  const std::optional<Named> name = find_named(mapping.function);
  if (!name) return;
  PollerSettings settings{.reader = {.queue = mapping.source,
                                     .role = role_of(name->key),
                                     .source_arn = mapping.function},
                          .batch_size = static_cast<std::size_t>(mapping.batch_size),
                          .window = std::chrono::seconds(mapping.window_seconds),
                          .filters = filters_of(mapping),
                          .reports_failures = mapping.reports_failures,
                          .most_concurrent = mapping.most_concurrent ? static_cast<std::size_t>(
                                                                           *mapping.most_concurrent)
                                                                     : usual_concurrency};
  std::weak_ptr<std::size_t>& kept = mapping_calls_[key];
  std::shared_ptr<std::size_t> calls = kept.lock();
  if (!calls) kept = calls = std::make_shared<std::size_t>(0);
  auto poller = std::make_unique<QueuePoller>(
      PollerHost{.runtime = runtime_,
                 .queues = *neighbours_.queues,
                 .watches = *neighbours_.watches,
                 .call = [this, mapping](
                             BatchCall call) { return call_for_mapping(mapping, std::move(call)); },
                 .tell_unwanted =
                     [this, key, mapping](const std::vector<services::QueueMessage>& messages) {
                       tell_unwanted(key, mapping, messages);
                     },
                 .counts = [this, key, counts = mapping.counts_events()]() -> MappingCounts* {
                   return counts ? &measures_.of_mapping(key) : nullptr;
                 },
                 .calls = std::move(calls),
                 .wake_next =
                     [this, key, lives = lives_] {
                       if (*lives) wake_poller(key);
                     }},
      std::move(settings));
  poller->start();
  pollers_[key] = std::move(poller);
}

void Service::wake_pollers() {
  const auto wake_later = [this](const FunctionKey& key) {
    runtime_.loop.post([this, key, lives = lives_] {
      if (*lives) wake_poller(key);
    });
  };
  for (const auto& entry : pollers_) wake_later(entry.first);
  for (const auto& entry : change_pollers_) wake_later(entry.first);
}

void Service::wake_poller(const FunctionKey& key) {
  if (const auto found = pollers_.find(key); found != pollers_.end()) found->second->wake();
  if (const auto found = change_pollers_.find(key); found != change_pollers_.end())
    found->second->wake();
}

}  // namespace matinee::lambda
