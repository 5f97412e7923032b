// DynamoDB's expressions: every parser on the same text, and what they accept evaluated.
#include <cstdint>
#include <string_view>

#include "services/dynamodb/expressions/parser.h"

namespace {

using matinee::dynamodb::Item;

const Item& values() {
  static const Item all = {{":s", "text"},
                           {":n", matinee::dynamodb::Number(7)},
                           {":l", matinee::dynamodb::List{"a", "b"}},
                           {":t", matinee::dynamodb::make_set<std::string>({"x", "y"})}};
  return all;
}

Item document() {
  Item item = values();
  item["a"] = "text";
  item["n"] = matinee::dynamodb::Number(1);
  item["l"] = matinee::dynamodb::List{"a", matinee::dynamodb::Map{{"b", "c"}}};
  item["m"] = matinee::dynamodb::Map{{"k", "v"}};
  item["s"] = matinee::dynamodb::make_set<std::string>({"x", "z"});
  return item;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace matinee::dynamodb;
  static const std::optional<std::map<std::string, std::string>> names = {
      {{"#n", "n"}, {"#m", "m"}}};
  static const std::optional<Item> literals = values();
  expressions::Substitutions substitutions(names, literals);
  expressions::exercise_parsers({reinterpret_cast<const char*>(data), size}, substitutions,
                                document());
  return 0;
}
