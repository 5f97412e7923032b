// The one unit in which the methods of this service are bound to their operations.
#include "services/sns/service.h"
#include "sns/handlers.h"

namespace matinee::sns {

std::span<const services::Handler> Service::handlers() {
  return sns::handlers<Service>;
}

}  // namespace matinee::sns
