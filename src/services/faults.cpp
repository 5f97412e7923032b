#include "services/faults.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/log.h"
#include "services/needs.h"
#include "storage/store.h"

namespace matinee::services {

namespace {

/// That the call names, each once.
std::vector<std::string> resources_of(const Context& context, const protocol::Operation& operation,
                                      const void* request) {
  std::vector<Need> needs;
  add_needs_of_table(context, operation, request, needs);
  std::vector<std::string> resources;
  for (Need& need : needs)
    if (!need.resource.empty() && need.resource != "*" &&
        std::ranges::find(resources, need.resource) == resources.end())
      resources.push_back(std::move(need.resource));
  return resources;
}

/// "sqs" of "arn:aws:sqs:..."; "https" of a URL.
std::string_view service_of(std::string_view target) {
  constexpr std::string_view beginning = "arn:aws:";
  if (target.starts_with(beginning)) target.remove_prefix(beginning.size());
  return target.substr(0, target.find(':'));
}

/// The parts of a delivery that rules look at have to outlive the call.
faults::Call call_of(faults::Stage stage, const Delivery& delivery,
                     const std::vector<std::string>& resources) {
  return {.stage = stage,
          .service = service_of(delivery.target),
          .operation = {},
          .resources = resources,
          .caller_arn = delivery.service_principal,
          .in_order = delivery.in_order};
}

std::vector<std::string> resources_of(const Delivery& delivery) {
  return {delivery.target, delivery.source_arn};
}

}  // namespace

faults::Verdict Faults::judge(const Context& context, const protocol::Operation& operation,
                              const void* request) {
  const protocol::ServiceModel& service = *operation.service;
  if (service.name == "matinee") return {};
  const std::vector<std::string> resources = resources_of(context, operation, request);
  const std::string name = fmt::format("{}:{}", service.name, operation.name);
  const HopMessage message{.id = context.request_id};
  return decide({.model = &service,
                 .service = service.name,
                 .operation = operation.name,
                 .resources = resources,
                 .caller_arn = context.caller_arn,
                 .access_key = context.access_key},
                {.account = context.account,
                 .region = context.region,
                 .trace = context.trace_header,
                 .resource = resources.empty() ? name : resources.front(),
                 .reason = name,
                 .caller = context.caller_arn,
                 .messages = {&message, 1}});
}

faults::Verdict Faults::judge_delivery(faults::Stage stage, const Delivery& delivery) {
  const std::vector<std::string> resources = resources_of(delivery);
  const HopMessage message{.id = delivery.id};
  Hop hop{.account = delivery.source_account,
          .trace = delivery.trace_header,
          .resource = delivery.target,
          .peer = delivery.source_arn,
          .reason = "a delivery",
          .caller = delivery.service_principal};
  if (!delivery.id.empty()) hop.messages = {&message, 1};
  return decide(call_of(stage, delivery, resources), hop);
}

bool Faults::may_hit_attempt(const Delivery& delivery) const {
  const std::vector<std::string> resources = resources_of(delivery);
  return plan_.may_hit(call_of(faults::Stage::attempt, delivery, resources));
}

faults::Verdict Faults::judge_message(const SentMessage& message) {
  const std::vector<std::string> resources = {std::string(message.queue_arn)};
  const HopMessage told{.id = message.id};
  const Context& sender = message.sender;
  return decide({.stage = faults::Stage::delivery,
                 .service = "sqs",
                 .operation = {},
                 .resources = resources,
                 .caller_arn = sender.caller_arn,
                 .access_key = sender.access_key},
                {.account = sender.account,
                 .region = sender.region,
                 .trace = sender.trace_header,
                 .resource = message.queue_arn,
                 .reason = "a message that was sent",
                 .caller = sender.caller_arn,
                 .messages = {&told, 1}});
}

faults::Verdict Faults::judge_function(const CalledFunction& call) {
  const std::vector<std::string> resources = {std::string(call.arn)};
  const HopMessage message{.id = call.id};
  return decide({.stage = faults::Stage::function,
                 .service = "lambda",
                 .operation = {},
                 .resources = resources,
                 .caller_arn = {}},
                {.account = call.account,
                 .region = call.region,
                 .trace = call.trace,
                 .resource = call.arn,
                 .reason = "a call of the function",
                 .messages = {&message, 1}});
}

/// The hop's reason says what is judged.
faults::Verdict Faults::decide(const faults::Call& call, Hop hop) {
  faults::Verdict verdict = plan_.judge(call);
  if (hits_)
    for (const std::string& id : verdict.ids)
      if (std::ranges::find(*hits_, id) == hits_->end()) hits_->push_back(id);
  if (verdict.ids.empty() || !journal_) return verdict;
  const std::string reason = fmt::format("{} on {}", verdict.words, hop.reason);
  hop.kind = hop_of_fault;
  hop.reason = reason;
  tell(hop);
  return verdict;
}

/// Outside of a transaction the hop has one of its own: what the fault prevents has none.
void Faults::tell(const Hop& hop) {
  if (store_.in_transaction()) return journal_->note(hop);
  try {
    storage::Transaction transaction(store_);
    journal_->note(hop);
    transaction.commit();
  } catch (const storage::StoreFailure& failure) {
    spdlog::warn("A fault is not in the journal: {}", failure.what());
  }
}

void Faults::require_seed(runtime::Random& random) {
  constexpr std::uint64_t drawn_seeds = std::uint64_t{1} << 31;
  if (!plan_.seed()) plan_.use_seed(random.below(drawn_seeds));
}

void Faults::begin_weather(runtime::Random& random) {
  constexpr double share_of_copies = 0.02;
  constexpr double share_of_late = 0.2;
  require_seed(random);
  plan_.add(
      {.action = faults::Action::duplicate, .service = "sqs", .probability = share_of_copies});
  plan_.add({.action = faults::Action::reorder, .service = "sqs", .probability = share_of_late});
}

void Faults::reset(const ResetScope& scope) {
  if (!scope.account) plan_.clear("");
}

}  // namespace matinee::services
