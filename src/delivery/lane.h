// A lane: the deliveries of one source to one target by one way, as the outbox works on them.
// Memory does not grow with what waits in it.
#pragma once

#include <memory>

#include "delivery/delivery_record.h"
#include "services/delivery_target.h"

namespace matinee::delivery {

struct Lane {
  std::uint64_t number = 0;
  std::string name;  // what it is found by
  LaneRecord record;
  services::DeliveryTarget* target = nullptr;

  /// All before it has been taken, if not settled: walks begin here, not among what was removed.
  DeliveryKey position{};
  /// When what waits there is due; nothing where nothing waits.
  std::optional<runtime::Time> next_due;
  std::size_t calls = 0;  // under way
  /// What could not be settled has to be looked for once no call is under way.
  bool looks_again = false;
  bool is_ready = false;          // it will run in a round to come
  bool waits_for_others = false;  // its target has as many calls under way as it bears
  /// Whether its last call failed: a target that hangs must not keep others from theirs.
  bool has_failed = false;
  bool is_gone = false;  // a reset has removed it, or it was empty
  runtime::TimerId timer = runtime::TimerId::none;
  runtime::Time timer_at{};
};

using LanePointer = std::shared_ptr<Lane>;

/// What is known of a delivery while a target has it.
struct Underway {
  DeliveryKey key;
  std::string id;
  std::string trace_header;
  std::size_t bytes = 0;
  runtime::Time created;
  std::uint32_t tries = 0;  // before this one
};

struct Batch {
  std::vector<Underway> underway;
  std::vector<services::Delivery> deliveries;
  std::size_t bytes = 0;
};

/// What the lane of a delivery is found by.
std::string lane_name(const services::Delivery& delivery);
/// Of body and attributes.
std::size_t size_of(const services::Delivery& delivery);

}  // namespace matinee::delivery
