// What waits in lanes, for people who move the clock: read from memory, so that it is what the
// clock will do, and costs no look at any delivery.
#include <algorithm>
#include <queue>

#include "delivery/outbox.h"

namespace matinee::delivery {

namespace {

/// The earliest lanes of those that were added.
class EarliestLanes {
 public:
  explicit EarliestLanes(std::size_t most) : most_(most) {}

  void add(const LanePointer& lane) {
    lanes_.emplace(lane->timer_at, lane->number, lane);
    if (lanes_.size() > most_) lanes_.pop();
  }
  void clear() { lanes_ = {}; }
  std::vector<services::DueThing> take() {
    std::vector<services::DueThing> things;
    for (; !lanes_.empty(); lanes_.pop()) {
      const auto& [at, number, lane] = lanes_.top();
      things.push_back({.at = at,
                        .what = "a delivery from " + lane->record.source_arn + " is tried again",
                        .resource = lane->record.target});
    }
    std::ranges::reverse(things);
    return things;
  }

 private:
  std::size_t most_;
  std::priority_queue<std::tuple<runtime::Time, std::uint64_t, LanePointer>> lanes_;  // last first
};

}  // namespace

runtime::Task<std::vector<services::DueThing>> Outbox::due(services::DueQuery query,
                                                           runtime::Turns& turns) const {
  EarliestLanes earliest(query.most);
  std::size_t buckets = lanes_.bucket_count();
  for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
    if (turns.is_over()) {
      co_await turns.next();
      // Where the map has grown meanwhile, the lanes lie elsewhere.
      if (buckets != lanes_.bucket_count()) {
        buckets = lanes_.bucket_count();
        bucket = 0;
        earliest.clear();
      }
    }
    for (auto place = lanes_.begin(bucket); place != lanes_.end(bucket); ++place) {
      const LanePointer& lane = place->second;
      if (lane->timer != runtime::TimerId::none && lane->timer_at > query.now &&
          lane->record.source_account == query.account)
        earliest.add(lane);
    }
  }
  co_return earliest.take();
}

}  // namespace matinee::delivery
