// Log groups: events of rules, a stream for those that are handed over together.
#pragma once

#include "delivery/targets/in_process.h"
#include "runtime/clock.h"

namespace matinee::delivery {

class LogsTarget final : public services::DeliveryTarget {
 public:
  /// The clock must outlive it.
  LogsTarget(InProcess way, const runtime::Clock& clock) : way_(way), clock_(clock) {}

  runtime::Task<services::Refusals> send(std::vector<services::Delivery> deliveries) override;
  std::size_t most() const override { return 100; }
  std::size_t most_bytes() const override { return std::size_t{512} << 10; }
  bool mixes_traces() const override { return true; }

 private:
  InProcess way_;
  const runtime::Clock& clock_;
};

}  // namespace matinee::delivery
