// Who may do what with a queue: its owner's account all that the queue's policy does not deny,
// others what the policy allows, but for the operations that are the owner's alone.
#include <fmt/format.h>

#include "policy/wildcard.h"
#include "services/policy_context.h"
#include "services/sqs/move_task.h"
#include "services/sqs/queue_url.h"
#include "services/sqs/rules.h"
#include "services/sqs/service.h"
#include "sqs/operations.h"

namespace matinee::sqs {

namespace {

/// What the request calls its queue: the member's value, or null where it has no such member.
const std::string* find_member(const protocol::Operation& operation, const void* request,
                               std::string_view name) {
  const protocol::Field* field = operation.input->find(name);
  return field ? static_cast<const std::string*>(field->find(request)) : nullptr;
}

/// Batches need the permission of what they do several times.
std::string_view action_of(const protocol::Operation& operation) {
  std::string_view name = operation.name;
  constexpr std::string_view batch = "Batch";
  if (name.ends_with(batch)) name.remove_suffix(batch.size());
  return name;
}

/// Whom no policy keeps from mending it: AWS leaves that to the root user of the owner.
bool mends_policy(const Context& context, const protocol::Operation& operation,
                  const QueueKey& key) {
  return services::is_root_of(context, key.account) &&
         (&operation == &operations::SetQueueAttributes ||
          &operation == &operations::RemovePermission);
}

std::optional<std::vector<std::string>> find_tag(const Queue& queue, std::string_view key) {
  constexpr std::string_view prefix = "aws:resourcetag/";
  if (!key.starts_with(prefix)) return std::nullopt;
  for (const auto& [name, value] : queue.record.tags)
    if (policy::equals_ignoring_case(name, key.substr(prefix.size()))) return std::vector{value};
  return std::nullopt;
}

[[noreturn]] void deny(const Context& context, std::string_view action, const Queue& queue,
                       const policy::Decision& decision) {
  const std::string spelled = policy::to_lower(action);
  throw AccessDeniedException(fmt::format(
      "User: {} is not authorized to perform: {} on resource: {} {}",
      context.service_principal.empty() ? context.caller_arn : context.service_principal, spelled,
      queue.arn, policy::explain(decision, spelled)));
}

}  // namespace

bool is_owners_action(std::string_view action) {
  constexpr std::string_view actions[] = {"AddPermission",
                                          "CancelMessageMoveTask",
                                          "CreateQueue",
                                          "DeleteQueue",
                                          "ListMessageMoveTasks",
                                          "ListQueues",
                                          "ListQueueTags",
                                          "RemovePermission",
                                          "SetQueueAttributes",
                                          "StartMessageMoveTask",
                                          "TagQueue",
                                          "UntagQueue"};
  return std::ranges::find(actions, action) != std::end(actions);
}

/// Whose queue it is, is read from the URL: nothing needs to be looked up for callers who use their
/// own queues while no queue has a policy.
void Service::authorize(const Context& context, const protocol::Operation& operation,
                        const void* request) {
  // Where policies of identities decide, that of the queue was looked at with them.
  if (decider() && decider()->enforces()) return;
  std::optional<QueueKey> key;
  const auto is_own = [&](std::string_view account) {
    return context.service_principal.empty() && (account.empty() || account == context.account);
  };
  if (const std::string* url = find_member(operation, request, "QueueUrl")) {
    const std::optional<QueueUrl> parts = parse_queue_url(*url);
    if (!parts || (is_own(parts->account) && !has_policies_)) return;
    key = {.account = parts->account.empty() ? context.account : std::string(parts->account),
           .region = context.region,
           .name = std::string(parts->name)};
  } else if (&operation == &operations::GetQueueUrl) {
    const auto& named = *static_cast<const GetQueueUrlRequest*>(request);
    key = {.account = named.queue_owner_aws_account_id.value_or(context.account),
           .region = context.region,
           .name = named.queue_name};
  } else if (const std::string* arn = find_member(operation, request, "SourceArn")) {
    key = parse_arn(*arn);
  }
  const Queue* queue = key ? find_queue(*key) : nullptr;
  // What is not there is for the operation to tell.
  if (queue) authorize_for(*queue, context, operation);
}

void Service::authorize_for(const Queue& queue, const Context& context,
                            const protocol::Operation& operation) const {
  const std::string_view name = action_of(operation);
  const std::string action = fmt::format("sqs:{}", name);
  const policy::Keys keys = [&](std::string_view key) {
    auto found = services::find_global_key(context, clock_.now(), key);
    if (!found && key == "aws:resourceaccount") found = std::vector{queue.key.account};
    return found ? found : find_tag(queue, key);
  };
  const policy::Caller caller = services::caller_of(context);
  const policy::Decision decision =
      policy::authorize({.account = queue.key.account, .policy = queue.settings.policy.get()},
                        {.caller = caller, .action = action, .resource = queue.arn, .keys = keys});
  if (caller.account != queue.key.account && is_owners_action(name))
    deny(context, action, queue, {});
  if (!decision.allowed() && !mends_policy(context, operation, queue.key))
    deny(context, action, queue, decision);
}

void Service::require_right(const Context& context, const Queue& queue,
                            const protocol::Operation& operation) const {
  if (decider()) {
    const std::string action = fmt::format("sqs:{}", operation.name);
    const protocol::Object request(*operation.request);
    decider()->require(*this, {.context = context,
                               .operation = operation,
                               .request = request.get(),
                               .action = action,
                               .resource = queue.arn});
    if (decider()->enforces()) return;
  }
  authorize_for(queue, context, operation);
}

bool Service::has_right(const Context& context, const Queue& queue,
                        const protocol::Operation& operation) const {
  try {
    require_right(context, queue, operation);
    return true;
  } catch (const protocol::ServiceError& error) {
    if (error.name() != "AccessDeniedException") error.raise();
    return false;
  }
}

/// The handle of a task names the queue that it empties.
void Service::complete_arn(const Context&, std::string& arn) const {
  constexpr std::string_view task = "task:";
  if (arn.starts_with(task)) arn = source_of_handle(arn.substr(task.size())).value_or("*");
}

services::Guarded Service::guard_of(const services::Inquiry& inquiry) const {
  const Context& context = inquiry.context;
  if (!has_policies_) return {};
  const std::optional<QueueKey> key = parse_arn(inquiry.resource);
  const Queue* queue = key ? find_queue(*key) : nullptr;
  if (!queue) return {};
  services::Guarded guarded{.account = key->account};
  const bool is_owners = is_owners_action(inquiry.action.substr(inquiry.action.find(':') + 1));
  const bool by_owner = context.service_principal.empty() && context.account == key->account;
  // Some things a policy cannot let others do.
  if ((by_owner || !is_owners) && !mends_policy(context, inquiry.operation, *key))
    guarded.policy = queue->settings.policy;
  return guarded;
}

std::optional<std::vector<std::string>> Service::find_key(const services::Inquiry& inquiry,
                                                          std::string_view key) const {
  const std::optional<QueueKey> named = parse_arn(inquiry.resource);
  const Queue* queue = named ? find_queue(*named) : nullptr;
  return queue ? find_tag(*queue, key) : std::nullopt;
}

protocol::ServiceError Service::refusal(const services::Inquiry&, std::string sentence) const {
  return AccessDeniedException(std::move(sentence));
}

}  // namespace matinee::sqs
