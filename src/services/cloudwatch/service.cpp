#include "services/cloudwatch/service.h"

#include "cloudwatch/operations.h"
#include "runtime/log.h"
#include "runtime/timer_purpose.h"
#include "services/cloudwatch/units.h"

namespace matinee::cloudwatch {
namespace {

/// How often it is looked whether data points are old enough to be merged.
constexpr auto aging_pause = std::chrono::hours(1);
/// What one transaction of that merges.
constexpr std::size_t points_at_once = 500;

constexpr runtime::TimerPurpose aging{.what = "CloudWatch merges and forgets old measures"};

}  // namespace

Service::Service(storage::Store& store, runtime::Runtime& runtime, services::AlarmActions* actions)
    : ServiceBase(cloudwatch::model),
      store_(store),
      runtime_(runtime),
      metrics_(store),
      alarms_(store, runtime, actions),
      watch_(store, runtime, metrics_, alarms_),
      dashboards_(store, dashboards_table) {
  // Where there is nothing that grows old, the first of it begins this.
  if (!metrics_.metrics().is_empty(metrics_.metrics().all()) ||
      !alarms_.history().is_empty(alarms_.history().all()))
    schedule_aging();
}

Service::~Service() {
  runtime_.clock.cancel(aging_);
}

void Service::reset(const services::ResetScope& scope) {
  metrics_.reset(scope);
  alarms_.reset(scope);
  dashboards_.erase_range(scope.account ? dashboards_.prefix(*scope.account) : dashboards_.all());
}

void Service::put_statistics(const services::MetricValue& metric, Statistics statistics) {
  schedule_aging();
  metrics_.put({.account = metric.account,
                .region = metric.region,
                .name_space = metric.name_space,
                .name = metric.name,
                .dimensions = metric.dimensions},
               {.time = metric.time,
                .unit = find_unit(metric.unit).value_or(no_unit),
                .is_fine = false,
                .statistics = std::move(statistics)},
               runtime_.clock.now());
}

void Service::put_metric(const services::MetricValue& value) {
  put_statistics(value, Statistics::of_value(value.value));
}

void Service::put_summary(const services::MetricValue& metric,
                          const services::MetricSummary& summary) {
  Statistics statistics{.count = summary.count,
                        .sum = summary.sum,
                        .minimum = summary.minimum,
                        .maximum = summary.maximum,
                        .values = {}};
  for (const auto& [value, count] : summary.values)
    statistics.values.push_back({.value = value, .count = count});
  // What is put into nothing has no more distinct values than are kept.
  Statistics bounded;
  bounded.add(statistics);
  put_statistics(metric, std::move(bounded));
}

runtime::Task<std::vector<Bucket>> Service::read(SeriesQuery query) {
  SeriesReader reader = metrics_.read(std::move(query), runtime_.clock.now());
  runtime::Turns& turns = runtime_.loop.turns();
  while (reader.read_some())
    if (turns.is_over()) co_await turns.next();
  co_return reader.take();
}

void Service::schedule_aging(bool at_once) {
  const runtime::Duration pause = at_once ? runtime::Duration::zero() : aging_pause;
  if (aging_ != runtime::TimerId::none) return;
  aging_ = runtime::call_for(runtime_.clock, aging, runtime_.clock.now() + pause, [this] {
    aging_ = runtime::TimerId::none;
    bool is_more = false;
    try {
      storage::Transaction transaction(store_);
      const runtime::Time now = runtime_.clock.now();
      is_more = metrics_.age(now, points_at_once);
      if (!is_more) is_more = metrics_.forget_some(now, points_at_once);
      if (!is_more) is_more = alarms_.forget_history(now, points_at_once);
      transaction.commit();
    } catch (const std::exception& error) {
      is_more = false;
      spdlog::error("Old metrics could not be merged, which is tried again later: {}",
                    error.what());
    }
    schedule_aging(is_more);
  });
}

}  // namespace matinee::cloudwatch
