// The one unit in which the methods of this service are bound to their operations.
#include "cloudcontrol/handlers.h"
#include "services/cloudcontrol/service.h"

namespace matinee::cloudcontrol {

std::span<const services::Handler> Service::handlers() {
  return cloudcontrol::handlers<Service>;
}

}  // namespace matinee::cloudcontrol
