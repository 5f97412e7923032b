// Event source mappings whose source is a stream of a table: what they may say, how far they have
// read, what they call functions with, and where goes what functions cannot do.
#include <fmt/format.h>

#include "runtime/log.h"
#include "services/lambda/requests.h"
#include "services/lambda/running/log_lines.h"
#include "services/lambda/service.h"
#include "services/lineage.h"

namespace matinee::lambda {

namespace {

constexpr std::string_view no_result = "No records processed";
constexpr std::size_t most_told = 100;  // changes that the journal hears of with one call

/// "2026-11-29T12:00:00Z"
std::string seconds_text(std::int64_t at) {
  const std::string text = time_text(runtime::Time(std::chrono::seconds(at)));
  return text.substr(0, text.find('.')) + "Z";
}

/// Where a batch is in its stream.
std::string place_of(const MappingRecord& mapping, const Changes& changes) {
  return fmt::format(
      R"("DDBStreamBatchInfo":{{"shardId":"{}","startSequenceNumber":"{}",)"
      R"("endSequenceNumber":"{}",)"
      R"("approximateArrivalOfFirstRecord":"{}","approximateArrivalOfLastRecord":"{}",)"
      R"("batchSize":{},"streamArn":"{}"}})",
      changes.front().shard, changes.front().sequence, changes.back().sequence,
      seconds_text(changes.front().at), seconds_text(changes.back().at), changes.size(),
      mapping.source);
}

std::string response_context(const Result& result) {
  return fmt::format(
      R"("responseContext":{{"statusCode":200,"executedVersion":"{}","functionError":{}}},)",
      result.version, result.function_error.empty() ? "null" : "\"" + result.function_error + "\"");
}

}  // namespace

void Service::check_stream_mapping(const MappingRecord& mapping) const {
  constexpr std::int32_t most_lanes = 10;
  constexpr std::int32_t most_retries = 10'000;
  constexpr std::int32_t least_age = 60;
  constexpr std::int32_t most_age = 604'800;
  const auto require = [](bool holds, std::string_view what) {
    if (!holds) refuse(std::string(what));
  };
  if (mapping.starting_position == "AT_TIMESTAMP")
    refuse("Unsupported starting position for arn type: " + mapping.source);
  if (mapping.most_concurrent)
    refuse("ScalingConfig is not supported for streams; use ParallelizationFactor.");
  require(mapping.lanes >= 1 && mapping.lanes <= most_lanes,
          "ParallelizationFactor must be between 1 and 10.");
  require(!mapping.most_retries || *mapping.most_retries <= most_retries,
          "MaximumRetryAttempts must be between -1 and 10000.");
  require(!mapping.oldest_seconds ||
              (*mapping.oldest_seconds >= least_age && *mapping.oldest_seconds <= most_age),
          "MaximumRecordAgeInSeconds must be -1, or between 60 and 604800.");
  const std::string& target = mapping.on_failure;
  require(target.empty() || target.starts_with("arn:aws:sqs:") ||
              target.starts_with("arn:aws:sns:") || target.starts_with("arn:aws:s3:"),
          "The destination of a stream's failures is a queue, a topic or a bucket.");
  if (neighbours_.change_watch && !neighbours_.change_watch->find_last_change(mapping.source))
    refuse("Stream not found: " + mapping.source);
}

void Service::place_in_stream(const FunctionKey& key, const MappingRecord& mapping) {
  StreamPositionRecord position{.after = "", .result = std::string(no_result)};
  if (mapping.starting_position == "LATEST" && neighbours_.change_watch)
    position.after = neighbours_.change_watch->find_last_change(mapping.source).value_or("");
  stream_positions_.put(key, position);
}

void Service::start_change_poller(const FunctionKey& key, const MappingRecord& mapping) {
  const std::optional<Named> name = find_named(mapping.function);
  if (!name || !neighbours_.changes || !neighbours_.change_watch) return;
  ChangePollerSettings settings{.reader = {.stream = mapping.source,
                                           .role = role_of(name->key),
                                           .source_arn = mapping.function},
                                .batch_size = static_cast<std::size_t>(mapping.batch_size),
                                .window = std::chrono::seconds(mapping.window_seconds),
                                .filters = filters_of(mapping),
                                .reports_failures = mapping.reports_failures,
                                .bisects = mapping.bisects,
                                .lanes = static_cast<std::size_t>(mapping.lanes)};
  if (mapping.most_retries)
    settings.most_retries = static_cast<std::uint32_t>(*mapping.most_retries);
  if (mapping.oldest_seconds) settings.oldest = std::chrono::seconds(*mapping.oldest_seconds);
  const StreamPositionRecord position =
      stream_positions_.find(key).value_or(StreamPositionRecord{});
  auto poller = std::make_unique<ChangePoller>(
      ChangePollerHost{
          .runtime = runtime_,
          .source = *neighbours_.changes,
          .watches = *neighbours_.change_watch,
          .call =
              [this, mapping](std::string event, const Changes& changes,
                              std::move_only_function<void(Result)> done) {
                return call_for_changes(mapping, std::move(event), changes, std::move(done));
              },
          .keep =
              [this, key](const std::string& sequence) {
                keep_position(key, {.after = sequence, .result = "OK"});
              },
          .give_up = [this, key,
                      mapping](const GivenUp& batch) { give_up_changes(key, mapping, batch); },
          .counts = [this, key, counts = mapping.counts_events()]() -> MappingCounts* {
            return counts ? &measures_.of_mapping(key) : nullptr;
          }},
      std::move(settings), position.after);
  poller->start();
  change_pollers_[key] = std::move(poller);
}

/// False where the function cannot be called now. What a call has failed with is an end of it.
bool Service::call_for_changes(const MappingRecord& mapping, std::string event,
                               const Changes& changes, std::move_only_function<void(Result)> done) {
  const std::optional<Named> name = find_named(mapping.function);
  if (!name || !runner_) return false;
  const std::string trace = services::with_root("", runtime_.clock.now(), runtime_.random);
  const std::string id = runtime_.random.uuid();
  std::vector<std::string> causes;
  if (is_told(trace, id))
    for (const services::Change& change : changes)
      if (causes.size() < most_told) causes.push_back(change.event_id);
  try {
    run_call(
        require_target(*name), name->qualifier,
        {.id = id,
         .payload = std::move(event),
         .trace = trace,
         .done = [this, name = *name, id, trace, causes, source = mapping.source,
                  done = std::make_shared<std::move_only_function<void(Result)>>(std::move(done)),
                  lives = lives_](Result result) mutable {
           if (*lives && !causes.empty()) {
             std::vector<services::HopMessage> messages;
             for (const std::string& cause : causes) messages.push_back({.id = id, .cause = cause});
             const std::string reason = reason_of(result);
             tell(name.key, name.qualifier,
                  {.kind = services::HopKind::invoked,
                   .account = {},
                   .region = {},
                   .trace = trace,
                   .resource = {},
                   .peer = source,
                   .reason = reason,
                   .caller = service_principal,
                   .messages = messages});
           }
           (*done)(std::move(result));
         }});
    return true;
  } catch (const protocol::ServiceError& error) {
    spdlog::info("{} cannot be called for a stream: {}", mapping.function, error.message());
    return false;
  }
}

/// Where the disk refuses it, the changes come again after a restart.
void Service::keep_position(const FunctionKey& key, const StreamPositionRecord& position) {
  try {
    storage::Transaction transaction(store_);
    if (mappings_.contains(key)) stream_positions_.put(key, position);
    transaction.commit();
  } catch (const storage::StoreFailure& failure) {
    spdlog::error("How far a stream has been read cannot be kept: {}", failure.what());
  }
}

void Service::give_up_changes(const FunctionKey& key, const MappingRecord& mapping,
                              const GivenUp& batch) {
  const std::optional<Named> name = find_named(mapping.function);
  if (mapping.on_failure.empty() || !neighbours_.outbox || !name) return;
  const std::string now = time_text(runtime_.clock.now());
  std::string body = fmt::format(
      R"({{"requestContext":{{"requestId":"{}","functionArn":"{}","condition":"{}",)"
      R"("approximateInvokeCount":{}}},{}"version":"1.0","timestamp":"{}",{}}})",
      runtime_.random.uuid(), mapping.function, batch.condition, batch.calls,
      batch.result ? response_context(*batch.result) : "", now, place_of(mapping, batch.changes));
  services::Delivery delivery = delivery_to(name->key, mapping.on_failure, std::move(body));
  delivery.id = runtime_.random.uuid();
  if (mapping.on_failure.starts_with("arn:aws:s3:")) {
    // A bucket gets what the function has got as well.
    std::string records;
    for (const services::Change& change : batch.changes)
      records += (records.empty() ? "" : ",") + change.record;
    delivery.body.pop_back();
    delivery.body += R"(,"payload":{"Records":[)" + records + "]}}";
    delivery.parameters = object_parameters(std::get<2>(key) + "/" + batch.changes.front().shard);
  }
  try {
    storage::Transaction transaction(store_);
    neighbours_.outbox->add(delivery);
    transaction.commit();
  } catch (const storage::StoreFailure& failure) {
    spdlog::error("A batch that was given up cannot be sent to {}: {}", mapping.on_failure,
                  failure.what());
  }
}

}  // namespace matinee::lambda
