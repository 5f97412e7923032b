#include "delivery/caller.h"

#include <fmt/format.h>

namespace matinee::delivery {

namespace {

/// The session's name: AWS's services use some hash of what they act for.
std::string session_name(const services::Delivery& delivery) {
  const std::string& name = delivery.id.empty() ? delivery.service_principal : delivery.id;
  std::string text;
  for (const char c : name.substr(0, 64))
    text += std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.' ? c : '-';
  return text.size() < 2 ? "delivery" : text;
}

void take_on(services::Context& caller, const services::Delivery& delivery,
             const identity::Directory* directory) {
  const std::optional<services::Arn> role = services::parse_arn(delivery.role);
  if (!role) return;
  const std::string name = role->resource.substr(role->resource.rfind('/') + 1);
  const std::string session = session_name(delivery);
  caller.account = role->account;
  caller.principal = services::PrincipalKind::role_session;
  caller.role_arn = delivery.role;
  caller.caller_arn =
      fmt::format("arn:aws:sts::{}:assumed-role/{}/{}", role->account, name, session);
  caller.source_arn = delivery.source_arn;
  caller.source_account = delivery.source_account;
  if (const auto known = directory ? directory->find_role(role->account, name) : nullptr)
    caller.caller_id = fmt::format("{}:{}", known->id, session);
}

}  // namespace

services::Context caller_of(const services::Delivery& delivery, const services::Arn& target,
                            const identity::Directory* directory) {
  services::Context caller{.account = target.account, .region = target.region};
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

}  // namespace matinee::delivery
