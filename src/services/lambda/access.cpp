// Who may do what with a function: its owner's account all that its policy does not deny, others
// what the policy of the function, version or alias allows.
#include <fmt/format.h>

#include "lambda/operations.h"
#include "policy/evaluate.h"
#include "policy/wildcard.h"
#include "services/lambda/catalog/policy_text.h"
#include "services/lambda/service.h"
#include "services/lower_paths.h"
#include "services/policy_context.h"
#include "services/request_members.h"

namespace matinee::lambda {

namespace {

constexpr int forbidden = 403;

std::string action_of(const protocol::Operation& operation) {
  const bool invokes =
      &operation == &operations::Invoke || &operation == &operations::InvokeWithResponseStream;
  return invokes ? "lambda:InvokeFunction" : fmt::format("lambda:{}", operation.name);
}

}  // namespace

protocol::ServiceError Service::invalid(const protocol::Operation& operation,
                                        const protocol::Violations& violations) const {
  return ServiceBase::invalid(operation, services::with_lower_paths(violations));
}

protocol::ServiceError Service::refusal(const services::Inquiry&, std::string sentence) const {
  return {"AccessDeniedException", forbidden, std::move(sentence)};
}

std::shared_ptr<const policy::Document> Service::document_of(const Named& name) const {
  const QualifiedKey key = qualified(name.key, name.qualifier);
  if (const auto known = documents_.find(key); known != documents_.end()) return known->second;
  const std::optional<PolicyRecord> policy = policies_.find(key);
  if (!policy) return nullptr;
  auto document = policy::parse(text_of(*policy));
  if (!document) return nullptr;
  return documents_.emplace(key, std::make_shared<const policy::Document>(*std::move(document)))
      .first->second;
}

services::Guarded Service::guard_of(const services::Inquiry& inquiry) const {
  const std::optional<Named> name = find_named(inquiry.resource);
  if (!name) return {};
  return {.account = std::get<0>(name->key), .policy = document_of(*name)};
}

std::optional<std::vector<std::string>> Service::find_key(const services::Inquiry& inquiry,
                                                          std::string_view key) const {
  constexpr std::string_view tag_prefix = "aws:resourcetag/";
  const std::optional<Named> name = find_named(inquiry.resource);
  if (!name) return std::nullopt;
  if (key == "lambda:functionarn") return std::vector{arn_of(name->key)};
  if (key == "aws:resourceaccount") return std::vector{std::get<0>(name->key)};
  if (!key.starts_with(tag_prefix)) return std::nullopt;
  const std::optional<FunctionRecord> function = functions_.find(name->key);
  if (!function) return std::nullopt;
  for (const auto& [tag, value] : function->tags)
    if (policy::equals_ignoring_case(tag, key.substr(tag_prefix.size()))) return std::vector{value};
  return std::nullopt;
}

/// Where policies of identities do not decide, that of the function still does about other accounts
/// and services.
void Service::authorize(const Context& context, const protocol::Operation& operation,
                        const void* request) {
  if (decider() && decider()->enforces()) return;
  const std::string* text = services::find_text(operation, request, "FunctionName");
  if (!text) text = services::find_text(operation, request, "ResourceArn");
  if (!text) return;
  const std::string* qualifier = services::find_text(operation, request, "Qualifier");
  const Named name = named(context, *text, qualifier ? std::optional(*qualifier) : std::nullopt);
  const std::string& owner = std::get<0>(name.key);
  if (context.service_principal.empty() && context.account == owner) return;
  const std::string action = action_of(operation);
  const std::string resource = arn_of(name.key, name.qualifier);
  const policy::Keys keys = [&](std::string_view key) {
    auto found = find_key({context, operation, request, action, resource}, key);
    return found ? found : services::find_global_key(context, runtime_.clock.now(), key);
  };
  const std::shared_ptr<const policy::Document> document = document_of(name);
  const policy::Decision decision = policy::authorize({.account = owner, .policy = document.get()},
                                                      {.caller = services::caller_of(context),
                                                       .action = action,
                                                       .resource = resource,
                                                       .keys = keys});
  if (decision.allowed()) return;
  throw protocol::ServiceError(
      "AccessDeniedException", forbidden,
      fmt::format(
          "User: {} is not authorized to perform: {} on resource: {} {}",
          context.service_principal.empty() ? context.caller_arn : context.service_principal,
          action, resource, policy::explain(decision, action)));
}

}  // namespace matinee::lambda
