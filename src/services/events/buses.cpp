// Event buses.
#include <fmt/format.h>

#include "events/errors.h"
#include "services/events/service.h"
#include "services/events/tag_list.h"

namespace matinee::events {

namespace {

constexpr std::size_t most_buses = 100;
constexpr std::size_t default_page = 100;

void read_settings(BusRecord& record, const std::optional<DeadLetterConfig>& dead_letters,
                   const std::optional<LogConfig>& log) {
  if (dead_letters) record.dead_letter_queue = dead_letters->arn;
  if (!log) return;
  record.log_detail = log->include_detail;
  record.log_level = log->level;
}

std::optional<DeadLetterConfig> dead_letters_of(const BusRecord& record) {
  if (!record.dead_letter_queue) return std::nullopt;
  return DeadLetterConfig{.arn = record.dead_letter_queue};
}

std::optional<LogConfig> log_of(const BusRecord& record) {
  if (!record.log_detail && !record.log_level) return std::nullopt;
  return LogConfig{.include_detail = record.log_detail, .level = record.log_level};
}

EventBus describe(const BusKey& key, const BusRecord& record) {
  return {.name = key.name,
          .arn = arn_of(key),
          .description = record.description,
          .policy = record.policy,
          .creation_time = record.created,
          .last_modified_time = record.modified,
          .managed_by = {}};
}

}  // namespace

std::optional<BusRecord> Service::find_bus(const BusKey& key) const {
  std::optional<BusRecord> record = buses_.find(key.stored());
  if (!record && key.name == default_bus) record = BusRecord{.created = now(), .modified = now()};
  return record;
}

BusRecord Service::require_bus(const BusKey& key) const {
  std::optional<BusRecord> record = find_bus(key);
  if (!record) refuse_unknown_bus(key.name);
  return *std::move(record);
}

CreateEventBusResponse Service::create_event_bus(const Context& context,
                                                 const CreateEventBusRequest& request) {
  if (request.event_source_name)
    throw ResourceNotFoundException(
        fmt::format("Event source {} does not exist.", *request.event_source_name));
  if (request.name.contains('/')) refuse("Event bus name must not contain '/'.");
  const BusKey key{context.account, context.region, request.name};
  if (find_bus(key))
    throw ResourceAlreadyExistsException(fmt::format("Event bus {} already exists.", key.name));
  std::size_t count = 0;
  buses_.scan(buses_.prefix(key.account, key.region), [&](const NameKey& other, const BusRecord&) {
    count += std::get<2>(other) == default_bus ? 0 : 1;
    return count < most_buses;
  });
  if (count >= most_buses)
    throw LimitExceededException("The requested resource exceeds the maximum number allowed.");
  BusRecord record{.created = now(), .modified = now()};
  record.description = request.description;
  record.key = request.kms_key_identifier;
  read_settings(record, request.dead_letter_config, request.log_config);
  if (request.tags) add_tags(record.tags, *request.tags, context);
  buses_.put(key.stored(), record);
  forget(key);
  return {.event_bus_arn = arn_of(key),
          .description = record.description,
          .kms_key_identifier = record.key,
          .dead_letter_config = dead_letters_of(record),
          .log_config = log_of(record)};
}

UpdateEventBusResponse Service::update_event_bus(const Context& context,
                                                 const UpdateEventBusRequest& request) {
  const BusKey key = bus_key(context, request.name.value_or(""));
  BusRecord record = require_bus(key);
  if (request.description) record.description = request.description;
  if (request.kms_key_identifier) record.key = request.kms_key_identifier;
  if (record.key && record.key->empty()) record.key.reset();
  read_settings(record, request.dead_letter_config, request.log_config);
  record.modified = now();
  buses_.put(key.stored(), record);
  forget(key);  // what is known of it for events that come in
  return {.arn = arn_of(key),
          .name = key.name,
          .kms_key_identifier = record.key,
          .description = record.description,
          .dead_letter_config = dead_letters_of(record),
          .log_config = log_of(record)};
}

DescribeEventBusResponse Service::describe_event_bus(const Context& context,
                                                     const DescribeEventBusRequest& request) {
  const BusKey key = bus_key(context, request.name.value_or(""));
  const BusRecord record = require_bus(key);
  // The default bus is there from the moment at which somebody looks.
  if (!buses_.contains(key.stored())) buses_.put(key.stored(), record);
  return {.name = key.name,
          .arn = arn_of(key),
          .description = record.description,
          .kms_key_identifier = record.key,
          .dead_letter_config = dead_letters_of(record),
          .policy = record.policy,
          .log_config = log_of(record),
          .creation_time = record.created,
          .last_modified_time = record.modified,
          .managed_by = {}};
}

ListEventBusesResponse Service::list_event_buses(const Context& context,
                                                 const ListEventBusesRequest& request) {
  const BusKey standard{context.account, context.region, std::string(default_bus)};
  if (!buses_.contains(standard.stored())) buses_.put(standard.stored(), *find_bus(standard));
  const auto limit = static_cast<std::size_t>(request.limit.value_or(default_page));
  const std::string last = read_page_token(request.next_token);
  const std::string prefix = request.name_prefix.value_or("");
  ListEventBusesResponse response{.event_buses = std::vector<EventBus>{}, .next_token = {}};
  auto range = buses_.prefix(context.account, context.region);
  range = last < prefix ? buses_.from(range, {context.account, context.region, prefix})
                        : buses_.after(range, {context.account, context.region, last});
  buses_.scan(range, [&](const NameKey& key, const BusRecord& record) {
    const std::string& name = std::get<2>(key);
    if (!name.starts_with(prefix)) return false;
    if (response.event_buses->size() == limit) {
      response.next_token = page_token(*response.event_buses->back().name);
      return false;
    }
    response.event_buses->push_back(describe({context.account, context.region, name}, record));
    return true;
  });
  return response;
}

DeleteEventBusResponse Service::delete_event_bus(const Context& context,
                                                 const DeleteEventBusRequest& request) {
  const BusKey key = bus_key(context, request.name);
  if (key.name == default_bus) refuse("Cannot delete event bus default.");
  const std::optional<BusRecord> record = find_bus(key);
  if (!record) return {};
  if (record->rules > 0) refuse("EventBus can't be deleted since it has rules.");
  buses_.erase(key.stored());
  forget(key);
  return {};
}

}  // namespace matinee::events
