// What alarms tell others: messages to topics, events to functions, and changes of their states to
// the event bus.
#pragma once

#include "services/alarm_actions.h"
#include "services/event_sink.h"
#include "services/outbox.h"

namespace matinee::delivery {

class AlarmMessages final : public services::AlarmActions {
 public:
  /// The outbox must outlive it.
  explicit AlarmMessages(services::Outbox& outbox) : outbox_(outbox) {}

  /// The event bus; until it is told of one, none is told. It must outlive this.
  void use_events(services::EventSink& events) { events_ = &events; }

  void run(const services::AlarmAction& action) override;
  void state_changed(const services::AlarmStateChange& change) override;

 private:
  services::Outbox& outbox_;
  services::EventSink* events_ = nullptr;
};

}  // namespace matinee::delivery
