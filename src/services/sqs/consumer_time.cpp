#include "services/sqs/consumer_time.h"

#include <cmath>

namespace matinee::sqs {

namespace {

using Seconds = std::chrono::duration<double>;

/// In which the weight of what was falls to 1/e, and in sixty seconds to a half.
constexpr double weight_seconds = 86.56;
/// A share of less than so much tells nothing: a few quick messages make nobody noisy.
constexpr double least_seconds = 10;
/// A large share is more than one in so many.
constexpr double large_share = 10;

/// What one message counts that has been in flight for so long.
double counted(double seconds) {
  return weight_seconds * -std::expm1(-seconds / weight_seconds);
}

}  // namespace

double ConsumerTime::Account::at(runtime::Time now) const {
  const double passed = Seconds(now - counted_until).count();
  if (passed <= 0) return seconds;
  return seconds * std::exp(-passed / weight_seconds) + in_flight * counted(passed);
}

void ConsumerTime::Account::count_until(runtime::Time now) {
  seconds = at(now);
  counted_until = std::max(counted_until, now);
}

void ConsumerTime::begin(GroupNumber group, runtime::Time now) {
  const auto begin = [&](Account& account) {
    account.count_until(now);
    ++account.in_flight;
  };
  begin(all_);
  if (group != no_group) begin(groups_[group]);
}

void ConsumerTime::add(GroupNumber group, runtime::Duration passed) {
  const double seconds = counted(Seconds(passed).count());
  all_.seconds += seconds;
  if (group != no_group) groups_.at(group).seconds += seconds;
}

void ConsumerTime::end(GroupNumber group, runtime::Time now) {
  const auto end = [&](Account& account) {
    account.count_until(now);
    --account.in_flight;
  };
  end(all_);
  if (group != no_group) end(groups_.at(group));
}

void ConsumerTime::drained(GroupNumber group, runtime::Time now) {
  const auto found = groups_.find(group);
  if (found == groups_.end()) return;
  found->second.count_until(now);
  found->second.seconds = 0;
  if (found->second.in_flight == 0) groups_.erase(found);
}

bool ConsumerTime::has_large_share(GroupNumber group, runtime::Time now) const {
  const auto found = groups_.find(group);
  if (found == groups_.end()) return false;
  const double total = all_.at(now);
  return total >= least_seconds && found->second.at(now) * large_share > total;
}

}  // namespace matinee::sqs
