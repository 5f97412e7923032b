// Replays: archived events go through their bus once more, some in each turn.
#include <fmt/format.h>

#include <algorithm>

#include "events/errors.h"
#include "runtime/timer_purpose.h"
#include "services/events/event_paths.h"
#include "services/events/service.h"

namespace matinee::events {

namespace {

constexpr std::size_t default_page = 100;
constexpr std::size_t events_in_a_turn = 100;
/// How long a replay starts, and a cancelled one ends.
constexpr runtime::Duration pause = std::chrono::seconds(1);

constexpr runtime::TimerPurpose replaying{.what = "EventBridge goes on with replays",
                                          .is_on_the_way = true};
/// How long replays are listed.
constexpr auto kept_for = std::chrono::days(90);

NameKey key_of(const Context& context, const std::string& name) {
  return {context.account, context.region, name};
}

bool is_over(const ReplayRecord& record) {
  return record.state == "COMPLETED" || record.state == "CANCELLED" || record.state == "FAILED";
}

}  // namespace

ReplayRecord Service::require_replay(const NameKey& key) const {
  std::optional<ReplayRecord> record = replays_.find(key);
  if (!record || record->started + kept_for < now())
    throw ResourceNotFoundException(fmt::format("Replay {} does not exist.", std::get<2>(key)));
  return *std::move(record);
}

StartReplayResponse Service::start_replay(const Context& context,
                                          const StartReplayRequest& request) {
  const NameKey key = key_of(context, request.replay_name);
  if (const auto known = replays_.find(key); known && known->started + kept_for >= now())
    throw ResourceAlreadyExistsException(
        fmt::format("Replay {} already exists.", request.replay_name));
  const std::optional<NameKey> archive_key = key_in_arn("archive", request.event_source_arn);
  const std::optional<NameKey> bus_name = key_in_arn("event-bus", request.destination.arn);
  if (!bus_name)
    refuse("Parameter Destination.Arn is not valid. Reason: Must contain an event bus ARN.");
  const BusKey bus{std::get<0>(*bus_name), std::get<1>(*bus_name), std::get<2>(*bus_name)};
  require_bus(bus);
  const auto archive = archive_key ? archives_.find(*archive_key) : std::nullopt;
  if (!archive)
    refuse(fmt::format("Parameter EventSourceArn is not valid. Reason: Archive {} does not exist.",
                       archive_key ? std::get<2>(*archive_key) : request.event_source_arn));
  if (request.event_end_time <= request.event_start_time)
    refuse(
        "Parameter EventEndTime is not valid. Reason: EventStartTime must be before "
        "EventEndTime.");
  if (archive->bus != bus.name || bus.account != std::get<0>(*archive_key) ||
      bus.region != std::get<1>(*archive_key))
    refuse(
        "Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not "
        "permitted.");
  const ReplayRecord record{
      .description = request.description,
      .archive = std::get<2>(*archive_key),
      .bus = bus.name,
      .filters = request.destination.filter_arns.value_or(std::vector<std::string>{}),
      .from = request.event_start_time,
      .to = request.event_end_time,
      .started = now(),
      .ended = {},
      .last = {},
      .state = "STARTING",
      .next = 0,
      .position = request.event_start_time};
  replays_.put(key, record);
  active_replays_.put(key, 0);
  store_.on_commit([this] { replay_later(); });
  return {.replay_arn = arn_of("replay", key),
          .state = "STARTING",
          .state_reason = {},
          .replay_start_time = record.started};
}

DescribeReplayResponse Service::describe_replay(const Context& context,
                                                const DescribeReplayRequest& request) {
  const NameKey key = key_of(context, request.replay_name);
  const ReplayRecord record = require_replay(key);
  ReplayDestination destination{.arn = arn_of(BusKey{context.account, context.region, record.bus}),
                                .filter_arns = record.filters};
  return {.replay_name = request.replay_name,
          .replay_arn = arn_of("replay", key),
          .description = record.description,
          .state = record.state,
          .state_reason = {},
          .event_source_arn = arn_of("archive", {context.account, context.region, record.archive}),
          .destination = std::move(destination),
          .event_start_time = record.from,
          .event_end_time = record.to,
          .event_last_replayed_time = record.last,
          .replay_start_time = record.started,
          .replay_end_time = record.ended};
}

ListReplaysResponse Service::list_replays(const Context& context,
                                          const ListReplaysRequest& request) {
  const int filters =
      (request.name_prefix ? 1 : 0) + (request.event_source_arn ? 1 : 0) + (request.state ? 1 : 0);
  if (filters > 1)
    refuse(
        "At most one filter is allowed for ListReplays. Use either : State, EventSourceArn, or "
        "NamePrefix.");
  const auto limit = static_cast<std::size_t>(request.limit.value_or(default_page));
  const std::string last = read_page_token(request.next_token);
  const std::string prefix = request.name_prefix.value_or("");
  ListReplaysResponse response{.replays = std::vector<Replay>{}, .next_token = {}};
  auto range = replays_.prefix(context.account, context.region);
  range = last < prefix ? replays_.from(range, key_of(context, prefix))
                        : replays_.after(range, key_of(context, last));
  replays_.scan(range, [&](const NameKey& key, const ReplayRecord& record) {
    const std::string& name = std::get<2>(key);
    if (!name.starts_with(prefix)) return false;
    const std::string source = arn_of("archive", {context.account, context.region, record.archive});
    const bool fits = (!request.state || *request.state == record.state) &&
                      (!request.event_source_arn || *request.event_source_arn == source) &&
                      record.started + kept_for >= now();
    if (!fits) return true;
    if (response.replays->size() == limit) {
      response.next_token = page_token(*response.replays->back().replay_name);
      return false;
    }
    response.replays->push_back({.replay_name = name,
                                 .event_source_arn = source,
                                 .state = record.state,
                                 .state_reason = {},
                                 .event_start_time = record.from,
                                 .event_end_time = record.to,
                                 .event_last_replayed_time = record.last,
                                 .replay_start_time = record.started,
                                 .replay_end_time = record.ended});
    return true;
  });
  return response;
}

CancelReplayResponse Service::cancel_replay(const Context& context,
                                            const CancelReplayRequest& request) {
  const NameKey key = key_of(context, request.replay_name);
  ReplayRecord record = require_replay(key);
  if (is_over(record) || record.state == "CANCELLING")
    throw IllegalStatusException(
        fmt::format("Replay {} is not in a valid state for this operation.", request.replay_name));
  record.state = "CANCELLING";
  replays_.put(key, record);
  return {.replay_arn = arn_of("replay", key), .state = "CANCELLING", .state_reason = {}};
}

void Service::replay_later() {
  if (replay_timer_ != runtime::TimerId::none || active_replays_.is_empty(active_replays_.all()))
    return;
  replay_timer_ = runtime::call_for(runtime_.clock, replaying, now() + pause, [this] {
    replay_timer_ = runtime::TimerId::none;
    replay_next();
  });
}

/// A turn for each replay that is under way.
void Service::replay_next() {
  std::vector<NameKey> active;
  active_replays_.scan(active_replays_.all(), [&](const NameKey& key, std::uint8_t) {
    active.push_back(key);
    return true;
  });
  bool goes_on = false;
  for (const NameKey& key : active) {
    storage::Transaction transaction(store_);
    std::optional<ReplayRecord> record = replays_.find(key);
    const bool is_busy = record && replay_some(key, *record);
    if (record) replays_.put(key, *record);
    if (!record || is_over(*record)) active_replays_.erase(key);
    transaction.commit();
    goes_on = goes_on || is_busy;
  }
  if (!goes_on) {
    replay_later();
    return;
  }
  replay_timer_ = runtime::call_for(runtime_.clock, replaying, now(), [this] {
    replay_timer_ = runtime::TimerId::none;
    replay_next();
  });
}

/// True where more events are there to be replayed now.
bool Service::replay_some(const NameKey& key, ReplayRecord& record) {
  const auto& [account, region, name] = key;
  if (record.state == "CANCELLING") {
    record.state = "CANCELLED";
    record.ended = now();
    return false;
  }
  if (record.state == "STARTING") {
    record.state = "RUNNING";
    return false;
  }
  const auto archive = archives_.find({account, region, record.archive});
  if (!archive) {
    record.state = "FAILED";
    record.ended = now();
    return false;
  }
  // What the archive keeps no longer may not have been taken away yet.
  if (archive->retention_days > 0) {
    const runtime::Time oldest = now() - std::chrono::days(archive->retention_days);
    if (record.position < oldest) {
      record.position = oldest;
      record.next = 0;
    }
  }
  const auto range = archived_.between(
      std::tuple(archive->number, record.position.time_since_epoch().count(), record.next),
      std::tuple(archive->number, record.to.time_since_epoch().count()));
  std::vector<std::pair<ArchivedKey, std::string>> events;
  archived_.scan(range, [&](const ArchivedKey& event, std::string json) {
    events.emplace_back(event, std::move(json));
    return events.size() < events_in_a_turn;
  });
  const Passage passage{.caller = arn_of("replay", key), .replay = &record};
  for (const auto& [event, json] : events) {
    static const EventPath id_path = EventPath::compile("$.id").value();
    const std::string quoted = id_path.find(json).value();
    const std::string id = quoted.substr(1, quoted.size() - 2);
    enter({account, region, record.bus}, id, with_replay(json, name), passage);
    record.position = runtime::Time(runtime::Duration(std::get<1>(event)));
    record.next = std::get<2>(event) + 1;
    record.last = record.position;
  }
  if (events.size() == events_in_a_turn) return true;
  record.state = "COMPLETED";
  record.ended = now();
  return false;
}

}  // namespace matinee::events
