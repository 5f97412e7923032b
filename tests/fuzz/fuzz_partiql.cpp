// PartiQL statements: parsed, and what they say looked at in an item.
#include <cstdint>
#include <string_view>

#include "services/dynamodb/expressions/evaluate.h"
#include "services/dynamodb/partiql/key_search.h"
#include "services/dynamodb/partiql/selection.h"
#include "services/dynamodb/partiql/statement.h"

namespace {

using namespace matinee::dynamodb;

const Item& document() {
  static const Item item = {{"p", "text"},
                            {"s", Number(1)},
                            {"l", List{"a", Map{{"b", "c"}}}},
                            {"m", Map{{"k", "v"}}},
                            {"t", make_set<std::string>({"x", "z"})}};
  return item;
}

void look_at(const partiql::Statement& statement) {
  const KeySchema keys{.partition = {"p", KeyType::string},
                       .sort = KeyAttribute{"s", KeyType::number}};
  partiql::find_keys(keys, statement.where);
  partiql::find_item(keys, statement.where);
  if (statement.where) expressions::matches(*statement.where, document());
  partiql::show(statement, document());
  Item changed = document();
  expressions::apply_update(statement.update, changed);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<AttributeValue> parameters = {"text", Number(7)};
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const std::size_t given : {0, 1, 2}) {
    const std::vector<AttributeValue> first(
        parameters.begin(), parameters.begin() + static_cast<std::ptrdiff_t>(given));
    try {
      look_at(partiql::parse_statement(text, first));
    } catch (const matinee::protocol::ServiceError& refusal) {
      if (refusal.status() != 400) throw;
    }
  }
  // NextToken is what strangers send, too.
  try {
    partiql::read_token(std::string(text), 0);
  } catch (const matinee::protocol::ServiceError& refusal) {
    if (refusal.status() != 400) throw;
  }
  return 0;
}
