// The one unit in which the methods of this service are bound to their operations.
#include "secretsmanager/handlers.h"
#include "services/secretsmanager/service.h"

namespace matinee::secretsmanager {

std::span<const services::Handler> Service::handlers() {
  return secretsmanager::handlers<Service>;
}

}  // namespace matinee::secretsmanager
