// What subscriptions deliver: calls of functions, handed to the outbox in the transaction that
// keeps the events.
#include <fmt/format.h>

#include "services/logs/service.h"

namespace matinee::logs {

namespace {

void add_if_matched(const SubscriptionRule& rule, std::span<const NewEvent> events,
                    std::size_t event, std::vector<std::size_t>& matched) {
  if (rule.pattern.matches(events[event].text)) matched.push_back(event);
}

void add(const SubscriptionRule& rule, std::vector<std::size_t> matched,
         std::vector<Subscribed>& out) {
  if (!matched.empty()) out.push_back({.rule = rule, .events = std::move(matched)});
}

}  // namespace

runtime::Task<std::vector<Subscribed>> Service::find_subscribed(Group group,
                                                                std::span<const NewEvent> events) {
  std::vector<Subscribed> out;
  if (!neighbours_.outbox) co_return out;
  const SubscriptionRules::Rules rules = subscription_rules_.of(group);
  for (const SubscriptionRule& rule : *rules) {
    std::vector<std::size_t> matched;
    for (std::size_t i = 0; i < events.size(); ++i) {
      if (runtime_.loop.turns().is_over()) co_await runtime_.loop.turns().next();
      add_if_matched(rule, events, i, matched);
    }
    add(rule, std::move(matched), out);
  }
  co_return out;
}

std::vector<Subscribed> Service::find_subscribed_now(const Group& group,
                                                     std::span<const NewEvent> events) {
  std::vector<Subscribed> out;
  if (!neighbours_.outbox) return out;
  const SubscriptionRules::Rules rules = subscription_rules_.of(group);
  for (const SubscriptionRule& rule : *rules) {
    std::vector<std::size_t> matched;
    for (std::size_t i = 0; i < events.size(); ++i) add_if_matched(rule, events, i, matched);
    add(rule, std::move(matched), out);
  }
  return out;
}

void Service::call_subscribers(const Written& written, std::span<const Subscribed> subscribed) {
  for (const auto& [rule, which] : subscribed) {
    std::span<const std::size_t> left = which;
    while (!left.empty()) {
      SubscriptionBatch batch{written.group,  written.stream,    rule,
                              written.events, written.positions, left};
      const std::size_t count = events_in_one_call(batch);
      batch.which = left.first(count);
      left = left.subspan(count);
      services::Delivery delivery{.target = rule.function,
                                  .body = subscription_event(batch),
                                  .service_principal = rule.principal,
                                  .source_arn = arn_of(written.group) + ":*",
                                  .source_account = written.group.account(),
                                  .trace_header = written.trace};
      delivery.id = runtime_.random.uuid();
      delivery.via = fmt::format("{} {}", rule.is_of_account ? "policy" : "filter", rule.name);
      delivery.in_order = false;
      neighbours_.outbox->add(delivery);
    }
  }
}

}  // namespace matinee::logs
