// What the journal costs: SQS at full load on a server that keeps none and on one that does, in
// turn.
#include "figures.h"
#include "measuring.h"
#include "pairs.h"
#include "sqs_load.h"

namespace bench {
namespace {

class Side {
 public:
  Side(const Settings& settings, const std::string& journal)
      : settings_(settings),
        server_(settings.binary, {"--journal", journal}),
        queue_(create_queue(server_.port(), "bench-journal")),
        batches_(queue_, settings.connections),
        singles_(queue_, settings.connections),
        cycles_(queue_, settings.connections) {}

  Speed send_batches() { return run(batches_); }
  Speed send_singles() { return run(singles_); }
  Speed cycle() { return run(cycles_); }

 private:
  const Settings& settings_;
  ServerProcess server_;
  Queue queue_;
  BatchLoad batches_;
  SingleLoad singles_;
  CycleLoad cycles_;

  Speed run(Workload& workload) {
    return run_measured(half_as_long(plan_for(settings_, server_.port()), settings_), workload,
                        server_);
  }
};

}  // namespace

std::vector<Figure> measure_journal(const Settings& settings) {
  Side off(settings, "off");
  Side on(settings, "on");
  return {compare_in_pairs({.name = "SQS SendMessageBatch, journal on : off",
                            .without = [&] { return off.send_batches(); },
                            .with = [&] { return on.send_batches(); }}),
          compare_in_pairs({.name = "SQS SendMessage, journal on : off",
                            .without = [&] { return off.send_singles(); },
                            .with = [&] { return on.send_singles(); }}),
          compare_in_pairs({.name = "SQS send, receive, delete in batches, journal on : off",
                            .without = [&] { return off.cycle(); },
                            .with = [&] { return on.cycle(); }})};
}

}  // namespace bench
