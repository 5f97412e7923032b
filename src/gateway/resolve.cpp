#include "gateway/resolve.h"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/rpc_cbor.h"

namespace matinee::gateway {

using protocol::HttpRequest;
using protocol::Operation;
using protocol::Parameters;
using protocol::Protocol;
using protocol::ServiceError;
using protocol::ServiceModel;

namespace {

// Stand-ins with which errors are encoded where there is no service.
constexpr ServiceModel unknown_json = {
    .name = "", .protocol = Protocol::json, .json_version = "1.0"};
constexpr ServiceModel unknown_cbor = {.name = "", .protocol = Protocol::json};
constexpr ServiceModel unknown_query = {.name = "", .protocol = Protocol::query};
constexpr ServiceModel unknown_rest = {.name = "", .protocol = Protocol::rest_xml};

bool speaks_query(const ServiceModel& model) {
  return model.protocol == Protocol::query || model.also_query;
}

bool is_rest(const ServiceModel& model) {
  return model.protocol == Protocol::rest_xml || model.protocol == Protocol::rest_json;
}

bool is_cbor(const HttpRequest& head) {
  return head.headers.find("smithy-protocol") == protocol::rpc_cbor::protocol_name;
}

bool is_form(const HttpRequest& head) {
  const auto type = head.headers.find("content-type");
  return head.method == "POST" && type && type->starts_with("application/x-www-form-urlencoded");
}

std::unexpected<Unresolved> unresolved(const Target& target, ServiceError error) {
  return std::unexpected(Unresolved{.target = target, .error = std::move(error)});
}

std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) return host;
  return host.substr(0, host.rfind(':'));
}

/// "sqs" of "sqs.us-east-1.localhost"; SQS also goes by its older name "queue".
std::string_view service_of_host(std::string_view host) {
  host = without_port(host);
  const std::size_t dot = host.find('.');
  if (dot == std::string_view::npos) return {};
  const std::string_view first = host.substr(0, dot);
  const std::string_view next = host.substr(dot + 1);
  if (next.starts_with("s3.") || next.starts_with("s3-") || next == "s3") return {};
  return first == "queue" ? "sqs" : first;
}

/// S3 Control shares the scope of its credentials with S3, and its paths look like keys of a
/// bucket. The account that it asks for comes in a header of its own, or in front of its host.
bool is_s3_control(const HttpRequest& head) {
  if (!head.path.starts_with("/v20180820/")) return false;
  return head.headers.contains("x-amz-account-id") ||
         head.headers.find("host").value_or("").find("s3-control.") != std::string_view::npos;
}

/// "/000000000000/orders", "/queue/orders", "/queue/eu-west-1/000000000000/orders"
bool names_queue(std::string_view path) {
  const std::size_t slash = path.find('/', 1);
  return slash != std::string_view::npos && slash + 1 < path.size();
}

/// "sqs" of the address of a queue that somebody just opens. Buckets that are called like accounts
/// are too rare for this to be an object.
std::string_view service_of_path(const HttpRequest& head, const ServiceHint& hint) {
  const std::string_view path = head.path;
  const std::string_view account = path.substr(1, path.find('/', 1) - 1);
  const bool is_account =
      account.size() == 12 && account.find_first_not_of("0123456789") == std::string_view::npos;
  const bool says_nothing = hint.scope.empty() && head.query.empty() && head.method == "GET";
  return says_nothing && is_account && names_queue(path) ? "sqs" : "";
}

/// "/b" and "/b/".
bool is_bucket(std::string_view path) {
  const std::size_t slash = path.find('/', 1);
  return path.size() > 1 && (slash == std::string_view::npos || slash + 1 == path.size());
}

/// The only thing to POST to a bucket is a browser's form.
ServiceError no_form() {
  ServiceError error("PreconditionFailed", 412,
                     "At least one of the pre-conditions you specified did not hold");
  error.details = {{"Condition", "Bucket POST must be of the enclosure-type multipart/form-data"}};
  return error;
}

/// "/b/key" of "/key", and "/b" of "/".
std::string in_path_style(std::string_view bucket, std::string_view path) {
  std::string result("/");
  result.append(bucket);
  if (path != "/") result.append(path);
  return result;
}

}  // namespace

std::string_view bucket_of_host(std::string_view host) {
  host = without_port(host);
  for (const std::string_view mark : {".s3.", ".s3-"})
    if (const std::size_t position = host.rfind(mark); position != std::string_view::npos)
      return host.substr(0, position);
  if (host.starts_with("s3.") || host.starts_with("s3-")) return {};
  for (const std::string_view suffix : {".s3", ".localhost"})
    if (host.ends_with(suffix)) return host.substr(0, host.size() - suffix.size());
  return {};
}

