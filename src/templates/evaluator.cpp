#include "templates/evaluator.h"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/base64.h"

namespace matinee::templates {

namespace {

constexpr std::size_t max_work_bytes = 16 * max_result_bytes;
/// What a value costs besides its text.
constexpr std::size_t value_bytes = 32;

Evaluator::Result unknown(Place place) {
  return {.value = Value(known_after_apply).at(place), .is_known = false};
}

/// The form of a function's arguments was right, but not what they turned out to be.
[[noreturn]] void refuse(const Call& call, std::string_view problem) {
  throw TemplateError(fmt::format("Template error: {} {}", call.name, problem), call.place);
}

}  // namespace

void Evaluator::note(Cause::Kind kind, const std::string& name) {
  if (seen_.emplace(kind, name).second) causes_.push_back({.kind = kind, .name = name});
}

void Evaluator::count(std::size_t bytes, Place place) {
  made_ += bytes;
  if (bytes <= max_result_bytes && made_ <= max_work_bytes) return;
  throw TemplateError(fmt::format("Template error: the result of a function is larger than {} "
                                  "bytes",
                                  max_result_bytes),
                      place);
}

void Evaluator::count_value(const Value& value, Place place) {
  count(value_bytes + value.text().size(), place);
  for (const Value& element : value.elements()) count_value(element, place);
  for (const Member& member : value.members()) {
    count(member.name.size(), place);
    count_value(member.value, place);
  }
}

Evaluator::Result Evaluator::text(std::string text, Place place) {
  count(value_bytes + text.size(), place);
  return {.value = Value(std::move(text)).at(place)};
}

Evaluator::Result Evaluator::evaluate(const Value& value) {
  if (const auto found = as_call(value, section_)) {
    check_form(*found, section_);
    return call(*found);
  }
  if (value.is_list()) return evaluate_list(value);
  if (value.is_map()) return evaluate_map(value);
  return {.value = value};
}

Evaluator::Result Evaluator::evaluate_list(const Value& list) {
  Result whole{.value = Value::list().at(list.place())};
  for (const Value& element : list.elements()) {
    Result result = evaluate(element);
    if (result.is_removed) continue;
    whole.is_known = whole.is_known && result.is_known;
    whole.value.append(std::move(result.value));
  }
  return whole;
}

Evaluator::Result Evaluator::evaluate_map(const Value& map) {
  Result whole{.value = Value::map().at(map.place())};
  for (const Member& member : map.members()) {
    Result result = evaluate(member.value);
    if (result.is_removed) continue;
    whole.is_known = whole.is_known && result.is_known;
    whole.value.members().push_back({member.name, std::move(result.value), member.place});
  }
  return whole;
}

Evaluator::Result Evaluator::call(const Call& call) {
  struct Function {
    std::string_view name;
    Result (Evaluator::*carry_out)(const Call&);
  };
  static constexpr std::array functions = {
      Function{"Fn::GetAtt", &Evaluator::get_att},
      Function{"Fn::Sub", &Evaluator::sub},
      Function{"Fn::Join", &Evaluator::join},
      Function{"Fn::Select", &Evaluator::select},
      Function{"Fn::Split", &Evaluator::split},
      Function{"Fn::If", &Evaluator::if_else},
      Function{"Fn::FindInMap", &Evaluator::find_in_map},
      Function{"Fn::Base64", &Evaluator::base64},
      Function{"Fn::Cidr", &Evaluator::cidr},
      Function{"Fn::ImportValue", &Evaluator::import_value},
      Function{"Fn::GetAZs", &Evaluator::zones},
      Function{"Fn::ToJsonString", &Evaluator::to_json_string},
      Function{"Fn::Length", &Evaluator::length},
      Function{"Fn::RefAll", &Evaluator::all_of_type},
  };
  if (call.name == "Ref") return reference(call.argument.text(), call.place);
  const auto found = std::ranges::find(functions, call.name, &Function::name);
  return found == functions.end() ? boolean(call) : (this->*found->carry_out)(call);
}

std::optional<std::string> Evaluator::argument(const Value& value, const Call& call) {
  Result result = evaluate(value);
  if (!result.is_known) return std::nullopt;
  if (!result.is_removed && result.value.is_scalar()) return result.value.text();
  refuse(call, "requires a text where something else is given");
}

Evaluator::Result Evaluator::reference(const std::string& name, Place place) {
  if (is_pseudo_parameter(name)) return pseudo_parameter(name, place);
  const auto parameter = environment_.parameters.find(name);
  if (parameter != environment_.parameters.end()) {
    note(Cause::Kind::parameter, name);
    count_value(parameter->second, place);
    return {.value = Value(parameter->second).at(place)};
  }
  note(Cause::Kind::resource, name);
  auto found = environment_.find_reference ? environment_.find_reference(name) : std::nullopt;
  if (!found) return unknown(place);
  count_value(*found, place);
  return {.value = (*std::move(found)).at(place)};
}

Evaluator::Result Evaluator::pseudo_parameter(const std::string& name, Place place) {
  if (name == "AWS::NoValue") return {.value = {}, .is_removed = true};
  if (name == "AWS::AccountId") return text(environment_.account, place);
  if (name == "AWS::Region") return text(environment_.region, place);
  if (name == "AWS::Partition") return text(environment_.partition, place);
  if (name == "AWS::URLSuffix") return text(environment_.url_suffix, place);
  if (name == "AWS::StackName") return text(environment_.stack_name, place);
  if (name == "AWS::StackId") return text(environment_.stack_id, place);
  Value arns = Value::list().at(place);
  for (const std::string& arn : environment_.notification_arns) arns.append(arn);
  return {.value = std::move(arns)};
}

Evaluator::Result Evaluator::attribute(const std::string& id, const std::string& attribute,
                                       Place place) {
  note(Cause::Kind::attribute, fmt::format("{}.{}", id, attribute));
  auto found =
      environment_.find_attribute ? environment_.find_attribute(id, attribute) : std::nullopt;
  if (!found) return unknown(place);
  count_value(*found, place);
  return {.value = (*std::move(found)).at(place)};
}

Evaluator::Result Evaluator::get_att(const Call& call) {
  const AttributeName name = attribute_name(call);
  const auto attribute_text = argument(name.attribute, call);
  return attribute_text ? attribute(name.resource, *attribute_text, call.place)
                        : unknown(call.place);
}

Evaluator::Result Evaluator::sub(const Call& call) {
  std::map<std::string_view, Result> own;
  if (call.argument.is_list())
    for (const Member& member : call.argument.elements()[1].members())
      own.emplace(member.name, evaluate(member.value));
  std::string out;
  bool is_known = true;
  for (const SubPiece& piece : sub_pieces(sub_text(call), call.place)) {
    std::optional<Result> found;
    const Value literal(piece.text);
    const auto mine = piece.is_variable ? own.find(piece.text) : own.end();
    if (piece.is_variable && mine == own.end()) {
      const std::size_t point = piece.text.find('.');
      found = point == std::string::npos ? reference(piece.text, call.place)
                                         : attribute(piece.text.substr(0, point),
                                                     piece.text.substr(point + 1), call.place);
    }
    const Result* result = found ? &*found : mine != own.end() ? &mine->second : nullptr;
    const Value& value = result ? result->value : literal;
    if (result && (result->is_removed || !value.is_scalar()))
      throw TemplateError(
          fmt::format("Template error: variable {} in Fn::Sub expression does not resolve to a "
                      "string",
                      piece.text),
          call.place);
    is_known = is_known && (!result || result->is_known);
    out += value.text();
    count(value.text().size(), call.place);
    if (out.size() > max_result_bytes) count(out.size(), call.place);
  }
  return is_known ? text(std::move(out), call.place) : unknown(call.place);
}

Evaluator::Result Evaluator::join(const Call& call) {
  const auto delimiter = argument(call.argument.elements()[0], call);
  const Result list = evaluate(call.argument.elements()[1]);
  if (!delimiter || !list.is_known) return unknown(call.place);
  std::string out;
  const bool is_right =
      list.value.is_list() && std::ranges::all_of(list.value.elements(), &Value::is_scalar);
  if (!is_right)
    throw TemplateError(
        "Template error: every Fn::Join object requires two parameters, (1) a string delimiter "
        "and (2) a list of strings to be joined or a function that returns a list of strings "
        "(such as Fn::GetAZs) to be joined.",
        call.place);
  bool is_first = true;
  for (const Value& element : list.value.elements()) {
    if (!std::exchange(is_first, false)) out += *delimiter;
    out += element.text();
    if (out.size() > max_result_bytes) count(out.size(), call.place);
  }
  return text(std::move(out), call.place);
}

Evaluator::Result Evaluator::select(const Call& call) {
  const auto index_text = argument(call.argument.elements()[0], call);
  const Value& list = call.argument.elements()[1];
  std::vector<Result> elements;
  if (as_call(list, section_)) {
    Result result = evaluate(list);
    if (!result.is_known) return unknown(call.place);
    if (!result.value.is_list())
      refuse(call, "requires a list argument with two elements: an integer index and a list");
    for (Value& element : result.value.elements())
      elements.push_back({.value = std::move(element)});
  } else {
    for (const Value& element : list.elements())
      if (Result result = evaluate(element); !result.is_removed)
        elements.push_back(std::move(result));
  }
  if (!index_text) return unknown(call.place);
  const auto index = Value(*index_text).integer();
  if (!index)
    refuse(call, "requires a list argument with two elements: an integer index and a list");
  if (*index < 0 || static_cast<std::size_t>(*index) >= elements.size())
    refuse(call, fmt::format("cannot select nonexistent value at index {}", *index));
  return std::move(elements[static_cast<std::size_t>(*index)]);
}

Evaluator::Result Evaluator::split(const Call& call) {
  const auto delimiter = argument(call.argument.elements()[0], call);
  const auto whole = argument(call.argument.elements()[1], call);
  if (!delimiter || !whole) return unknown(call.place);
  if (delimiter->empty()) refuse(call, "requires a delimiter that is not empty");
  Value list = Value::list().at(call.place);
  std::size_t start = 0;
  for (;;) {
    const std::size_t end = whole->find(*delimiter, start);
    count(value_bytes, call.place);
    list.append(Value(whole->substr(start, end - start)).at(call.place));
    if (end == std::string::npos) break;
    start = end + delimiter->size();
  }
  count(whole->size(), call.place);
  return {.value = std::move(list)};
}

Evaluator::Result Evaluator::if_else(const Call& call) {
  const Value::List& arguments = call.argument.elements();
  return evaluate(arguments[condition(call, arguments[0].text()) ? 1 : 2]);
}

bool Evaluator::condition(const Call& call, const std::string& name) {
  const auto found = environment_.conditions.find(name);
  if (found != environment_.conditions.end()) return found->second;
  throw TemplateError(
      fmt::format("Template error: unresolved condition dependency {} in {}", name, call.name),
      call.place);
}

const Value* Evaluator::member_of(const Value& map, const std::string& name) {
  constexpr std::size_t members_without_index = 64;
  if (map.members().size() <= members_without_index) return map.find(name);
  auto& index = indexes_[&map];
  if (index.empty())
    for (const Member& member : map.members()) index.emplace(member.name, &member.value);
  const auto found = index.find(name);
  return found == index.end() ? nullptr : found->second;
}

Evaluator::Result Evaluator::find_in_map(const Call& call) {
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < 3; ++i) {
    auto key = argument(call.argument.elements()[i], call);
    if (!key) return unknown(call.place);
    keys.push_back(*std::move(key));
  }
  const Value* found = environment_.mappings;
  for (const std::string& key : keys) found = found ? member_of(*found, key) : nullptr;
  if (!found && call.argument.elements().size() == 4)
    return evaluate(*call.argument.elements()[3].find("DefaultValue"));
  if (!found)
    throw TemplateError(fmt::format("Template error: Unable to get mapping for {}::{}::{}", keys[0],
                                    keys[1], keys[2]),
                        call.place);
  count_value(*found, call.place);
  return {.value = Value(*found).at(call.place)};
}

