#include "services/sqs/expiry.h"

#include <fmt/format.h>

namespace matinee::sqs {

void remove_expired(storage::Store& store, MessageTables& tables, Queue& queue,
                    const Expiry& expiry) {
  const MessageIndex& index = queue.messages->index;
  const runtime::Time end = expiry.now - queue.settings.retention;
  const auto is_expired = [&] {
    return index.oldest() != no_slot && index[index.oldest()].sent_at <= end;
  };
  if (!is_expired()) return;
  PageChanges changes(store, tables, queue);
  for (std::size_t count = 0; count < expiry.most && is_expired(); ++count) {
    expiry.before(index.oldest());
    changes.remove(index.oldest());
  }
  changes.write();
}

std::string reason_of_expiry(const Queue& queue) {
  return fmt::format("the queue keeps messages for {} seconds", queue.settings.retention.count());
}

}  // namespace matinee::sqs
