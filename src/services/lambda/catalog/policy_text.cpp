#include "services/lambda/catalog/policy_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "services/lambda/catalog/json_text.h"

namespace matinee::lambda {

std::string principal_of(const std::string& principal) {
  if (principal == "*") return "\"*\"";
  std::string out = "{";
  if (principal.ends_with(".amazonaws.com") || principal.ends_with(".amazon.com")) {
    append_pair(out, "Service", principal);
  } else {
    const bool is_account = principal.find_first_not_of("0123456789") == std::string::npos;
    append_pair(out, "AWS",
                is_account ? fmt::format("arn:aws:iam::{}:root", principal) : principal);
  }
  return out + "}";
}

std::string text_of(const PolicyRecord& policy) {
  std::string out = "{";
  append_pair(out, "Version", policy.version);
  if (!policy.id.empty()) append_pair(out, "Id", policy.id);
  out += ",\"Statement\":[";
  for (const auto& [sid, statement] : policy.statements) {
    if (!out.ends_with('[')) out += ',';
    out += statement;
  }
  return out + "]}";
}

bool has_statement(const PolicyRecord& policy, std::string_view id) {
  return std::ranges::any_of(policy.statements,
                             [&](const auto& entry) { return entry.first == id; });
}

bool remove_statement(PolicyRecord& policy, std::string_view id) {
  return std::erase_if(policy.statements, [&](const auto& entry) { return entry.first == id; }) > 0;
}

}  // namespace matinee::lambda
