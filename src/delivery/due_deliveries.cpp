#include "delivery/due_deliveries.h"

#include <algorithm>

namespace matinee::delivery {

namespace {

constexpr std::size_t most_lanes = 64;

}  // namespace

std::vector<services::DueThing> DueDeliveries::due(const services::Context& context,
                                                   runtime::Time now, std::size_t most) const {
  std::vector<services::DueThing> found;
  std::size_t looked_at = 0;
  lanes_.scan(lanes_.all(), [&](std::uint64_t number, const LaneRecord& lane) {
    if (lane.source_account != context.account) return true;
    const auto first = deliveries_.first(deliveries_.prefix(number));
    if (!first) return ++looked_at < most_lanes;
    // In the key where a lane keeps no order, so that the first is the one that is due first.
    const runtime::Time at =
        std::max(std::get<1>(first->first), first->second.due.value_or(runtime::Time()));
    if (at > now)
      found.push_back({.at = at,
                       .what = "a delivery from " + lane.source_arn + " is tried again",
                       .resource = lane.target});
    return ++looked_at < most_lanes;
  });
  std::ranges::sort(found, {}, &services::DueThing::at);
  if (found.size() > most) found.resize(most);
  return found;
}

}  // namespace matinee::delivery
