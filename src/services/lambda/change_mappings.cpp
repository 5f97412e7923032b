// Event source mappings whose source is a stream of a table: what they may say, how far they have
// read, what they call functions with, and where goes what functions cannot do.
#include <fmt/format.h>

#include <charconv>

#include "runtime/log.h"
#include "services/lambda/requests.h"
#include "services/lambda/running/log_lines.h"
#include "services/lambda/service.h"
#include "services/lineage.h"

namespace matinee::lambda {

namespace {

constexpr std::string_view no_result = "No records processed";
constexpr std::size_t most_told = 100;  // changes that the journal hears of with one call
constexpr double milliseconds = 1000;   // of a second

/// "2026-11-29T12:00:00Z"
std::string seconds_text(std::int64_t at) {
  const std::string text = time_text(runtime::Time(std::chrono::seconds(at)));
  return text.substr(0, text.find('.')) + "Z";
}

/// Where changes are in their stream.
std::string place_of(const MappingRecord& mapping, const ChangeSpan& span) {
  return fmt::format(
      R"("DDBStreamBatchInfo":{{"shardId":"{}","startSequenceNumber":"{}",)"
      R"("endSequenceNumber":"{}",)"
      R"("approximateArrivalOfFirstRecord":"{}","approximateArrivalOfLastRecord":"{}",)"
      R"("batchSize":{},"streamArn":"{}"}})",
      span.shard, span.first, span.last, seconds_text(span.first_at), seconds_text(span.last_at),
      span.count, mapping.source);
}

ChangeWindow window_of(const StreamWindowRecord& record) {
  return {.begin = record.begin,
          .end = record.end,
          .shard = record.shard,
          .state = record.state,
          .first = record.first,
          .last = record.last,
          .first_at = record.first_at,
          .last_at = record.last_at,
          .count = record.count};
}

StreamWindowRecord record_of(const ChangeWindow& window) {
  return {.begin = window.begin,
          .end = window.end,
          .shard = window.shard,
          .state = window.state,
          .first = window.first,
          .last = window.last,
          .first_at = window.first_at,
          .last_at = window.last_at,
          .count = window.count};
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
  require(mapping.tumbling_seconds == 0 || mapping.lanes == 1,
          "ParallelizationFactor must be 1 with a TumblingWindowInSeconds.");
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

std::string Service::place_in_stream(const FunctionKey& key, const MappingRecord& mapping) {
  StreamPositionRecord position{.after = "", .result = std::string(no_result)};
  if (mapping.starting_position == "LATEST" && neighbours_.change_watch)
    position.after = neighbours_.change_watch->find_last_change(mapping.source).value_or("");
  stream_positions_.put(key, position);
  return position.after;
}

void Service::start_change_poller(const FunctionKey& key, const MappingRecord& mapping) {
  const std::optional<Named> name = find_named(mapping.function);
  if (!name || !neighbours_.changes || !neighbours_.change_watch) return;
  ChangePollerSettings settings{.reader = {.stream = mapping.source,
                                           .role = role_of(name->key),
                                           .source_arn = mapping.function},
                                .batch_size = static_cast<std::size_t>(mapping.batch_size),
                                .window = std::chrono::seconds(mapping.window_seconds),
                                .tumbling = std::chrono::seconds(mapping.tumbling_seconds),
                                .filters = filters_of(mapping),
                                .reports_failures = mapping.reports_failures,
                                .bisects = mapping.bisects,
                                .lanes = static_cast<std::size_t>(mapping.lanes)};
  if (mapping.most_retries)
    settings.most_retries = static_cast<std::uint32_t>(*mapping.most_retries);
  if (mapping.oldest_seconds) settings.oldest = std::chrono::seconds(*mapping.oldest_seconds);
  ChangeProgress progress{
      .after = stream_positions_.find(key).value_or(StreamPositionRecord{}).after,
      .window = std::nullopt};
  if (const auto window = stream_windows_.find(key)) progress.window = window_of(*window);
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
          .keep = [this, key](const ChangeProgress& reached) { keep_progress(key, reached); },
          .give_up = [this, key,
                      mapping](const GivenUp& batch) { give_up_changes(key, mapping, batch); },
          .tell_unwanted = [this, key, mapping](
                               const Changes& changes) { tell_unwanted(key, mapping, changes); },
          .counts = [this, key, counts = mapping.counts_events()]() -> MappingCounts* {
            return counts ? &measures_.of_mapping(key) : nullptr;
          }},
      std::move(settings), std::move(progress));
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
  std::string told;  // the event, where it is told of
  const bool is_all_told = is_told(trace, id);
  for (const services::Change& change : changes)
    if (causes.size() < most_told && (is_all_told || is_followed(change)))
      causes.push_back(change.event_id);
  const bool is_secret =
      neighbours_.change_watch && neighbours_.change_watch->is_encrypted(mapping.source);
  if (!causes.empty() && !is_secret) told = event;
  // Whole seconds, as changes tell their times.
  const std::int64_t age =
      changes.empty() ? 0 : runtime::to_seconds(runtime_.clock.now()) - changes.back().at;
  try {
    const Target target = require_target(*name);
    const std::uint32_t version = run_call(
        target, name->qualifier,
        {.id = id,
         .payload = std::move(event),
         .trace = trace,
         .done = [this, name = *name, id, trace, causes, told, source = mapping.source,
                  done = std::make_shared<std::move_only_function<void(Result)>>(std::move(done)),
                  lives = lives_](Result result) mutable {
           if (*lives && !causes.empty()) {
             std::vector<services::HopMessage> messages;
             for (const std::string& cause : causes) messages.push_back({.id = id, .cause = cause});
             messages.front().body = told;
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
                   .messages = messages},
                  &result);
           }
           (*done)(std::move(result));
         }});
    if (!changes.empty())
      measures_
          .of({target.key, name->qualifier,
               target.alias.empty() ? std::string() : text_of_version(version)})
          .iterator_age.add(static_cast<double>(std::max<std::int64_t>(age, 0)) * milliseconds);
    return true;
  } catch (const protocol::ServiceError& error) {
    spdlog::info("{} cannot be called for a stream: {}", mapping.function, error.message());
    return false;
  }
}

