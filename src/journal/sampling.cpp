#include "journal/sampling.h"

#include <algorithm>

namespace matinee::journal {

void Sampling::follow(std::string_view id) {
  followed_.add(hash_of(id));
}

double Sampling::budget_of(runtime::Duration time) const {
  return static_cast<double>(limits_.units_per_second) *
         std::chrono::duration<double>(time).count();
}

namespace {

/// The threshold rises to four times itself in a window, and no faster.
constexpr double least_share = 0.25;

}  // namespace

/// `share` of the budget was spent. Savings keep the threshold where it is.
void Sampling::adapt(double share) {
  constexpr double smallest = 1e12;  // one of twenty million
  const bool has_savings = saved_ > limits_.burst / 2;
  const double wanted =
      static_cast<double>(threshold_) / std::clamp(share, least_share, has_savings ? 1.0 : 64.0);
  threshold_ = wanted >= static_cast<double>(all)
                   ? all
                   : static_cast<std::uint64_t>(std::max(wanted, smallest));
}

/// A window in which nobody has looked was as quiet as the whole time since.
void Sampling::look(runtime::Duration now) {
  const auto windows = (now - window_start_) / limits_.window;
  if (windows < 1) return;
  const double budget = budget_of(now - window_start_);
  const double left = static_cast<double>(saved_) + budget - static_cast<double>(spent_);
  saved_ = static_cast<std::uint64_t>(std::clamp(left, 0.0, static_cast<double>(limits_.burst)));
  const double share = static_cast<double>(spent_) / budget;
  adapt(share);
  for (auto window = windows; window > 1 && share < least_share && !keeps_all(); --window)
    adapt(share);
  spent_ = 0;
  window_start_ = now;
}

/// A burst beyond what was saved does not wait for the end of the window.
void Sampling::spend(std::uint64_t units, runtime::Duration now) {
  look(now);
  spent_ += units;
  const double budget = budget_of(limits_.window);
  if (static_cast<double>(spent_) < static_cast<double>(saved_) + 2 * budget) return;
  saved_ = 0;
  adapt(8);
  spent_ = 0;
  window_start_ = now;
}

}  // namespace matinee::journal