Evaluator::Result Evaluator::base64(const Call& call) {
  const auto bytes = argument(call.argument, call);
  return bytes ? text(protocol::base64_encode(*bytes), call.place) : unknown(call.place);
}

Evaluator::Result Evaluator::cidr(const Call& call) {
  const Value::List& arguments = call.argument.elements();
  std::vector<std::string> texts;
  for (const Value& value : arguments) {
    auto found = argument(value, call);
    if (!found) return unknown(call.place);
    texts.push_back(*std::move(found));
  }
  const bool is_version_6 = texts[0].contains(':');
  const auto number = Value(texts[1]).integer();
  const auto bits = texts.size() > 2 ? Value(texts[2]).integer()
                                     : std::optional<std::int64_t>(is_version_6 ? 64 : 8);
  if (!number || *number < 1 || *number > 256) refuse(call, "requires a count from 1 to 256");
  if (!bits || *bits < 1 || *bits > 128) refuse(call, "requires a number of subnet bits");
  Value list = Value::list().at(call.place);
  try {
    for (std::string& block :
         cidr_blocks(texts[0], static_cast<std::size_t>(*number), static_cast<unsigned>(*bits)))
      list.append(Value(std::move(block)).at(call.place));
  } catch (const TemplateError& error) {
    refuse(call, error.message);
  }
  count_value(list, call.place);
  return {.value = std::move(list)};
}

