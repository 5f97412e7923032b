// Signing a browser in to the console.
#include "insight/errors.h"
#include "insight/operations.h"
#include "services/insight/service.h"

namespace matinee::insight {

CreateLoginResponse Service::create_login(const Context&, const CreateLoginRequest& request) {
  if (!logins_) throw protocol::ServiceError("NotImplemented", 501, "There is no console here.");
  LoginLinks::Link link = logins_->create({.access_key = request.access_key_id,
                                           .secret_key = request.secret_access_key,
                                           .session_token = request.session_token});
  return {.code = std::move(link.code), .expires = link.expires};
}

}  // namespace matinee::insight
