// Functions: each delivery is an asynchronous invocation, which Lambda keeps and repeats by itself.
#pragma once

#include "delivery/targets/in_process.h"

namespace matinee::delivery {

class FunctionTarget final : public services::DeliveryTarget {
 public:
  explicit FunctionTarget(InProcess way) : way_(way) {}

  runtime::Task<services::Refusals> send(std::vector<services::Delivery> deliveries) override;
  std::size_t most_calls() const override { return 16; }

 private:
  InProcess way_;
};

}  // namespace matinee::delivery
