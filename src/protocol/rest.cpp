#include "protocol/rest.h"

#include <pugixml.hpp>

#include "protocol/base64.h"
#include "protocol/json.h"
#include "protocol/query.h"
#include "protocol/rest_binding.h"
#include "protocol/wire_error.h"
#include "protocol/xml.h"

namespace matinee::protocol::rest {
namespace {

bool is_xml(const ServiceModel& service) {
  return service.protocol == Protocol::rest_xml;
}

std::string content_type(const ServiceModel& service) {
  return is_xml(service) ? "application/xml" : "application/json";
}

bool has_body_members(const Structure& structure) {
  for (const Field& field : structure.fields)
    if (field.location == Location::body) return true;
  return false;
}

std::string_view namespace_of(const ServiceModel& service, const Structure& structure) {
  return structure.xml_namespace.empty() ? service.xml_namespace : structure.xml_namespace;
}

/// The output whose root element is named as its only member in the body is that member itself:
/// <LocationConstraint>eu-west-1</LocationConstraint>.
const Field* find_unwrapped(const Structure& output) {
  const Field* found = nullptr;
  for (const Field& field : output.fields) {
    if (field.location != Location::body) continue;
    if (found) return nullptr;
    found = &field;
  }
  return found && found->wire_name == output.xml_name ? found : nullptr;
}

// Reading.

/// Members that the body's document has. `root` is the element that must be there, if any.
void read_document(const ServiceModel& service, const Structure& structure, Body& body,
                   void* object, Violations* violations, std::string_view root = "") {
  if (!is_xml(service)) return json::read(structure, body.bytes, object, violations);
  pugi::xml_document document;
  const pugi::xml_node node = xml::parse(document, body.bytes);
  if (!root.empty() && xml::local_name(node) != root) xml::refuse();
  xml::read_members(structure, node, object, violations, root);
}

/// Whether the payload is there.
bool read_payload(const ServiceModel& service, const Field& payload, Body& body, void* object,
                  Violations* violations) {
  const Type& type = *payload.type;
  if (type.kind == Kind::stream) {
    *static_cast<Body*>(payload.emplace(object)) = std::move(body);
    return true;
  }
  if (body.bytes.empty()) return false;
  void* value = payload.emplace(object);
  if (type.kind == Kind::structure)
    read_document(service, *type.structure, body, value, violations,
                  violations ? payload.wire_name : "");
  else if (type.kind == Kind::blob)
    static_cast<Blob*>(value)->bytes = std::move(body.bytes);
  else if (type.kind == Kind::string)
    *static_cast<std::string*>(value) = std::move(body.bytes);
  return true;
}

/// Body members of an input or output without a payload.
void read_body_members(const ServiceModel& service, const Structure& structure, Body& body,
                       void* object, Violations* violations) {
  if (!has_body_members(structure)) return;
  if (!body.bytes.empty() || !is_xml(service)) {
    read_document(service, structure, body, object, violations);
  } else if (violations) {
    for (const Field& field : structure.fields)
      if (field.location == Location::body && field.required)
        violations->push_back(
            {Rule::required, std::string(field.name), "null", field.type, &field});
  }
}

// Writing.

std::string_view payload_type(const ServiceModel& service, const Type& type) {
  if (type.kind == Kind::structure) return is_xml(service) ? "application/xml" : "application/json";
  return type.kind == Kind::string ? "text/plain" : "application/octet-stream";
}

void write_document(const ServiceModel& service, std::string_view root, const Structure& structure,
                    const void* object, std::string& out) {
  if (!is_xml(service)) return json::append_structure(out, structure, object);
  out += xml::declaration;
  xml::append_root(out, root, namespace_of(service, structure), structure, object);
}

/// Whether there is a payload to send, but for streams: those count as sent.
bool write_payload(const ServiceModel& service, const Field& payload, const void* object,
                   Body& body) {
  const void* value = payload.find(object);
  if (!value) return false;
  switch (payload.type->kind) {
    case Kind::structure:
      write_document(service, payload.wire_name, *payload.type->structure, value, body.bytes);
      return true;
    case Kind::blob:
      body.bytes = static_cast<const Blob*>(value)->bytes;
      return true;
    case Kind::string:
      body.bytes = *static_cast<const std::string*>(value);
      return true;
    case Kind::stream:
      body = *static_cast<const Body*>(value);
      return true;
    default:
      return false;
  }
}

void set_type(Headers& headers, std::string_view type) {
  if (!headers.contains("Content-Type")) headers.add("Content-Type", std::string(type));
}

void add_request_id(const ServiceModel& service, std::string_view request_id, Headers& headers) {
  if (!is_xml(service)) return headers.add("x-amzn-RequestId", std::string(request_id));
  headers.add("x-amz-request-id", std::string(request_id));
  headers.add("x-amz-id-2", base64_encode(request_id));
}

void write_output_document(const Operation& operation, const void* object, std::string& out) {
  const ServiceModel& service = *operation.service;
  const Structure& output = *operation.output;
  const std::string fallback = std::string(operation.name) + "Result";
  const std::string_view root = output.xml_name.empty() ? fallback : output.xml_name;
  const Field* unwrapped = is_xml(service) ? find_unwrapped(output) : nullptr;
  if (!unwrapped) return write_document(service, root, output, object, out);
  const void* value = unwrapped->find(object);
  const Structure empty = {.name = "", .fields = {}};
  out += xml::declaration;
  xml::append_root(out, root, namespace_of(service, output), empty, nullptr);
  if (!value || unwrapped->type->kind != Kind::string) return;
  out.resize(out.size() - root.size() - 3);
  xml::append_escaped(out, *static_cast<const std::string*>(value));
  out += "</" + std::string(root) + ">";
}

}  // namespace

void decode_request(const Operation& operation, HttpRequest& request, void* object,
                    Violations& violations) {
  read_bindings(operation, request, object, violations);
  const Structure& input = *operation.input;
  if (!input.payload)
    return read_body_members(*operation.service, input, request.body, object, &violations);
  const Field& payload = *input.payload;
  if (!read_payload(*operation.service, payload, request.body, object, &violations) &&
      payload.required)
    violations.push_back(
        {Rule::required, std::string(payload.name), "null", payload.type, &payload});
}

HttpResponse encode_response(const Operation& operation, const void* object, bool may_move,
                             std::string_view request_id) {
  const ServiceModel& service = *operation.service;
  const Structure& output = *operation.output;
  HttpResponse response;
  response.status = operation.status;
  add_request_id(service, request_id, response.headers);
  write_bindings(operation, object, response);
  if (output.payload && output.payload->type->kind == Kind::stream) {
    // A payload that streams is stored plain, so it is always there.
    auto* body = const_cast<Body*>(static_cast<const Body*>(output.payload->find(object)));
    if (body && may_move)
      response.body = std::move(*body);
    else if (body)
      response.body = *body;
    set_type(response.headers, "binary/octet-stream");
  } else if (output.payload) {
    if (write_payload(service, *output.payload, object, response.body))
      set_type(response.headers, payload_type(service, *output.payload->type));
  } else if (has_body_members(output)) {
    write_output_document(operation, object, response.body.bytes);
    set_type(response.headers, content_type(service));
  }
  return response;
}

HttpResponse encode_error(const ServiceModel& service, const ServiceError& error,
                          std::string_view request_id) {
  HttpResponse response;
  response.status = error.status();
  add_request_id(service, request_id, response.headers);
  if (error.status() == 304) return response;
  response.headers.add("Content-Type", content_type(service));
  std::string& out = response.body.bytes;
  const void* members = error.info() && error.info()->members ? error.members() : nullptr;
  if (!is_xml(service)) {
    response.headers.add("x-amzn-errortype", error.name());
    out = "{\"message\":";
    json::append_string(out, error.message());
    out += '}';
    return response;
  }
  out = xml::declaration;
  out += "<Error>";
  xml::append_element(out, "Code", error.code());
  xml::append_element(out, "Message", error.message());
  if (members) xml::append_members(out, *error.info()->members, members);
  for (const auto& [name, text] : error.details) xml::append_element(out, name, text);
  xml::append_element(out, "RequestId", request_id);
  xml::append_element(out, "HostId", base64_encode(request_id));
  out += "</Error>";
  return response;
}

HttpRequest encode_request(const Operation& operation, const void* object) {
  const ServiceModel& service = *operation.service;
  const Structure& input = *operation.input;
  HttpRequest request;
  request.method = operation.method;
  write_bindings(operation, object, request);
  if (input.payload) {
    if (write_payload(service, *input.payload, object, request.body))
      set_type(request.headers, payload_type(service, *input.payload->type));
  } else if (has_body_members(input)) {
    write_document(service, input.xml_name.empty() ? input.name : input.xml_name, input, object,
                   request.body.bytes);
    set_type(request.headers, content_type(service));
  }
  return request;
}

void decode_response(const Operation& operation, HttpResponse& response, void* object) {
  const ServiceModel& service = *operation.service;
  const Structure& output = *operation.output;
  read_bindings(output, response, object);
  const bool streams = output.payload && output.payload->type->kind == Kind::stream;
  if (is_xml(service) && !streams && !response.body.bytes.empty()) {
    pugi::xml_document document;
    const pugi::xml_node root = xml::parse(document, response.body.bytes);
    if (xml::local_name(root) == "Error") {
      response.status = 500;
      decode_error(operation, response)->raise();
    }
    if (const Field* field = output.payload ? nullptr : find_unwrapped(output)) {
      if (field->type->kind == Kind::string)
        *static_cast<std::string*>(field->emplace(object)) = root.text().get();
      return;
    }
  }
  if (output.payload)
    read_payload(service, *output.payload, response.body, object, nullptr);
  else
    read_body_members(service, output, response.body, object, nullptr);
}

}  // namespace matinee::protocol::rest
