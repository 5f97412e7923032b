// How programs of an environment have failed, in AWS's words.
#pragma once

#include <string>
#include <string_view>

#include "runtime/sandbox.h"

namespace matinee::lambda {

struct Failure {
  std::string type;     // "Runtime.ExitError"
  std::string message;  // without the request's id
  bool is_time_out = false;
  /// What the runtime has said itself, as a document; empty without.
  std::string document = {};
};

/// `program` is the path of what was started, with "{task}" and "{opt}" in it.
Failure runtime_failure(const runtime::SandboxEnd& end, std::string_view program);
Failure extension_failure(const runtime::SandboxEnd& end, std::string_view program);

}  // namespace matinee::lambda
