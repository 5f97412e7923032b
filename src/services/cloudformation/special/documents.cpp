#include "services/cloudformation/special/documents.h"

#include <fmt/format.h>

#include "templates/reader.h"

namespace matinee::cloudformation {

using templates::Member;

namespace {

constexpr std::size_t longest_id = 1024;

std::optional<Value> read_map(std::string_view text) {
  try {
    Value value = templates::read_json(text);
    if (value.is_map()) return value;
  } catch (const templates::TemplateError&) {
    // No document: the caller says what that means.
    return std::nullopt;
  }
  return std::nullopt;
}

/// All scalars as texts.
Value in_texts(const Value& value) {
  if (value.is_scalar()) return {value.text()};
  if (value.is_list()) {
    Value list = Value::list();
    for (const Value& element : value.elements()) list.append(in_texts(element));
    return list;
  }
  if (value.is_map()) {
    Value map = Value::map();
    for (const Member& member : value.members())
      map.members().push_back({member.name, in_texts(member.value)});
    return map;
  }
  return {};
}

[[noreturn]] void refuse(std::string message) {
  throw resources::HandlerError("", std::move(message));
}

}  // namespace

std::optional<Signal> read_signal(std::string_view text) {
  const std::optional<Value> document = read_map(text);
  if (!document) return std::nullopt;
  const std::string status = document->text_or("Status");
  Signal signal{.has_succeeded = status == "SUCCESS",
                .id = document->text_or("UniqueId"),
                .data = document->text_or("Data"),
                .reason = document->text_or("Reason")};
  if ((status != "SUCCESS" && status != "FAILURE") || signal.id.empty()) return std::nullopt;
  return signal;
}

std::string text_of(const CustomRequest& request, const resources::Subject& subject) {
  Value document = Value::map("RequestType", request.kind);
  document.set("ServiceToken", request.properties->text_or("ServiceToken"));
  document.set("ResponseURL", request.url);
  document.set("StackId", subject.stack_id);
  document.set("RequestId", subject.token);
  document.set("LogicalResourceId", subject.logical_id);
  if (!request.id.empty()) document.set("PhysicalResourceId", request.id);
  document.set("ResourceType", request.type);
  document.set("ResourceProperties", in_texts(*request.properties));
  if (request.old_properties)
    document.set("OldResourceProperties", in_texts(*request.old_properties));
  return templates::to_json(document);
}

bool has_no_echo(std::string_view text) {
  const std::optional<Value> document = read_map(text);
  return document && document->text_or("NoEcho") == "true";
}

CustomAnswer read_answer(std::string_view text, const resources::Subject& subject) {
  const std::optional<Value> document = read_map(text);
  if (!document) refuse("Invalid response: it is no JSON object.");
  const std::string status = document->text_or("Status");
  if (status != "SUCCESS" && status != "FAILED")
    refuse("Invalid response status: it must be SUCCESS or FAILED.");
  CustomAnswer answer{.has_succeeded = status == "SUCCESS",
                      .reason = document->text_or("Reason"),
                      .id = document->text_or("PhysicalResourceId")};
  for (const auto& [name, expected] :
       {std::pair<std::string_view, const std::string&>("StackId", subject.stack_id),
        {"RequestId", subject.token},
        {"LogicalResourceId", subject.logical_id}})
    if (document->text_or(name) != expected)
      refuse(fmt::format("Invalid {} in the response of the custom resource.", name));
  if (answer.id.size() > longest_id) refuse("Invalid PhysicalResourceId");
  if (const Value* data = document->find("Data"); data && !data->is_null()) {
    if (!data->is_map())
      refuse("Invalid Data in the response of the custom resource: it must be an object.");
    answer.data = *data;
  }
  return answer;
}

}  // namespace matinee::cloudformation
