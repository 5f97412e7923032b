// One call of a function, and what comes of it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "runtime/clock.h"
#include "services/lambda/catalog/records.h"

namespace matinee::lambda {

/// What the caller gets.
struct Result {
  std::string payload;
  /// "Unhandled" where the function, or what it runs in, has failed; `payload` then tells how.
  std::string function_error;
  std::string version;     // that was invoked
  std::string log_tail;    // the last 4 KiB of this call's log
  std::string error_type;  // of a failed one: "Sandbox.Timedout"
  std::string error_message;
  /// The receiver has had all that came: `payload` is empty, or the document of an error.
  bool was_streamed = false;
  /// Content type as the function gave it; empty where it gave none.
  std::string content_type;
  double milliseconds = 0;  // that the function took; 0 where it was not reached
};

/// Gets a response while the function writes it. On the state thread.
class Receiver {
 public:
  virtual ~Receiver() = default;
  /// The function has begun to answer: before all pieces, and not at all where it does not stream.
  virtual void begin(const std::string& content_type) = 0;
  /// `taken` is called once there is room for more, now or later: the function waits for that.
  virtual void take(std::string piece, std::move_only_function<void()> taken) = 0;
};

struct Invocation {
  std::string id;  // the request id, the same in all retries
  VersionKey version;
  std::string arn;  // as the caller has named it
  std::string payload;
  std::string client_context;  // JSON on one line; empty without
  std::string trace;           // X-Amzn-Trace-Id
  bool wants_log = false;
  /// A fault on purpose: the instance is killed when the code has answered, and the call fails.
  bool crashes_after_work = false;
  /// Where a response goes that streams. Null: it is gathered, and `done` gets it as a whole.
  std::shared_ptr<Receiver> receiver = nullptr;
  /// Once, on the state thread.
  std::move_only_function<void(Result)> done;
};

}  // namespace matinee::lambda
