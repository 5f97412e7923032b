// Credentials of a profile.
#include "client/profile_credentials.h"

#include <fmt/format.h>

#include <charconv>

#include "client/http_channel.h"
#include "client/metadata_credentials.h"
#include "sts/client.h"

namespace matinee::client {

namespace {

std::optional<int> read_duration(const Settings& settings) {
  const std::string* text = find_setting(settings, "duration_seconds");
  if (!text) return std::nullopt;
  int seconds = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), seconds);
  if (error != std::errc() || end != text->data() + text->size() || seconds < 900)
    throw ClientError(
        fmt::format("duration_seconds must be a number from 900 on, and \"{}\" is "
                    "not.",
                    *text));
  return seconds;
}

RoleRequest read_role(const Settings& settings) {
  RoleRequest role{.role_arn = *find_setting(settings, "role_arn")};
  if (const std::string* name = find_setting(settings, "role_session_name"))
    role.session_name = *name;
  if (const std::string* id = find_setting(settings, "external_id")) role.external_id = *id;
  role.duration_seconds = read_duration(settings);
  return role;
}

std::string session_name(const RoleRequest& role, const runtime::Clock& clock) {
  if (!role.session_name.empty()) return role.session_name;
  return fmt::format("matinee-{}", runtime::to_seconds(clock.now()));
}

Credentials to_credentials(const std::optional<sts::Credentials>& given,
                           const std::string& role_arn) {
  if (!given) throw ClientError(fmt::format("STS gives no credentials for the role {}.", role_arn));
  return {.keys = {given->access_key_id, given->secret_access_key, given->session_token},
          .expires = given->expiration};
}

/// Ways to get credentials that this program does not know, named so that the user can do something
/// about it.
void refuse_unknown_ways(const std::string& profile, const Settings& settings) {
  if (find_setting(settings, "credential_process"))
    throw ClientError(fmt::format(
        "The profile {} gets its credentials from credential_process, which Matinee does not run; "
        "export them first: eval \"$(aws configure export-credentials --profile {} --format "
        "env)\".",
        profile, profile));
  if (find_setting(settings, "sso_session") || find_setting(settings, "sso_start_url"))
    throw ClientError(fmt::format(
        "The profile {} signs in with IAM Identity Center (SSO), which Matinee does not; export "
        "its credentials first: eval \"$(aws configure export-credentials --profile {} --format "
        "env)\".",
        profile, profile));
}

}  // namespace

std::optional<Credentials> find_keys(const Settings& settings, const std::string& place) {
  const std::string* access_key = find_setting(settings, "aws_access_key_id");
  if (!access_key) return std::nullopt;
  const std::string* secret_key = find_setting(settings, "aws_secret_access_key");
  if (!secret_key)
    throw ClientError(fmt::format("{} has an access key without its secret access key.", place));
  const std::string* token = find_setting(settings, "aws_session_token");
  return Credentials{.keys = {*access_key, *secret_key, token ? *token : ""}};
}

runtime::Task<std::optional<Credentials>> ProfileCredentials::find(std::string profile) {
  const Settings* settings = around_.files.find_profile(profile);
  if (!settings) co_return std::nullopt;
  if (find_setting(*settings, "role_arn")) co_return co_await find_role(profile, *settings);
  if (auto keys = find_keys(*settings, "The profile " + profile)) co_return keys;
  refuse_unknown_ways(profile, *settings);
  co_return std::nullopt;
}

runtime::Task<Credentials> ProfileCredentials::find_role(std::string profile,
                                                         const Settings& settings) {
  if (!visited_.insert(profile).second)
    throw ClientError(
        fmt::format("The profile {} leads back to itself by source_profile.", profile));
  if (find_setting(settings, "mfa_serial"))
    throw ClientError(
        fmt::format("The profile {} needs a one-time password (mfa_serial), which "
                    "Matinee does not ask for.",
                    profile));
  if (const std::string* file = find_setting(settings, "web_identity_token_file"))
    co_return co_await assume_with_token(read_role(settings), *file);
  const Credentials source = co_await find_source(profile, settings);
  co_return co_await assume(read_role(settings), source.keys);
}

