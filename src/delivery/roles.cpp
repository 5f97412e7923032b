// In whose name deliveries are made: a service takes on a role only if that trusts it.
#include "delivery/outbox.h"
#include "services/role_trust.h"
#include "sqs/operations.h"

namespace matinee::delivery {

std::optional<services::Refusal> Outbox::why_not_in_its_role(
    const services::Delivery& delivery) const {
  if (delivery.role.empty() || !authorizer_ || !authorizer_->enforces() || !directory_)
    return std::nullopt;
  const std::optional<services::Arn> role = services::parse_arn(delivery.role);
  if (!role) return std::nullopt;
  services::Context taker{.account = role->account};
  taker.service_principal = delivery.service_principal;
  taker.source_arn = delivery.source_arn;
  taker.source_account = delivery.source_account;
  // The decision is about the role alone, whatever is called with it.
  const std::optional<std::string> reason = services::why_not_trusted(
      *authorizer_, *directory_,
      {.role = delivery.role, .taker = taker, .operation = sqs::operations::SendMessageBatch});
  if (!reason) return std::nullopt;
  return services::Refusal{
      .reason = "AccessDenied: " + *reason, .code = "AccessDenied", .for_ever = true};
}

}  // namespace matinee::delivery