Router::Router(std::span<const ServiceModel* const> models) {
  for (const ServiceModel* model : models) {
    Service& service = services_.emplace_back();
    service.model = model;
    for (const Operation* operation : model->operations)
      service.operations.emplace(operation->name, operation);
    if (is_rest(*model)) service.routes.emplace_back(*model);
  }
}

const Router::Service* Router::find_service(std::string_view name) const {
  const auto found = std::ranges::find_if(
      services_, [name](const Service& service) { return service.model->name == name; });
  return found == services_.end() ? nullptr : &*found;
}

/// By Version, where it is given, and by an operation of that name.
const Router::Service* Router::find_for_action(const Parameters& parameters) const {
  const std::string* action = protocol::find_parameter(parameters, "Action");
  const std::string* version = protocol::find_parameter(parameters, "Version");
  if (!action) return nullptr;
  for (const Service& service : services_) {
    if (!speaks_query(*service.model)) continue;
    if (version && *version != service.model->api_version) continue;
    if (version || service.operations.contains(*action)) return &service;
  }
  return nullptr;
}

Resolution Router::resolve(HttpRequest& head, const ServiceHint& hint) const {
  if (is_cbor(head)) return resolve_cbor(head.path);
  if (head.path.starts_with("/_matinee/"))
    if (const Service* own = find_service("matinee")) return resolve_rest(*own, head);
  if (const auto target = head.headers.find("x-amz-target")) {
    if (!is_form(head) || find_for_target(*target)) return resolve_json(*target);
    // Older clients of the query protocol send a target of their own with their forms, and sign for
    // S3 where the host does not tell them better.
    const Service* signed_for = find_service(hint.scope);
    const bool is_query = signed_for && speaks_query(*signed_for->model);
    return Target{.service = is_query ? signed_for->model : &unknown_query,
                  .protocol = Protocol::query};
  }

  const std::string_view host = head.headers.find("host").value_or("");
  const Service* service = nullptr;
  for (const std::string_view name :
       {hint.scope, hint.port, service_of_host(host), service_of_path(head, hint)}) {
    if (name.empty()) continue;
    service = find_service(name);
    if (service) break;
    if (name == hint.scope)
      return unresolved({.service = is_form(head) ? &unknown_query : &unknown_rest,
                         .protocol = is_form(head) ? Protocol::query : Protocol::rest_xml},
                        {"NotImplemented", 501, fmt::format("Matinee does not serve {}.", name)});
  }
  if (!service) service = find_for_action(head.query);
  const Service* s3_control = find_service("s3control");
  if (s3_control && (!service || service->model->name == "s3") && is_s3_control(head))
    service = s3_control;
  if (service && is_rest(*service->model)) return resolve_rest(*service, head);
  const Service* s3 = find_service("s3");
  // A form is also what simple clients call any body; a subresource tells S3's operations.
  if (!service && s3 && is_form(head) && !head.query.empty()) {
    HttpRequest in_path_style = head;
    if (resolve_rest(*s3, in_path_style)) return resolve_rest(*s3, head);
  }
  if (is_form(head) && !protocol::find_parameter(head.query, "Action"))
    return Target{.service = service ? service->model : &unknown_query,
                  .protocol = Protocol::query};
  if (service) return resolve_query(*service, head, head.query);
  // What says nothing of its service is S3: public objects and the oldest presigned URLs do not.
  if (s3) return resolve_rest(*s3, head);
  return unresolved({.service = &unknown_rest, .protocol = Protocol::rest_xml},
                    {"InvalidRequest", 400, "The request does not say which service it means."});
}

Resolution Router::resolve_form(const HttpRequest& request, const Target& target) const {
  const std::optional<Parameters> form = protocol::parse_parameters(request.body.bytes);
  if (!form)
    return unresolved(target,
                      {"MalformedQueryString", 400, "The query string contains a syntax error"});
  const Service* service = find_service(target.service->name);
  if (!service) service = find_for_action(*form);
  if (!service)
    return unresolved(target, {"InvalidAction", 400,
                               "Could not find operation to perform. The action or operation "
                               "requested is invalid."});
  return resolve_query(*service, request, *form);
}

const Router::Service* Router::find_for_target(std::string_view target) const {
  return find_for_prefix(target.substr(0, std::min(target.rfind('.'), target.size())));
}

const Router::Service* Router::find_for_prefix(std::string_view prefix) const {
  for (const Service& service : services_)
    if (!service.model->target_prefix.empty() && service.model->target_prefix == prefix)
      return &service;
  return nullptr;
}

