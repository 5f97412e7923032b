// The one unit in which the methods of this service are bound to their operations.
#include "cloudformation/handlers.h"
#include "services/cloudformation/service.h"

namespace matinee::cloudformation {

std::span<const services::Handler> Service::handlers() {
  return cloudformation::handlers<Service>;
}

}  // namespace matinee::cloudformation
