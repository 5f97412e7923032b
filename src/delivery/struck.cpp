// What faults on purpose do to deliveries.
#include "delivery/struck.h"

#include <set>

#include "delivery/outbox.h"
#include "services/faults.h"

namespace matinee::delivery {

using services::Delivery;
using services::Refusal;

services::Refusal lost_acknowledgement() {
  return {.reason = "A fault has lost its acknowledgement.", .code = "RequestTimeout"};
}

/// What an attempt may be hit of is not handed over at once, since that cannot fail halfway; nor is
/// what must not be overtaken by something that waits.
std::vector<Delivery> Outbox::strike(std::vector<Delivery> deliveries) {
  std::vector<faults::Verdict> verdicts;
  std::set<std::string> waiting_lanes;
  const auto waits = [&](std::size_t index) {
    return verdicts[index].latency > runtime::Duration::zero() ||
           faults_->may_hit_attempt(deliveries[index]);
  };
  for (Delivery& delivery : deliveries) {
    // Sources that keep their order here all the same do not promise it.
    if (!delivery.target.ends_with(".fifo")) delivery.in_order = false;
    verdicts.push_back(faults_->judge_delivery(faults::Stage::delivery, delivery));
    if (delivery.in_order && waits(verdicts.size() - 1)) waiting_lanes.insert(lane_name(delivery));
  }
  std::vector<Delivery> left;
  for (std::size_t index = 0; index < deliveries.size(); ++index) {
    const Delivery& delivery = deliveries[index];
    const bool is_kept =
        delivery.in_order ? waiting_lanes.contains(lane_name(delivery)) : waits(index);
    for (int copies = verdicts[index].is_duplicated ? 2 : 1; copies > 0; --copies) {
      if (is_kept)
        keep(delivery, clock_.now(), verdicts[index].latency);
      else
        left.push_back(delivery);
    }
  }
  return left;
}

std::optional<Refusal> Outbox::strike_attempt(const Delivery& delivery,
                                              bool& loses_acknowledgement) {
  const faults::Verdict verdict = faults_->judge_delivery(faults::Stage::attempt, delivery);
  loses_acknowledgement = verdict.fate == faults::Action::lost_ack;
  if (verdict.fate != faults::Action::refuse) return std::nullopt;
  return Refusal{.reason = "A fault has refused it: rate exceeded.",
                 .code = "ThrottlingException",
                 .status = 429};
}

}  // namespace matinee::delivery
