// Whether a queue would take a message: asked by who explains why one does not arrive.
#pragma once

#include <string>

#include "services/context.h"

namespace matinee::services {

class QueueTrial {
 public:
  virtual ~QueueTrial() = default;

  /// Changes nothing. Throws what SendMessage would, for a sender whom policies let in: there is no
  /// such queue, the message is too long, the queue's key cannot be used.
  virtual void require_takes(const Context& sender, const std::string& queue_arn,
                             std::size_t bytes) = 0;
};

}  // namespace matinee::services
