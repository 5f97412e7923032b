// The figures of SQS: throughput, the latency of one connection, and what depth costs. The ratio of
// a deep to a shallow queue is taken from rounds in turn, so that what else the machine does weighs
// on both alike.
#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <exception>
#include <iterator>

#include "figures.h"
#include "measuring.h"
#include "sqs_load.h"

namespace bench {
namespace {

constexpr std::uint64_t kShallow = 1'000;
constexpr int kRounds = 3;

Figure throughput(std::string name, std::optional<double> target) {
  return {
      .name = std::move(name), .unit = "messages/s", .target = target, .note = {}, .failure = {}};
}

Figure measure_latency(LoadPlan plan, const Queue& queue) {
  Figure figure{.name = "SQS SendMessage, one connection, median",
                .unit = "us",
                .target = 120,
                .better = Better::lower,
                .note = {},
                .failure = {}};
  plan.connections = 1;
  SingleLoad single(queue, plan.connections);
  try {
    const LoadResult result = run_load(plan, single);
    figure.measured = result.median_us;
    figure.note = fmt::format("p99 {:.0f} us", result.p99_us);
  } catch (const std::exception& error) {
    figure.failure = error.what();
  }
  return figure;
}

Figure measure_power(const Settings& settings) {
  const ServerProcess server(settings.binary, {"--durability", "power"});
  const Queue queue = create_queue(server.port(), "bench-power");
  BatchLoad batches(queue, settings.connections);
  return measure_load(throughput("SQS SendMessageBatch, durability power", 40'000),
                      plan_for(settings, server.port()), batches);
}

struct Kind {
  const char* name;
  const char* ending;
  bool batches_share_group;
  bool one_by_one;
};

constexpr Kind kKinds[] = {{"standard", "", false, false},
                           {"standard, sent one by one", "", false, true},
                           {"FIFO, a group a batch", ".fifo", true, false},
                           {"FIFO, ten groups a batch", ".fifo", false, false},
                           {"FIFO, sent one by one", ".fifo", false, true}};

/// One queue that is made deep, on a server that holds nothing else of size.
class Depth {
 public:
  Depth(const Settings& settings, const Kind& kind)
      : settings_(settings), kind_(kind), server_(settings.binary) {}

  std::vector<Figure> measure() {
    run_shallow();
    shallow_ = {};
    const double base = server_.resident_megabytes();
    deep_queue_ = create("deep");
    fill(deep_queue_, settings_.deep_messages);
    const double full = server_.resident_megabytes();
    for (int i = 0; i < kRounds; ++i) {
      run_deep();
      run_shallow();
    }
    std::vector<Figure> figures = {ratio(), memory(base, full)};
    figures.push_back(restart("SIGTERM", SIGTERM));
    figures.push_back(restart("kill -9", SIGKILL));
    return figures;
  }

 private:
  Queue create(const std::string& name) const {
    Queue queue = create_queue(server_.port(), name + kind_.ending);
    queue.batches_share_group = kind_.batches_share_group;
    queue.one_by_one = kind_.one_by_one;
    return queue;
  }

  void fill(const Queue& queue, std::uint64_t messages) {
    const LoadPlan plan{.port = queue.port,
                        .connections = settings_.connections,
                        .seconds = 600,
                        .warm_up_seconds = 0,
                        .units = messages};
    BatchLoad batches(queue, settings_.connections);
    SingleLoad singles(queue, settings_.connections);
    if (kind_.one_by_one) {
      run_load(plan, singles);
    } else {
      run_load(plan, batches);
    }
    next_number_ = std::max(next_number_, 2 * messages);
  }

  Speed run(const Queue& queue) {
    CycleLoad cycle(queue, settings_.connections, next_number_);
    LoadPlan plan = plan_for(settings_, server_.port());
    plan.seconds = settings_.seconds / 2;
    const double before = server_.processor_seconds();
    const LoadResult result = run_load(plan, cycle);
    // The warm-up is not counted, but it has cost as much.
    const double counted = result.seconds / (result.seconds + plan.warm_up_seconds);
    next_number_ = cycle.next_number();
    return {.rate = result.units_per_second() / kRounds,
            .processor_us = (server_.processor_seconds() - before) * counted * 1e6 /
                            static_cast<double>(result.units) / kRounds};
  }

  void run_deep() { deep_ += run(deep_queue_); }

  /// A new queue each time: what a round leaves in flight would be most of it.
  void run_shallow() {
    shallow_queues_ += 1;
    const Queue queue = create(fmt::format("shallow-{}", shallow_queues_));
    fill(queue, kShallow);
    shallow_ += run(queue);
  }

  Figure ratio() const {
    return {
        .name = fmt::format("SQS {}, deep / shallow", kind_.name),
        .unit = "ratio",
        .measured = deep_.rate / shallow_.rate,
        .target = 0.8,
        .note = fmt::format("{:.0f} / {:.0f} messages/s at {} / {}; processor {:.1f} / {:.1f} us",
                            deep_.rate, shallow_.rate, settings_.deep_messages, kShallow,
                            deep_.processor_us, shallow_.processor_us),
        .failure = {}};
  }

  Figure memory(double base, double full) const {
    return {.name = "  memory for a message",
            .unit = "bytes",
            .measured = (full - base) * 1e6 / static_cast<double>(settings_.deep_messages),
            .target = 200,
            .better = Better::lower,
            .note = fmt::format("resident {:.0f} MB, before {:.0f} MB", full, base),
            .failure = {}};
  }

  Figure restart(std::string_view how, int signal) {
    server_.restart(signal);
    const double started = now_seconds();
    const Answer answer = require_success(server_.port(), receive_request(deep_queue_, 0));
    const double received = now_seconds() - started;
    if (!answer.body.contains("ReceiptHandle")) throw std::runtime_error("nothing was received");
    return {.name = fmt::format("  ready after {}, with a first receive", how),
            .unit = "s",
            .measured = server_.ready_milliseconds() / 1000 + received,
            .target = 1,
            .better = Better::lower,
            .note = fmt::format("the receive {:.0f} ms; processor {:.2f} s, resident {:.0f} MB",
                                received * 1000, server_.processor_seconds(),
                                server_.resident_megabytes()),
            .failure = {}};
  }

  const Settings& settings_;
  const Kind& kind_;
  ServerProcess server_;
  Queue deep_queue_;
  std::uint64_t next_number_ = 0;
  int shallow_queues_ = 0;
  Speed deep_;
  Speed shallow_;
};

std::vector<Figure> measure_depth_of(const Settings& settings, const Kind& kind) {
  try {
    return Depth(settings, kind).measure();
  } catch (const std::exception& error) {
    return {{.name = fmt::format("SQS {}, deep", kind.name),
             .unit = {},
             .target = {},
             .note = {},
             .failure = error.what()}};
  }
}

}  // namespace

std::vector<Figure> measure_sqs(const Settings& settings) {
  const Target target(settings);
  const LoadPlan plan = plan_for(settings, target.port());
  const Queue queue = create_queue(target.port(), "bench-batches");
  BatchLoad batches(queue, settings.connections);
  std::vector<Figure> figures;
  figures.push_back(
      measure_load(throughput("SQS SendMessageBatch, 10 x 200 B", 150'000), plan, batches));
  ReceiveLoad receive(queue, settings.connections);
  figures.push_back(measure_load(
      throughput("SQS ReceiveMessage + DeleteMessageBatch of 10", 80'000), plan, receive));
  SingleLoad single(create_queue(target.port(), "bench-single"), settings.connections);
  figures.push_back(measure_load(throughput("SQS SendMessage, 200 B", 45'000), plan, single));
  figures.push_back(measure_latency(plan, create_queue(target.port(), "bench-latency")));
  if (settings.port == 0) figures.push_back(measure_power(settings));
  return figures;
}

std::vector<Figure> measure_sqs_depth(const Settings& settings) {
  std::vector<Figure> figures;
  for (const Kind& kind : kKinds) {
    if (!std::string_view(kind.name).contains(settings.queues)) continue;
    std::ranges::move(measure_depth_of(settings, kind), std::back_inserter(figures));
  }
  return figures;
}

}  // namespace bench
