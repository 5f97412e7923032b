// Signing a browser in to the console.
#include "insight/errors.h"
#include "insight/operations.h"
#include "services/insight/service.h"

namespace matinee::insight {

namespace {

/// Links wait in memory, up to a hundred of them.
constexpr std::size_t longest_token = std::size_t{16} << 10;

}  // namespace

CreateLoginResponse Service::create_login(const Context&, const CreateLoginRequest& request) {
  if (!logins_) throw protocol::ServiceError("NotImplemented", 501, "There is no console here.");
  if (request.session_token.size() > longest_token)
    throw protocol::ServiceError("ValidationException", 400,
                                 "A session token has no more than 16384 bytes.");
  LoginLinks::Link link = logins_->create({.access_key = request.access_key_id,
                                           .secret_key = request.secret_access_key,
                                           .session_token = request.session_token});
  return {.code = std::move(link.code), .expires = link.expires};
}

}  // namespace matinee::insight
