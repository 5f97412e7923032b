#include "templates/functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace matinee::templates {

namespace {

constexpr std::string_view supported =
    "[Fn::Base64, Fn::GetAtt, Fn::GetAZs, Fn::ImportValue, Fn::Join, Fn::Split, Fn::FindInMap, "
    "Fn::Select, Ref, Fn::Equals, Fn::If, Fn::Not, Condition, Fn::And, Fn::Or, Fn::Contains, "
    "Fn::EachMemberEquals, Fn::EachMemberIn, Fn::ValueOf, Fn::ValueOfAll, Fn::RefAll, Fn::Sub, "
    "Fn::Cidr]";

/// A scalar, or a function that may give one.
bool is_text(const Value& value) {
  return value.is_scalar() || as_call(value);
}

bool is_list(const Value& value) {
  return value.is_list() || as_call(value);
}

const Value* element(const Value& list, std::size_t index) {
  return index < list.elements().size() ? &list.elements()[index] : nullptr;
}

bool has_elements(const Value& list, std::size_t least, std::size_t most) {
  return list.is_list() && list.elements().size() >= least && list.elements().size() <= most;
}

bool is_text_at(const Value& list, std::size_t index) {
  const Value* found = element(list, index);
  return found && is_text(*found);
}

bool is_list_at(const Value& list, std::size_t index) {
  const Value* found = element(list, index);
  return found && is_list(*found);
}

bool is_name(const Value& argument) {
  return argument.is_scalar() && !argument.text().empty();
}

bool is_get_att(const Value& argument) {
  if (argument.is_string()) {
    const std::size_t point = argument.text().find('.');
    return point != std::string::npos && point > 0 && point + 1 < argument.text().size();
  }
  return has_elements(argument, 2, 2) && is_name(argument.elements()[0]) &&
         (is_name(argument.elements()[1]) || as_call(argument.elements()[1]));
}

bool is_find_in_map(const Value& argument) {
  if (!has_elements(argument, 3, 4)) return false;
  for (std::size_t i = 0; i < 3; ++i)
    if (!is_text_at(argument, i)) return false;
  const Value* otherwise = element(argument, 3);
  return !otherwise || (otherwise->members().size() == 1 && otherwise->find("DefaultValue"));
}

bool is_sub(const Value& argument) {
  if (argument.is_scalar()) return true;
  return has_elements(argument, 2, 2) && argument.elements()[0].is_scalar() &&
         argument.elements()[1].is_map() && !as_call(argument.elements()[1]);
}

bool is_if(const Value& argument) {
  return has_elements(argument, 3, 3) && is_name(argument.elements()[0]);
}

struct Function {
  std::string_view name;
  /// The sections that have it: r(esources), c(onditions), R(ules).
  std::string_view sections;
  bool (*is_right)(const Value& argument);
  std::string_view fault;
};

constexpr std::string_view two_to_ten =
    "object requires a list of at least 2 and at most 10 boolean parameters.";

constexpr auto is_two_to_ten = [](const Value& list) { return has_elements(list, 2, 10); };
constexpr auto is_pair = [](const Value& list) { return has_elements(list, 2, 2); };

const std::array functions = {
    Function{"Ref", "rcR", is_name, "every Ref object must have a single String value."},
    Function{"Fn::GetAtt", "r", is_get_att,
             "every Fn::GetAtt object requires two non-empty parameters, the resource name and the "
             "resource attribute"},
    Function{"Fn::Sub", "rc", is_sub,
             "One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a "
             "string as first argument, and an optional second argument to specify a mapping of "
             "values to replace in the string"},
    Function{"Fn::Join", "rc",
             [](const Value& list) {
               return has_elements(list, 2, 2) && is_text_at(list, 0) && is_list_at(list, 1);
             },
             "every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list "
             "of strings to be joined or a function that returns a list of strings (such as "
             "Fn::GetAZs) to be joined."},
    Function{"Fn::Select", "rc",
             [](const Value& list) {
               return has_elements(list, 2, 2) && is_text_at(list, 0) && is_list_at(list, 1);
             },
             "Fn::Select requires a list argument with two elements: an integer index and a list"},
    Function{"Fn::Split", "rc",
             [](const Value& list) {
               return has_elements(list, 2, 2) && is_text_at(list, 0) && is_text_at(list, 1);
             },
             "every Fn::Split object requires two parameters, (1) a string delimiter and (2) a "
             "string to be split or a function that returns a string to be split."},
    Function{"Fn::FindInMap", "rc", is_find_in_map,
             "every Fn::FindInMap object requires three parameters, the map name, map key and the "
             "attribute for return value"},
    Function{"Fn::If", "rc", is_if, "Fn::If requires a list argument with three elements"},
    Function{"Fn::Base64", "r", is_text, "every Fn::Base64 object must have a String-typed value."},
    Function{"Fn::ImportValue", "r", is_text,
             "every Fn::ImportValue object must have a String-typed value."},
    Function{"Fn::GetAZs", "r", is_text, "every Fn::GetAZs object must have a String-typed value."},
    Function{"Fn::Cidr", "r",
             [](const Value& list) {
               return has_elements(list, 2, 3) && is_text_at(list, 0) && is_text_at(list, 1);
             },
             "every Fn::Cidr object requires two or three parameters, the IP block, the number of "
             "CIDRs and the number of subnet bits"},
    Function{"Fn::ToJsonString", "r",
             [](const Value& value) { return value.is_map() || value.is_list(); },
             "every Fn::ToJsonString object requires an object or a list"},
    Function{"Fn::Length", "rc", is_list, "every Fn::Length object requires a list"},
    Function{"Condition", "c", is_name, "every Condition object must have a single String value."},
    Function{"Fn::Equals", "cR", is_pair,
             "every Fn::Equals object requires a list of 2 string parameters."},
    Function{"Fn::Not", "cR", [](const Value& list) { return has_elements(list, 1, 1); },
             "every Fn::Not object requires one boolean parameter."},
    Function{"Fn::And", "cR", is_two_to_ten, ""},
    Function{"Fn::Or", "cR", is_two_to_ten, ""},
    Function{"Fn::Contains", "R", is_pair,
             "every Fn::Contains object requires two parameters, a list of strings and a string"},
    Function{"Fn::EachMemberEquals", "R", is_pair,
             "every Fn::EachMemberEquals object requires two parameters, a list of strings and a "
             "string"},
    Function{"Fn::EachMemberIn", "R", is_pair,
             "every Fn::EachMemberIn object requires two parameters, both lists of strings"},
    Function{"Fn::RefAll", "R", is_name,
             "every Fn::RefAll object must have a single String value."},
    Function{"Fn::ValueOf", "R", is_pair,
             "every Fn::ValueOf object requires two parameters, the parameter and the attribute"},
    Function{"Fn::ValueOfAll", "R", is_pair,
             "every Fn::ValueOfAll object requires two parameters, the parameter type and the "
             "attribute"},
};

char letter_of(Section section) {
  switch (section) {
    case Section::resources:
      return 'r';
    case Section::conditions:
      return 'c';
    case Section::rules:
      return 'R';
  }
  return 'r';
}

[[noreturn]] void refuse_unknown(const Call& call) {
  throw TemplateError(fmt::format("Template error: Encountered unsupported function: {} Supported "
                                  "functions are: {}",
                                  call.name, supported),
                      call.place);
}

[[noreturn]] void refuse_form(const Call& call) {
  const auto& function = *std::ranges::find(functions, call.name, &Function::name);
  throw TemplateError(function.fault.empty()
                          ? fmt::format("Template error: every {} {}", call.name, two_to_ten)
                          : fmt::format("Template error: {}", function.fault),
                      call.place);
}

bool is_variable_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == ':';
  });
}

