// What may stand in `Policies` of a function: names and ARNs of managed policies, documents, and
// policy templates; each also behind Fn::If.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "templates/sam/data.h"
#include "templates/sam/functions/function.h"
#include "templates/sam/shapes.h"

namespace matinee::templates::sam {

namespace {

enum class PolicyKind : std::uint8_t { managed, document, policy_template, none, unknown };

PolicyKind kind_of_choice(const Value::List& choice);

PolicyKind kind_of(const Value& policy) {
  if (policy.is_string()) return PolicyKind::managed;
  if (is_no_value(policy)) return PolicyKind::none;
  if (policy.find("Statement")) return PolicyKind::document;
  if (const Value::List* choice = find_choice(policy)) return kind_of_choice(*choice);
  if (is_function(policy)) return PolicyKind::managed;
  if (policy.members().size() == 1 && find_policy_template(policy.members().front().name))
    return PolicyKind::policy_template;
  return PolicyKind::unknown;
}

/// Both sides of an Fn::If are of one kind, or nothing.
PolicyKind kind_of_choice(const Value::List& choice) {
  const PolicyKind yes = kind_of(choice[1]);
  const PolicyKind no = kind_of(choice[2]);
  if (yes == PolicyKind::none) return no;
  if (no == PolicyKind::none || yes == no) return yes;
  throw SamFault{"",
                 "Structure of the SAM template is invalid. Different policy types within the same "
                 "Fn::If statement is unsupported. Separate different policy types into different "
                 "Fn::If statements",
                 choice[0].place()};
}

void substitute(Value& value, const Value& parameters, const Value& given) {
  if (is_function(value, "Ref")) {
    const Value name = value.members().front().value;
    if (std::ranges::find(parameters.elements(), name) != parameters.elements().end())
      value = *given.find(name.text());
    return;
  }
  for (Value& element : value.elements()) substitute(element, parameters, given);
  for (Member& member : value.members()) substitute(member.value, parameters, given);
}

Value document_of_template(const Function& function, const Value& policy) {
  const std::string& name = policy.members().front().name;
  const Value& given = policy.members().front().value;
  if (!given.is_map())
    function.refuse(
        fmt::format("Must specify valid parameter values for policy template '{}'", name), policy);
  Value definition = *find_policy_template(name);
  const Value parameters = *definition.find("Parameters");
  std::vector<std::string> missing;
  for (const Value& parameter : parameters.elements())
    if (!given.find(parameter.text())) missing.push_back(fmt::format("'{}'", parameter.text()));
  std::ranges::sort(missing);
  if (!missing.empty())
    function.refuse(
        fmt::format("Following required parameters of template '{}' don't have values: [{}]", name,
                    fmt::join(missing, ", ")),
        policy);
  Value statements = *definition.find("Statement");
  substitute(statements, parameters, given);
  return Value::map("Statement", std::move(statements));
}

Value named_policy(const std::string& name, Value document) {
  Value named;
  named.set("PolicyName", name);
  return std::move(named.set("PolicyDocument", std::move(document)));
}

/// The policy as it stands in the role's lists: an ARN, or {PolicyName, PolicyDocument}.
Value translated(const Function& function, const Value& policy, const std::string& name) {
  switch (kind_of(policy)) {
    case PolicyKind::managed: {
      if (!policy.is_string()) return policy;
      const SamContext& context = function.translation.context();
      const auto arn = context.find_managed_policy ? context.find_managed_policy(policy.text())
                                                   : std::optional<std::string>();
      if (!arn) return policy;
      // The list is that of the partition aws, which the others follow.
      constexpr std::string_view prefix = "arn:aws:iam::aws:policy/";
      return arn->starts_with(prefix)
                 ? function.translation.managed_policy(arn->substr(prefix.size()))
                 : *arn;
    }
    case PolicyKind::none:
      return policy;
    case PolicyKind::document:
      return named_policy(name, policy);
    case PolicyKind::policy_template:
    case PolicyKind::unknown:
      break;
  }
  if (find_choice(policy))
    function.refuse("Policy templates cannot stand in an Fn::If of an Fn::If", policy);
  return named_policy(name, document_of_template(function, policy));
}

void add_unless_there(Value& list, Value value) {
  if (std::ranges::find(list.elements(), value) == list.elements().end())
    list.append(std::move(value));
}

}  // namespace

void read_policies(const Function& function, Value& inline_policies, Value& managed) {
  const Value* given = function.find("Policies");
  if (is_nothing(given)) return;
  const Value::List single{*given};
  const Value::List& policies = given->is_list() ? given->elements() : single;
  for (std::size_t i = 0; i < policies.size(); ++i) {
    const Value& policy = policies[i];
    if (is_function(policy, "Fn::If") && policy.members().front().value.elements().size() != 3)
      throw SamFault{"", "Structure of the SAM template is invalid. Fn::If requires 3 arguments",
                     policy.place()};
    const Value::List* choice = find_choice(policy);
    const PolicyKind kind = kind_of(policy);
    if (kind == PolicyKind::unknown)
      function.refuse(fmt::format("Policy at index {} in the 'Policies' property is not valid", i),
                      policy);
    const std::string name = fmt::format("{}RolePolicy{}", function.id, i);
    Value made = choice ? choose((*choice)[0].text(), translated(function, (*choice)[1], name),
                                 translated(function, (*choice)[2], name))
                        : translated(function, policy, name);
    if (kind == PolicyKind::managed || kind == PolicyKind::none)
      add_unless_there(managed, std::move(made));
    else
      inline_policies.append(std::move(made));
  }
}

}  // namespace matinee::templates::sam
