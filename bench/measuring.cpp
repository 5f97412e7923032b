// The little that the figures' files share.
#include "measuring.h"

#include <fmt/format.h>

#include <exception>

namespace bench {

Target::Target(const Settings& settings) : port_(settings.port) {
  if (port_ != 0) return;
  process_ = std::make_unique<ServerProcess>(settings.binary);
  port_ = process_->port();
}

LoadPlan plan_for(const Settings& settings, std::uint16_t port) {
  return {.port = port,
          .connections = settings.connections,
          .seconds = settings.seconds,
          .warm_up_seconds = settings.warm_up_seconds};
}

Figure measure_load(Figure figure, const LoadPlan& plan, Workload& workload) {
  try {
    const LoadResult result = run_load(plan, workload);
    figure.measured = result.units_per_second();
    figure.note = fmt::format("p50 {:.0f} us, p99 {:.0f} us", result.median_us, result.p99_us);
  } catch (const std::exception& error) {
    figure.failure = error.what();
  }
  return figure;
}

}  // namespace bench
