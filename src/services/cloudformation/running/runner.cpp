#include "services/cloudformation/running/runner.h"

#include <spdlog/spdlog.h>

#include "runtime/movable_clock.h"
#include "runtime/task_group.h"

namespace matinee::cloudformation {

namespace {

/// After which the disk may take it, or whatever else has stopped a run.
constexpr runtime::Duration wait_for_better = std::chrono::seconds(1);

}  // namespace

struct Runner::Running {
  Run run;
  runtime::TaskGroup task{1};

  Running(const RunParts& parts, const StackKey& key) : run(parts, key) {}
};

Runner::Runner(RunParts parts) : parts_(std::move(parts)) {}

Runner::~Runner() {
  *lives_ = false;
}

void Runner::resume_all() {
  std::vector<StackKey> keys;
  parts_.catalog.operations.scan(parts_.catalog.operations.all(),
                                 [&](const StackKey& key, const OperationRecord&) {
                                   keys.push_back(key);
                                   return true;
                                 });
  for (const StackKey& key : keys) start(key);
}

void Runner::start(const StackKey& key) {
  parts_.runtime.loop.post([this, key, lives = lives_] {
    if (*lives) begin(key);
  });
}

void Runner::begin(const StackKey& key) {
  if (running_.contains(key) || !parts_.catalog.operations.contains(key)) return;
  Running& running = *running_.emplace(key, std::make_unique<Running>(parts_, key)).first->second;
  // Not a reference to the map's key: an entry may be gone before its task has ended.
  const auto work = [](Runner& runner, Running& entry, StackKey stack) -> runtime::Task<> {
    std::exception_ptr error;
    try {
      co_await entry.run.go();
    } catch (...) {
      error = std::current_exception();
    }
    runner.ended(stack, error);
  };
  runtime::start(running.task.spawn(work(*this, running, key)), [](std::exception_ptr) {});
}

/// The run is still on the way to its end: it is destroyed in the next round.
void Runner::ended(const StackKey& key, std::exception_ptr error) {
  parts_.runtime.loop.post([this, key, lives = lives_, failed = error != nullptr] {
    if (!*lives) return;
    running_.erase(key);
    if (failed)
      start_later(key);
    else
      begin(key);
  });
  if (!error) return;
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& thrown) {
    spdlog::error("The work on {} stands still: {}", arn_of(key), thrown.what());
  }
}

void Runner::start_later(const StackKey& key) {
  // By the machine's clock: a disk is not emptied by moving the other one.
  runtime::Clock& clock = runtime::real_clock(parts_.runtime.clock);
  clock.call_at(clock.now() + wait_for_better, [this, key, lives = lives_] {
    if (*lives) begin(key);
  });
}

void Runner::halt(const StackKey& key) {
  const auto found = running_.find(key);
  if (found != running_.end()) found->second->run.halt();
}

void Runner::drop(const services::ResetScope& scope) {
  std::erase_if(running_,
                [&](const auto& entry) { return scope.covers(std::get<0>(entry.first)); });
}

}  // namespace matinee::cloudformation
