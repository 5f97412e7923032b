// Rules that fire by the clock: all of them have one timer, for the first that is due.
#include "events/errors.h"
#include "runtime/timer_purpose.h"
#include "schedules/schedule.h"
#include "services/events/service.h"

namespace matinee::events {

namespace {

/// So many fire in one transaction.
constexpr std::size_t most_at_once = 100;

constexpr runtime::TimerPurpose firing{.what = "EventBridge fires rules", .is_told = true};

DueKey due_key(runtime::Time when, const BusKey& bus, const std::string& name) {
  return {when.time_since_epoch().count(), bus.account, bus.region, bus.name, name};
}

}  // namespace

void Service::schedule(const BusKey& bus, const std::string& name, RuleRecord& record) {
  record.next.reset();
  if (!record.schedule) return;
  const auto parsed = schedules::Schedule::parse(*record.schedule, schedules::Grammar::rule);
  if (!parsed) throw storage::DamagedRecord("a rule whose schedule cannot be read");
  record.next = parsed->next_after(now(), record.start);
  if (!record.next) return;
  due_.put(due_key(*record.next, bus, name), 0);
  // Whether it stays so is known at the end of the transaction.
  store_.on_commit([this] { set_schedule_timer(); });
}

void Service::unschedule(const BusKey& bus, const std::string& name, RuleRecord& record) {
  if (!record.next) return;
  due_.erase(due_key(*record.next, bus, name));
  // A timer for what does not happen would be told of, and stopped at.
  if (*record.next == schedule_due_) store_.on_commit([this] { set_schedule_timer(); });
  record.next.reset();
}

/// What would have fired while the program did not run is not caught up.
void Service::resume_schedules() {
  std::vector<DueKey> missed;
  due_.scan(due_.between(std::tuple(std::int64_t{0}), std::tuple(now().time_since_epoch().count())),
            [&](const DueKey& key, std::uint8_t) {
              missed.push_back(key);
              return true;
            });
  if (!missed.empty()) {
    storage::Transaction transaction(store_);
    for (const DueKey& key : missed) {
      const auto& [when, account, region, bus, name] = key;
      due_.erase(key);
      std::optional<RuleRecord> record = rules_.find({account, region, bus, name});
      if (!record) continue;
      schedule({account, region, bus}, name, *record);
      rules_.put({account, region, bus, name}, *record);
    }
    transaction.commit();
  }
  set_schedule_timer();
}

/// What has been removed before costs nothing then.
storage::KeyRange Service::due_left() const {
  return due_.from(due_.all(), {schedules_begin_, "", "", "", ""});
}

void Service::set_schedule_timer() {
  std::optional<runtime::Time> when;
  if (const auto first = due_.first(due_left()))
    when = runtime::Time(runtime::Duration(std::get<0>(first->first)));
  if (schedule_timer_ != runtime::TimerId::none) {
    if (when == schedule_due_) return;
    runtime_.clock.cancel(std::exchange(schedule_timer_, runtime::TimerId::none));
  }
  if (!when) return;
  schedule_due_ = *when;
  schedule_timer_ = runtime::call_for(runtime_.clock, firing, *when, [this] {
    schedule_timer_ = runtime::TimerId::none;
    fire_schedules();
  });
}

void Service::fire_schedules() {
  std::vector<DueKey> due;
  const std::int64_t time = now().time_since_epoch().count();
  due_.scan(due_left(), [&](const DueKey& key, std::uint8_t) {
    if (std::get<0>(key) > time) return false;
    due.push_back(key);
    return due.size() < most_at_once;
  });
  if (!due.empty()) {
    storage::Transaction transaction(store_);
    for (const DueKey& key : due) fire_schedule(key);
    transaction.commit();
  }
  // Next times are later than now.
  schedules_begin_ = due.size() < most_at_once ? time : std::get<0>(due.back());
  set_schedule_timer();
}

void Service::fire_schedule(const DueKey& key) {
  const auto& [when, account, region, bus_name, name] = key;
  due_.erase(key);
  const RuleKey stored{account, region, bus_name, name};
  std::optional<RuleRecord> record = rules_.find(stored);
  if (!record) return;
  const BusKey bus{account, region, bus_name};
  LiveRule rule{.name = name, .arn = rule_arn(bus, name), .targets = nullptr};
  const BusEvent event{.id = runtime_.random.uuid(),
                       .detail_type = "Scheduled Event",
                       .source = "aws.events",
                       .account = account,
                       .region = region,
                       .time = runtime::Time(runtime::Duration(when)),
                       .resources = {rule.arn},
                       .detail = "{}",
                       .replay = {}};
  LiveBus place;
  place.key = bus;
  place.arn = arn_of(bus);
  const std::string json = to_json(event);
  if (services::Journal* journal = neighbours_.journal;
      journal && (journal->keeps_all() || journal->wants({}, event.id))) {
    const services::HopMessage told{.id = event.id, .bytes = json.size(), .body = json};
    journal->note({.kind = services::HopKind::fired,
                   .account = account,
                   .region = region,
                   .resource = rule.arn,
                   .messages = std::span(&told, 1)});
  }
  const Passage passage;
  fire(place, rule, {event.id, json, passage});
  schedule(bus, name, *record);
  rules_.put(stored, *record);
}

}  // namespace matinee::events
