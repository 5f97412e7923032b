// The one unit in which the methods of this service are bound to their operations.
#include "kms/handlers.h"
#include "services/kms/service.h"

namespace matinee::kms {

std::span<const services::Handler> Service::handlers() {
  return kms::handlers<Service>;
}

}  // namespace matinee::kms
