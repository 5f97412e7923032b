// Writes events to log groups, each to a stream of its own.
#pragma once

#include "runtime/runtime.h"
#include "services/delivery_target.h"
#include "services/events/service.h"

namespace matinee::events {

class Service::LogTarget final : public services::DeliveryTarget {
 public:
  LogTarget(storage::Store& store, runtime::Runtime& runtime, services::LogSink* logs)
      : store_(store), runtime_(runtime), logs_(logs) {}

  runtime::Task<services::Refusals> send(std::vector<services::Delivery> deliveries) override;

 private:
  storage::Store& store_;
  runtime::Runtime& runtime_;
  services::LogSink* logs_;
};

}  // namespace matinee::events
