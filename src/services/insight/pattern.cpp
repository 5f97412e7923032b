// The pattern lab: what each leaf of a pattern makes of an event, and what a target would get.
#include "patterns/pattern.h"

#include <fmt/format.h>
#include <simdjson.h>

#include "protocol/json_writer.h"
#include "services/insight/service.h"

namespace matinee::insight {

namespace {

using patterns::Dialect;
using simdjson::dom::element;
using simdjson::dom::object;

[[noreturn]] void refuse(std::string message) {
  throw protocol::ServiceError("ValidationException", 400, std::move(message));
}

Dialect dialect_of(const std::string& name) {
  if (name == "rule") return Dialect::event_bus;
  if (name == "filter-policy-attributes") return Dialect::sns_attributes;
  if (name == "filter-policy-body") return Dialect::sns_body;
  if (name == "event-source") return Dialect::event_source;
  refuse(
      fmt::format("\"{}\" is none of rule, filter-policy-attributes, filter-policy-body and "
                  "event-source.",
                  name));
}

std::string_view text_of(object attribute, const char* of_messages, const char* of_deliveries) {
  std::string_view text;
  if (attribute[of_messages].get(text) != simdjson::SUCCESS &&
      attribute[of_deliveries].get(text) != simdjson::SUCCESS)
    return {};
  return text;
}

/// Attributes as Publish takes them (DataType, StringValue) or as deliveries show them (Type,
/// Value). SNS looks at no others than texts, numbers and lists.
void read_attributes(const std::string& json, patterns::Event& event) {
  simdjson::dom::parser parser;
  object attributes;
  if (parser.parse(json).get(attributes) != simdjson::SUCCESS)
    refuse("The attributes are not a JSON object.");
  for (const auto& [name, value] : attributes) {
    object attribute;
    if (value.get(attribute) != simdjson::SUCCESS)
      refuse(fmt::format("The attribute {} is not an object with DataType and StringValue.", name));
    const std::string_view type = text_of(attribute, "DataType", "Type");
    const std::string_view text = text_of(attribute, "StringValue", "Value");
    if (type.empty()) refuse(fmt::format("The attribute {} has no DataType.", name));
    if (type == "String") event.add_text(name, text);
    if (type == "Number") event.add_number(name, text);
    if (type == "String.Array" && !event.add_array(name, text))
      refuse(fmt::format("The attribute {} is no JSON array of scalars.", name));
  }
}

/// A record as filters see it: the body of a message is JSON within, where it is JSON.
std::string record_for_filters(const std::string& json) {
  simdjson::dom::parser parser;
  simdjson::dom::parser inner_parser;
  object record;
  std::string_view body;
  element inner;
  if (parser.parse(json).get(record) != simdjson::SUCCESS ||
      record["body"].get(body) != simdjson::SUCCESS ||
      inner_parser.parse(simdjson::padded_string(body)).get(inner) != simdjson::SUCCESS)
    return json;
  std::string out = "{\"body\":" + simdjson::minify(inner);
  for (const auto& [name, value] : record)
    if (name != "body") {
      out += ',';
      protocol::json::append_string(out, name);
      out += ':' + simdjson::minify(value);
    }
  return out + '}';
}

}  // namespace

ExplainPatternResponse Service::explain_pattern(const Context&,
                                                const ExplainPatternRequest& request) {
  const Dialect dialect = dialect_of(request.dialect);
  const auto pattern = patterns::Pattern::compile(dialect, request.pattern);
  if (!pattern) refuse(pattern.error().message);
  const std::string json =
      dialect == Dialect::event_source ? record_for_filters(request.event) : request.event;
  patterns::Event event;
  if (dialect == Dialect::sns_attributes)
    read_attributes(json, event);
  else if (!event.parse(json))
    refuse("The event is not a JSON object.");
  const patterns::Explanation explanation = pattern->explain(event);
  ExplainPatternResponse response{
      .matches = explanation.matches,
      .text = explanation.text,
      .alternatives = static_cast<std::int64_t>(explanation.alternatives)};
  std::vector<PatternLeaf>& leaves = response.leaves.emplace();
  for (patterns::Leaf& leaf : pattern->leaves(event)) {
    PatternLeaf& told = leaves.emplace_back(PatternLeaf{.path = std::move(leaf.path),
                                                        .wanted = std::move(leaf.wanted),
                                                        .found = std::move(leaf.found),
                                                        .holds = leaf.holds});
    if (!leaf.holds) told.sentence = std::move(leaf.sentence);
    told.alternatives.emplace(leaf.alternatives.begin(), leaf.alternatives.end());
  }
  return response;
}

PreviewInputResponse Service::preview_input(const Context&, const PreviewInputRequest& request) {
  if (!inputs_)
    throw protocol::ServiceError("NotImplemented", 501, "Nobody here knows inputs of targets.");
  return {.text = inputs_->preview_input(
              {.input = request.input,
               .path = request.input_path,
               .paths = request.input_paths_map.value_or(std::map<std::string, std::string>{}),
               .input_template = request.input_template,
               .rule_arn = request.rule_arn.value_or("")},
              request.event)};
}

}  // namespace matinee::insight
