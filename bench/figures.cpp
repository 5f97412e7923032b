// Targets are those that the project set itself for two cores with the load generator on the same
// machine. Those of SQS, DynamoDB and S3 are in files of their own.
#include "figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "server_process.h"

namespace bench {
std::vector<Figure> measure_startup(const Settings& settings) {
  std::vector<double> times;
  for (int i = 0; i < 9; ++i) times.push_back(ServerProcess(settings.binary).ready_milliseconds());
  std::ranges::sort(times);
  const ServerProcess server(settings.binary);
  std::this_thread::sleep_for(std::chrono::seconds(1));
  return {{.name = "ready on a new directory",
           .unit = "ms",
           .measured = times[times.size() / 2],
           .target = 30,
           .better = Better::lower,
           .note = fmt::format("median of {}, slowest {:.1f}", times.size(), times.back()),
           .failure = {}},
          {.name = "resident memory, idle",
           .unit = "MB",
           .measured = server.resident_megabytes(),
           .target = 25,
           .better = Better::lower,
           .note = "one second after ready",
           .failure = {}}};
}

std::vector<Figure> measure_movies(const Settings& settings) {
  const TemporaryDirectory home;
  const Finished run = run_to_end({settings.binary, "run", "movies", "--count",
                                   std::to_string(settings.movies), "--format", "json"},
                                  home.path());
  const std::string failure =
      run.exit_code == 0 ? "" : fmt::format("exit code {}: {}", run.exit_code, run.output);
  const bool full = settings.movies == 1'000'000;
  return {{.name = fmt::format("run movies --count {}, embedded", settings.movies),
           .unit = "s",
           .measured = run.seconds,
           .target = full ? std::optional<double>(30) : std::nullopt,
           .better = Better::lower,
           .note = fmt::format("{:.0f} movies a second",
                               static_cast<double>(settings.movies) / run.seconds),
           .failure = failure},
          {.name = "  and its peak resident memory",
           .unit = "MB",
           .measured = run.peak_megabytes,
           .target = 200,
           .better = Better::lower,
           .note = "cloud and job together",
           .failure = failure}};
}

}  // namespace bench