/// Where the disk refuses it, the changes come again after a restart.
void Service::keep_progress(const FunctionKey& key, const ChangeProgress& progress) {
  try {
    storage::Transaction transaction(store_);
    if (mappings_.contains(key)) {
      stream_positions_.put(key, {.after = progress.after, .result = "OK"});
      if (progress.window)
        stream_windows_.put(key, record_of(*progress.window));
      else if (stream_windows_.contains(key))
        stream_windows_.erase(key);
    }
    transaction.commit();
  } catch (const storage::StoreFailure& failure) {
    spdlog::error("How far a stream has been read cannot be kept: {}", failure.what());
  }
}

/// Whether the journal has been told of a change, and wants to know how it goes on.
bool Service::is_followed(const services::Change& change) const {
  return neighbours_.journal &&
         (neighbours_.journal->keeps_all() || neighbours_.journal->wants({}, change.event_id));
}

void Service::tell_given_up(const Named& name, const MappingRecord& mapping, const GivenUp& batch) {
  std::vector<services::HopMessage> messages;
  for (const services::Change& change : batch.changes)
    if (messages.size() < most_told && is_followed(change)) messages.push_back({change.event_id});
  if (messages.empty()) return;
  std::string reason =
      fmt::format("{} after {}", batch.condition,
                  batch.calls == 1 ? "a call" : fmt::format("{} calls", batch.calls));
  if (batch.result)
    if (const std::string how = reason_of(*batch.result); !how.empty()) reason += "; " + how;
  const bool has_target = !mapping.on_failure.empty();
  if (has_target) reason += "; a record of it goes to " + mapping.on_failure;
  tell(name.key, name.qualifier,
       {.kind = services::HopKind::dropped,
        .account = {},
        .region = {},
        .resource = {},
        .peer = mapping.source,
        .reason = reason,
        .caller = service_principal,
        .messages = messages});
}

void Service::tell_unwanted(const FunctionKey& key, const MappingRecord& mapping,
                            const Changes& changes) {
  const std::optional<Named> name = find_named(mapping.function);
  if (!name) return;
  for (const services::Change& change : changes) {
    if (!is_followed(change)) continue;
    patterns::Event event;
    event.parse(change.record);
    std::string reason =
        fmt::format("no filter of the event source mapping {} wants it.", std::get<2>(key));
    for (const patterns::Pattern& pattern : filters_of(mapping))
      reason += " " + pattern.explain(event).text;
    const services::HopMessage told{.id = change.event_id};
    tell(name->key, name->qualifier,
         {.kind = services::HopKind::not_matched,
          .account = {},
          .region = {},
          .resource = {},
          .peer = mapping.source,
          .reason = reason,
          .caller = service_principal,
          .messages = {&told, 1}});
  }
}

void Service::give_up_changes(const FunctionKey& key, const MappingRecord& mapping,
                              const GivenUp& batch) {
  const std::optional<Named> name = find_named(mapping.function);
  if (!name) return;
  tell_given_up(*name, mapping, batch);
  if (mapping.on_failure.empty() || !neighbours_.outbox) return;
  const std::string now = time_text(runtime_.clock.now());
  std::string body = fmt::format(
      R"({{"requestContext":{{"requestId":"{}","functionArn":"{}","condition":"{}",)"
      R"("approximateInvokeCount":{}}},{}"version":"1.0","timestamp":"{}",{}}})",
      runtime_.random.uuid(), mapping.function, batch.condition, batch.calls,
      batch.result ? response_context(*batch.result) : "", now, place_of(mapping, batch.span));
  services::Delivery delivery = delivery_to(name->key, mapping.on_failure, std::move(body));
  delivery.id = runtime_.random.uuid();
  delivery.via = fmt::format("{}{}/{}", via_mapping, std::get<2>(key), batch.span.count);
  if (mapping.on_failure.starts_with("arn:aws:s3:")) {
    // A bucket gets what the function has got as well.
    delivery.body.pop_back();
    delivery.body += R"(,"payload":)" + batch.event + "}";
    delivery.parameters = object_parameters(std::get<2>(key) + "/" + batch.span.shard);
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

void Service::settled_batch(const FunctionKey& function, const services::Delivery& delivery,
                            const services::DeliveryResult& result) {
  using enum services::DeliveryResult::Outcome;
  if (result.outcome == dropped) ++measures_.of({function, "", ""}).failed_destinations;
  if (result.outcome != delivered) return;
  const std::string_view told = std::string_view(delivery.via).substr(via_mapping.size());
  const std::size_t slash = told.find('/');
  const FunctionKey key{std::get<0>(function), std::get<1>(function),
                        std::string(told.substr(0, slash))};
  const std::optional<MappingRecord> mapping = mappings_.find(key);
  if (!mapping || !mapping->counts_events()) return;
  std::uint64_t count = 0;
  std::from_chars(told.data() + slash + 1, told.data() + told.size(), count);
  measures_.of_mapping(key).delivered += count;
}

}  // namespace matinee::lambda
