// What calls must be allowed beside their own action: roles that stacks are worked on in, and
// topics that are told of them.
#include <fmt/format.h>

#include "services/cloudformation/running/callers.h"
#include "services/cloudformation/service.h"
#include "services/role_trust.h"

namespace matinee::cloudformation {

namespace {

constexpr const char* service_principal = "cloudformation.amazonaws.com";

/// Throws AccessDenied, or notes the refusal where it does not count.
void decide(services::Decider& decider, const services::Inquiry& inquiry,
            const services::Guarded& guarded) {
  constexpr int forbidden = 403;
  const identity::Decision decision = decider.decide(
      inquiry, guarded,
      [](std::string_view) -> std::optional<std::vector<std::string>> { return std::nullopt; });
  if (decision.allowed) return;
  std::string sentence = decider.sentence(inquiry, guarded, decision);
  if (decider.enforces()) throw protocol::ServiceError("AccessDenied", forbidden, sentence);
  decider.note_refusal(inquiry, std::move(sentence));
}

}  // namespace

void Service::require_trust(const Context& context, const protocol::Operation& operation,
                            const std::string& role) const {
  services::Decider* decider = this->decider();
  if (role.empty() || !decider || !decider->enforces() || !neighbours_.directory) return;
  Context taker{.account = context.account, .region = context.region};
  taker.service_principal = service_principal;
  taker.source_account = context.account;
  if (services::why_not_trusted(*decider, *neighbours_.directory,
                                {.role = role, .taker = taker, .operation = operation}))
    throw ValidationError(fmt::format("Role {} is invalid or cannot be assumed", role));
}

void Service::require_action(const Context& caller, const protocol::Operation& operation,
                             const StackKey& stack) const {
  services::Decider* decider = this->decider();
  if (!decider) return;
  const std::string action = fmt::format("cloudformation:{}", operation.name);
  const std::string resource = arn_of(stack);
  decide(*decider,
         {.context = caller,
          .operation = operation,
          .request = nullptr,
          .action = action,
          .resource = resource},
         {.account = std::get<0>(stack)});
}

void Service::require_topics(const Context& context, const protocol::Operation& operation,
                             const std::string& role,
                             const std::vector<std::string>& topics) const {
  services::Decider* decider = this->decider();
  if (!decider) return;
  const Context publisher = caller_of(caller_record(context, role));
  for (const std::string& topic : topics) {
    const services::Inquiry inquiry{.context = publisher,
                                    .operation = operation,
                                    .request = nullptr,
                                    .action = "sns:Publish",
                                    .resource = topic};
    // Only who publishes is asked: the topic's own policy is, where it is of another account, when
    // it is told.
    decide(*decider, inquiry, {.account = publisher.account});
  }
}

}  // namespace matinee::cloudformation
