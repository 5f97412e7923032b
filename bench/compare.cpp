// Load by load rather than server by server, so that those compared run close together in time. All
// servers get the same bytes, but for their ports and the queue URLs that they chose themselves.
#include "compare.h"

#include <fmt/format.h>

#include <charconv>
#include <exception>
#include <functional>
#include <stdexcept>

#include "measuring.h"
#include "report.h"
#include "sqs_load.h"

namespace bench {
namespace {

/// Slow servers are given more time, lest chance decides what is counted.
constexpr std::uint64_t kLeastUnits = 500;

struct Contest {
  const char* name;
  Better better;
  std::function<double(const LoadPlan&)> measure;
};

double rate(const LoadPlan& plan, Workload& workload) {
  return run_load(plan, workload).units_per_second();
}

double measure_single_latency(LoadPlan plan) {
  plan.connections = 1;
  SingleLoad load(create_queue(plan.port, "compare-latency"), plan.connections);
  return run_load(plan, load).median_us;
}

double measure_cycle(const LoadPlan& plan, const std::string& queue) {
  CycleLoad load(create_queue(plan.port, queue), plan.connections);
  return rate(plan, load);
}

std::vector<Contest> contests() {
  return {{"SendMessage, messages/s", Better::higher,
           [](const LoadPlan& plan) {
             SingleLoad load(create_queue(plan.port, "compare-single"), plan.connections);
             return rate(plan, load);
           }},
          {"SendMessage, one connection, median us", Better::lower, measure_single_latency},
          {"SendMessageBatch of 10, messages/s", Better::higher,
           [](const LoadPlan& plan) {
             BatchLoad load(create_queue(plan.port, "compare-batches"), plan.connections);
             return rate(plan, load);
           }},
          {"sent, received, deleted by 10, messages/s", Better::higher,
           [](const LoadPlan& plan) { return measure_cycle(plan, "compare-cycle"); }},
          {"the same in a FIFO queue, messages/s", Better::higher,
           [](const LoadPlan& plan) { return measure_cycle(plan, "compare-cycle.fifo"); }}};
}

/// A figure of a server: its value, and how many times better the first server is. None when the
/// server finished nothing in the counted time.
std::string cell(double value, double first, Better better) {
  if (value <= 0) return fmt::format("{:>19}", "none");
  const double ratio = better == Better::higher ? first / value : value / first;
  return fmt::format("{:>10.0f} {:>7.1f}x", value, ratio);
}

}  // namespace

Candidate parse_candidate(const std::string& text) {
  constexpr std::string_view prefix = "=http://127.0.0.1:";
  const std::size_t equals = text.find(prefix);
  Candidate candidate;
  if (equals != std::string::npos) {
    candidate.name = text.substr(0, equals);
    const char* digits = text.data() + equals + prefix.size();
    const auto end = std::from_chars(digits, text.data() + text.size(), candidate.port).ptr;
    if (end != text.data() + text.size()) candidate.port = 0;
  }
  if (candidate.name.empty() || candidate.port == 0) {
    throw std::invalid_argument(text + " is not of the form NAME=http://127.0.0.1:PORT");
  }
  return candidate;
}

std::string compare(const Settings& settings, const std::vector<Candidate>& candidates) {
  std::string table =
      fmt::format("SQS, {} connections; ratios say how many times better {} is\n{:<44}",
                  settings.connections, candidates.front().name, "");
  for (const Candidate& candidate : candidates) table += fmt::format("{:>19}", candidate.name);
  table += '\n' + std::string(44 + 19 * candidates.size(), '-') + '\n';
  std::string failures;
  for (const Contest& contest : contests()) {
    table += fmt::format("{:<44}", contest.name);
    double first = 0;
    for (const Candidate& candidate : candidates) {
      fmt::print(stderr, "measuring {}: {} ...\n", candidate.name, contest.name);
      try {
        LoadPlan plan = plan_for(settings, candidate.port);
        plan.least_units = kLeastUnits;
        const double value = contest.measure(plan);
        if (first == 0) first = value;
        table += cell(value, first, contest.better);
      } catch (const std::exception& error) {
        table += fmt::format("{:>19}", "failed");
        failures += fmt::format("{}, {}: {}\n", candidate.name, contest.name, error.what());
      }
    }
    table += '\n';
  }
  return table + failures;
}

}  // namespace bench
