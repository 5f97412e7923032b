// What would have gone to people: mail, text messages, messages to devices. Nothing of that is
// sent; the last of them are kept, to be shown.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/clock.h"

namespace matinee::services {

struct Letter {
  std::uint64_t number = 0;
  runtime::Time time;
  std::string to;  // "mailto:somebody@example.com", "sms:+15550100", ARN of a device's endpoint
  std::string subject;  // empty without
  std::string text;
  std::string source;   // the topic's ARN, for example
  std::string account;  // of the source
  std::string id;       // under which the journal knows it
};

class Letters {
 public:
  virtual ~Letters() = default;

  /// The last ones, the newest first: of one account, or of all where it is empty.
  virtual std::vector<Letter> last(const std::string& account, std::size_t most) const = 0;
};

}  // namespace matinee::services
