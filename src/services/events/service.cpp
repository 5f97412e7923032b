#include "services/events/service.h"

#include "events/operations.h"
#include "protocol/json.h"
#include "services/events/bus_target.h"
#include "services/events/due_rules.h"

namespace matinee::events {

namespace {

using storage::TableId;

template <class Table>
void erase_covered(Table& table, const services::ResetScope& scope) {
  table.erase_range(scope.account ? table.prefix(*scope.account) : table.all());
}

}  // namespace

Service::Service(storage::Store& store, runtime::Runtime& runtime, const Neighbours& neighbours,
                 Options options)
    : ServiceBase(events::model),
      store_(store),
      runtime_(runtime),
      neighbours_(neighbours),
      options_(options),
      buses_(store, TableId{0x0701}),
      rules_(store, TableId{0x0702}),
      targets_(store, TableId{0x0703}),
      by_target_(store, TableId{0x0704}),
      due_(store, due_table),
      archives_(store, TableId{0x0706}),
      archived_(store, TableId{0x0708}),
      replays_(store, TableId{0x0709}),
      active_replays_(store, TableId{0x070A}),
      counters_(store, TableId{0x070D}),
      measures_(store, runtime.clock, neighbours.metrics, put_counts),
      bus_target_(std::make_unique<BusTarget>(*this)) {
  if (neighbours_.outbox) {
    neighbours_.outbox->provide("arn:aws:events:", *bus_target_);
    neighbours_.outbox->listen(std::string(principal), *this);
  }
  resume_schedules();
  replay_later();
}

Service::~Service() {
  runtime_.clock.cancel(schedule_timer_);
  runtime_.clock.cancel(replay_timer_);
}

void Service::settled(const services::Delivery& delivery, const services::DeliveryResult& result) {
  measures_.of(delivery.source_arn).add(delivery, result);
}

std::uint64_t Service::next_number(std::uint8_t counter) {
  const std::uint64_t number = counters_.find(counter).value_or(0) + 1;
  counters_.put(counter, number);
  return number;
}

std::vector<Target> Service::targets_of(const RuleKey& key) const {
  std::vector<Target> found;
  const auto& [account, region, bus, rule] = key;
  targets_.scan(targets_.prefix(account, region, bus, rule),
                [&](const TargetKey&, std::string json) {
                  protocol::json::read(Target::shape, json, &found.emplace_back(), nullptr);
                  return true;
                });
  return found;
}

void Service::reset(const services::ResetScope& scope) {
  rules_.scan(
      scope.account ? rules_.prefix(*scope.account) : rules_.all(),
      [&](const RuleKey& key, const RuleRecord& record) {
        if (record.next)
          due_.erase(std::tuple_cat(std::tuple(record.next->time_since_epoch().count()), key));
        return true;
      });
  archives_.scan(scope.account ? archives_.prefix(*scope.account) : archives_.all(),
                 [&](const NameKey&, const ArchiveRecord& record) {
                   archived_.erase_range(archived_.prefix(record.number));
                   return true;
                 });
  erase_covered(buses_, scope);
  erase_covered(rules_, scope);
  erase_covered(targets_, scope);
  erase_covered(by_target_, scope);
  erase_covered(archives_, scope);
  erase_covered(replays_, scope);
  erase_covered(active_replays_, scope);
  live_.clear();
  store_.on_rollback([this] { live_.clear(); });
}

}  // namespace matinee::events
