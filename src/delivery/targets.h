// How a delivery is handed to each kind of target: by the typed client, in process, in the name of
// the service that sends it, so that the target's policy decides.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/random.h"
#include "services/endpoint.h"
#include "services/outbox.h"

namespace matinee::delivery {

/// The most that is handed to a target in one call.
inline constexpr std::size_t max_batch_entries = 10;
inline constexpr std::size_t max_batch_bytes = std::size_t{512} << 10;

/// Why a target did not take a delivery.
struct Refusal {
  std::string reason;
  /// The same delivery will never be taken: it is malformed or too long.
  bool for_ever = false;
};

struct Message {
  std::string body;
  std::string trace_header;
};

/// Messages with the same target and sender.
struct Batch {
  services::Delivery envelope;  // without what is in the messages
  std::vector<Message> messages;
};

class Targets {
 public:
  /// Both must outlive it.
  Targets(services::Endpoint& endpoint, runtime::Random& random)
      : endpoint_(endpoint), random_(random) {}

  /// One result for each message, in order; nothing for those that were taken. Throws ServiceError
  /// where the target as a whole refuses, NotImplemented for an ARN of another service than SQS.
  runtime::Task<std::vector<std::optional<Refusal>>> send(Batch batch) const;

 private:
  services::Endpoint& endpoint_;
  runtime::Random& random_;
};

/// Whether waiting may help: throttling and faults of the target. Refusals are for good, unless
/// somebody changes the target.
bool is_passing(const protocol::ServiceError& error);

}  // namespace matinee::delivery
