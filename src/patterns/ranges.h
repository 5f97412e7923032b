// Ranges of numbers, of which those that contain a number are found without looking at each.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <tuple>
#include <vector>

namespace matinee::patterns {

/// Sorted by their lower ends, in blocks that know the highest upper end of theirs. Ends count as
/// contained: who asks tries each that is found.
class Ranges {
 public:
  struct Range {
    double low;
    double high;
    std::uint32_t slot;
    bool operator==(const Range&) const = default;
  };

  bool empty() const { return ranges_.empty(); }
  std::size_t size() const { return ranges_.size(); }

  void add(Range range) {
    const auto place = ranges_.insert(lower_bound(range), range);
    refresh(static_cast<std::size_t>(place - ranges_.begin()));
  }

  /// One that was added.
  void remove(Range range) {
    const auto place = ranges_.erase(lower_bound(range));
    refresh(static_cast<std::size_t>(place - ranges_.begin()));
  }

  template <class Visit>
  void each(double number, Visit visit) const {
    for (std::size_t block = 0; block < highest_.size(); ++block) {
      const std::size_t begin = block * kBlock;
      if (ranges_[begin].low > number) return;
      if (highest_[block] < number) continue;
      const std::size_t end = std::min(begin + kBlock, ranges_.size());
      for (std::size_t i = begin; i < end && ranges_[i].low <= number; ++i)
        if (ranges_[i].high >= number) visit(ranges_[i].slot);
    }
  }

 private:
  static constexpr std::size_t kBlock = 64;

  std::vector<Range>::iterator lower_bound(const Range& range) {
    const auto order = [](const Range& r) { return std::tuple(r.low, r.high, r.slot); };
    return std::ranges::lower_bound(ranges_, order(range), {}, order);
  }

  /// What follows a change has moved into other blocks.
  void refresh(std::size_t position) {
    highest_.resize((ranges_.size() + kBlock - 1) / kBlock);
    for (std::size_t block = position / kBlock; block < highest_.size(); ++block) {
      double highest = -std::numeric_limits<double>::infinity();
      const std::size_t end = std::min((block + 1) * kBlock, ranges_.size());
      for (std::size_t i = block * kBlock; i < end; ++i)
        highest = std::max(highest, ranges_[i].high);
      highest_[block] = highest;
    }
  }

  std::vector<Range> ranges_;
  std::vector<double> highest_;  // of each block
};

}  // namespace matinee::patterns
