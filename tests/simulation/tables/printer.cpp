#include "printer.h"

#include <algorithm>

namespace matinee::simulation::tables {
namespace {

std::string spelled_number(const std::string& text, runtime::SeededRandom& dice) {
  switch (dice.below(8)) {
    case 0:
      return text.find('.') == std::string::npos ? text + ".00" : text + "0";
    case 1:
      return text + "E0";
    case 2:
      return text.front() == '-' ? "-00" + text.substr(1) : "00" + text;
    case 3:
      return text.find('.') == std::string::npos && text.ends_with("0") && text != "0"
                 ? text.substr(0, text.size() - 1) + "e+1"
                 : text;
    default:
      return text;
  }
}

}  // namespace

Json spelled(const Json& value, runtime::SeededRandom& dice) {
  Json out = value;
  if (out.is_array())
    for (Json& member : out.array()) member = spelled(member, dice);
  if (!out.is_object()) return out;
  for (auto& [name, member] : out.object()) {
    member = spelled(member, dice);
    if (name == "N" && std::holds_alternative<std::string>(member.content))
      member = spelled_number(member.string(), dice);
    if (!member.is_array() || (name != "SS" && name != "NS" && name != "BS")) continue;
    if (name == "NS")
      for (Json& each : member.array()) each = spelled_number(each.string(), dice);
    if (dice.below(2) == 0) std::ranges::reverse(member.array());
  }
  return out;
}

std::string Printer::name_of(const std::string& attribute) {
  if (dice_.below(2) == 0) return attribute;
  names_["#" + attribute] = attribute;
  return "#" + attribute;
}

std::string Printer::name_of(const Json& value) {
  const std::size_t known = values_.is_object() ? values_.object().size() : 0;
  std::string name = ":v" + std::to_string(known);
  values_[name] = spelled(value, dice_);
  return name;
}

void Printer::add_to(Json& body) const {
  if (names_.is_object()) body["ExpressionAttributeNames"] = names_;
  if (values_.is_object()) body["ExpressionAttributeValues"] = values_;
}

template <class T>
std::string Printer::join(const std::vector<T>& parts, const std::string& between) {
  std::string text;
  for (const T& part : parts) {
    if (&part != &parts.front()) text += between;
    text += print(part);
  }
  return text;
}

std::string Printer::print(const Path& path) {
  std::string text;
  for (const Step& step : path) {
    if (step.index) {
      text += "[" + std::to_string(*step.index) + "]";
      continue;
    }
    if (!text.empty()) text += ".";
    text += name_of(step.name);
  }
  return text;
}

std::string Printer::print(const std::vector<Path>& paths) {
  return join(paths, ", ");
}

std::string Printer::print(const Operand& operand) {
  if (operand.value) return name_of(*operand.value);
  return operand.is_size ? "size(" + print(operand.path) + ")" : print(operand.path);
}

/// As a part of another one.
std::string Printer::print_inner(const Condition& condition) {
  if (condition.op != "AND" && condition.op != "OR") {
    const bool bare = dice_.below(4) != 0 || condition.op == "NOT";
    return bare ? print(condition) : "(" + print(condition) + ")";
  }
  return "(" + print(condition) + ")";
}

std::string Printer::print(const Condition& condition) {
  const auto& [op, operands, children] = condition;
  if (op == "AND" || op == "OR") {
    std::string text;
    for (const Condition& child : children) {
      if (!text.empty()) text += " " + op + " ";
      text += print_inner(child);
    }
    return text;
  }
  if (op == "NOT") return "NOT " + print_inner(children.front());
  if (op == "BETWEEN")
    return print(operands[0]) + " BETWEEN " + print(operands[1]) + " AND " + print(operands[2]);
  if (op == "IN") {
    const std::vector<Operand> candidates(operands.begin() + 1, operands.end());
    return print(operands[0]) + " IN (" + join(candidates, ", ") + ")";
  }
  const bool is_function = op.find_first_of("=<>") == std::string::npos;
  if (is_function) return op + "(" + join(operands, ", ") + ")";
  return print(operands[0]) + " " + op + " " + print(operands[1]);
}

std::string Printer::print(const Sum& sum) {
  switch (sum.kind) {
    case Sum::Kind::literal:
      return name_of(sum.literal);
    case Sum::Kind::path:
      return print(sum.path);
    case Sum::Kind::if_not_exists:
      return "if_not_exists(" + print(sum.path) + ", " + print(sum.arguments[0]) + ")";
    case Sum::Kind::list_append:
      return "list_append(" + join(sum.arguments, ", ") + ")";
    default:
      return join(sum.arguments, sum.kind == Sum::Kind::plus ? " + " : " - ");
  }
}

std::string Printer::print(const Update& update) {
  using Kind = Action::Kind;
  std::vector<std::pair<Kind, std::string>> sections = {
      {Kind::set, "SET"}, {Kind::remove, "REMOVE"}, {Kind::add, "ADD"}, {Kind::erase, "DELETE"}};
  std::ranges::rotate(sections,
                      sections.begin() + static_cast<std::ptrdiff_t>(dice_.below(sections.size())));
  std::string text;
  for (const auto& [kind, word] : sections) {
    std::string clauses;
    for (const Action& action : update) {
      if (action.kind != kind) continue;
      clauses += clauses.empty() ? " " : ", ";
      clauses += print(action.path);
      if (kind == Kind::set) clauses += " =";
      if (kind != Kind::remove) clauses += " " + print(action.sum);
    }
    if (!clauses.empty()) text += (text.empty() ? "" : " ") + word + clauses;
  }
  return text;
}

}  // namespace matinee::simulation::tables
