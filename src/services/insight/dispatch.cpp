// The one unit in which the methods of this service are bound to their operations.
#include "insight/handlers.h"
#include "services/insight/service.h"

namespace matinee::insight {

std::span<const services::Handler> Service::handlers() {
  return insight::handlers<Service>;
}

}  // namespace matinee::insight
