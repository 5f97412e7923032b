#include "delivery/targets/universal_target.h"

#include <fmt/format.h>

#include <algorithm>

#include "delivery/targets/refusals.h"
#include "protocol/json.h"

namespace matinee::delivery {

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// "cloudwatchlogs" stands for "CloudWatch Logs": AWS's names of services in their SDK for Java.
bool is_called(std::string_view service_id, std::string_view name) {
  std::string known;
  for (const char c : service_id)
    if (c != ' ') known += lower(c);
  return known == name;
}

/// "sendMessage" stands for "SendMessage".
bool is_operation(std::string_view operation, std::string_view name) {
  return operation.size() == name.size() && !name.empty() &&
         lower(operation[0]) == lower(name[0]) && operation.substr(1) == name.substr(1);
}

/// Whoever calls gives tokens of idempotency where the user has not: AWS's SDK does.
void add_tokens(const protocol::Structure& input, void* request, runtime::Random& random) {
  for (const protocol::Field& field : input.fields)
    if (field.idempotency_token && !field.required && !field.find(request))
      *static_cast<std::string*>(field.emplace(request)) = random.uuid();
}

}  // namespace

const protocol::Operation* UniversalTarget::find_operation(std::string_view target) const {
  if (!target.starts_with(prefix)) return nullptr;
  target.remove_prefix(prefix.size());
  const std::size_t colon = target.find(':');
  if (colon == std::string_view::npos) return nullptr;
  for (const protocol::ServiceModel* model : way_.endpoint.models()) {
    if (!is_called(model->id, target.substr(0, colon))) continue;
    for (const protocol::Operation* operation : model->operations)
      if (is_operation(operation->name, target.substr(colon + 1)) &&
          way_.endpoint.serves(*operation))
        return operation;
  }
  return nullptr;
}

/// The call happens where the schedule is, in the account of its role.
runtime::Task<services::Refusals> UniversalTarget::send(
    std::vector<services::Delivery> deliveries) {
  services::Delivery& delivery = deliveries.front();
  const protocol::Operation* operation = find_operation(delivery.target);
  if (!operation)
    throw protocol::ServiceError("NotImplemented", 501,
                                 fmt::format("Matinee does not serve {}.", delivery.target));
  services::Arn place;
  if (const auto source = services::parse_arn(delivery.source_arn)) place = *source;
  if (const auto role = services::parse_arn(delivery.role)) place.account = role->account;
  services::Context caller = caller_of(delivery, place, way_.directory);
  caller.trace_header = delivery.trace_header;
  protocol::Object request(*operation->request);
  protocol::Violations violations;
  protocol::json::read_in_either_case(*operation->input, delivery.body, request.get(), &violations);
  add_tokens(*operation->input, request.get(), way_.random);
  if (!violations.empty())
    throw protocol::ServiceError("ValidationException", 400, protocol::describe(violations));
  client::InProcessChannel channel(way_.endpoint, way_.random, std::move(caller));
  co_await channel.call(*operation, std::move(request));
  co_return services::Refusals(1);
}

}  // namespace matinee::delivery
