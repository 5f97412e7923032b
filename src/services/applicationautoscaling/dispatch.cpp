// The one unit in which the methods of this service are bound to their operations.
#include "applicationautoscaling/handlers.h"
#include "services/applicationautoscaling/service.h"

namespace matinee::applicationautoscaling {

std::span<const services::Handler> Service::handlers() {
  return applicationautoscaling::handlers<Service>;
}

}  // namespace matinee::applicationautoscaling
