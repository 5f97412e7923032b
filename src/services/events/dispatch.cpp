// The one unit in which the methods of this service are bound to their operations.
#include "events/handlers.h"
#include "services/events/service.h"

namespace matinee::events {

std::span<const services::Handler> Service::handlers() {
  return events::handlers<Service>;
}

}  // namespace matinee::events
