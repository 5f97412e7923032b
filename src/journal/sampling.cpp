#include "journal/sampling.h"

#include <algorithm>
#include <functional>

namespace matinee::journal {

namespace {

/// Spread over all 64 bits, whatever the library's hash is like.
std::uint64_t hash_of(std::string_view id) {
  std::uint64_t value = std::hash<std::string_view>()(id);
  value ^= value >> 33;
  value *= 0xff51afd7ed558ccdULL;
  value ^= value >> 33;
  return value;
}

}  // namespace

bool Sampling::wants(std::string_view id) const {
  if (keeps_all()) return true;
  const std::uint64_t hash = hash_of(id);
  return hash <= threshold_ || followed_.contains(hash);
}

void Sampling::follow(std::string_view id) {
  const std::uint64_t hash = hash_of(id);
  if (!followed_.insert(hash).second) return;
  order_.push_back(hash);
  if (order_.size() <= limits_.most_followed) return;
  followed_.erase(order_.front());
  order_.pop_front();
}

std::uint64_t Sampling::budget() const {
  const auto windows_per_second = std::chrono::seconds(1) / limits_.window;
  return limits_.units_per_second / static_cast<std::uint64_t>(windows_per_second);
}

/// `share` of the budget was spent in a whole window.
void Sampling::adapt(double share) {
  constexpr double smallest = 1e12;  // one of twenty million
  const double wanted = static_cast<double>(threshold_) / std::max(share, 0.25);
  threshold_ = wanted >= static_cast<double>(all)
                   ? all
                   : static_cast<std::uint64_t>(std::max(wanted, smallest));
}

void Sampling::look(runtime::Duration now) {
  if (now - window_start_ < limits_.window) return;
  const double windows = static_cast<double>((now - window_start_).count()) /
                         static_cast<double>(limits_.window.count());
  adapt(static_cast<double>(spent_) / (static_cast<double>(budget()) * windows));
  spent_ = 0;
  window_start_ = now;
}

/// A burst does not wait for the end of the window.
void Sampling::spend(std::uint64_t units, runtime::Duration now) {
  look(now);
  spent_ += units;
  if (spent_ <= 2 * budget()) return;
  adapt(8);
  spent_ = 0;
  window_start_ = now;
}

}  // namespace matinee::journal
