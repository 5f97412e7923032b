// Queues: by SendMessageBatch.
#pragma once

#include "delivery/targets/in_process.h"
#include "services/authorizer.h"
#include "services/queue_trial.h"

namespace matinee::delivery {

class QueueTarget final : public services::DeliveryTarget {
 public:
  explicit QueueTarget(InProcess way) : way_(way) {}

  /// Lets messages be taken inside of the transaction of what caused them. All must outlive it.
  void use(services::ServiceBase& queues, std::span<const services::Handler> handlers,
           services::Authorizer& authorizer);

  /// Who tells whether a queue would take a message; must outlive it.
  void use_trial(services::QueueTrial& trial) { trial_ = &trial; }

  runtime::Task<services::Refusals> send(std::vector<services::Delivery> deliveries) override;
  std::optional<services::Refusals> take_over(std::vector<services::Delivery>& deliveries) override;
  std::optional<services::Refusal> find_refusal(const services::Delivery& delivery) override;
  std::size_t most() const override { return 10; }
  std::size_t most_bytes() const override { return std::size_t{1} << 20; }
  bool mixes_traces() const override { return true; }
  std::size_t most_calls() const override { return 8; }

 private:
  InProcess way_;
  services::ServiceBase* queues_ = nullptr;
  const services::Handler* handler_ = nullptr;  // of SendMessageBatch
  services::Authorizer* authorizer_ = nullptr;
  services::QueueTrial* trial_ = nullptr;
};

}  // namespace matinee::delivery
