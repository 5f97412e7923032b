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
    if (first && first->second.due && *first->second.due > now)
      found.push_back({.at = *first->second.due,
                       .what = "a delivery from " + lane.source_arn + " is tried again",
                       .resource = lane.target});
    return ++looked_at < most_lanes;
  });
  std::ranges::sort(found, {}, &services::DueThing::at);
  if (found.size() > most) found.resize(most);
  return found;
}

}  // namespace matinee::delivery
