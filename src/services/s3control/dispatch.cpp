// The one unit in which the methods of this service are bound to their operations.
#include "s3control/handlers.h"
#include "services/s3control/service.h"

namespace matinee::s3control {

std::span<const services::Handler> Service::handlers() {
  return s3control::handlers<Service>;
}

}  // namespace matinee::s3control
