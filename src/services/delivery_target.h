// A kind of target that a service itself provides to the outbox, because an API call would lose
// what it has to know: an event bus takes events with their ids and origins.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "runtime/task.h"
#include "services/outbox.h"

namespace matinee::services {

/// Why a target did not take a delivery.
struct Refusal {
  std::string reason;     // a sentence for people
  std::string code = {};  // of the error
  /// The same delivery will never be taken: it is malformed, the target is gone or denies.
  bool for_ever = false;
  int status = 0;
  std::string response = {};
  /// No earlier than after this: an HTTP subscriber has asked for it.
  runtime::Duration not_before{};
};

/// What a target says of a delivery that it has taken.
struct Taken {
  std::string id;  // under which it knows it: the MessageId of a queue
  int status = 0;
  std::string response = {};
};

/// One result for each delivery, in order; nothing for those that were taken.
struct Refusals : std::vector<std::optional<Refusal>> {
  using vector::vector;

  /// Empty, or one for each delivery.
  std::vector<Taken> taken;
};

class DeliveryTarget {
 public:
  virtual ~DeliveryTarget() = default;

  /// Deliveries of one lane, at most `most` of them. Throws ServiceError where the target as a
  /// whole refuses.
  virtual runtime::Task<Refusals> send(std::vector<Delivery> deliveries) = 0;
  /// The same inside of the current transaction, for targets that need not wait: then nothing has
  /// to be kept in between. It has written nothing where it throws. Nothing: this cannot be done
  /// so; the deliveries are kept, and sent later.
  virtual std::optional<Refusals> take(const std::vector<Delivery>&) { return std::nullopt; }
  /// What is called: a target may override it to move out of what it has taken, and of that only.
  virtual std::optional<Refusals> take_over(std::vector<Delivery>& deliveries) {
    return take(deliveries);
  }
  /// Why it would not take this delivery now, as far as that can be told without sending it:
  /// policies, keys, whether it is there. Changes nothing.
  virtual std::optional<Refusal> find_refusal(const Delivery&) { return std::nullopt; }
  /// How many are handed over in one call.
  virtual std::size_t most() const { return 1; }
  /// And how many bytes, of bodies and attributes; a single delivery may have more.
  virtual std::size_t most_bytes() const { return std::size_t{256} << 10; }
  /// Whether deliveries of different traces may be handed over in one call.
  virtual bool mixes_traces() const { return false; }
  /// How many calls may be under way at once in a lane that keeps no order.
  virtual std::size_t most_calls() const { return 1; }
  /// And how many of all lanes together; beyond that lanes wait for each other, in their order.
  /// Lanes whose last call failed have no more than half of them.
  virtual std::size_t most_calls_of_all() const { return std::numeric_limits<std::size_t>::max(); }
};

}  // namespace matinee::services
