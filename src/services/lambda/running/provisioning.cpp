// Instances that are ready before anybody calls: provisioned concurrency.
#include <algorithm>

#include "protocol/error.h"
#include "runtime/log.h"
#include "services/lambda/running/runner.h"

namespace matinee::lambda {

namespace {

/// So often AWS tries, too.
constexpr std::size_t most_failures = 6;
constexpr const char* init_failure = "FUNCTION_ERROR_INIT_FAILURE";
constexpr const char* machine_is_full =
    "This machine keeps no more instances ready: it has as many of them as it may have at once.";

}  // namespace

std::size_t Runner::Pool::provisioned() const {
  return static_cast<std::size_t>(std::ranges::count_if(instances, [](const auto& instance) {
    return instance->program().is_provisioned && !instance->is_retired();
  }));
}

template <class Visit>
void Runner::each_pool_of(const FunctionKey& function, const Visit& visit) const {
  const auto& [account, region, name] = function;
  for (auto place = pools_.lower_bound(VersionKey{account, region, name, 0}); place != pools_.end();
       ++place) {
    const VersionKey& version = place->first;
    if (FunctionKey{std::get<0>(version), std::get<1>(version), std::get<2>(version)} != function)
      return;
    visit(version, place->second);
  }
}

void Runner::provision(const FunctionKey& function,
                       const std::map<VersionKey, std::size_t>& wanted) {
  std::vector<VersionKey> others;
  each_pool_of(function, [&](const VersionKey& version, const Pool& pool) {
    if (pool.wanted > 0 && !wanted.contains(version)) others.push_back(version);
  });
  for (const VersionKey& version : others) pools_[version].wanted = 0;
  for (const auto& [version, count] : wanted) pools_[version].wanted = count;
  grant();
  for (const VersionKey& version : others) fill_later(version);
  for (const auto& [version, count] : wanted) fill_later(version);
}

/// What a version has been granted, it keeps; what is left goes to those that want more.
void Runner::grant() {
  std::size_t left = limits_.most_provisioned;
  for (auto& [version, pool] : pools_) {
    pool.granted = std::min(pool.granted, pool.wanted);
    left -= pool.granted;
  }
  for (auto& [version, pool] : pools_) {
    const std::size_t more = std::min(left, pool.wanted - pool.granted);
    pool.granted += more;
    left -= more;
    if (more > 0) fill_later(version);
  }
}

void Runner::forget_failures(const VersionKey& version) {
  if (const auto pool = pools_.find(version); pool != pools_.end()) pool->second.failures = 0;
}

/// Not from within calls of instances.
void Runner::fill_later(const VersionKey& version) {
  machine_.runtime.loop.post([this, version, lives = lives_] {
    if (*lives) fill(version);
  });
}

/// One is made first: where it fails, the others would fail too.
void Runner::fill(const VersionKey& version) {
  const auto place = pools_.find(version);
  if (place == pools_.end()) return;
  Pool& pool = place->second;
  std::size_t here = pool.provisioned();
  for (const auto& instance : pool.instances) {
    if (here <= pool.granted) break;
    if (!instance->program().is_provisioned || instance->is_retired()) continue;
    instance->retire();
    --here;
  }
  if (pool.wanted == 0) pool.was_provisioned = false;
  while (here < pool.granted && pool.failures < most_failures &&
         (here == 0 || pool.was_provisioned)) {
    if (!make_room()) {
      lacks_room_ = true;
      return;
    }
    start_provisioned(version, pool);
    here = pool.provisioned();
  }
}

/// An instance that nobody calls any more can go for one that is to be ready.
void Runner::fill_where_room_lacked() {
  if (!std::exchange(lacks_room_, false)) return;
  for (const auto& [version, pool] : pools_)
    if (pool.granted > 0) fill_later(version);
}

void Runner::start_provisioned(const VersionKey& version, Pool& pool) {
  try {
    pool.instances.push_back(make_instance(version, true));
  } catch (const protocol::ServiceError& error) {
    spdlog::warn("An instance of {} cannot be made ready: {}", std::get<2>(version),
                 error.message());
    pool.failures = most_failures;
  }
}

ProvisionedState Runner::provisioned(const VersionKey& version) const {
  const auto place = pools_.find(version);
  if (place == pools_.end()) return {};
  const Pool& pool = place->second;
  ProvisionedState state;
  for (const auto& instance : pool.instances)
    if (instance->program().is_provisioned && !instance->is_retired() && instance->was_counted())
      ++state.ready;
  state.ready = std::min(state.ready, pool.wanted);
  if (pool.failures >= most_failures) {
    state.failure = init_failure;
  } else if (pool.granted < pool.wanted && state.ready == pool.granted) {
    state.failure = machine_is_full;
  }
  return state;
}

bool Runner::has_free_provisioned(const VersionKey& version) const {
  const auto place = pools_.find(version);
  if (place == pools_.end() || place->second.granted == 0) return false;
  return std::ranges::any_of(place->second.instances, [](const auto& instance) {
    return instance->program().is_provisioned && instance->is_idle();
  });
}

ProvisionedUse Runner::provisioned_use(const VersionKey& version) const {
  ProvisionedUse use;
  const auto place = pools_.find(version);
  if (place == pools_.end() || place->second.granted == 0) return use;
  for (const auto& instance : place->second.instances) {
    if (!instance->program().is_provisioned || !instance->was_counted()) continue;
    ++use.ready;
    if (instance->is_busy()) ++use.at_work;
  }
  return use;
}

std::size_t Runner::on_demand_calls_of(const FunctionKey& function) const {
  std::size_t calls = calls_of(function);
  if (calls == 0) return 0;
  each_pool_of(function, [&](const VersionKey&, const Pool& pool) {
    for (const auto& instance : pool.instances)
      if (instance->program().is_provisioned && instance->is_busy() && calls > 0) --calls;
  });
  return calls;
}

std::size_t Runner::provisioned_of(const FunctionKey& function) const {
  std::size_t sum = 0;
  each_pool_of(function, [&](const VersionKey&, const Pool& pool) { sum += pool.wanted; });
  return sum;
}

}  // namespace matinee::lambda
