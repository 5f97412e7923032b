// Takes what rules of other buses send to a bus, in the transaction in which they send it. Both
// buses and API destinations have ARNs of `events`: what is for these is passed on.
#pragma once

#include "policy/evaluate.h"
#include "services/events/service.h"

namespace matinee::events {

class Service::BusTarget final : public services::DeliveryTarget {
 public:
  explicit BusTarget(Service& service) : service_(service) {}

  runtime::Task<services::Refusals> send(std::vector<services::Delivery> deliveries) override;
  std::optional<services::Refusals> take(
      const std::vector<services::Delivery>& deliveries) override;
  std::optional<services::Refusal> find_refusal(const services::Delivery& delivery) override;
  std::size_t most() const override { return 10; }
  bool mixes_traces() const override { return true; }

 private:
  std::optional<services::Refusal> take_one(const services::Delivery& delivery);
  /// A sentence; nothing where the event may come in.
  std::optional<std::string> why_not(const services::Delivery& delivery, const BusKey& bus) const;
  std::optional<std::string> why_role_may_not(const services::Delivery& delivery,
                                              const policy::Keys& keys) const;

  Service& service_;
};

}  // namespace matinee::events
