// Who may do what with a bus: its policy, and the condition keys of EventBridge.
#include "events/operations.h"
#include "policy/document.h"
#include "policy/wildcard.h"
#include "services/events/event_paths.h"
#include "services/events/service.h"
#include "services/lower_paths.h"

namespace matinee::events {

namespace {

/// Where a name may be an ARN, the ARN that is made of it holds another one.
constexpr std::string_view arn_start = "arn:aws:events:";

/// Where a pattern has the values of a condition key of PutRule; null for other keys.
const char* path_of_key(std::string_view key) {
  if (key == "events:source") return "$.source[*]";
  if (key == "events:detail-type") return "$.detail-type[*]";
  if (key == "events:detail.service") return "$.detail.service[*]";
  if (key == "events:detail.eventtypecode") return "$.detail.eventTypeCode[*]";
  if (key == "events:detail.useridentity.principalid")
    return "$.detail.userIdentity.principalId[*]";
  return nullptr;
}

std::optional<std::vector<std::string>> texts_of_pattern(const PutRuleRequest& request,
                                                         const char* path) {
  const std::optional<std::string> pattern = compact_object(request.event_pattern.value_or("{}"));
  if (!pattern) return std::nullopt;
  const std::optional<std::string> list = EventPath::compile(path).value().find(*pattern);
  if (!list) return std::nullopt;
  std::vector<std::string> texts;
  for (std::size_t at = 1; at < list->size() && (*list)[at] != ']';) {
    const std::size_t end = end_of_value(*list, at);
    if (end == std::string::npos) break;
    if ((*list)[at] == '"') texts.push_back(list->substr(at + 1, end - at - 2));
    at = end + 1;
  }
  if (texts.empty()) return std::nullopt;
  return texts;
}

std::optional<std::vector<std::string>> find_key_of_events(const PutEventsRequest& request,
                                                           std::string_view key) {
  std::vector<std::string> values;
  for (const PutEventsRequestEntry& entry : request.entries) {
    if (key == "events:source" && entry.source) values.push_back(*entry.source);
    if (key == "events:detail-type" && entry.detail_type) values.push_back(*entry.detail_type);
  }
  if (values.empty()) return std::nullopt;
  return values;
}

}  // namespace

protocol::ServiceError Service::invalid(const protocol::Operation& operation,
                                        const protocol::Violations& violations) const {
  return ServiceBase::invalid(operation, services::with_lower_paths(violations));
}

/// An entry without a bus is for the default one.
void Service::add_needs(const Context& context, const protocol::Operation& operation,
                        const void* request, std::vector<services::Need>& needs) const {
  if (&operation != &operations::PutEvents) {
    ServiceBase::add_needs(context, operation, request, needs);
    return;
  }
  for (const PutEventsRequestEntry& entry : static_cast<const PutEventsRequest*>(request)->entries)
    needs.push_back({.action = "events:PutEvents",
                     .resource = arn_of(bus_key(context, entry.event_bus_name.value_or("")))});
}

void Service::complete_arn(const Context&, std::string& arn) const {
  const std::size_t inner = arn.find(arn_start, 1);
  if (inner != std::string::npos) {
    // A bus: the inner ARN is the whole. A rule: its bus is the last part of the inner one.
    if (!arn.contains(":rule/")) {
      arn = arn.substr(inner);
    } else {
      const std::string_view marker = ":event-bus/";
      const std::size_t bus = arn.find(marker, inner);
      if (bus != std::string::npos)
        arn = arn.substr(inner, bus - inner) + ":rule/" + arn.substr(bus + marker.size());
    }
  }
  // Rules of the default bus have no bus in their ARN.
  constexpr std::string_view standard = ":rule/default/";
  if (const std::size_t at = arn.find(standard); at != std::string::npos)
    arn.erase(at + std::string_view(":rule/").size(), std::string_view("default/").size());
}

services::Guarded Service::guard_of(const services::Inquiry& inquiry) const {
  const std::optional<NameKey> name = key_in_arn("event-bus", inquiry.resource);
  if (!name) return {};
  services::Guarded guarded{.account = std::get<0>(*name)};
  const std::optional<BusRecord> bus =
      find_bus({std::get<0>(*name), std::get<1>(*name), std::get<2>(*name)});
  if (bus && bus->policy)
    if (auto parsed = policy::parse(*bus->policy))
      guarded.policy = std::make_shared<const policy::Document>(*std::move(parsed));
  return guarded;
}

std::optional<std::vector<std::string>> Service::find_key(const services::Inquiry& inquiry,
                                                          std::string_view key) const {
  constexpr std::string_view tag_prefix = "aws:resourcetag/";
  if (key == "events:eventbusinvocation") return std::vector<std::string>{"false"};
  if (&inquiry.operation == &operations::PutEvents)
    return find_key_of_events(*static_cast<const PutEventsRequest*>(inquiry.request), key);
  if (&inquiry.operation == &operations::PutTargets && key == "events:targetarn") {
    std::vector<std::string> values;
    for (const Target& target : static_cast<const PutTargetsRequest*>(inquiry.request)->targets)
      values.push_back(target.arn);
    return values;
  }
  if (&inquiry.operation == &operations::PutRule)
    if (const char* path = path_of_key(key))
      return texts_of_pattern(*static_cast<const PutRuleRequest*>(inquiry.request), path);
  const std::optional<Named> named = find_named(inquiry.resource);
  if (!named) return std::nullopt;
  const std::optional<RuleRecord> rule =
      named->rule.empty()
          ? std::nullopt
          : rules_.find({named->bus.account, named->bus.region, named->bus.name, named->rule});
  if (key == "events:creatoraccount" && rule) return std::vector{rule->created_by};
  if (key == "events:managedby" && rule && rule->managed_by) return std::vector{*rule->managed_by};
  if (!key.starts_with(tag_prefix)) return std::nullopt;
  const std::optional<BusRecord> bus = rule ? std::nullopt : find_bus(named->bus);
  for (const auto& [name, value] : rule ? rule->tags : bus ? bus->tags : Tags())
    if (policy::equals_ignoring_case(name, key.substr(tag_prefix.size())))
      return std::vector{value};
  return std::nullopt;
}

}  // namespace matinee::events
