// Archives: what comes to a bus, kept until it is replayed or too old.
#include <fmt/format.h>

#include <algorithm>

#include "events/errors.h"
#include "protocol/timestamps.h"
#include "services/arn.h"
#include "services/events/event_paths.h"
#include "services/events/service.h"

namespace matinee::events {

namespace {

constexpr std::uint8_t archive_counter = 1;
constexpr std::uint8_t event_counter = 2;
constexpr std::size_t default_page = 100;
/// How many events that are too old go with each that comes, and when somebody looks.
constexpr std::size_t expired_with_one = 4;
constexpr std::size_t expired_with_look = 10'000;

NameKey key_of(const Context& context, const std::string& name) {
  return {context.account, context.region, name};
}

void check_pattern(const Text& pattern) {
  if (!pattern || pattern->empty()) return;
  const auto compiled = patterns::Pattern::compile(patterns::Dialect::event_bus, *pattern);
  if (!compiled) throw InvalidEventPatternException(compiled.error().message);
}

Text unless_empty(const Text& text) {
  return text && !text->empty() ? text : std::nullopt;
}

/// Archives are where their bus is.
BusKey source_of(const Context& context, const std::string& arn) {
  constexpr std::string_view fault = "Parameter EventSourceArn is not valid. Reason: ";
  const std::optional<services::Arn> parts = services::parse_arn(arn);
  if (!parts || parts->account.empty() || !key_in_arn("event-bus", arn))
    refuse(fmt::format("{}Must contain an event bus ARN.", fault));
  const auto refuse_across = [&](std::string_view what) {
    refuse(fmt::format("{}Creating cross-{} archive is not permitted.", fault, what));
  };
  if (parts->partition != "aws") refuse_across("partition");
  if (parts->region != context.region) refuse_across("region");
  if (parts->account != context.account) refuse_across("account");
  return bus_key(context, arn);
}

std::string state_of(bool is_fed) {
  return is_fed ? "ENABLED" : "DISABLED";
}

Text reason_of(bool is_fed) {
  if (is_fed) return std::nullopt;
  return "Managed rule for the archive was forcefully deleted.";
}

std::string bus_arn(const NameKey& key, const ArchiveRecord& record) {
  return arn_of(BusKey{std::get<0>(key), std::get<1>(key), record.bus});
}

/// Replays go by the time in the event. That has whole seconds, so that of an event that has just
/// happened the clock tells more.
runtime::Time time_of(const std::string& json, runtime::Time now) {
  static const EventPath path = EventPath::compile("$.time").value();
  const std::string quoted = path.find(json).value_or("");
  if (quoted.size() < 2) return now;
  const auto time = protocol::parse_iso8601(std::string_view(quoted).substr(1, quoted.size() - 2));
  if (!time || *time == std::chrono::floor<std::chrono::seconds>(now)) return now;
  return *time;
}

}  // namespace

ArchiveRecord Service::require_archive(const NameKey& key) const {
  std::optional<ArchiveRecord> record = archives_.find(key);
  if (!record)
    throw ResourceNotFoundException(fmt::format("Archive {} does not exist.", std::get<2>(key)));
  return *std::move(record);
}

CreateArchiveResponse Service::create_archive(const Context& context,
                                              const CreateArchiveRequest& request) {
  const NameKey key = key_of(context, request.archive_name);
  if (archives_.contains(key))
    throw ResourceAlreadyExistsException(
        fmt::format("Archive {} already exists.", request.archive_name));
  const BusKey bus = source_of(context, request.event_source_arn);
  require_bus(bus);
  check_pattern(request.event_pattern);
  const ArchiveRecord record{.number = next_number(archive_counter),
                             .bus = bus.name,
                             .description = unless_empty(request.description),
                             .pattern = unless_empty(request.event_pattern),
                             .key = unless_empty(request.kms_key_identifier),
                             .retention_days = request.retention_days.value_or(0),
                             .created = now(),
                             .incarnation = runtime_.random.uuid()};
  archives_.put(key, record);
  feed(key, record);
  return {.archive_arn = arn_of("archive", key),
          .state = "ENABLED",
          .state_reason = {},
          .creation_time = record.created};
}

UpdateArchiveResponse Service::update_archive(const Context& context,
                                              const UpdateArchiveRequest& request) {
  if (!request.event_pattern && !request.retention_days && !request.description &&
      !request.kms_key_identifier)
    refuse("At least one of EventPattern, RetentionDays or Description must be provided.");
  const NameKey key = key_of(context, request.archive_name);
  ArchiveRecord record = require_archive(key);
  check_pattern(request.event_pattern);
  if (request.event_pattern) record.pattern = unless_empty(request.event_pattern);
  if (request.retention_days) record.retention_days = *request.retention_days;
  if (request.description) record.description = unless_empty(request.description);
  if (request.kms_key_identifier) record.key = unless_empty(request.kms_key_identifier);
  archives_.put(key, record);
  feed(key, record);
  return {.archive_arn = arn_of("archive", key),
          .state = "ENABLED",
          .state_reason = {},
          .creation_time = record.created};
}

DescribeArchiveResponse Service::describe_archive(const Context& context,
                                                  const DescribeArchiveRequest& request) {
  const NameKey key = key_of(context, request.archive_name);
  ArchiveRecord record = require_archive(key);
  expire(key, record, expired_with_look);
  return {.archive_arn = arn_of("archive", key),
          .archive_name = request.archive_name,
          .event_source_arn = bus_arn(key, record),
          .description = record.description,
          .event_pattern = record.pattern,
          .state = state_of(is_fed(key, record)),
          .state_reason = reason_of(is_fed(key, record)),
          .kms_key_identifier = record.key,
          .retention_days = record.retention_days,
          .size_bytes = static_cast<std::int64_t>(record.bytes),
          .event_count = static_cast<std::int64_t>(record.events),
          .creation_time = record.created};
}

ListArchivesResponse Service::list_archives(const Context& context,
                                            const ListArchivesRequest& request) {
  const int filters =
      (request.name_prefix ? 1 : 0) + (request.event_source_arn ? 1 : 0) + (request.state ? 1 : 0);
  if (filters > 1)
    refuse(
        "At most one filter is allowed for ListArchives. Use either : State, EventSourceArn, "
        "or NamePrefix.");
  std::optional<BusKey> bus;
  if (request.event_source_arn) {
    bus = bus_key(context, *request.event_source_arn);
    require_bus(*bus);
  }
  const auto limit = static_cast<std::size_t>(request.limit.value_or(default_page));
  const std::string last = read_page_token(request.next_token);
  const std::string prefix = request.name_prefix.value_or("");
  ListArchivesResponse response{.archives = std::vector<Archive>{}, .next_token = {}};
  auto range = archives_.prefix(context.account, context.region);
  range = last < prefix ? archives_.from(range, key_of(context, prefix))
                        : archives_.after(range, key_of(context, last));
  std::vector<std::pair<NameKey, ArchiveRecord>> listed;
  archives_.scan(range, [&](const NameKey& key, const ArchiveRecord& record) {
    const std::string& name = std::get<2>(key);
    if (!name.starts_with(prefix)) return false;
    if (bus && bus->name != record.bus) return true;
    if (request.state && *request.state != state_of(is_fed(key, record))) return true;
    if (listed.size() == limit) {
      response.next_token = page_token(std::get<2>(listed.back().first));
      return false;
    }
    listed.emplace_back(key, record);
    return true;
  });
  for (auto& [key, record] : listed) {
    expire(key, record, expired_with_look);
    const bool is_on = is_fed(key, record);
    response.archives->push_back({.archive_name = std::get<2>(key),
                                  .event_source_arn = bus_arn(key, record),
                                  .state = state_of(is_on),
                                  .state_reason = reason_of(is_on),
                                  .retention_days = record.retention_days,
                                  .size_bytes = static_cast<std::int64_t>(record.bytes),
                                  .event_count = static_cast<std::int64_t>(record.events),
                                  .creation_time = record.created});
  }
  return response;
}

DeleteArchiveResponse Service::delete_archive(const Context& context,
                                              const DeleteArchiveRequest& request) {
  const NameKey key = key_of(context, request.archive_name);
  const ArchiveRecord record = require_archive(key);
  archived_.erase_range(archived_.prefix(record.number));
  archives_.erase(key);
  stop_feeding(key, record);
  return {};
}

/// Takes away what is older than the archive keeps, at most so many.
void Service::expire(const NameKey& key, ArchiveRecord& record, std::size_t most) {
  if (record.retention_days == 0) return;
  const runtime::Time oldest = now() - std::chrono::days(record.retention_days);
  std::vector<ArchivedKey> old;
  std::uint64_t bytes = 0;
  archived_.scan(archived_.prefix(record.number), [&](const ArchivedKey& event, std::string json) {
    if (old.size() == most || std::get<1>(event) >= oldest.time_since_epoch().count()) return false;
    bytes += json.size();
    old.push_back(event);
    return true;
  });
  if (old.empty()) return;
  for (const ArchivedKey& event : old) archived_.erase(event);
  record.events -= std::min<std::uint64_t>(record.events, old.size());
  record.bytes -= std::min(record.bytes, bytes);
  archives_.put(key, record);
}

void Service::keep_in_archive(const BusKey& bus, const std::string& archive,
                              const std::string& json) {
  const NameKey key{bus.account, bus.region, archive};
  std::optional<ArchiveRecord> record = archives_.find(key);
  if (!record) return;
  expire(key, *record, expired_with_one);
  archived_.put(
      {record->number, time_of(json, now()).time_since_epoch().count(), next_number(event_counter)},
      json);
  record->events += 1;
  record->bytes += json.size();
  archives_.put(key, *record);
}

}  // namespace matinee::events
