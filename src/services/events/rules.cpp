// Rules.
#include <fmt/format.h>

#include "events/errors.h"
#include "events/operations.h"
#include "schedules/schedule.h"
#include "services/events/managed_rules.h"
#include "services/events/service.h"
#include "services/events/tag_list.h"
#include "services/role_trust.h"

namespace matinee::events {

namespace {

constexpr std::uint64_t most_rules = 300;  // where quotas are kept
constexpr std::size_t default_page = 100;

RuleKey stored(const BusKey& bus, const std::string& name) {
  return {bus.account, bus.region, bus.name, name};
}

patterns::Pattern compile(const std::string& pattern) {
  auto compiled = patterns::Pattern::compile(patterns::Dialect::event_bus, pattern);
  if (!compiled) throw InvalidEventPatternException(compiled.error().message);
  return *std::move(compiled);
}

void check_rule(const BusKey& bus, const PutRuleRequest& request) {
  const bool has_pattern = request.event_pattern && !request.event_pattern->empty();
  const bool has_schedule = request.schedule_expression && !request.schedule_expression->empty();
  if (!has_pattern && !has_schedule)
    refuse("Parameter(s) EventPattern or ScheduleExpression must be specified.");
  if (has_schedule) {
    if (bus.name != default_bus)
      refuse("ScheduleExpression is supported only on the default event bus.");
    if (!schedules::Schedule::parse(*request.schedule_expression, schedules::Grammar::rule))
      refuse("Parameter ScheduleExpression is not valid.");
  }
  if (has_pattern) compile(*request.event_pattern);
}

Text unless_empty(const Text& text) {
  return text && !text->empty() ? text : std::nullopt;
}

}  // namespace

RuleRecord Service::require_rule(const BusKey& bus, const std::string& name) const {
  require_bus(bus);
  std::optional<RuleRecord> record = rules_.find(stored(bus, name));
  if (!record)
    throw ResourceNotFoundException(
        fmt::format("Rule {} does not exist on EventBus {}.", name, bus.name));
  return *std::move(record);
}

void Service::keep_rule(const BusKey& bus, const std::string& name, const RuleRecord& record) {
  rules_.put(stored(bus, name), record);
  refresh(bus, name);
}

/// AWS tries to assume the role of a rule; here that is asked where policies decide.
void Service::require_role(const Context& context, const BusKey& bus,
                           const PutRuleRequest& request) const {
  if (!decider()) return;
  const std::string arn = rule_arn(bus, request.name);
  const services::Inquiry inquiry{.context = context,
                                  .operation = operations::PutRule,
                                  .request = &request,
                                  .action = "events:PutRule",
                                  .resource = arn};
  decider()->require_pass_role(*this, inquiry, *request.role_arn, principal);
  if (!decider()->enforces() || !neighbours_.directory) return;
  Context taker{.account = context.account, .region = context.region};
  taker.service_principal = principal;
  taker.source_account = context.account;
  taker.source_arn = arn;
  if (services::why_not_trusted(
          *decider(), *neighbours_.directory,
          {.role = *request.role_arn, .taker = taker, .operation = operations::PutRule}))
    refuse(fmt::format("Provided role '{}' cannot be assumed by principal '{}'.", *request.role_arn,
                       principal));
}

PutRuleResponse Service::put_rule(const Context& context, const PutRuleRequest& request) {
  const BusKey bus = bus_key(context, request.event_bus_name.value_or(""));
  BusRecord owner = require_bus(bus);
  check_rule(bus, request);
  std::optional<RuleRecord> existing = rules_.find(stored(bus, request.name));
  if (existing) require_unmanaged(request.name, *existing);
  if (request.role_arn && !request.role_arn->empty()) require_role(context, bus, request);
  if (!existing) {
    if (options_.rule_quota && owner.rules >= most_rules)
      throw LimitExceededException("The requested resource exceeds the maximum number allowed.");
    owner.rules += 1;
    buses_.put(bus.stored(), owner);
    existing = RuleRecord{.created_by = context.account};
    // Tags of a rule that exists are changed by TagResource alone.
    if (request.tags) add_tags(existing->tags, *request.tags, context);
  }
  RuleRecord& record = *existing;
  const bool had_schedule = record.schedule && record.schedule == request.schedule_expression;
  record.pattern = unless_empty(request.event_pattern);
  record.schedule = unless_empty(request.schedule_expression);
  record.state = request.state.value_or("ENABLED");
  record.description = unless_empty(request.description);
  record.role = unless_empty(request.role_arn);
  if (!had_schedule) record.start = now();
  unschedule(bus, request.name, record);
  if (record.state != "DISABLED") schedule(bus, request.name, record);
  keep_rule(bus, request.name, record);
  return {.rule_arn = rule_arn(bus, request.name)};
}

DescribeRuleResponse Service::describe_rule(const Context& context,
                                            const DescribeRuleRequest& request) {
  const BusKey bus = bus_key(context, request.event_bus_name.value_or(""));
  const RuleRecord record = require_rule(bus, request.name);
  return {.name = request.name,
          .arn = rule_arn(bus, request.name),
          .event_pattern = record.pattern,
          .schedule_expression = record.schedule,
          .state = record.state,
          .description = record.description,
          .role_arn = record.role,
          .managed_by = record.managed_by,
          .event_bus_name = bus.name,
          .created_by = record.created_by};
}

ListRulesResponse Service::list_rules(const Context& context, const ListRulesRequest& request) {
  const BusKey bus = bus_key(context, request.event_bus_name.value_or(""));
  require_bus(bus);
  const auto limit = static_cast<std::size_t>(request.limit.value_or(default_page));
  const std::string last = read_page_token(request.next_token);
  const std::string prefix = request.name_prefix.value_or("");
  ListRulesResponse response{.rules = std::vector<Rule>{}, .next_token = {}};
  auto range = rules_.prefix(bus.account, bus.region, bus.name);
  range = last < prefix ? rules_.from(range, stored(bus, prefix))
                        : rules_.after(range, stored(bus, last));
  rules_.scan(range, [&](const RuleKey& key, const RuleRecord& record) {
    const std::string& name = std::get<3>(key);
    if (!name.starts_with(prefix)) return false;
    if (response.rules->size() == limit) {
      response.next_token = page_token(*response.rules->back().name);
      return false;
    }
    response.rules->push_back({.name = name,
                               .arn = rule_arn(bus, name),
                               .event_pattern = record.pattern,
                               .state = record.state,
                               .description = record.description,
                               .schedule_expression = record.schedule,
                               .role_arn = record.role,
                               .managed_by = record.managed_by,
                               .event_bus_name = bus.name});
    return true;
  });
  return response;
}

/// One that does not exist is deleted already.
DeleteRuleResponse Service::delete_rule(const Context& context, const DeleteRuleRequest& request) {
  const BusKey bus = bus_key(context, request.event_bus_name.value_or(""));
  require_bus(bus);
  std::optional<RuleRecord> record = rules_.find(stored(bus, request.name));
  if (!record) return {};
  require_unmanaged_or_force(request.name, *record, request.force);
  if (record->targets > 0) refuse("Rule can't be deleted since it has targets.");
  remove_rule(bus, request.name, *std::move(record));
  return {};
}

/// One without targets.
void Service::remove_rule(const BusKey& bus, const std::string& name, RuleRecord record) {
  unschedule(bus, name, record);
  rules_.erase(stored(bus, name));
  BusRecord owner = require_bus(bus);
  owner.rules -= owner.rules > 0 ? 1 : 0;
  buses_.put(bus.stored(), owner);
  refresh(bus, name);
}

void Service::set_state(const Context& context, const std::string& name, const Text& bus_name,
                        std::string_view state) {
  const BusKey bus = bus_key(context, bus_name.value_or(""));
  RuleRecord record = require_rule(bus, name);
  require_unmanaged(name, record);
  const bool is_on = record.state != "DISABLED";
  const bool shall_be_on = state != "DISABLED";
  // Enabling what is enabled does not take its CloudTrail events away.
  if (is_on == shall_be_on) return;
  record.state = state;
  if (shall_be_on)
    schedule(bus, name, record);
  else
    unschedule(bus, name, record);
  keep_rule(bus, name, record);
}

EnableRuleResponse Service::enable_rule(const Context& context, const EnableRuleRequest& request) {
  set_state(context, request.name, request.event_bus_name, "ENABLED");
  return {};
}

DisableRuleResponse Service::disable_rule(const Context& context,
                                          const DisableRuleRequest& request) {
  set_state(context, request.name, request.event_bus_name, "DISABLED");
  return {};
}

TestEventPatternResponse Service::test_event_pattern(const Context&,
                                                     const TestEventPatternRequest& request) {
  patterns::Event event;
  const bool is_object = event.parse(request.event);
  for (const char* member : {"id", "account", "source", "time", "region", "detail-type"})
    if (!is_object || !event.has_member(member)) refuse("Parameter Event is not valid.");
  return {.result = compile(request.event_pattern).matches(event)};
}

}  // namespace matinee::events
