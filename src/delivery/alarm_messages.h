// The actions of alarms: messages to topics. Functions are not served.
#pragma once

#include "services/alarm_actions.h"
#include "services/outbox.h"

namespace matinee::delivery {

class AlarmMessages final : public services::AlarmActions {
 public:
  /// The outbox must outlive it.
  explicit AlarmMessages(services::Outbox& outbox) : outbox_(outbox) {}

  void run(const services::AlarmAction& action) override;

 private:
  services::Outbox& outbox_;
};

}  // namespace matinee::delivery
