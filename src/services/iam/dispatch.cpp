// The one unit in which the methods of this service are bound to their operations.
#include "iam/handlers.h"
#include "services/iam/service.h"

namespace matinee::iam {

std::span<const services::Handler> Service::handlers() {
  return iam::handlers<Service>;
}

}  // namespace matinee::iam
