// The one unit in which the methods of this service are bound to their operations.
#include "services/ssm/service.h"
#include "ssm/handlers.h"

namespace matinee::ssm {

std::span<const services::Handler> Service::handlers() {
  return ssm::handlers<Service>;
}

}  // namespace matinee::ssm
