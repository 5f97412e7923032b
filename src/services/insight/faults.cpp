// Faults on purpose: what calls are to suffer, and how often.
#include <fmt/format.h>

#include "insight/errors.h"
#include "insight/operations.h"
#include "services/insight/service.h"
#include "services/insight/unusable.h"

namespace matinee::insight {

namespace {

faults::Action to_action(const std::string& word) {
  if (const auto action = faults::find_action(word)) return *action;
  throw unusable(fmt::format("\"{}\" is no action; there are {}.", word,
                             fmt::join(faults::action_words(), ", ")));
}

faults::Span to_span(const std::string& text) {
  if (const auto span = faults::find_span(text)) return *span;
  throw unusable(fmt::format(
      "\"{}\" is no latency: write 200ms, 2s or 1m, up to 1h, or a range such as 100ms..2s.",
      text));
}

/// Negative numbers become 0, which no rule takes.
std::uint64_t to_count(std::int64_t number) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(number, 0));
}

faults::Rule to_rule(const AddFaultRequest& request) {
  faults::Rule rule{.action = to_action(request.action),
                    .service = request.service.value_or(""),
                    .operation = request.operation.value_or(""),
                    .resource = request.resource.value_or(""),
                    .caller = request.caller.value_or(""),
                    .probability = request.probability.value_or(1),
                    .every = to_count(request.every.value_or(1)),
                    .error = request.error.value_or(""),
                    .message = request.message.value_or("")};
  if (request.times) rule.times = to_count(*request.times);
  if (request.status) rule.status = *request.status;
  if (request.latency) rule.latency = to_span(*request.latency);
  return rule;
}

std::optional<std::string> unless_empty(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return text;
}

Fault to_shape(const faults::Fault& fault) {
  const faults::Rule& rule = fault.rule;
  Fault shape{.id = fault.id(),
              .text = faults::describe(rule),
              .action = std::string(faults::to_text(rule.action)),
              .service = unless_empty(rule.service),
              .operation = unless_empty(rule.operation),
              .resource = unless_empty(rule.resource),
              .caller = unless_empty(rule.caller),
              .error = unless_empty(rule.error),
              .message = unless_empty(rule.message),
              .status = rule.status,
              .probability = rule.probability,
              .every = static_cast<std::int64_t>(rule.every),
              .asked = static_cast<std::int64_t>(fault.asked),
              .hits = static_cast<std::int64_t>(fault.hits)};
  if (rule.latency) shape.latency = faults::to_text(*rule.latency);
  if (rule.times) shape.times = static_cast<std::int64_t>(*rule.times);
  return shape;
}

}  // namespace

void Service::use(services::Faults& faults, runtime::Random& random) {
  faults_ = &faults;
  random_ = &random;
}

faults::Plan& Service::plan() const {
  if (!faults_) throw protocol::ServiceError("NotImplemented", 501, "There are no faults here.");
  return faults_->plan();
}

AddFaultResponse Service::add_fault(const Context&, const AddFaultRequest& request) {
  faults::Plan& faults = plan();
  faults::Rule rule = to_rule(request);
  if (const std::string mistake = faults.find_mistake(rule); !mistake.empty())
    throw unusable(mistake);
  if (request.seed && *request.seed < 0) throw unusable("Seed is at least 0.");
  if (request.seed)
    faults.use_seed(static_cast<std::uint64_t>(*request.seed));
  else
    faults_->require_seed(*random_);
  const faults::Fault& added = faults.add(std::move(rule));
  return {.fault = to_shape(added), .seed = static_cast<std::int64_t>(*faults.seed())};
}

ListFaultsResponse Service::list_faults(const Context&, const ListFaultsRequest&) {
  const faults::Plan& faults = plan();
  ListFaultsResponse response;
  if (const auto seed = faults.seed()) response.seed = static_cast<std::int64_t>(*seed);
  std::vector<Fault>& shapes = response.faults.emplace();
  for (const faults::Fault& fault : faults.faults()) shapes.push_back(to_shape(fault));
  return response;
}

ClearFaultsResponse Service::clear_faults(const Context&, const ClearFaultsRequest& request) {
  const std::string id = request.id.value_or("");
  const std::size_t cleared = plan().clear(id);
  if (cleared == 0 && !id.empty()) throw unusable(fmt::format("There is no fault {}.", id));
  return {.cleared = static_cast<std::int64_t>(cleared)};
}

}  // namespace matinee::insight