std::string_view trimmed(std::string_view text) {
  const std::size_t start = text.find_first_not_of(' ');
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(' ') - start + 1);
}

}  // namespace

std::optional<Call> as_call(const Value& value, Section section) {
  if (value.members().size() != 1) return std::nullopt;
  const Member& member = value.members().front();
  const bool is_function = member.name == "Ref" || member.name.starts_with("Fn::") ||
                           (member.name == "Condition" && section == Section::conditions);
  if (!is_function) return std::nullopt;
  return Call{.name = member.name, .argument = member.value, .place = value.place()};
}

void refuse_extensions(const Call& call) {
  if (call.name == "Fn::Length" || call.name == "Fn::ToJsonString") refuse_unknown(call);
  const bool has_default = call.name == "Fn::FindInMap" && call.argument.elements().size() > 3;
  if (has_default) refuse_form(call);
}

void check_form(const Call& call, Section section) {
  const auto found = std::ranges::find(functions, call.name, &Function::name);
  if (found == functions.end()) refuse_unknown(call);
  if (!found->sections.contains(letter_of(section)))
    throw TemplateError(
        fmt::format("Template error: {} is not supported in the {} of a template", call.name,
                    section == Section::resources    ? "Resources and Outputs"
                    : section == Section::conditions ? "Conditions"
                                                     : "Rules"),
        call.place);
  if (!found->is_right(call.argument)) refuse_form(call);
  if (call.name == "Fn::Sub") sub_pieces(sub_text(call), call.place);
}

const std::string& sub_text(const Call& sub) {
  return sub.argument.is_list() ? sub.argument.elements()[0].text() : sub.argument.text();
}

bool is_pseudo_parameter(std::string_view name) {
  constexpr std::array names = {"AWS::AccountId", "AWS::NotificationARNs", "AWS::NoValue",
                                "AWS::Partition", "AWS::Region",           "AWS::StackId",
                                "AWS::StackName", "AWS::URLSuffix"};
  return std::ranges::find(names, name) != names.end();
}

AttributeName attribute_name(const Call& get_att) {
  const Value& argument = get_att.argument;
  if (argument.is_list())
    return {.resource = argument.elements()[0].text(), .attribute = argument.elements()[1]};
  const std::size_t point = argument.text().find('.');
  return {.resource = argument.text().substr(0, point),
          .attribute = argument.text().substr(point + 1)};
}

std::vector<SubPiece> sub_pieces(const std::string& text, Place place) {
  std::vector<SubPiece> pieces;
  std::string literal;
  const auto end_literal = [&] {
    if (!literal.empty()) pieces.push_back({.text = std::exchange(literal, {})});
  };
  std::size_t at = 0;
  for (;;) {
    const std::size_t start = text.find("${", at);
    const std::size_t end = start == std::string::npos ? start : text.find('}', start);
    if (end == std::string::npos) break;
    literal.append(text, at, start - at);
    at = end + 1;
    const std::string_view inside(text.data() + start + 2, end - start - 2);
    if (inside.starts_with('!')) {
      literal.append("${").append(inside.substr(1)).append("}");
      continue;
    }
    const std::string_view name = trimmed(inside);
    if (!is_variable_name(name))
      throw TemplateError(
          "Template error: variable names in Fn::Sub syntax must contain only alphanumeric "
          "characters, underscores, periods, and colons",
          place);
    end_literal();
    pieces.push_back({.is_variable = true, .text = std::string(name)});
  }
  literal.append(text, at);
  end_literal();
  return pieces;
}

}  // namespace matinee::templates
