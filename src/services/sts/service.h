// STS: who is calling.
#pragma once

#include "services/endpoint.h"
#include "sts/operations.h"

namespace matinee::sts {

using services::Context;

class Service final : public services::ServiceBase {
 public:
  Service();

  /// Needs no permission, like AWS's. The root user's id is its account's number.
  GetCallerIdentityResponse get_caller_identity(const Context& context,
                                                const GetCallerIdentityRequest& request);
};

}  // namespace matinee::sts
