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
      make_program_(std::move(make_program)),
      limits_(limits) {
  machine_.logs = &logs_;
}

Runner::~Runner() {
  *lives_ = false;
  runtime::real_clock(machine_.runtime.clock).cancel(timer_);
}

std::size_t Runner::calls_of(const FunctionKey& function) const {
  const auto found = calls_of_.find(function);
  return found == calls_of_.end() ? 0 : found->second;
}

/// From here until its result the call counts.
void Runner::count(Invocation& invocation) {
  const FunctionKey function = function_of(invocation.version);
  ++calls_;
  ++calls_of_[function];
  invocation.done = [this, function, done = std::move(invocation.done)](Result result) mutable {
    --calls_;
    if (--calls_of_[function] == 0) calls_of_.erase(function);
    done(std::move(result));
  };
}

void Runner::run(Invocation invocation) {
  const VersionKey version = invocation.version;
  Pool& pool = pools_[version];
  const auto find = [&](bool (Instance::*can)() const) {
    return std::ranges::find_if(pool.instances,
                                [&](const auto& instance) { return ((*instance).*can)(); });
  };
  auto idle = find(&Instance::is_warm);
  if (idle == pool.instances.end()) idle = find(&Instance::is_idle);
  if (idle != pool.instances.end()) {
    count(invocation);
    return (*idle)->invoke(std::move(invocation));
  }
  if (pool.starting <= pool.waiting.size() && make_room()) start_instance(version, pool);
  count(invocation);
  pool.waiting.push_back(std::move(invocation));
}

void Runner::start_instance(const VersionKey& version, Pool& pool) {
  auto instance = std::make_unique<Instance>(machine_, *this, make_program_(version));
  instance->start();
  pool.instances.push_back(std::move(instance));
  ++pool.starting;
  ++instances_;
  set_timer();
}

/// False where all instances that this machine may have are at work.
bool Runner::make_room() {
  if (instances_ < limits_.most_instances) return true;
  Instance* oldest = nullptr;
  for (const auto& [version, pool] : pools_)
    for (const auto& instance : pool.instances)
      if (instance->is_idle() && (!oldest || instance->idle_since() < oldest->idle_since()))
        oldest = instance.get();
  if (oldest) oldest->retire();
  return oldest != nullptr;
}

void Runner::on_idle(Instance& instance) {
  Pool& pool = pools_[instance.program().version];
  if (!instance.was_counted()) {
    instance.set_counted();
    --pool.starting;
  }
  if (pool.waiting.empty()) return;
  Invocation next = std::move(pool.waiting.front());
  pool.waiting.pop_front();
  instance.invoke(std::move(next));
}

void Runner::on_ended(Instance& instance, std::optional<Result> failure) {
  const VersionKey version = instance.program().version;
  Pool& pool = pools_[version];
  if (!instance.was_counted()) --pool.starting;
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
  if (failure && !pool.waiting.empty()) {
    Invocation call = std::move(pool.waiting.front());
    pool.waiting.pop_front();
    call.done(*std::move(failure));
  }
  start_for_waiting();
}

/// Room has become free: for whoever waits, of any version.
void Runner::start_for_waiting() {
  for (auto& [version, pool] : pools_) {
    while (pool.starting < pool.waiting.size() && make_room()) {
      try {
        start_instance(version, pool);
      } catch (const protocol::ServiceError& error) {
        Invocation call = std::move(pool.waiting.front());
        pool.waiting.pop_front();
        call.done({.payload = "null",
                   .function_error = "Unhandled",
                   .error_type = error.code(),
                   .error_message = error.message()});
      }
    }
  }
  std::erase_if(pools_, [](const auto& entry) {
    return entry.second.instances.empty() && entry.second.waiting.empty();
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
  for (const auto& [version, pool] : pools_)
    for (const auto& instance : pool.instances)
      if (instance->is_idle() && now - instance->idle_since() >= limits_.idle) instance->retire();
  if (instances_ > 0) set_timer();
}

}  // namespace matinee::lambda
