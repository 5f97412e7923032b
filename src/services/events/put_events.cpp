// PutEvents: what is wrong with an entry is told beside it, and the others go on their way.
#include <fmt/format.h>

#include "events/errors.h"
#include "policy/evaluate.h"
#include "protocol/utf8.h"
#include "services/events/service.h"
#include "services/policy_context.h"

namespace matinee::events {

namespace {

/// A mebibyte since January 2026; it was a quarter of that before.
constexpr std::size_t most_bytes = std::size_t{1} << 20;
constexpr std::size_t bytes_of_time = 14;
constexpr std::size_t longest_detail_type = 128;

std::size_t size_of(const PutEventsRequestEntry& entry) {
  std::size_t size = entry.time ? bytes_of_time : 0;
  for (const Text* text : {&entry.source, &entry.detail_type, &entry.detail})
    size += *text ? (*text)->size() : 0;
  if (entry.resources)
    for (const std::string& resource : *entry.resources) size += resource.size();
  return size;
}

PutEventsResultEntry failure(std::string_view code, std::string message) {
  return {.event_id = {}, .error_code = std::string(code), .error_message = std::move(message)};
}

std::optional<PutEventsResultEntry> fault_of(const PutEventsRequestEntry& entry) {
  const auto missing = [](std::string_view name) {
    return failure(
        "InvalidArgument",
        fmt::format("Parameter {0} is not valid. Reason: {0} is a required argument.", name));
  };
  if (!entry.source || entry.source->empty()) return missing("Source");
  if (!entry.detail_type || entry.detail_type->empty()) return missing("DetailType");
  if (!entry.detail || entry.detail->empty()) return missing("Detail");
  if (protocol::count_characters(*entry.detail_type) > longest_detail_type)
    return failure("InvalidArgument",
                   "Parameter DetailType is not valid. Reason: DetailType must have length less "
                   "than or equal to 128.");
  if (entry.source->starts_with("aws."))
    return failure("NotAuthorizedForSourceException", "Not authorized for the source.");
  return std::nullopt;
}

}  // namespace

PutEventsResponse Service::put_events(const Context& context, const PutEventsRequest& request) {
  if (request.endpoint_id)
    throw protocol::ServiceError("NotImplemented", 501, "Global endpoints are not served.");
  std::size_t size = 0;
  for (const PutEventsRequestEntry& entry : request.entries) size += size_of(entry);
  if (size > most_bytes) refuse("Total size of the entries in the request is over the limit.");
  PutEventsResponse response{.failed_entry_count = 0,
                             .entries = std::vector<PutEventsResultEntry>{}};
  for (const PutEventsRequestEntry& entry : request.entries) {
    response.entries->push_back(put_entry(context, entry));
    if (response.entries->back().error_code) *response.failed_entry_count += 1;
  }
  return response;
}

/// The bus of another account has to let the caller in, also where IAM is off.
void Service::require_access(const Context& context, const BusKey& key,
                             const PutEventsRequestEntry& entry) const {
  if (key.account == context.account || (decider() && decider()->enforces())) return;
  const std::optional<BusRecord> bus = find_bus(key);
  std::optional<policy::Document> document;
  if (bus && bus->policy)
    if (auto parsed = policy::parse(*bus->policy)) document = *std::move(parsed);
  const policy::Keys keys = [&](std::string_view name) -> std::optional<std::vector<std::string>> {
    if (name == "events:source") return std::vector{entry.source.value_or("")};
    if (name == "events:detail-type") return std::vector{entry.detail_type.value_or("")};
    if (name == "events:eventbusinvocation") return std::vector<std::string>{"false"};
    return services::find_global_key(context, now(), name);
  };
  const std::string arn = arn_of(key);
  const policy::Decision decision =
      policy::authorize({.account = key.account, .policy = document ? &*document : nullptr},
                        {.caller = services::caller_of(context),
                         .action = "events:PutEvents",
                         .resource = arn,
                         .keys = keys});
  if (decision.allowed()) return;
  throw AccessDeniedException(
      fmt::format("User: {} is not authorized to perform: events:PutEvents on resource: {} {}",
                  context.caller_arn, arn, policy::explain(decision, "events:PutEvents")));
}

PutEventsResultEntry Service::put_entry(const Context& context,
                                        const PutEventsRequestEntry& entry) {
  if (std::optional<PutEventsResultEntry> fault = fault_of(entry)) return *std::move(fault);
  std::optional<std::string> detail = compact_object(*entry.detail);
  if (!detail) return failure("MalformedDetail", "Detail is malformed.");
  const BusKey key = bus_key(context, entry.event_bus_name.value_or(""));
  require_access(context, key, entry);
  const BusEvent event{.id = runtime_.random.uuid(),
                       .detail_type = *entry.detail_type,
                       .source = *entry.source,
                       .account = context.account,
                       .region = context.region,
                       .time = entry.time.value_or(now()),
                       .resources = entry.resources.value_or(std::vector<std::string>{}),
                       .detail = *std::move(detail),
                       .replay = {}};
  Passage passage{.trace = entry.trace_header.value_or(context.trace_header),
                  .caller = context.caller_arn};
  if (services::Journal* journal = neighbours_.journal;
      journal && journal->is_withheld(context.request_id))
    journal->withhold(event.id);
  // A bus that does not exist is no error: the event is gone.
  enter(key, event.id, to_json(event), passage);
  return {.event_id = event.id, .error_code = {}, .error_message = {}};
}

}  // namespace matinee::events
