// The Security Token Service: who calls.
#pragma once

#include "services/endpoint.h"
#include "sts/shapes.h"

namespace matinee::sts {

using services::Context;

class Service final : public services::ServiceBase {
 public:
  Service();

  GetCallerIdentityResponse get_caller_identity(const Context&, const GetCallerIdentityRequest&);
};

}  // namespace matinee::sts
