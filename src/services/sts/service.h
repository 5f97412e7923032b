// The Security Token Service: who calls.
#pragma once

#include <span>

#include "services/endpoint.h"
#include "sts/shapes.h"

namespace matinee::sts {

using services::Context;

class Service final : public services::ServiceBase {
 public:
  /// The dispatch table: an entry for each operation of the model.
  static std::span<const services::Handler> handlers();

  Service();

  GetCallerIdentityResponse get_caller_identity(const Context&, const GetCallerIdentityRequest&);
};

}  // namespace matinee::sts
