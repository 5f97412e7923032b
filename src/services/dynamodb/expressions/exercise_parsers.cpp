// The entry point for fuzzing.
#include "services/dynamodb/expressions/evaluate.h"
#include "services/dynamodb/expressions/key_condition.h"
#include "services/dynamodb/expressions/parser.h"
#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb::expressions {
namespace {

// A refusal is a fine answer to any text.
template <class Attempt>
void try_it(const Attempt& attempt) {
  try {
    attempt();
  } catch (const protocol::ServiceError& refusal) {
    if (refusal.status() != 400) throw;
  }
}

}  // namespace

void exercise_parsers(std::string_view text, Substitutions& substitutions, const Item& item) {
  try_it([&] { matches(parse_condition(text, "ConditionExpression", substitutions), item); });
  try_it(
      [&] { to_key_conditions(parse_condition(text, "KeyConditionExpression", substitutions)); });
  try_it([&] { project(parse_projection(text, substitutions), item); });
  try_it([&] {
    Item changed = item;
    apply_update(parse_update(text, substitutions), changed);
  });
}

}  // namespace matinee::dynamodb::expressions
