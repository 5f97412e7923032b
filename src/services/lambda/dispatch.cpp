// The one unit in which the methods of this service are bound to their operations.
#include "lambda/handlers.h"
#include "services/lambda/service.h"

namespace matinee::lambda {

std::span<const services::Handler> Service::handlers() {
  return lambda::handlers<Service>;
}

}  // namespace matinee::lambda
