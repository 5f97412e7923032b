// The one unit in which the methods of this service are bound to their operations.
#include "logs/handlers.h"
#include "services/logs/service.h"

namespace matinee::logs {

std::span<const services::Handler> Service::handlers() {
  return logs::handlers<Service>;
}

}  // namespace matinee::logs
