#include "services/delivery_caller.h"

#include <fmt/format.h>

namespace matinee::services {

namespace {

/// The session's name: AWS's services use some hash of what they act for.
std::string session_name(const Delivery& delivery) {
  const std::string& name = delivery.id.empty() ? delivery.service_principal : delivery.id;
  std::string text;
  for (const char c : name.substr(0, 64))
    text += std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.' ? c : '-';
  return text.size() < 2 ? "delivery" : text;
}

void take_on(Context& caller, const Delivery& delivery, const identity::Directory* directory) {
  const std::optional<Arn> role = parse_arn(delivery.role);
  if (!role) return;
  const std::string name = role->resource.substr(role->resource.rfind('/') + 1);
  const std::string session = session_name(delivery);
  caller.account = role->account;
  caller.principal = PrincipalKind::role_session;
  caller.role_arn = delivery.role;
  caller.caller_arn =
      fmt::format("arn:aws:sts::{}:assumed-role/{}/{}", role->account, name, session);
  caller.source_arn = delivery.source_arn;
  caller.source_account = delivery.source_account;
  if (const auto known = directory ? directory->find_role(role->account, name) : nullptr)
    caller.caller_id = fmt::format("{}:{}", known->id, session);
}

}  // namespace

Context caller_of(const Delivery& delivery, const Arn& target,
                  const identity::Directory* directory) {
  Context caller{.account = target.account, .region = target.region};
  caller.host = "localhost";
  // So that the target keeps in the journal what the source has kept.
  caller.request_id = delivery.id;
  if (!delivery.role.empty()) {
    take_on(caller, delivery, directory);
    return caller;
  }
  caller.service_principal = delivery.service_principal;
  caller.source_arn = delivery.source_arn;
  caller.source_account = delivery.source_account;
  return caller;
}

}  // namespace matinee::services
