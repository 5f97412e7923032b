// The one unit in which the methods of this service are bound to their operations.
#include "dynamodbstreams/handlers.h"
#include "services/dynamodb/streams/service.h"

namespace matinee::dynamodbstreams {

std::span<const services::Handler> Service::handlers() {
  return dynamodbstreams::handlers<Service>;
}

}  // namespace matinee::dynamodbstreams
