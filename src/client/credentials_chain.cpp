// The usual chain of places with credentials.
#include "client/credentials_chain.h"

#include <fmt/format.h>

#include "client/profile_credentials.h"

namespace matinee::client {

namespace {

constexpr std::chrono::minutes refresh_before(5);

/// Says, also if the task in between is destroyed, that nobody is looking any more.
class Looking {
 public:
  Looking(bool& flag, runtime::Event& event) : flag_(flag), event_(event) { flag_ = true; }
  Looking(const Looking&) = delete;
  Looking& operator=(const Looking&) = delete;
  ~Looking() {
    flag_ = false;
    event_.notify();
  }

 private:
  bool& flag_;
  runtime::Event& event_;
};

}  // namespace

CredentialsChain::CredentialsChain(const Surroundings& around, CloudChoice choice,
                                   std::optional<protocol::sigv4::Credentials> fallback)
    : around_(around), choice_(std::move(choice)), fallback_(std::move(fallback)) {}

bool CredentialsChain::is_fresh() const {
  if (!current_) return false;
  return !current_->expires || *current_->expires - refresh_before > around_.clock.now();
}

runtime::Task<protocol::sigv4::Credentials> CredentialsChain::get() {
  while (!is_fresh() && looking_) co_await looked_.wait();
  if (!is_fresh()) {
    const Looking looking(looking_, looked_);
    current_ = co_await look();
  }
  co_return current_->keys;
}

runtime::Task<Credentials> CredentialsChain::look() {
  // A profile named on the command line counts more than keys in the environment.
  if (!choice_.profile) {
    if (auto found = find_in_environment()) co_return std::move(*found);
    if (auto found = co_await find_web_identity()) co_return std::move(*found);
  }
  if (auto found = co_await find_in_profile()) co_return std::move(*found);
  if (!choice_.profile) {
    if (auto found = co_await find_container_credentials(around_)) co_return std::move(*found);
    if (fallback_) co_return Credentials{.keys = *fallback_};
    if (auto found = co_await find_machine_credentials(around_)) co_return std::move(*found);
  }
  throw ClientError(fmt::format(
      "No AWS credentials were found: not in the environment (AWS_ACCESS_KEY_ID), not in the "
      "profile \"{}\" of ~/.aws/config and ~/.aws/credentials, and neither a container nor a "
      "machine serves any.",
      profile_name(around_.environment, choice_)));
}

std::optional<Credentials> CredentialsChain::find_in_environment() const {
  const auto value = [this](const char* name) {
    return around_.environment.find(name).value_or("");
  };
  return find_keys({{"aws_access_key_id", value("AWS_ACCESS_KEY_ID")},
                    {"aws_secret_access_key", value("AWS_SECRET_ACCESS_KEY")},
                    {"aws_session_token", value("AWS_SESSION_TOKEN")}},
                   "The environment");
}

/// A role is assumed at AWS also if its credentials are then used elsewhere, unless the environment
/// or the profile name another STS.
Endpoints CredentialsChain::role_endpoints() const {
  CloudChoice aws = choice_;
  aws.region = require_region(around_, choice_);
  aws.url.reset();
  return find_endpoints(around_, aws);
}

runtime::Task<std::optional<Credentials>> CredentialsChain::find_web_identity() {
  const auto file = around_.environment.find("AWS_WEB_IDENTITY_TOKEN_FILE");
  const auto role = around_.environment.find("AWS_ROLE_ARN");
  if (!file || file->empty() || !role || role->empty()) co_return std::nullopt;
  RoleRequest request{.role_arn = *role};
  request.session_name = around_.environment.find("AWS_ROLE_SESSION_NAME").value_or("");
  ProfileCredentials profiles(around_, role_endpoints());
  co_return co_await profiles.assume_with_token(std::move(request), *file);
}

runtime::Task<std::optional<Credentials>> CredentialsChain::find_in_profile() {
  const std::string name = profile_name(around_.environment, choice_);
  const bool named = choice_.profile || around_.environment.find("AWS_PROFILE").value_or("") != "";
  if (!around_.files.find_profile(name)) {
    if (named) throw ClientError(fmt::format("There is no profile \"{}\".", name));
    co_return std::nullopt;
  }
  ProfileCredentials profiles(around_, role_endpoints());
  co_return co_await profiles.find(name);
}

}  // namespace matinee::client
