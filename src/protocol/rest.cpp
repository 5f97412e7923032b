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

/// Of the services that speak REST XML, S3 alone answers an error without another element around
/// it.
bool wraps_errors(const ServiceModel& service) {
  return service.name != "s3" && !service.name.empty();
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

class BodyReader {
 public:
  /// `violations` is null on the client's side, where nothing is required.
  BodyReader(const ServiceModel& service, Body& body, Violations* violations)
      : service_(service), body_(body), violations_(violations) {}

  /// All that the body has of an input or output.
  void read(const Structure& structure, void* object) {
    if (!structure.payload) return read_members(structure, object);
    const Field& payload = *structure.payload;
    if (!read_payload(payload, object) && payload.required) report_missing(payload);
  }

 private:
  const ServiceModel& service_;
  Body& body_;
  Violations* violations_;

  void report_missing(const Field& field) {
    if (violations_)
      violations_->push_back({Rule::required, std::string(field.name), "null", field.type, &field});
  }

  /// `root` is the element that must be there; empty for any.
  void read_document(const Structure& structure, void* object, std::string_view root) {
    if (!is_xml(service_)) return json::read_body(structure, body_.bytes, object, violations_);
    pugi::xml_document document;
    const pugi::xml_node node = xml::parse(document, body_.bytes);
    if (!root.empty() && xml::local_name(node) != root) xml::refuse();
    xml::read_members(structure, node, object, {.violations = violations_, .place = root});
  }

  /// Whether the payload is there.
  bool read_payload(const Field& payload, void* object) {
    const Type& type = *payload.type;
    if (type.kind == Kind::stream) {
      *static_cast<Body*>(payload.emplace(object)) = std::move(body_);
      return true;
    }
    if (body_.bytes.empty()) return false;
    void* value = payload.emplace(object);
    if (type.kind == Kind::structure)
      read_document(*type.structure, value, violations_ ? payload.wire_name : "");
    else if (type.kind == Kind::blob)
      static_cast<Blob*>(value)->bytes = std::move(body_.bytes);
    else if (type.kind == Kind::string)
      *static_cast<std::string*>(value) = std::move(body_.bytes);
    return true;
  }

  void read_members(const Structure& structure, void* object) {
    if (!has_body_members(structure)) return;
    if (!body_.bytes.empty() || !is_xml(service_)) return read_document(structure, object, "");
    for (const Field& field : structure.fields)
      if (field.location == Location::body && field.required) report_missing(field);
  }
};

// Writing.

std::string_view payload_type(const ServiceModel& service, const Type& type) {
  if (type.kind == Kind::structure) return is_xml(service) ? "application/xml" : "application/json";
  return type.kind == Kind::string ? "text/plain" : "application/octet-stream";
}

void write_document(const ServiceModel& service, xml::Root root, std::string& out) {
  if (!is_xml(service)) return json::append_structure(out, root.structure, root.object);
  root.xml_namespace = namespace_of(service, root.structure);
  xml::append_document(out, root);
}

/// Whether there is a payload to send, but for streams: those count as sent.
bool write_payload(const ServiceModel& service, const Field& payload, const void* object,
                   Body& body) {
  const void* value = payload.find(object);
  if (!value) return false;
  switch (payload.type->kind) {
    case Kind::structure:
      write_document(service, {payload.wire_name, "", *payload.type->structure, value}, body.bytes);
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
  if (!headers.contains("Content-Type")) headers.add("Content-Type", type);
}

void add_request_id(const ServiceModel& service, std::string_view request_id, Headers& headers) {
  if (!is_xml(service)) return headers.add("x-amzn-RequestId", request_id);
  headers.add("x-amz-request-id", request_id);
  headers.add("x-amz-id-2", base64_encode(request_id));
}

void write_output_document(const Operation& operation, const void* object, std::string& out) {
  const ServiceModel& service = *operation.service;
  const Structure& output = *operation.output;
  const std::string fallback = std::string(operation.name) + "Result";
  const std::string_view root = output.xml_name.empty() ? fallback : output.xml_name;
  const Field* unwrapped = is_xml(service) ? find_unwrapped(output) : nullptr;
  if (!unwrapped) return write_document(service, {root, "", output, object}, out);
  const void* value = unwrapped->find(object);
  const Structure empty = {.name = "", .fields = {}};
  xml::append_document(out, {root, namespace_of(service, output), empty, nullptr});
  if (!value || unwrapped->type->kind != Kind::string) return;
  out.resize(out.size() - root.size() - 3);
  xml::append_escaped(out, *static_cast<const std::string*>(value));
  out += "</" + std::string(root) + ">";
}

}  // namespace

void decode_request(const Operation& operation, HttpRequest& request, void* object,
                    Violations& violations) {
  read_bindings(operation, request, object, violations);
  BodyReader(*operation.service, request.body, &violations).read(*operation.input, object);
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
  } else if (operation.method == "HEAD") {
    set_type(response.headers, content_type(service));
  }
  return response;
}

namespace {

/// What an error tells beside its text.
void append_error_members(std::string& out, const Structure& shape, const void* members) {
  std::string document;
  json::append_structure(document, shape, members);
  if (document.size() > 2) out.append(",").append(document, 1, document.size() - 2);
}

}  // namespace

HttpResponse encode_error(const ServiceModel& service, const ServiceError& error,
                          std::string_view request_id) {
  HttpResponse response;
  response.status = error.status();
  add_request_id(service, request_id, response.headers);
  for (const auto& [name, value] : error.headers) response.headers.add(name, value);
  if (error.status() == 304) return response;
  response.headers.add("Content-Type", content_type(service));
  std::string& out = response.body.bytes;
  const void* members = error.info() && error.info()->members ? error.members() : nullptr;
  if (!is_xml(service)) {
    response.headers.add("x-amzn-errortype", error.name());
    out = '{';
    json::append_member(out, message_name(service, error));
    json::append_string(out, error.message());
    if (members) append_error_members(out, *error.info()->members, members);
    out += '}';
    return response;
  }
  out = xml::declaration;
  if (wraps_errors(service)) out += "<ErrorResponse>";
  out += "<Error>";
  xml::append_element(out, "Code", error.code());
  xml::append_element(out, "Message", error.message());
  if (members) xml::append_members(out, *error.info()->members, members);
  for (const auto& [name, text] : error.details) xml::append_element(out, name, text);
  xml::append_element(out, "RequestId", request_id);
  xml::append_element(out, "HostId", base64_encode(request_id));
  out += "</Error>";
  if (wraps_errors(service)) out += "</ErrorResponse>";
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
    const std::string_view root = input.xml_name.empty() ? input.name : input.xml_name;
    write_document(service, {root, "", input, object}, request.body.bytes);
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
  BodyReader(service, response.body, nullptr).read(output, object);
}

}  // namespace matinee::protocol::rest
