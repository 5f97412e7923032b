// The one unit in which the methods of this service are bound to their operations.
#include "scheduler/handlers.h"
#include "services/scheduler/service.h"

namespace matinee::scheduler {

std::span<const services::Handler> Service::handlers() {
  return scheduler::handlers<Service>;
}

}  // namespace matinee::scheduler
