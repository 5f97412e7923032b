// Universal targets of EventBridge Scheduler: any operation of any service here, called in process
// in the name of the schedule's role, with the delivery's body as its request.
#pragma once

#include "delivery/targets/in_process.h"

namespace matinee::delivery {

class UniversalTarget final : public services::DeliveryTarget {
 public:
  static constexpr std::string_view prefix = "arn:aws:scheduler:::aws-sdk:";

  explicit UniversalTarget(InProcess way) : way_(way) {}

  runtime::Task<services::Refusals> send(std::vector<services::Delivery> deliveries) override;
  std::size_t most_calls() const override { return 8; }
  /// Null where no service here has it, or serves it.
  const protocol::Operation* find_operation(std::string_view target) const;

 private:
  InProcess way_;
};

}  // namespace matinee::delivery
