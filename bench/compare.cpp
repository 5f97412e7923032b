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

/// A load for every server, whatever it is.
Contest contest(const char* name, std::function<double(const LoadPlan&)> measure,
                Better better = Better::higher) {
  return {name, better, [measure = std::move(measure)](const LoadPlan& plan, const Candidate&) {
            return std::optional(measure(plan));
          }};
}

std::vector<Contest> sqs_contests() {
  return {contest("SendMessage, messages/s",
                  [](const LoadPlan& plan) {
                    SingleLoad load(create_queue(plan.port, "compare-single"), plan.connections);
                    return rate(plan, load);
                  }),
          contest("SendMessage, one connection, median us", measure_single_latency, Better::lower),
          contest("SendMessageBatch of 10, messages/s",
                  [](const LoadPlan& plan) {
                    BatchLoad load(create_queue(plan.port, "compare-batches"), plan.connections);
                    return rate(plan, load);
                  }),
          contest("sent, received, deleted by 10, messages/s",
                  [](const LoadPlan& plan) { return measure_cycle(plan, "compare-cycle"); }),
          contest("the same in a FIFO queue, messages/s",
                  [](const LoadPlan& plan) { return measure_cycle(plan, "compare-cycle.fifo"); })};
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

Comparison run_contests(const Settings& settings, const std::string& service,
                        const std::vector<Contest>& contests,
                        const std::vector<Candidate>& candidates) {
  Comparison comparison;
  std::string& table = comparison.table;
  table = fmt::format("{}, {} connections; ratios say how many times better {} is\n{:<44}", service,
                      settings.connections, candidates.front().name, "");
  for (const Candidate& candidate : candidates) table += fmt::format("{:>19}", candidate.name);
  table += '\n' + std::string(44 + 19 * candidates.size(), '-') + '\n';
  std::string failures;
  for (const Contest& contest : contests) {
    table += fmt::format("{:<44}", contest.name);
    double first = 0;
    for (const Candidate& candidate : candidates) {
      fmt::print(stderr, "measuring {}: {} ...\n", candidate.name, contest.name);
      try {
        LoadPlan plan = plan_for(settings, candidate.port);
        plan.least_units = kLeastUnits;
        const std::optional<double> value = contest.measure(plan, candidate);
        if (first == 0) first = value.value_or(0);
        table += value ? cell(*value, first, contest.better) : fmt::format("{:>19}", "-");
        if (value) comparison.figures[contest.name][candidate.name] = *value;
      } catch (const std::exception& error) {
        table += fmt::format("{:>19}", "failed");
        failures += fmt::format("{}, {}: {}\n", candidate.name, contest.name, error.what());
      }
    }
    table += '\n';
  }
  table += failures;
  return comparison;
}

std::string compare_sqs(const Settings& settings, const std::vector<Candidate>& candidates) {
  return run_contests(settings, "SQS", sqs_contests(), candidates).table;
}

}  // namespace bench
