// Messages that a queue has kept for longer than its retention period.
#pragma once

#include <functional>
#include <string>

#include "services/sqs/queue.h"

namespace matinee::sqs {

struct Expiry {
  runtime::Time now;
  /// So many at most.
  std::size_t most;
  /// Called with each before it goes.
  std::function<void(Slot)> before;
};

/// Takes them out of the index and the store, the oldest first. Part of the current transaction.
void remove_expired(storage::Store& store, MessageTables& tables, Queue& queue,
                    const Expiry& expiry);

/// For the journal.
std::string reason_of_expiry(const Queue& queue);

}  // namespace matinee::sqs