Evaluator::Result Evaluator::import_value(const Call& call) {
  const auto name = argument(call.argument, call);
  if (!name)
    throw TemplateError(
        "Template error: the attribute in Fn::ImportValue must not depend on any resources, "
        "imported values, or Fn::GetAZs",
        call.place);
  note(Cause::Kind::import, *name);
  auto found = environment_.find_import ? environment_.find_import(*name) : std::nullopt;
  if (!found) return unknown(call.place);
  count_value(*found, call.place);
  return {.value = (*std::move(found)).at(call.place)};
}

Evaluator::Result Evaluator::zones(const Call& call) {
  const auto given = argument(call.argument, call);
  if (!given) return unknown(call.place);
  const std::string& region = given->empty() ? environment_.region : *given;
  const std::vector<std::string> names =
      environment_.find_zones ? environment_.find_zones(region)
                              : std::vector{region + "a", region + "b", region + "c"};
  Value list = Value::list().at(call.place);
  for (const std::string& name : names) list.append(Value(name).at(call.place));
  count_value(list, call.place);
  return {.value = std::move(list)};
}

Evaluator::Result Evaluator::to_json_string(const Call& call) {
  const Result result = evaluate(call.argument);
  if (!result.is_known) return unknown(call.place);
  return text(to_json(result.value), call.place);
}

Evaluator::Result Evaluator::length(const Call& call) {
  const Result result = evaluate(call.argument);
  if (!result.is_known) return unknown(call.place);
  if (!result.value.is_list()) refuse(call, "requires a list");
  return {.value = Value(static_cast<std::int64_t>(result.value.elements().size())).at(call.place)};
}

}  // namespace matinee::templates
