// What happens when an alarm of CloudWatch changes its state: the alarm names topics and functions,
// which other services tell. On the state thread, inside the transaction of the change.
#pragma once

#include <string>

namespace matinee::services {

/// One action of an alarm whose state has changed.
struct AlarmAction {
  std::string account;  // of the alarm
  std::string region;
  std::string alarm_arn;
  std::string target;   // the action's ARN
  std::string subject;  // of a message to a topic: `ALARM: "NAME" in US East (N. Virginia)`
  std::string message;  // JSON, for a topic
  std::string event;    // JSON, for a function
};

/// Told to the event bus, whether or not the alarm has actions.
struct AlarmStateChange {
  std::string account;  // of the alarm
  std::string region;
  std::string alarm_arn;
  std::string detail;  // JSON
};

class AlarmActions {
 public:
  virtual ~AlarmActions() = default;

  virtual void run(const AlarmAction& action) = 0;
  virtual void state_changed(const AlarmStateChange&) {}
};

}  // namespace matinee::services
