// The one unit in which the methods of this service are bound to their operations.
#include "services/sts/service.h"
#include "sts/handlers.h"

namespace matinee::sts {

std::span<const services::Handler> Service::handlers() {
  return sts::handlers<Service>;
}

}  // namespace matinee::sts
