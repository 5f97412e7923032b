// The functions of conditions and rules.
#include <fmt/format.h>

#include <algorithm>

#include "templates/evaluator.h"

namespace matinee::templates {

bool Evaluator::decide(const Value& value) {
  const Result result = evaluate(value);
  const bool is_truth = result.is_known && !result.is_removed &&
                        (result.value.text() == "true" || result.value.text() == "false");
  if (!is_truth)
    throw TemplateError(
        "Template format error: Conditions can only be boolean operations on parameters and other "
        "conditions",
        value.place());
  return result.value.truth();
}

Evaluator::Result Evaluator::boolean(const Call& call) {
  const Value::List& arguments = call.argument.elements();
  bool truth = false;
  if (call.name == "Condition")
    truth = condition(call, call.argument.text());
  else if (call.name == "Fn::Equals")
    truth = is_equal(arguments[0], arguments[1]);
  else if (call.name == "Fn::Not")
    truth = !decide(arguments[0]);
  else if (call.name == "Fn::And")
    // All are looked at, so that what is wrong in the last is told whatever the first is.
    truth =
        std::ranges::count_if(arguments, [&](const Value& value) { return !decide(value); }) == 0;
  else if (call.name == "Fn::Or")
    truth = std::ranges::count_if(arguments, [&](const Value& value) { return decide(value); }) > 0;
  else if (call.name == "Fn::Contains")
    truth = contains(call);
  else if (call.name == "Fn::EachMemberEquals" || call.name == "Fn::EachMemberIn")
    truth = each_member(call);
  else
    throw TemplateError(
        fmt::format("Template error: {} needs values of types of parameters that are not here",
                    call.name),
        call.place);
  return {.value = Value(truth).at(call.place)};
}

bool Evaluator::is_equal(const Value& left, const Value& right) {
  const Result one = evaluate(left);
  const Result other = evaluate(right);
  if (one.is_removed || other.is_removed) return one.is_removed && other.is_removed;
  if (one.value.is_scalar() && other.value.is_scalar())
    return one.value.text() == other.value.text();
  return one.value == other.value;
}

std::vector<std::string> Evaluator::texts(const Value& list, const Call& call) {
  const Result result = evaluate(list);
  std::vector<std::string> texts;
  if (result.value.is_scalar()) texts.push_back(result.value.text());
  for (const Value& element : result.value.elements()) {
    if (!element.is_scalar())
      throw TemplateError(fmt::format("Template error: {} requires lists of strings", call.name),
                          call.place);
    texts.push_back(element.text());
  }
  return texts;
}

bool Evaluator::contains(const Call& call) {
  const std::vector<std::string> list = texts(call.argument.elements()[0], call);
  const auto wanted = argument(call.argument.elements()[1], call);
  return wanted && std::ranges::find(list, *wanted) != list.end();
}

bool Evaluator::each_member(const Call& call) {
  const std::vector<std::string> list = texts(call.argument.elements()[0], call);
  const std::vector<std::string> others = texts(call.argument.elements()[1], call);
  const std::set<std::string_view> allowed(others.begin(), others.end());
  return std::ranges::all_of(list, [&](const std::string& text) { return allowed.contains(text); });
}

Evaluator::Result Evaluator::all_of_type(const Call& call) {
  Value list = Value::list().at(call.place);
  for (const Parameter& parameter : parameters_ ? *parameters_ : std::vector<Parameter>{}) {
    if (parameter.value_type() != call.argument.text()) continue;
    const auto found = environment_.parameters.find(parameter.name);
    if (found != environment_.parameters.end()) list.append(found->second);
  }
  count_value(list, call.place);
  return {.value = std::move(list)};
}

}  // namespace matinee::templates
