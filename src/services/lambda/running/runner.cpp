#include "services/lambda/running/runner.h"

#include <algorithm>

#include "protocol/error.h"

namespace matinee::lambda {

namespace {

FunctionKey function_of(const VersionKey& version) {
  return {std::get<0>(version), std::get<1>(version), std::get<2>(version)};
}

}  // namespace

Runner::Runner(Machine machine, MakeProgram make_program, RunnerLimits limits)
    : machine_(std::move(machine)),
      logs_(machine_.runtime),
      ready_(machine_),
      make_program_(std::move(make_program)),
      limits_(limits) {
  machine_.logs = &logs_;
}

std::size_t Runner::Pool::coming() const {
  return starting + static_cast<std::size_t>(std::ranges::count_if(
                        instances, [](const auto& one) { return one->is_coming_back(); }));
}

Runner::~Runner() {
  *lives_ = false;
  runtime::real_clock(machine_.runtime.clock).cancel(timer_);
}

std::size_t Runner::calls_of(const FunctionKey& function) const {
  const auto found = calls_of_.find(function);
  return found == calls_of_.end() ? 0 : found->second;
}

/// From here until its result the call counts, and holds the clock that users move: also while it
/// waits for an instance, such as one that begins anew after a crash.
void Runner::count(Invocation& invocation) {
  const FunctionKey function = function_of(invocation.version);
  ++calls_;
  ++calls_of_[function];
  invocation.done = [this, function, hold = runtime::ClockHold(machine_.runtime.clock),
                     done = std::move(invocation.done)](Result result) mutable {
    --calls_;
    if (--calls_of_[function] == 0) calls_of_.erase(function);
    done(std::move(result));
  };
}

void Runner::run(Invocation invocation) {
  const VersionKey version = invocation.version;
  Pool& pool = pools_[version];
  // One that is kept ready, then one that runs, then one that has to begin anew.
  const auto rank = [](const Instance& instance) {
    if (!instance.is_warm()) return 1;
    return instance.program().is_provisioned ? 3 : 2;
  };
  retire_expiring(pool);
  Instance* idle = nullptr;
  for (const auto& instance : pool.instances)
    if (instance->is_idle() && (!idle || rank(*instance) > rank(*idle))) idle = instance.get();
  if (idle) {
    count(invocation);
    return idle->invoke(std::move(invocation));
  }
  if (pool.coming() <= pool.waiting.size()) {
    if (make_room())
      start_instance(version, pool, invocation.trace);
    else if (pool.instances.empty())
      version_lacks_room_ = true;
  }
  count(invocation);
  pool.waiting.push_back(std::move(invocation));
}

/// Where the clock was moved, it may be all of them at once. What is to be kept ready is made anew
/// when they have ended.
void Runner::retire_expiring(Pool& pool) {
  for (const auto& instance : pool.instances)
    if (instance->is_idle() && instance->is_expiring()) instance->retire();
}

std::unique_ptr<Instance> Runner::make_instance(const VersionKey& version, bool is_provisioned) {
  Program program = make_program_(version);
  program.is_provisioned = is_provisioned;
  auto instance = std::make_unique<Instance>(machine_, *this, std::move(program));
  instance->start();
  ++instances_;
  set_timer();
  return instance;
}

void Runner::start_instance(const VersionKey& version, Pool& pool, const std::string& trace) {
  pool.instances.push_back(make_instance(version, false));
  pool.instances.back()->started_for(trace);
  ++pool.starting;
}

/// False where all instances that this machine may have are at work.
bool Runner::make_room() {
  if (instances_ < limits_.most_instances) return true;
  Instance* oldest = nullptr;
  for (const auto& [version, pool] : pools_)
    for (const auto& instance : pool.instances)
      if (instance->is_idle() && !instance->program().is_provisioned &&
          (!oldest || instance->idle_since() < oldest->idle_since()))
        oldest = instance.get();
  if (oldest) oldest->retire();
  return oldest != nullptr;
}

void Runner::on_idle(Instance& instance) {
  Pool& pool = pools_[instance.program().version];
  // What is to be ready does not wait for a call to begin anew: another takes its place.
  if (instance.program().is_provisioned && !instance.is_warm()) {
    if (!instance.was_used()) ++pool.failures;
    return instance.retire();
  }
  if (!instance.was_counted()) {
    instance.set_counted();
    if (instance.program().is_provisioned) {
      pool.failures = 0;
      pool.was_provisioned = true;
      fill_later(instance.program().version);
    } else {
      --pool.starting;
    }
  }
  // Where all instances are others', a version's first call would wait for as long as these have
  // calls: they make room by turns.
  if (!instance.program().is_provisioned && std::exchange(version_lacks_room_, false))
    return instance.retire();
  // Calls that wait get another one once this has ended.
  if (instance.was_used() && instance.is_expiring()) return instance.retire();
  if (pool.waiting.empty()) return fill_where_room_lacked();
  Invocation next = std::move(pool.waiting.front());
  pool.waiting.pop_front();
  instance.invoke(std::move(next));
}

void Runner::on_ended(Instance& instance, std::optional<Result> failure) {
  const VersionKey version = instance.program().version;
  Pool& pool = pools_[version];
  const bool is_provisioned = instance.program().is_provisioned;
  if (!instance.was_counted() && !is_provisioned) --pool.starting;
  // One that ends before anybody has called it is as good as none.
  if (is_provisioned && !instance.is_retired() && !instance.was_used()) ++pool.failures;
  --instances_;
  const auto place = std::ranges::find_if(
      pool.instances, [&](const auto& owned) { return owned.get() == &instance; });
  if (place != pool.instances.end()) {
    ended_.push_back(std::move(*place));
    pool.instances.erase(place);
    machine_.runtime.loop.post([this, lives = lives_] {
      if (*lives) ended_.clear();
    });
  }
  // It was started for one call, which hears why there is no answer.
  if (failure && !is_provisioned && !pool.waiting.empty()) {
    Invocation call = std::move(pool.waiting.front());
    pool.waiting.pop_front();
    call.done(*std::move(failure));
  }
  start_for_waiting();
}

/// An instance for calls that wait; where none can be made, the first of them hears why. False
/// where there is no room.
bool Runner::start_for_first(const VersionKey& version, Pool& pool) {
  if (!make_room()) {
    if (pool.instances.empty()) version_lacks_room_ = true;
    return false;
  }
  try {
    start_instance(version, pool, pool.waiting.front().trace);
  } catch (const protocol::ServiceError& error) {
    Invocation call = std::move(pool.waiting.front());
    pool.waiting.pop_front();
    call.done({.payload = "null",
               .function_error = "Unhandled",
               .error_type = error.code(),
               .error_message = error.message()});
  }
  return true;
}

/// Room has become free: for versions that have no instance at all, then for whoever waits.
void Runner::start_for_waiting() {
  bool has_room = true;
  for (auto& [version, pool] : pools_)
    while (has_room && pool.instances.empty() && !pool.waiting.empty())
      has_room = start_for_first(version, pool);
  for (auto& [version, pool] : pools_)
    while (has_room && pool.coming() < pool.waiting.size())
      has_room = start_for_first(version, pool);
  for (const auto& [version, pool] : pools_)
    if (pool.granted > 0 && pool.provisioned() < pool.granted) fill_later(version);
  std::erase_if(pools_, [](const auto& entry) {
    const Pool& pool = entry.second;
    return pool.instances.empty() && pool.waiting.empty() && pool.wanted == 0;
  });
}

void Runner::retire(const VersionKey& version) {
  const auto pool = pools_.find(version);
  if (pool == pools_.end()) return;
  for (const auto& instance : pool->second.instances) instance->retire();
}

void Runner::retire_all() {
  for (const auto& [version, pool] : pools_)
    for (const auto& instance : pool.instances) instance->retire();
}

void Runner::set_timer() {
  if (timer_ != runtime::TimerId::none) return;
  runtime::Clock& clock = runtime::real_clock(machine_.runtime.clock);
  timer_ = clock.call_at(clock.now() + limits_.idle, [this] { look_at_idle(); });
}

/// Each is looked at once in that time: none is kept for longer than twice of it.
void Runner::look_at_idle() {
  timer_ = runtime::TimerId::none;
  const runtime::Duration now = machine_.runtime.loop.elapsed();
  for (auto& [version, pool] : pools_) {
    retire_expiring(pool);
    for (const auto& instance : pool.instances)
      if (instance->is_idle() && !instance->program().is_provisioned &&
          now - instance->idle_since() >= limits_.idle)
        instance->retire();
  }
  if (instances_ > 0) set_timer();
}

}  // namespace matinee::lambda
