// Events of services of this cloud, for the default bus of an account: EventBridge takes them. On
// the state thread, inside the transaction of what they tell.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/clock.h"

namespace matinee::services {

struct ServiceEvent {
  std::string account;
  std::string region;
  std::string source;                       // "aws.s3"
  std::string detail_type;                  // "Object Created"
  std::vector<std::string> resources = {};  // ARNs
  std::string detail;                       // a JSON object
  std::optional<runtime::Time> time = {};   // now, where it is not told
  std::string trace_header = {};            // of the call that caused it, as Context has it
};

class EventSink {
 public:
  virtual ~EventSink() = default;

  virtual void put(const ServiceEvent& event) = 0;
};

}  // namespace matinee::services
