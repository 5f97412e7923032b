// Queues: by SendMessageBatch.
#pragma once

#include "delivery/targets/in_process.h"

namespace matinee::delivery {

class QueueTarget final : public services::DeliveryTarget {
 public:
  explicit QueueTarget(InProcess way) : way_(way) {}

  runtime::Task<services::Refusals> send(std::vector<services::Delivery> deliveries) override;
  std::size_t most() const override { return 10; }
  std::size_t most_bytes() const override { return std::size_t{1} << 20; }
  bool mixes_traces() const override { return true; }
  std::size_t most_calls() const override { return 8; }

 private:
  InProcess way_;
};

}  // namespace matinee::delivery
