// Topics: by PublishBatch.
#pragma once

#include "delivery/targets/in_process.h"

namespace matinee::delivery {

class TopicTarget final : public services::DeliveryTarget {
 public:
  explicit TopicTarget(InProcess way) : way_(way) {}

  std::optional<services::Refusal> find_refusal(const services::Delivery& delivery) override;
  runtime::Task<services::Refusals> send(std::vector<services::Delivery> deliveries) override;
  std::size_t most() const override { return 10; }
  std::size_t most_calls() const override { return 8; }

 private:
  InProcess way_;
};

}  // namespace matinee::delivery
