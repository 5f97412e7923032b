// EventBridge on a simulated machine, for the tests beside the code.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "services/events/service.h"
#include "services/keyed_service_fixture.h"

namespace matinee::events {

/// Keeps what is to be delivered. Event buses take it at once, as the fabric lets them.
class Deliveries final : public services::Outbox {
 public:
  std::vector<services::Delivery> list;

  void provide(const std::string& prefix, services::DeliveryTarget& target) override {
    targets_[prefix] = &target;
  }
  void add(const services::Delivery& delivery) override {
    list.push_back(delivery);
    if (!delivery.target.starts_with("arn:aws:events:")) return;
    const auto refusals = targets_.at("arn:aws:events:")->take({delivery});
    if (refusals && refusals->front()) refused.push_back(refusals->front()->code);
  }
  runtime::Task<> deliver_now(services::Delivery) override { co_return; }
  bool serves(const std::string& target) const override {
    return target.starts_with("arn:aws:sqs:") || target.starts_with("arn:aws:events:");
  }
  void listen(const std::string&, services::DeliveryListener&) override {}

  std::vector<std::string> refused;
  /// Bodies of what goes to that target.
  std::vector<std::string> bodies_for(std::string_view target) const {
    std::vector<std::string> bodies;
    for (const services::Delivery& delivery : list)
      if (delivery.target == target) bodies.push_back(delivery.body);
    return bodies;
  }

 private:
  std::map<std::string, services::DeliveryTarget*> targets_;
};

class EventsTest : public services::KeyedServiceTest<Service> {
 protected:
  EventsTest() { start(); }

  static constexpr const char* queue = "arn:aws:sqs:us-east-1:111122223333:q";
  Deliveries outbox;
  Options options;  // counts after the next start

  void put_rule(const std::string& name, const std::string& pattern, const std::string& bus = "") {
    PutRuleRequest request{.name = name, .event_pattern = pattern};
    if (!bus.empty()) request.event_bus_name = bus;
    call(&Service::put_rule, request);
  }
  void put_target(const std::string& rule, Target target, const std::string& bus = "") {
    PutTargetsRequest request{.rule = rule, .targets = {std::move(target)}};
    if (!bus.empty()) request.event_bus_name = bus;
    call(&Service::put_targets, request);
  }
  PutEventsResponse send(const std::string& detail, const std::string& bus = "default",
                         const std::string& source = "shop") {
    return call(&Service::put_events, PutEventsRequest{.entries = {{.source = source,
                                                                    .detail_type = "Order",
                                                                    .detail = detail,
                                                                    .event_bus_name = bus}}});
  }

 private:
  std::unique_ptr<Service> make() override {
    return std::make_unique<Service>(*store, runtime, Neighbours{.outbox = &outbox}, options);
  }
};

}  // namespace matinee::events
