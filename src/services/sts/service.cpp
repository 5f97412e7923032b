#include "services/sts/service.h"

#include <fmt/format.h>

#include "sts/operations.h"

namespace matinee::sts {

Service::Service() : ServiceBase(sts::model) {}

/// The root of an account has the account's number for an id; a user or role has one of its own,
/// which follows from the access key here.
GetCallerIdentityResponse Service::get_caller_identity(const Context& context,
                                                       const GetCallerIdentityRequest&) {
  const std::string root = fmt::format("arn:aws:iam::{}:root", context.account);
  const std::string arn = context.caller_arn.empty() ? root : context.caller_arn;
  const bool is_root = arn == root || context.access_key.empty();
  return {.user_id = is_root ? context.account : context.access_key,
          .account = context.account,
          .arn = arn};
}

}  // namespace matinee::sts
