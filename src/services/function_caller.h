// How a service calls a function and waits for its answer: Lambda, by the typed client, in that
// service's name, so that the function's policy decides.
#pragma once

#include <string>

#include "runtime/task.h"

namespace matinee::services {

struct FunctionCall {
  std::string function;  // an ARN
  std::string payload;   // JSON
  std::string service_principal;
  std::string source_arn;
  std::string source_account;
  /// Only whether it could be made: nothing runs.
  bool is_try = false;
};

struct FunctionAnswer {
  std::string payload;
  std::string function_error;  // empty where it has not failed
};

class FunctionCaller {
 public:
  virtual ~FunctionCaller() = default;

  /// Throws Lambda's errors.
  virtual runtime::Task<FunctionAnswer> call(FunctionCall call) = 0;
};

}  // namespace matinee::services
