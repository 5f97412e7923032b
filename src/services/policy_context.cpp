#include "services/policy_context.h"

#include "protocol/timestamps.h"
#include "services/caller_session.h"

namespace matinee::services {

namespace {

using Values = std::optional<std::vector<std::string>>;

Values one(std::string_view value) {
  if (value.empty()) return std::nullopt;
  return std::vector{std::string(value)};
}

Values truth(bool value) {
  return one(value ? "true" : "false");
}

bool is_root(const Context& context) {
  return context.caller_arn.ends_with(":root");
}

/// What follows ":user/" or ":federated-user/" in the caller's ARN.
std::string_view name_after(const Context& context, std::string_view mark) {
  const std::string_view arn = context.caller_arn;
  const std::size_t start = arn.find(mark);
  return start == std::string_view::npos ? std::string_view() : arn.substr(start + mark.size());
}

/// What only temporary credentials have. Those of a user without a second factor say so; long-term
/// keys say nothing of it.
Values find_session_key(const CallerSession& session, runtime::Time now, std::string_view key) {
  if (key == "aws:multifactorauthpresent") return truth(session.mfa_at.has_value());
  if (key == "aws:multifactorauthage" && session.mfa_at)
    return one(std::to_string(runtime::to_seconds(now) - runtime::to_seconds(*session.mfa_at)));
  if (key == "aws:tokenissuetime") {
    std::string time;
    protocol::append_iso8601(time, std::chrono::floor<std::chrono::seconds>(session.issued_at));
    return one(time);
  }
  if (key == "aws:sourceidentity") return one(session.source_identity);
  if (key == "aws:federatedprovider") return one(session.provider);
  return std::nullopt;
}

Values find_principal_key(const Context& context, std::string_view key) {
  const bool is_service = !context.service_principal.empty();
  if (key == "aws:principalisawsservice") return truth(is_service);
  if (key == "aws:principalservicename") return one(context.service_principal);
  if (key == "aws:principaltype") {
    if (context.anonymous) return one("Anonymous");
    if (is_service) return std::nullopt;
    if (is_root(context)) return one("Account");
    if (!name_after(context, ":federated-user/").empty()) return one("FederatedUser");
    return one(name_after(context, ":user/").empty() ? "AssumedRole" : "User");
  }
  if (context.anonymous || is_service) return std::nullopt;
  // A session is known by the role that it has assumed.
  if (key == "aws:principalarn")
    return one(context.role_arn.empty() ? context.caller_arn : context.role_arn);
  if (key == "aws:principalaccount") return one(context.account);
  if (key == "aws:userid" && !context.caller_id.empty()) return one(context.caller_id);
  if (key == "aws:userid" && is_root(context)) return one(context.account);
  if (key == "aws:username") {
    const std::string_view path = name_after(context, ":user/");
    return one(path.substr(path.rfind('/') + 1));
  }
  return std::nullopt;
}

}  // namespace

policy::Caller caller_of(const Context& context) {
  if (context.anonymous) return {};
  if (!context.service_principal.empty()) return {.service = context.service_principal};
  return {.account = context.account, .arn = context.caller_arn, .role = context.role_arn};
}

bool is_root_of(const Context& context, std::string_view account) {
  return !context.anonymous && context.service_principal.empty() && context.account == account &&
         is_root(context);
}

std::optional<std::vector<std::string>> find_global_key(const Context& context, runtime::Time now,
                                                        std::string_view key) {
  if (key == "aws:sourceip") return one(context.source_ip);
  if (key == "aws:securetransport") return truth(context.secure);
  if (key == "aws:sourcearn") return one(context.source_arn);
  if (key == "aws:sourceaccount" || key == "aws:sourceowner") return one(context.source_account);
  if (key == "aws:requestedregion") return one(context.region);
  if (key == "aws:viaawsservice") return truth(false);
  if (key == "aws:useragent") return one(context.user_agent.value_or(""));
  if (key == "aws:referer") return one(context.referer.value_or(""));
  if (context.session)
    if (Values found = find_session_key(*context.session, now, key)) return found;
  std::string time;
  if (key == "aws:currenttime") protocol::append_iso8601(time, now);
  if (key == "aws:epochtime") protocol::append_unix_seconds(time, now);
  return time.empty() ? find_principal_key(context, key) : one(time);
}

}  // namespace matinee::services
