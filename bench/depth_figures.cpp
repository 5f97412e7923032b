// What a large table and a large bucket cost: random reads and overwrites on a server that holds
// many, beside a server that holds few, in rounds by turns, so that what else the machine does
// weighs on both alike.
#include <fmt/format.h>

#include <array>
#include <exception>

#include "depth_load.h"
#include "figures.h"
#include "measuring.h"

namespace bench {
namespace {

constexpr std::uint64_t kShallow = 10'000;
constexpr int kRounds = 3;

struct Operation {
  DepthLoad::Kind kind;
  const char* name;
};

constexpr std::array<Operation, 4> kOperations = {{{DepthLoad::Kind::get_item, "GetItem"},
                                                   {DepthLoad::Kind::put_item, "PutItem"},
                                                   {DepthLoad::Kind::get_object, "GET of 4 KB"},
                                                   {DepthLoad::Kind::put_object, "PUT of 4 KB"}}};

/// A server with so many items of 300 bytes and objects of 4 KB.
class Filled {
 public:
  Filled(const Settings& settings, Content content, std::uint64_t count)
      : settings_(settings), content_(content), count_(count), server_(settings.binary) {
    create_depth_table_and_bucket(server_.port());
    fill(DepthLoad::Kind::put_item);
    fill(DepthLoad::Kind::put_object);
  }

  Speed measure(DepthLoad::Kind kind) const {
    DepthLoad load({.port = server_.port(), .kind = kind, .content = content_, .keys = count_},
                   settings_.connections);
    const double before = server_.processor_seconds();
    LoadPlan plan = plan_for(settings_, server_.port());
    const LoadResult result = run_load(plan, load);
    const double used = server_.processor_seconds() - before;
    return {.rate = result.units_per_second(),
            .processor_us = used * 1e6 / static_cast<double>(result.requests)};
  }

  /// What one client waits for that asks one thing after another.
  LoadResult measure_alone(DepthLoad::Kind kind) const {
    DepthLoad load({.port = server_.port(), .kind = kind, .content = content_, .keys = count_}, 1);
    LoadPlan plan = plan_for(settings_, server_.port());
    plan.connections = 1;
    return run_load(plan, load);
  }

  double peak_megabytes() const { return server_.peak_megabytes(); }

 private:
  void fill(DepthLoad::Kind kind) {
    DepthLoad load({.port = server_.port(),
                    .kind = kind,
                    .content = content_,
                    .keys = count_,
                    .visit = DepthLoad::Visit::each_once},
                   settings_.connections);
    run_load({.port = server_.port(),
              .connections = settings_.connections,
              .seconds = 3600,
              .warm_up_seconds = 0,
              .units = count_},
             load);
  }

  const Settings& settings_;
  Content content_;
  std::uint64_t count_;
  ServerProcess server_;
};

Figure measure_operation(const Filled& deep, const Filled& shallow, const Operation& operation) {
  Speed far;
  Speed near;
  for (int i = 0; i < kRounds; ++i) {
    far += deep.measure(operation.kind);
    near += shallow.measure(operation.kind);
  }
  const LoadResult alone = deep.measure_alone(operation.kind);
  return {.name = operation.name,
          .unit = "x",
          .measured = far.rate / near.rate,
          .target = 0.5,
          .note = fmt::format("{:.0f}/s beside {:.0f}/s; {:.1f} us of processor beside {:.1f}; one "
                              "connection p50 {:.0f} us, p99.9 {:.0f}, worst {:.0f}",
                              far.rate / kRounds, near.rate / kRounds, far.processor_us / kRounds,
                              near.processor_us / kRounds, alone.median_us, alone.p999_us,
                              alone.slowest_us),
          .failure = {}};
}

void measure_content(const Settings& settings, Content content, std::vector<Figure>& figures) {
  const std::string name =
      fmt::format("{} items and objects, {}", settings.deep_items,
                  content == Content::compressible ? "compressible" : "random");
  try {
    const Filled shallow(settings, content, kShallow);
    const Filled deep(settings, content, settings.deep_items);
    for (const Operation& operation : kOperations) {
      figures.push_back(measure_operation(deep, shallow, operation));
      figures.back().name = fmt::format("{}: {}", name, figures.back().name);
    }
    figures.push_back({.name = name + ": memory at its peak",
                       .unit = "MB",
                       .measured = deep.peak_megabytes(),
                       .target = 120,
                       .better = Better::lower,
                       .note = fmt::format("{:.0f} MB with {}", shallow.peak_megabytes(), kShallow),
                       .failure = {}});
  } catch (const std::exception& error) {
    figures.push_back(
        {.name = name, .unit = {}, .target = {}, .note = {}, .failure = error.what()});
  }
}

}  // namespace

std::vector<Figure> measure_depth(const Settings& settings) {
  std::vector<Figure> figures;
  measure_content(settings, Content::compressible, figures);
  measure_content(settings, Content::random, figures);
  return figures;
}

}  // namespace bench
