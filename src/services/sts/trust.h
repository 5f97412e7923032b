// Whether somebody may assume a role: its trust policy, and the policies of whoever asks.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "identity/decide.h"
#include "runtime/clock.h"
#include "services/context.h"
#include "services/sts/requests.h"

namespace matinee::sts {

/// Somebody who wants to assume a role, and as what.
struct Attempt {
  const services::Context& context;
  const identity::Identity& role;
  std::string_view action;  // "sts:AssumeRole"
  const SessionWishes& wishes;
  std::string_view session_name;
  std::string_view external_id;              // empty without
  std::optional<runtime::Time> mfa_at = {};  // when a second factor was shown
  std::optional<std::int32_t> seconds = {};  // as asked for
  runtime::Time now = {};
  /// Of who comes from an identity provider, and has no identity here: the provider as trust
  /// policies name it, and its condition keys in lower case.
  std::string_view provider = "";
  const std::map<std::string, std::vector<std::string>>* provider_keys = nullptr;
};

/// The refusal in AWS's words, of the role itself, of its tags or its source identity; nothing
/// where the role may be assumed.
std::optional<std::string> find_refusal(const Attempt& attempt,
                                        const identity::Directory& directory);

/// "User: ARN is not authorized to perform: sts:AssumeRole on resource: ROLE"
std::string not_authorized(std::string_view caller_arn, std::string_view action,
                           std::string_view role_arn);

}  // namespace matinee::sts
