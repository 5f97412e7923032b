// Buckets: each delivery becomes an object, whose key its parameters name: {"Key": "a/b"}. Records
// of functions' failed calls are kept so.
#pragma once

#include "delivery/targets/in_process.h"

namespace matinee::delivery {

class BucketTarget final : public services::DeliveryTarget {
 public:
  explicit BucketTarget(InProcess way) : way_(way) {}

  runtime::Task<services::Refusals> send(std::vector<services::Delivery> deliveries) override;
  std::size_t most_calls() const override { return 16; }

 private:
  InProcess way_;
};

}  // namespace matinee::delivery
