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

/// "com.amazonaws.sqs#QueueDoesNotExist": `__type` of JSON and CBOR.
std::string qualified_error_name(const ServiceModel& service, const ServiceError& error);

/// The member of JSON and CBOR that has the message: "message", mostly.
std::string_view message_name(const ServiceModel& service, const ServiceError& error);

/// Whether the error is one that AWS tells without any message, not even an empty one.
bool has_no_message(const ServiceModel& service, const ServiceError& error);

/// x-amzn-query-error of services that once spoke the query protocol: "ValidationError;Sender".
std::string query_error(const ServiceError& error);

/// What a reply says of its error.
struct WireError {
  std::string_view name = "";  // of the error's shape, where the reply tells it
  std::string_view code;
  int status;
  std::string message;
};

/// The generated type where the model knows the name or code, else an error that has the code and
/// status.
std::shared_ptr<ServiceError> make_error(const Operation& operation, WireError wire);

/// The code for a reply without a body, as AWS's SDKs name it: "NotFound" for 404.
std::string code_of_status(int status);

}  // namespace matinee::protocol