/// "AmazonSQS.SendMessage"
Resolution Router::resolve_json(std::string_view target) const {
  const Service* service = find_for_target(target);
  if (!service)
    return unresolved(
        {.service = &unknown_json, .protocol = Protocol::json},
        {"UnknownOperationException", 501, fmt::format("Matinee does not serve {}.", target)});
  const Target found{.service = service->model, .protocol = Protocol::json};
  const auto operation =
      service->operations.find(target.substr(std::min(target.rfind('.') + 1, target.size())));
  if (operation != service->operations.end())
    return Target{found.service, found.protocol, operation->second};
  return unresolved(found, {"UnknownOperationException", 400, ""});
}

/// "/service/GraniteServiceVersion20100801/operation/PutMetricData"; a prefix may stand before it.
Resolution Router::resolve_cbor(std::string_view path) const {
  constexpr std::string_view service_mark = "/service/";
  constexpr std::string_view operation_mark = "/operation/";
  const Target nowhere{.service = &unknown_cbor, .protocol = Protocol::cbor};
  const std::size_t last = path.rfind(operation_mark);
  const std::size_t first =
      last == std::string_view::npos ? last : path.substr(0, last).rfind(service_mark);
  if (first == std::string_view::npos)
    return unresolved(nowhere, {"UnknownOperationException", 404, ""});
  const std::string_view prefix =
      path.substr(first + service_mark.size(), last - first - service_mark.size());
  const std::string_view name = path.substr(last + operation_mark.size());
  const Service* service = find_for_prefix(prefix);
  if (!service || !service->model->also_cbor)
    return unresolved(nowhere, {"UnknownOperationException", 501,
                                fmt::format("Matinee does not serve {} in CBOR.", prefix)});
  const Target found{.service = service->model, .protocol = Protocol::cbor};
  const auto operation = service->operations.find(name);
  if (operation == service->operations.end())
    return unresolved(found, {"UnknownOperationException", 404, ""});
  return Target{found.service, found.protocol, operation->second};
}

Resolution Router::resolve_query(const Service& service, const HttpRequest& request,
                                 const Parameters& parameters) const {
  const Target target{.service = service.model, .protocol = Protocol::query};
  const std::string* action = protocol::find_parameter(parameters, "Action");
  if (!speaks_query(*service.model))
    return unresolved({.service = service.model, .protocol = service.model->protocol},
                      {"UnknownOperationException", 400, ""});
  const bool is_about_queue = service.model->name == "sqs" && names_queue(request.path);
  if (!action && is_about_queue && request.method == "GET")
    return unresolved(target, {"UnknownOperationException", 404, ""});
  if (!action)
    return unresolved(target,
                      {"MissingAction", 400, "The request must contain the parameter Action."});
  const auto operation = service.operations.find(*action);
  // At the address of a queue only what is about that one queue can be asked for.
  if (operation == service.operations.end() ||
      (is_about_queue && operation->second->input && !operation->second->input->find("QueueUrl")))
    return unresolved(target,
                      {"InvalidAction", 400,
                       fmt::format("The action {} is not valid for this endpoint.", *action)});
  return Target{target.service, target.protocol, operation->second};
}

Resolution Router::resolve_rest(const Service& service, HttpRequest& head) const {
  if (service.model->name == "s3") {
    const std::string_view bucket = bucket_of_host(head.headers.find("host").value_or(""));
    if (!bucket.empty()) head.path = in_path_style(bucket, head.path);
  }
  const Target target{.service = service.model, .protocol = service.model->protocol};
  if (const Operation* operation = service.routes[0].find(head))
    return Target{target.service, target.protocol, operation};
  // A browser's form is a PutObject in other words.
  const auto type = head.headers.find("content-type");
  if (head.method == "POST" && service.model->name == "s3" && type &&
      type->starts_with("multipart/form-data") && head.path.size() > 1)
    return Target{target.service, target.protocol, service.operations.at("PutObject")};
  if (head.method == "PUT" && service.model->name == "s3" &&
      protocol::find_parameter(head.query, "partNumber"))
    return unresolved(target, {"InvalidArgument", 400,
                               "This operation does not accept partNumber without uploadId"});
  if (head.method == "POST" && service.model->name == "s3" && head.query.empty() &&
      is_bucket(head.path))
    return unresolved(target, no_form());
  if (service.model->name == "matinee")
    return unresolved(target, {"NotFound", 404, "Matinee has no such page."});
  return unresolved(target, {"MethodNotAllowed", 405,
                             "The specified method is not allowed against this resource."});
}

}  // namespace matinee::gateway
