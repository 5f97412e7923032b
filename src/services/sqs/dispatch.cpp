// The one unit in which the methods of this service are bound to their operations.
#include "services/sqs/service.h"
#include "sqs/handlers.h"

namespace matinee::sqs {

std::span<const services::Handler> Service::handlers() {
  return sqs::handlers<Service>;
}

}  // namespace matinee::sqs
