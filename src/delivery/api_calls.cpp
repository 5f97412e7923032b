#include "delivery/api_calls.h"

#include <fmt/format.h>

#include "delivery/api_values.h"

namespace matinee::delivery {

namespace {

/// "cloudwatch" and "logs" stand for "CloudWatch" and "CloudWatch Logs": the name that a service
/// signs with, or the one in AWS's SDKs.
bool is_called(const protocol::ServiceModel& model, std::string_view name) {
  if (model.name == name) return true;
  std::string id;
  for (const char c : model.id)
    if (c != ' ') id += c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  return id == name;
}

void add_tokens(const protocol::Structure& input, void* request, runtime::Random& random) {
  for (const protocol::Field& field : input.fields)
    if (field.idempotency_token && !field.required && !field.find(request))
      *static_cast<std::string*>(field.emplace(request)) = random.uuid();
}

}  // namespace

std::string host_of_service(std::string_view service, std::string_view host) {
  const std::size_t dot = host.find('.');
  const std::string_view asked = host.substr(0, dot);
  const bool is_named = asked == "cloudformation" || asked == "cloudcontrolapi";
  const std::string_view name = host.substr(0, host.rfind(':'));
  if (!is_named || !(name.ends_with(".amazonaws.com") || name.ends_with(".amazonaws.com.cn") ||
                     name.ends_with(".api.aws")))
    return std::string(host);
  return fmt::format("{}{}", service, host.substr(dot));
}

const protocol::Operation* ApiCalls::find_operation(std::string_view name) const {
  const std::size_t colon = name.find(':');
  if (colon == std::string_view::npos) return nullptr;
  for (const protocol::ServiceModel* model : endpoint_.models()) {
    if (!is_called(*model, name.substr(0, colon))) continue;
    for (const protocol::Operation* operation : model->operations)
      if (operation->name == name.substr(colon + 1) && endpoint_.serves(*operation))
        return operation;
  }
  return nullptr;
}

runtime::Task<templates::Value> ApiCalls::call(std::string_view operation, templates::Value request,
                                               Keep keep) {
  services::Context caller = caller_;
  if (const std::size_t at = operation.find('@'); at != operation.npos) {
    caller.region = operation.substr(at + 1);
    operation = operation.substr(0, at);
  }
  const protocol::Operation* found = find_operation(operation);
  if (!found)
    throw protocol::ServiceError("NotImplemented", 501,
                                 fmt::format("Matinee does not serve {}.", operation));
  caller.host = host_of_service(found->service->name, caller.host);
  services::Input input{.request = protocol::Object(*found->request)};
  read_request(*found->input, request, input.request.get(), input.violations);
  add_tokens(*found->input, input.request.get(), random_);
  if (keep)
    input.keep = [found, keep = std::move(keep)](const protocol::Object& response) {
      keep(response_tree(*found->output, response.get()));
    };
  client::InProcessChannel channel(endpoint_, random_, std::move(caller));
  const protocol::Object response = co_await channel.call(*found, std::move(input));
  co_return response_tree(*found->output, response.get());
}

std::unique_ptr<resources::Calls> ApiCallsMaker::calls_as(services::Context caller) {
  caller.source_ip = services::cloudformation_address;
  caller.request_id.clear();
  caller.cancellation = nullptr;
  return std::make_unique<ApiCalls>(endpoint_, random_, std::move(caller));
}

}  // namespace matinee::delivery
