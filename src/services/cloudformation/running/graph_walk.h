// Works on the nodes of a graph in parallel, each as soon as all that it waits for is done.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "runtime/task.h"

namespace matinee::cloudformation {

/// For each node those that have to be done before it. Names that are no nodes do not count.
using WaitsFor = std::map<std::string, std::set<std::string, std::less<>>, std::less<>>;

/// The other way round: what is made last is removed first.
WaitsFor reversed(const WaitsFor& graph);

struct WalkEnd {
  std::vector<std::string> failed;     // in the order in which they failed
  std::vector<std::string> not_begun;  // behind what failed, or behind the stop
};

/// At most this many at the same time.
inline constexpr std::size_t most_at_once = 200;

/// `work` says whether it went well. Where it did not, nothing that waits for the node is begun;
/// and nothing new at all while `stops` says so. Ends once nothing is under way. What `work` throws
/// ends the walk, once nothing is under way. Nodes on a circle are never begun.
runtime::Task<WalkEnd> walk(WaitsFor graph,
                            std::function<runtime::Task<bool>(const std::string& node)> work,
                            std::function<bool()> stops);

}  // namespace matinee::cloudformation
