// Which traces are kept when there are more than the journal may cost: those whose id falls below a
// threshold that follows the rate.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "runtime/clock.h"
#include "services/followed.h"

namespace matinee::journal {

/// State thread only. Times are those of Loop::elapsed.
class Sampling {
 public:
  /// What may be spent, in records and entries of the index.
  struct Limits {
    /// For as long as one likes: less than one percent of a processor.
    std::uint64_t units_per_second = 1500;
    /// Before anything is left out, after a quiet time.
    std::uint64_t burst = 60'000;
    runtime::Duration window = std::chrono::milliseconds(100);
    /// Messages that are followed although others are not: ids of hops that were kept.
    std::size_t most_followed = 8192;
  };

  explicit Sampling(Limits limits)
      : limits_(limits), saved_(limits.burst), followed_(limits.most_followed) {}

  bool keeps_all() const { return threshold_ == all; }
  /// Whether what nobody has heard of before is kept.
  bool wants(std::string_view id) const { return keeps_all() || hash_of(id) <= threshold_; }
  bool follows(std::string_view id) const { return followed_.contains(hash_of(id)); }
  /// That a hop of this message was kept: so are its later ones.
  void follow(std::string_view id);
  /// Adapts the threshold to what was spent; `now` is real time.
  void spend(std::uint64_t units, runtime::Duration now);
  /// While nothing is spent the threshold rises too.
  void look(runtime::Duration now);

 private:
  static constexpr std::uint64_t all = UINT64_MAX;

  Limits limits_;
  std::uint64_t threshold_ = all;
  std::uint64_t saved_;  // up to the burst
  std::uint64_t spent_ = 0;
  runtime::Duration window_start_{};
  services::Followed followed_;

  static std::uint64_t hash_of(std::string_view id) {
    return services::Followed::spread(std::hash<std::string_view>()(id));
  }
  double budget_of(runtime::Duration time) const;
  void adapt(double share);
};

}  // namespace matinee::journal
