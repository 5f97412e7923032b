// The one unit in which the methods of this service are bound to their operations.
#include "ecr/handlers.h"
#include "services/ecr/service.h"

namespace matinee::ecr {

std::span<const services::Handler> Service::handlers() {
  return ecr::handlers<Service>;
}

}  // namespace matinee::ecr
