// Errors of services as what handlers of CloudFormation say.
#pragma once

#include <string>
#include <string_view>

#include "protocol/error.h"
#include "resources/type.h"

namespace matinee::resources {

/// CloudFormation's code for an error of a service, by the name of the error: "QueueDoesNotExist"
/// is NotFound.
std::string handler_code(const protocol::ServiceError& error);

/// With the message as AWS's handlers have it: "TEXT (Service: Sqs, Status Code: 400, Request ID:
/// ...)" without the request.
HandlerError handler_error(std::string_view service, const protocol::ServiceError& error);

}  // namespace matinee::resources
