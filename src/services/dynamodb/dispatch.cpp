// The one unit in which the methods of this service are bound to their operations.
#include "dynamodb/handlers.h"
#include "services/dynamodb/service.h"

namespace matinee::dynamodb {

std::span<const services::Handler> Service::handlers() {
  return dynamodb::handlers<Service>;
}

}  // namespace matinee::dynamodb
