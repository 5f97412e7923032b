#include "statements.h"

#include <algorithm>

#include "printer.h"

namespace matinee::simulation::tables {

std::string StatementPrinter::parameter(const Json& value) {
  parameters_.push_back(spelled(value, dice_));
  return "?";
}

std::string StatementPrinter::print(const Path& path) {
  std::string text;
  for (const Step& step : path) {
    if (step.index)
      text += "[" + std::to_string(*step.index) + "]";
    else
      text += (text.empty() ? "\"" : ".\"") + step.name + "\"";
  }
  return text;
}

std::string StatementPrinter::columns(const std::vector<Path>& paths) {
  if (paths.empty()) return "*";
  std::string text;
  for (const Path& path : paths) text += (text.empty() ? "" : ", ") + print(path);
  return text;
}

std::string StatementPrinter::print(const Operand& operand) {
  if (operand.value) return parameter(*operand.value);
  return operand.is_size ? "size(" + print(operand.path) + ")" : print(operand.path);
}

std::string StatementPrinter::print_inner(const Condition& condition) {
  const bool is_bare = condition.op != "AND" && condition.op != "OR" && dice_.below(3) != 0;
  return is_bare ? print(condition) : "(" + print(condition) + ")";
}

std::string StatementPrinter::print(const Condition& condition) {
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
  const std::string first = print(operands[0]);
  if (op == "attribute_exists") return first + " IS NOT MISSING";
  if (op == "attribute_not_exists") return first + " IS MISSING";
  const std::string second = print(operands[1]);
  if (op == "BETWEEN") return first + " BETWEEN " + second + " AND " + print(operands[2]);
  if (op == "IN") {
    std::string text = first + " IN [" + second;
    for (std::size_t i = 2; i < operands.size(); ++i) text += ", " + print(operands[i]);
    return text + "]";
  }
  if (op.find_first_of("=<>") != std::string::npos) return first + " " + op + " " + second;
  return op + "(" + first + ", " + second + ")";
}

std::string StatementPrinter::print(const Sum& sum) {
  if (sum.kind == Sum::Kind::literal) return parameter(sum.literal);
  if (sum.kind == Sum::Kind::path) return print(sum.path);
  const std::string left = print(sum.arguments[0]);
  const std::string right = print(sum.arguments[1]);
  if (sum.kind == Sum::Kind::list_append) return "list_append(" + left + ", " + right + ")";
  return left + (sum.kind == Sum::Kind::plus ? " + " : " - ") + right;
}

std::string StatementPrinter::print(const Action& action) {
  const std::string path = print(action.path);
  switch (action.kind) {
    case Action::Kind::set:
      return " SET " + path + " = " + print(action.sum);
    case Action::Kind::remove:
      return " REMOVE " + path;
    case Action::Kind::add:
      return " SET " + path + " = set_add(" + path + ", " + print(action.sum) + ")";
    default:
      return " SET " + path + " = set_delete(" + path + ", " + print(action.sum) + ")";
  }
}

std::string StatementPrinter::key_of(const Table& table, const Json& key) {
  std::string text = " WHERE";
  for (const KeyAttribute& attribute : table.keys.all())
    text += (text == " WHERE" ? " \"" : " AND \"") + attribute.name +
            "\" = " + parameter(key.at(attribute.name));
  return text;
}

Json StatementPrinter::finish(const std::string& text) {
  Json statement;
  statement["Statement"] = text;
  if (!parameters_.empty()) statement["Parameters"] = parameters_;
  return statement;
}

Json StatementPrinter::print(const Table& table, const Write& write) {
  const std::string name = "\"" + write.table + "\"";
  if (write.kind == Write::Kind::put) {
    std::string members;
    for (const auto& [attribute, value] : write.given.object())
      members += (members.empty() ? "'" : ", '") + attribute + "': " + parameter(value);
    return finish("INSERT INTO " + name + " VALUE {" + members + "}");
  }
  std::string text = write.kind == Write::Kind::erase ? "DELETE FROM " + name : "UPDATE " + name;
  for (const Action& action : write.update) text += print(action);
  text += key_of(table, write.given);
  if (write.condition) text += " AND " + print_inner(*write.condition);
  if (write.returns != "NONE") {
    const std::string which = write.returns.starts_with("ALL") ? "ALL" : "MODIFIED";
    text += " RETURNING " + which + (write.returns.ends_with("OLD") ? " OLD *" : " NEW *");
  }
  Json statement = finish(text);
  if (write.shows_old_on_failure) statement["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD";
  return statement;
}

Json StatementPrinter::print(const PageRead& read) {
  std::string text = "SELECT " + columns(read.projection) + " FROM \"" + read.table + "\"";
  if (!read.index.empty()) text += ".\"" + read.index + "\"";
  text += " WHERE " + print(*read.keys);
  if (read.filter) text += " AND " + print_inner(*read.filter);
  if (read.backward) text += " ORDER BY \"" + read.order_by + "\" DESC";
  return finish(text);
}

Json StatementPrinter::print(const Table& table, const Read& read) {
  std::string text = "SELECT " + columns(read.projection) + " FROM \"" + read.table + "\"";
  return finish(text + key_of(table, read.key));
}

}  // namespace matinee::simulation::tables
