#include "pairs.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <vector>

namespace bench {

namespace {

constexpr int kRounds = 5;

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace

Figure compare_in_pairs(const Pairs& pairs) {
  Figure figure{.name = pairs.name, .unit = "x", .target = pairs.least, .note = {}, .failure = {}};
  try {
    std::vector<double> rates, costs;
    for (int i = 0; i < kRounds; ++i) {
      const Speed without = pairs.without();
      const Speed with = pairs.with();
      rates.push_back(with.rate / without.rate);
      costs.push_back(with.processor_us / without.processor_us);
    }
    figure.measured = median(rates);
    figure.note = fmt::format("{} pairs: {:.2f} to {:.2f}; processor time x {:.3f}", kRounds,
                              std::ranges::min(rates), std::ranges::max(rates), median(costs));
  } catch (const std::exception& error) {
    figure.failure = error.what();
  }
  return figure;
}

LoadPlan half_as_long(LoadPlan plan, const Settings& settings) {
  plan.seconds = settings.seconds / 2;
  plan.warm_up_seconds = 0.3;
  return plan;
}

Speed run_measured(const LoadPlan& plan, Workload& workload, const ServerProcess& server) {
  const double before = server.processor_seconds();
  const LoadResult result = run_load(plan, workload);
  const double counted = result.seconds / (result.seconds + plan.warm_up_seconds);
  return {.rate = result.units_per_second(),
          .processor_us = (server.processor_seconds() - before) * 1e6 * counted /
                          static_cast<double>(result.units)};
}

}  // namespace bench
