// The one unit in which the methods of this service are bound to their operations.
#include "cloudwatch/handlers.h"
#include "services/cloudwatch/service.h"

namespace matinee::cloudwatch {

std::span<const services::Handler> Service::handlers() {
  return cloudwatch::handlers<Service>;
}

}  // namespace matinee::cloudwatch
