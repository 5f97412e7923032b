#include "services/call_faults.h"

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

}  // namespace

faults::Verdict CallFaults::judge(const Context& context, const protocol::Operation& operation,
                                  const void* request) {
  const protocol::ServiceModel& service = *operation.service;
  if (service.name == "matinee") return {};
  const std::vector<std::string> resources = resources_of(context, operation, request);
  const faults::Call call{.service = service.name,
                          .operation = operation.name,
                          .resources = resources,
                          .caller_arn = context.caller_arn,
                          .access_key = context.access_key};
  faults::Verdict verdict = plan_.judge(call, service);
  if (!verdict.ids.empty() && journal_) tell(context, call, verdict);
  return verdict;
}

/// Nothing of the call is in its transaction: what a fault prevents has none.
void CallFaults::tell(const Context& context, const faults::Call& call,
                      const faults::Verdict& verdict) {
  const std::string name = fmt::format("{}:{}", call.service, call.operation);
  const HopMessage message{.id = context.request_id};
  try {
    storage::Transaction transaction(store_);
    journal_->note({.kind = hop_of_fault,
                    .account = context.account,
                    .region = context.region,
                    .trace = context.trace_header,
                    .resource = call.resources.empty() ? name : call.resources.front(),
                    .reason = fmt::format("{} on {}", verdict.words, name),
                    .caller = context.caller_arn,
                    .messages = {&message, 1}});
    transaction.commit();
  } catch (const storage::StoreFailure& failure) {
    spdlog::warn("A fault is not in the journal: {}", failure.what());
  }
}

void CallFaults::reset(const ResetScope& scope) {
  if (!scope.account) plan_.clear("");
}

}  // namespace matinee::services
