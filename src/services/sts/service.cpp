#include "services/sts/service.h"

namespace matinee::sts {

Service::Service() : ServiceBase(sts::model) {}

GetCallerIdentityResponse Service::get_caller_identity(const Context& context,
                                                       const GetCallerIdentityRequest&) {
  GetCallerIdentityResponse response;
  response.user_id = context.account;
  response.account = context.account;
  response.arn = context.caller_arn;
  return response;
}

}  // namespace matinee::sts
