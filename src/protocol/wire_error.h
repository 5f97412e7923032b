// What the protocols' error replies have in common.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "protocol/codec.h"

namespace matinee::protocol {

/// "QueueDoesNotExist" of "com.amazonaws.sqs#QueueDoesNotExist" or "QueueDoesNotExist:http://…".
std::string_view plain_error_name(std::string_view wire_name);

/// The error of an operation, or of its service, that is called `code` in any protocol, or null.
const ErrorInfo* find_error(const Operation& operation, std::string_view code);

/// The generated type where the model knows `code`, else an error that has the code and status.
/// `name` is what the reply calls the error's shape, where it says so; else the same as `code`.
std::shared_ptr<ServiceError> make_wire_error(const Operation& operation, std::string_view name,
                                              std::string_view code, int status,
                                              std::string message);

/// The code for a reply without a body, as AWS's SDKs name it: "NotFound" for 404.
std::string code_of_status(int status);

}  // namespace matinee::protocol
