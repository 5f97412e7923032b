// What targets need that are operations of this very cloud.
#pragma once

#include "client/in_process_channel.h"
#include "services/delivery_caller.h"
#include "services/delivery_target.h"

namespace matinee::delivery {

struct InProcess {
  services::Endpoint& endpoint;
  runtime::Random& random;
  const identity::Directory* const& directory;

  client::InProcessChannel channel_for(const services::Delivery& delivery,
                                       const services::Arn& target) const {
    return {endpoint, random, services::caller_of(delivery, target, directory)};
  }
};

}  // namespace matinee::delivery
