#include "protocol/query.h"

#include <pugixml.hpp>

#include "protocol/form.h"
#include "protocol/utf8.h"
#include "protocol/wire_error.h"
#include "protocol/xml.h"

namespace matinee::protocol::query {
namespace {

constexpr std::string_view form_type = "application/x-www-form-urlencoded";

Parameters parameters_of(HttpRequest& request) {
  Parameters parameters = request.query;
  if (!request.body.bytes.empty()) {
    auto form = parse_parameters(request.body.bytes);
    if (!form)
      throw ServiceError("MalformedQueryString", 400, "The query string contains a syntax error.");
    for (auto& parameter : *form) parameters.push_back(std::move(parameter));
  }
  for (const auto& [name, value] : parameters)
    if (!is_utf8(name) || !is_utf8(value))
      throw ServiceError("MalformedQueryString", 400, "The query string is not valid UTF-8.");
  return parameters;
}

/// Requests sent to "/000000000000/orders" mean that queue even where they do not say so again.
void add_queue_url(const Operation& operation, const HttpRequest& request, Parameters& parameters) {
  const Field* field = operation.input->find("QueueUrl");
  if (!field || request.path.size() < 2 || find_parameter(parameters, field->wire_name)) return;
  const std::string host(request.headers.find("Host").value_or("localhost"));
  parameters.emplace_back(field->wire_name, "http://" + host + request.path);
}

void append_request_id(std::string& out, std::string_view request_id) {
  xml::append_element(out, "RequestId", request_id);
}

void append_open(std::string& out, std::string_view name, std::string_view xml_namespace = "") {
  out += '<';
  out += name;
  if (!xml_namespace.empty()) {
    out += " xmlns=\"";
    xml::append_escaped(out, xml_namespace);
    out += '"';
  }
  out += '>';
}

void append_close(std::string& out, std::string_view name) {
  out += "</";
  out += name;
  out += '>';
}

HttpResponse new_response(int status, std::string_view request_id) {
  HttpResponse response;
  response.status = status;
  response.headers.add("x-amzn-RequestId", request_id);
  response.headers.add("Content-Type", "text/xml");
  response.body.bytes = xml::declaration;
  return response;
}

/// The element that has Code and Message, of ErrorResponse, Response or Error documents.
pugi::xml_node find_error_node(const pugi::xml_node& root) {
  if (xml::local_name(root) == "Error") return root;
  if (const pugi::xml_node error = xml::find_child(root, "Error")) return error;
  return xml::find_child(xml::find_child(root, "Errors"), "Error");
}

/// What a message quotes may have characters that no XML document can have: clients could not read
/// the whole error.
std::string readable(std::string_view message) {
  constexpr unsigned char first_printable = 0x20;
  std::string text(message);
  for (char& c : text)
    if (static_cast<unsigned char>(c) < first_printable && c != '\t' && c != '\n' && c != '\r')
      c = '?';
  return text;
}

}  // namespace

std::string_view message_of(const ServiceError& error) {
  const bool has_own = error.info() && !error.info()->query_message.empty();
  return has_own ? error.info()->query_message : std::string_view(error.message());
}

std::string_view code_of(const ServiceModel& service, const ServiceError& error) {
  return service.also_query ? error.query_code() : error.code();
}

std::string result_name(const Operation& operation) {
  return operation.result_wrapper.empty() ? std::string(operation.name) + "Result"
                                          : std::string(operation.result_wrapper);
}

void decode_request(const Operation& operation, HttpRequest& request, void* object,
                    Violations& violations) {
  Parameters parameters = parameters_of(request);
  add_queue_url(operation, request, parameters);
  form::read(*operation.input, parameters, object, violations);
}

HttpResponse encode_response(const Operation& operation, const void* object,
                             std::string_view request_id) {
  HttpResponse response = new_response(operation.status, request_id);
  std::string& out = response.body.bytes;
  const std::string root = std::string(operation.name) + "Response";
  append_open(out, root, operation.service->xml_namespace);
  if (!operation.output->fields.empty() || !operation.result_wrapper.empty()) {
    const std::string wrapper = result_name(operation);
    std::string members;
    xml::append_members(members, *operation.output, object);
    if (members.empty()) {
      out += '<' + wrapper + "/>";
    } else {
      append_open(out, wrapper);
      out += members;
      append_close(out, wrapper);
    }
  }
  append_open(out, "ResponseMetadata");
  append_request_id(out, request_id);
  append_close(out, "ResponseMetadata");
  append_close(out, root);
  return response;
}

HttpResponse encode_error(const ServiceModel& service, const ServiceError& error,
                          std::string_view request_id) {
  HttpResponse response = new_response(error.status(), request_id);
  std::string& out = response.body.bytes;
  // What never gets as far as an operation is answered by what stands in front of the service.
  if (error.name() == "UnknownOperationException") {
    out += "<UnknownOperationException/>";
    return response;
  }
  append_open(out, "ErrorResponse", service.xml_namespace);
  append_open(out, "Error");
  xml::append_element(out, "Type", error.sender_fault() ? "Sender" : "Receiver");
  xml::append_element(out, "Code", code_of(service, error));
  if (!has_no_message(service, error))
    xml::append_element(out, "Message", readable(message_of(error)));
  if (const void* members = error.members(); members && error.info() && error.info()->members)
    xml::append_members(out, *error.info()->members, members);
  if (service.also_query && !service.heeds_query_mode) out += "<Detail/>";
  append_close(out, "Error");
  append_request_id(out, request_id);
  append_close(out, "ErrorResponse");
  return response;
}

HttpRequest encode_request(const Operation& operation, const void* object) {
  HttpRequest request;
  request.method = "POST";
  request.target = request.path = "/";
  request.headers.add("Content-Type", std::string(form_type) + "; charset=utf-8");
  std::string& out = request.body.bytes;
  out = "Action=" + std::string(operation.name) +
        "&Version=" + std::string(operation.service->api_version);
  form::append(out, *operation.input, object);
  return request;
}

void decode_response(const Operation& operation, HttpResponse& response, void* object) {
  if (operation.output->fields.empty()) return;
  pugi::xml_document document;
  pugi::xml_node node = xml::parse(document, response.body.bytes);
  const std::string_view wrapper = operation.result_wrapper;
  if (!wrapper.empty()) node = xml::find_child(node, wrapper);
  xml::read_members(*operation.output, node, object);
}

std::shared_ptr<ServiceError> decode_error(const Operation& operation,
                                           const HttpResponse& response) {
  const std::string fallback = code_of_status(response.status);
  pugi::xml_document document;
  pugi::xml_node root;
  try {
    if (!response.body.bytes.empty()) root = xml::parse(document, response.body.bytes);
  } catch (const ServiceError&) {  // a proxy's page, say: its text is the best message there is
    return make_error(operation, {.code = fallback,
                                  .status = response.status,
                                  .message = response.body.bytes.substr(0, 1000)});
  }
  const pugi::xml_node node = find_error_node(root);
  std::string code = xml::child_text(node, "Code");
  if (code.empty()) code = fallback;
  auto error = make_error(
      operation,
      {.code = code, .status = response.status, .message = xml::child_text(node, "Message")});
  if (error->members() && error->info()->members) {
    // The object was made right here and is not constant; its interface for readers is.
    xml::read_members(*error->info()->members, node, const_cast<void*>(error->members()));
  }
  for (const pugi::xml_node& child : node.children()) {
    const std::string_view name = xml::local_name(child);
    if (name.empty() || name == "Code" || name == "Message" || name == "Type") continue;
    error->details.emplace_back(name, xml::child_text(node, name));
  }
  return error;
}

}  // namespace matinee::protocol::query
