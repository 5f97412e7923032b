// What something costs: the same load on a server without it and on one with it, in turn, since
// these machines are noisy.
#pragma once

#include <functional>
#include <string>

#include "figures.h"
#include "http_load.h"
#include "measuring.h"
#include "server_process.h"

namespace bench {

struct Pairs {
  std::string name;
  double least = 0.97;  // that the ratio of the rates is to be
  std::function<Speed()> without;
  std::function<Speed()> with;
};

/// The median of the ratios of several pairs.
Figure compare_in_pairs(const Pairs& pairs);

LoadPlan half_as_long(LoadPlan plan, const Settings& settings);

/// Runs the load and takes the server's processor time.
Speed run_measured(const LoadPlan& plan, Workload& workload, const ServerProcess& server);

}  // namespace bench
