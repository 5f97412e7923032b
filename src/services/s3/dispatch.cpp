// The one unit in which the methods of this service are bound to their operations.
#include "s3/handlers.h"
#include "services/s3/service.h"

namespace matinee::s3 {

std::span<const services::Handler> Service::handlers() {
  return s3::handlers<Service>;
}

}  // namespace matinee::s3
