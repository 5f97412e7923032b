// DynamoDB's expressions: every parser on the same text, and what they accept evaluated.
#include <cstdint>
#include <string_view>

#include "services/dynamodb/expressions/parser.h"

namespace {

using matinee::dynamodb::Item;
using matinee::dynamodb::Number;

/// Sums of these come to the limits of numbers.
Number number(const char* text) {
  return Number::parse(text);
}

const Item& values() {
  static const Item all = {{":s", "text"},
                           {":n", Number(7)},
                           {":b", number("99999999999999999999999999999999999999E88")},
                           {":e", number("-1E-130")},
                           {":l", matinee::dynamodb::List{"a", "b"}},
                           {":u", matinee::dynamodb::make_set<Number>({number("1"), number("7")})},
                           {":t", matinee::dynamodb::make_set<std::string>({"x", "y"})}};
  return all;
}

Item document() {
  Item item = values();
  item["a"] = "text";
  item["n"] = Number(1);
  item["b"] = number("-99999999999999999999999999999999999998E88");
  item["e"] = number("1E-130");
  item["u"] = matinee::dynamodb::make_set<Number>({number("7"), number("0.5")});
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