runtime::Task<Credentials> ProfileCredentials::find_source(std::string profile,
                                                           const Settings& settings) {
  if (const std::string* source = find_setting(settings, "source_profile")) {
    // A profile may be its own source: then it has keys of its own.
    if (*source == profile) {
      if (auto keys = find_keys(settings, "The profile " + profile)) co_return std::move(*keys);
    }
    if (auto found = co_await find(*source)) co_return std::move(*found);
    throw ClientError(fmt::format("The profile {}, which {} takes its credentials from, has none.",
                                  *source, profile));
  }
  if (const std::string* source = find_setting(settings, "credential_source"))
    co_return co_await find_named_source(profile, *source);
  throw ClientError(
      fmt::format("The profile {} has a role_arn without a source_profile, "
                  "credential_source or web_identity_token_file.",
                  profile));
}

runtime::Task<Credentials> ProfileCredentials::find_named_source(std::string profile,
                                                                 std::string source) {
  std::optional<Credentials> found;
  if (source == "Environment") {
    const auto value = [&](const char* name) {
      return around_.environment.find(name).value_or("");
    };
    found = find_keys({{"aws_access_key_id", value("AWS_ACCESS_KEY_ID")},
                       {"aws_secret_access_key", value("AWS_SECRET_ACCESS_KEY")},
                       {"aws_session_token", value("AWS_SESSION_TOKEN")}},
                      "The environment");
  } else if (source == "EcsContainer") {
    found = co_await find_container_credentials(around_);
  } else if (source == "Ec2InstanceMetadata") {
    found = co_await find_machine_credentials(around_);
  } else {
    throw ClientError(
        fmt::format("The profile {} has credential_source {}, which is none of "
                    "Environment, EcsContainer and Ec2InstanceMetadata.",
                    profile, source));
  }
  if (!found)
    throw ClientError(fmt::format("The profile {} takes its credentials from {}, which has none.",
                                  profile, source));
  co_return std::move(*found);
}

runtime::Task<Credentials> ProfileCredentials::assume(RoleRequest role,
                                                      protocol::sigv4::Credentials caller) {
  StaticCredentials source(std::move(caller));
  HttpChannel channel({around_.http, source, around_.clock, around_.random}, endpoints_);
  const sts::Client sts(channel);
  sts::AssumeRoleRequest request{.role_arn = role.role_arn,
                                 .role_session_name = session_name(role, around_.clock)};
  request.external_id = role.external_id;
  request.duration_seconds = role.duration_seconds;
  std::string refusal;
  try {
    const auto response = co_await sts.assume_role(std::move(request));
    co_return to_credentials(response.credentials, role.role_arn);
  } catch (const protocol::ServiceError& error) {
    refusal = error.message();
  }
  throw ClientError(fmt::format("The role {} cannot be assumed: {}", role.role_arn, refusal));
}

runtime::Task<Credentials> ProfileCredentials::assume_with_token(RoleRequest role,
                                                                 std::string token_file) {
  runtime::DiskResult<std::string> token = around_.disk.read(token_file);
  if (!token)
    throw ClientError(fmt::format("The role {} needs a web identity token: {}.", role.role_arn,
                                  token.error().message));
  while (token->ends_with('\n') || token->ends_with('\r')) token->pop_back();
  // The call is not signed: the token says who is calling. A signature does no harm.
  StaticCredentials nobody({"anonymous", "anonymous", ""});
  HttpChannel channel({around_.http, nobody, around_.clock, around_.random}, endpoints_);
  const sts::Client sts(channel);
  sts::AssumeRoleWithWebIdentityRequest request{
      .role_arn = role.role_arn,
      .role_session_name = session_name(role, around_.clock),
      .web_identity_token = std::move(*token)};
  request.duration_seconds = role.duration_seconds;
  std::string refusal;
  try {
    const auto response = co_await sts.assume_role_with_web_identity(std::move(request));
    co_return to_credentials(response.credentials, role.role_arn);
  } catch (const protocol::ServiceError& error) {
    refusal = error.message();
  }
  throw ClientError(fmt::format("The role {} cannot be assumed: {}", role.role_arn, refusal));
}

}  // namespace matinee::client
