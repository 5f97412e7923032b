#include "services/cloudformation/running/graph_walk.h"

#include <deque>

#include "runtime/channel.h"
#include "runtime/task_group.h"

namespace matinee::cloudformation {

namespace {

struct Node {
  std::size_t waits_for = 0;
  std::vector<std::string> followers;
  bool is_begun = false;
};

class Walk {
 public:
  using Work = std::function<runtime::Task<bool>(const std::string& node)>;

  Walk(const WaitsFor& graph, Work work) : work_(std::move(work)) {
    for (const auto& [name, needs] : graph) nodes_[name];
    for (const auto& [name, needs] : graph) {
      for (const std::string& need : needs) {
        const auto before = nodes_.find(need);
        if (before == nodes_.end()) continue;
        before->second.followers.push_back(name);
        ++nodes_[name].waits_for;
      }
    }
    for (const auto& [name, node] : nodes_)
      if (node.waits_for == 0) ready_.push_back(name);
  }

  runtime::Task<WalkEnd> run(std::function<bool()> stops) {
    runtime::TaskGroup group(most_at_once);
    while (true) {
      while (!is_broken_ && !ready_.empty() && running_ < most_at_once && !stops()) {
        const std::string name = std::move(ready_.front());
        ready_.pop_front();
        ++running_;
        nodes_.find(name)->second.is_begun = true;
        co_await group.spawn(visit(name));
      }
      if (running_ == 0) break;
      co_await ended_.wait();
    }
    co_await group.join();
    for (const auto& [name, node] : nodes_)
      if (!node.is_begun) end_.not_begun.push_back(name);
    co_return std::move(end_);
  }

 private:
  Work work_;
  std::map<std::string, Node, std::less<>> nodes_;
  std::deque<std::string> ready_;
  std::size_t running_ = 0;
  bool is_broken_ = false;  // something was thrown
  runtime::Event ended_;
  WalkEnd end_;

  runtime::Task<> visit(std::string name) {
    try {
      if (co_await work_(name)) {
        for (const std::string& follower : nodes_.find(name)->second.followers)
          if (--nodes_.find(follower)->second.waits_for == 0) ready_.push_back(follower);
      } else {
        end_.failed.push_back(name);
      }
    } catch (...) {
      --running_;
      is_broken_ = true;
      ended_.notify();
      throw;
    }
    --running_;
    ended_.notify();
  }
};

}  // namespace

WaitsFor reversed(const WaitsFor& graph) {
  WaitsFor result;
  for (const auto& [name, needs] : graph) {
    result[name];
    for (const std::string& need : needs)
      if (graph.contains(need)) result[need].insert(name);
  }
  return result;
}

runtime::Task<WalkEnd> walk(WaitsFor graph,
                            std::function<runtime::Task<bool>(const std::string& node)> work,
                            std::function<bool()> stops) {
  Walk state(graph, std::move(work));
  co_return co_await state.run(std::move(stops));
}

}  // namespace matinee::cloudformation
