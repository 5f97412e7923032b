#include "services/cloudwatch/alarm_watch.h"

#include "runtime/log.h"
#include "runtime/timer_purpose.h"
#include "services/cloudwatch/units.h"

namespace matinee::cloudwatch {
namespace {

constexpr auto slow_pause = std::chrono::minutes(1);
constexpr auto fast_pause = std::chrono::seconds(10);
/// Alarms that one transaction looks at.
constexpr std::size_t alarms_at_once = 16;

constexpr runtime::TimerPurpose looking_at_alarms{.what = "CloudWatch looks at its alarms"};

}  // namespace

AlarmWatch::AlarmWatch(storage::Store& store, runtime::Runtime& runtime, MetricStore& metrics,
                       AlarmStore& alarms)
    : store_(store),
      clock_(runtime.clock),
      loop_(runtime.loop),
      metrics_(metrics),
      alarms_(alarms),
      slow_{.is_fast = false, .pause = slow_pause, .next = std::nullopt},
      fast_{.is_fast = true, .pause = fast_pause, .next = std::nullopt} {
  if (has_alarms(slow_)) schedule(slow_);
  if (has_alarms(fast_)) schedule(fast_);
}

AlarmWatch::~AlarmWatch() {
  clock_.cancel(slow_.timer);
  clock_.cancel(fast_.timer);
}

bool AlarmWatch::has_alarms(const Round& round) const {
  if (round.is_fast) return !alarms_.fast_alarms().is_empty(alarms_.fast_alarms().all());
  return !alarms_.alarms().is_empty(alarms_.alarms().all());
}

void AlarmWatch::wake(bool is_fast) {
  schedule(is_fast ? fast_ : slow_);
}

/// At the next multiple of its pause.
void AlarmWatch::schedule(Round& round) {
  if (round.timer != runtime::TimerId::none) return;
  const runtime::Duration now = clock_.now().time_since_epoch();
  const runtime::Time next((now / round.pause + 1) * round.pause);
  round.timer = runtime::call_for(clock_, looking_at_alarms, next, [this, &round] {
    round.timer = runtime::TimerId::none;
    begin(round);
  });
}

void AlarmWatch::begin(Round& round) {
  if (!has_alarms(round)) return;
  schedule(round);
  if (round.is_running) return;
  round.is_running = true;
  round.next.reset();
  step(round);
}

void AlarmWatch::post_step(Round& round) {
  loop_.post([this, &round, alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) step(round);
  });
}

void AlarmWatch::step(Round& round) {
  try {
    storage::Transaction transaction(store_);
    look_at_some(round);
    transaction.commit();
  } catch (const std::exception& error) {
    spdlog::error("Alarms could not be looked at, which is tried again: {}", error.what());
    round.next.reset();
  }
  round.is_running = round.next.has_value();
  if (round.is_running) post_step(round);
}

void AlarmWatch::look_at_some(Round& round) {
  std::size_t left = alarms_at_once;
  const std::optional<AlarmKey> from = std::exchange(round.next, std::nullopt);
  const auto visit = [&](const AlarmKey& key, const auto&) {
    if (left-- == 0) {
      round.next = key;
      return false;
    }
    const std::optional<AlarmRecord> alarm = alarms_.find(key);
    const bool is_looked_at = alarm && !alarm->composite && alarm->is_fast() == round.is_fast;
    if (is_looked_at) look_at(key, *alarm);
    return true;
  };
  const auto scan = [&](const auto& table) {
    table.scan(from ? table.from(table.all(), *from) : table.all(), visit);
  };
  if (round.is_fast)
    scan(alarms_.fast_alarms());
  else
    scan(alarms_.alarms());
}

void AlarmWatch::look_at(const AlarmKey& key, const AlarmRecord& alarm) {
  const auto& [account, region, name] = key;
  const auto now = std::chrono::floor<std::chrono::milliseconds>(clock_.now());
  const AlarmRange range = range_of(alarm, now);
  const std::optional<std::uint64_t> metric = metrics_.find({.account = account,
                                                             .region = region,
                                                             .name_space = alarm.name_space,
                                                             .name = alarm.metric_name,
                                                             .dimensions = alarm.dimensions});
  std::vector<AlarmPoint> points;
  const std::optional<Statistic> statistic = Statistic::parse(alarm.stat());
  if (metric && statistic) {
    SeriesQuery query{.account = account,
                      .metric = *metric,
                      .from = range.from,
                      .to = range.to,
                      .period = alarm.period,
                      .unit = std::nullopt,
                      .anchor = range.to};
    if (alarm.unit) query.unit = find_unit(*alarm.unit);
    for (const Bucket& bucket : metrics_.read_now(std::move(query), now)) {
      const std::optional<double> value = statistic->of(bucket.statistics);
      const bool is_same = value && !points.empty() && points.back().begin == bucket.begin;
      // Which of several units counts is not defined.
      if (value && !is_same)
        points.push_back(
            {.begin = bucket.begin, .value = *value, .sample_count = bucket.statistics.count});
    }
  }
  if (std::optional<AlarmState> state = evaluate(alarm, points, now))
    alarms_.set_state(key, alarm, *std::move(state), now);
}

}  // namespace matinee::cloudwatch
