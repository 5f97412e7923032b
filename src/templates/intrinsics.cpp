#include "templates/intrinsics.h"

#include <fmt/format.h>

#include <algorithm>

#include "templates/evaluator.h"
#include "templates/references.h"

namespace matinee::templates {

namespace {

std::size_t size_of(const Value& value) {
  std::size_t size = value.text().size();
  for (const Value& element : value.elements()) size += size_of(element);
  for (const Member& member : value.members()) size += member.name.size() + size_of(member.value);
  return size;
}

/// Conditions in an order in which each comes after those that it is made of: a chain of thousands
/// is evaluated without calling itself thousands of times.
std::vector<const Member*> in_order(const Value& conditions) {
  std::map<std::string_view, std::size_t> index;
  for (const Member& member : conditions.members()) index.emplace(member.name, index.size());
  std::vector<std::size_t> open(index.size(), 0);
  std::vector<std::vector<std::size_t>> dependants(index.size());
  for (std::size_t i = 0; i < open.size(); ++i) {
    find_references(conditions.members()[i].value,
                    {.found =
                         [&](const Reference& reference) {
                           const auto found = index.find(reference.name);
                           if (reference.kind != Reference::Kind::condition || found == index.end())
                             return;
                           dependants[found->second].push_back(i);
                           ++open[i];
                         },
                     .section = Section::conditions});
  }
  std::vector<std::size_t> done;
  for (std::size_t i = 0; i < open.size(); ++i)
    if (open[i] == 0) done.push_back(i);
  for (std::size_t at = 0; at < done.size(); ++at)
    for (const std::size_t dependant : dependants[done[at]])
      if (--open[dependant] == 0) done.push_back(dependant);
  if (done.size() < open.size()) {
    const auto first = std::ranges::find_if(open, [](std::size_t count) { return count > 0; });
    const Member& member = conditions.members()[static_cast<std::size_t>(first - open.begin())];
    throw TemplateError(
        fmt::format("Template error: Found circular condition dependency for {}", member.name),
        member.place);
  }
  std::vector<const Member*> ordered;
  for (const std::size_t i : done) ordered.push_back(&conditions.members()[i]);
  return ordered;
}

void check_rule(const Member& rule, Evaluator& evaluator) {
  if (const Value* condition = rule.value.find("RuleCondition"))
    if (!evaluator.decide(*condition)) return;
  const Value* assertions = rule.value.find("Assertions");
  if (!assertions) return;
  for (const Value& assertion : assertions->elements()) {
    const Value* assert = assertion.find("Assert");
    if (!assert || evaluator.decide(*assert)) continue;
    throw TemplateError(
        assertion.text_or(
            "AssertDescription",
            fmt::format("Template error: an assertion of rule {} is not kept", rule.name)),
        assertion.place());
  }
}

}  // namespace

Evaluation evaluate(const Value& value, const Environment& environment) {
  Evaluator evaluator(environment);
  Evaluator::Result result = evaluator.evaluate(value);
  if (size_of(result.value) > max_result_bytes)
    throw TemplateError(fmt::format("Template error: what functions give is larger than {} bytes",
                                    max_result_bytes),
                        value.place());
  return {.value = std::move(result.value),
          .is_removed = result.is_removed,
          .is_known = result.is_known,
          .causes = evaluator.causes()};
}

std::map<std::string, bool, std::less<>> evaluate_conditions(const Template& checked,
                                                             const Environment& environment) {
  Environment own = environment;
  own.conditions.clear();
  Evaluator evaluator(own, Section::conditions);
  for (const Member* condition : in_order(checked.conditions))
    own.conditions.insert_or_assign(condition->name, evaluator.decide(condition->value));
  return std::move(own.conditions);
}

void check_rules(const Template& checked, const Environment& environment) {
  Evaluator evaluator(environment, Section::rules, &checked.parameters);
  for (const Member& rule : checked.rules.members()) check_rule(rule, evaluator);
}

}  // namespace matinee::templates
