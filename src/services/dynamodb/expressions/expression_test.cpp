// Expressions from their text to what they do to an item.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "protocol/error.h"
#include "protocol/json_reader.h"
#include "services/dynamodb/expressions/evaluate.h"
#include "services/dynamodb/expressions/key_condition.h"
#include "services/dynamodb/expressions/parser.h"

namespace matinee::dynamodb::expressions {
namespace {

Item read_item(std::string_view text) {
  const std::string wrapped = fmt::format(R"({{"M":{}}})", text);
  simdjson::padded_string padded(wrapped);
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document = parser.iterate(padded);
  simdjson::ondemand::value value = document.get_value();
  AttributeValue result;
  attribute_value_access.read_json(&value, &result);
  return *result.find<Map>();
}

std::string write(const Item& item) {
  std::string out;
  const AttributeValue value{Item(item)};
  attribute_value_access.write_json(&value, out);
  return out.substr(5, out.size() - 6);
}

const Item& sample() {
  static const Item item = read_item(
      R"({"s":{"S":"hello"},"n":{"N":"5"},"b":{"B":"AAEC"},"t":{"BOOL":true},"z":{"NULL":true},
          "ss":{"SS":["a","b"]},"ns":{"NS":["1","2"]},"l":{"L":[{"S":"x"},{"N":"7"},{"S":"y"}]},
          "m":{"M":{"k":{"S":"v"},"deep":{"L":[{"M":{"q":{"N":"1"}}}]}}}})");
  return item;
}

const std::optional<Substitutions::Names>& names() {
  static const std::optional<Substitutions::Names> map = {
      {{"#s", "s"}, {"#size", "size"}, {"#m", "m"}, {"#odd", "a.b"}}};
  return map;
}

const std::optional<Item>& values() {
  static const std::optional<Item> map = read_item(
      R"({":h":{"S":"hello"},":he":{"S":"he"},":ll":{"S":"ll"},":a":{"S":"a"},":x":{"S":"x"},
          ":S":{"S":"S"},":bad":{"S":"Q"},":0":{"N":"0"},":1":{"N":"1"},":5":{"N":"5.0"},
          ":7":{"N":"7"},":9":{"N":"9"},":t":{"BOOL":true},":list":{"L":[{"S":"new"}]},
          ":ss":{"SS":["b","c"]},":ns":{"NS":["2","3"]},":ssall":{"SS":["a","b"]},
          ":bin":{"B":"AAE="},":map":{"M":{}},":null":{"NULL":true}})");
  return map;
}

bool holds(std::string_view text) {
  Substitutions substitutions(names(), values());
  return matches(parse_condition(text, "ConditionExpression", substitutions), sample());
}

template <class Parse>
std::string failure_of(const Parse& parse) {
  try {
    parse();
  } catch (const protocol::ServiceError& error) {
    EXPECT_EQ(error.code(), "ValidationException");
    return error.message();
  }
  return "accepted";
}

std::string condition_failure(std::string_view text) {
  const std::string message = failure_of([&] { holds(text); });
  const std::string prefix = "Invalid ConditionExpression: ";
  return message.starts_with(prefix) ? message.substr(prefix.size()) : message;
}

std::string updated(std::string_view text, std::string_view item = "") {
  Substitutions substitutions(names(), values());
  Item changed = item.empty() ? sample() : read_item(item);
  apply_update(parse_update(text, substitutions), changed);
  return write(changed);
}

std::string update_failure(std::string_view text) {
  const std::string message = failure_of([&] { updated(text); });
  const std::string prefix = "Invalid UpdateExpression: ";
  return message.starts_with(prefix) ? message.substr(prefix.size()) : message;
}

std::string projected(std::string_view text) {
  Substitutions substitutions(names(), values());
  return write(project(parse_projection(text, substitutions), sample()));
}

TEST(Condition, comparisons_follow_types_and_order) {
  EXPECT_TRUE(holds("s = :h"));
  EXPECT_TRUE(holds("n = :5"));
  EXPECT_TRUE(holds("n<:7 and n > :1 AND n <= :5 And n >= :5"));
  EXPECT_FALSE(holds("s > :1"));
  EXPECT_TRUE(holds("n BETWEEN :1 AND :7"));
  EXPECT_FALSE(holds("n between :7 and :9"));
  EXPECT_TRUE(holds("n IN (:1, :h, :5)"));
  EXPECT_FALSE(holds("n IN (:1)"));
  EXPECT_TRUE(holds("ss = :ssall"));
  EXPECT_TRUE(holds(":h = s"));
  EXPECT_TRUE(holds("s <> :he"));
  EXPECT_TRUE(holds("lacking <> :he"));
  EXPECT_FALSE(holds("lacking = :he"));
  EXPECT_FALSE(holds("lacking = gone"));
}

TEST(Condition, functions_look_into_the_item) {
  EXPECT_TRUE(holds("attribute_exists(s) AND attribute_not_exists(lacking)"));
  EXPECT_TRUE(holds("attribute_exists(m.k) AND attribute_exists(l[2])"));
  EXPECT_FALSE(
      holds("attribute_exists(l[3]) OR attribute_exists(m.nope) OR attribute_exists(s.k)"));
  EXPECT_TRUE(holds("attribute_type(s, :S)"));
  EXPECT_TRUE(holds("begins_with(s, :he)"));
  EXPECT_TRUE(holds("begins_with(b, :bin)"));
  EXPECT_TRUE(holds("contains(s, :ll) AND contains(ss, :a) AND contains(ns, :1)"));
  EXPECT_TRUE(holds("contains(l, :x) AND contains(l, :7) AND NOT contains(l, :9)"));
  EXPECT_TRUE(holds("contains(b, :bin) AND NOT contains(s, :bin) AND NOT contains(b, :h)"));
  EXPECT_TRUE(holds("contains(:h, s) AND NOT contains(:he, s)"));
  EXPECT_TRUE(holds("size(s) = :5 AND size(l) < :7 AND size(m) > :1 AND size(:he) > :1"));
  EXPECT_FALSE(holds("size(n) > :0"));
  EXPECT_TRUE(holds("m.deep[0].q = :1"));
}

TEST(Condition, not_binds_before_and_and_and_before_or) {
  EXPECT_TRUE(holds("s = :h OR n = :1 AND n = :9"));
  EXPECT_FALSE(holds("(s = :h OR n = :1) AND n = :9"));
  EXPECT_TRUE(holds("NOT n = :9 AND s = :h"));
  EXPECT_FALSE(holds("NOT (n = :5 AND s = :h)"));
  EXPECT_TRUE(holds("NOT NOT n = :5"));
  EXPECT_TRUE(holds("((n = :9) OR (s = :h))  AND (t = :t)"));
}

TEST(Condition, placeholders_reach_names_that_the_grammar_does_not) {
  EXPECT_TRUE(holds("#s = :h"));
  EXPECT_FALSE(holds("attribute_exists(#odd) OR attribute_exists(#m.#odd)"));
  EXPECT_EQ(
      condition_failure("#nope = :h"),
      "An expression attribute name used in the document path is not defined; attribute name: "
      "#nope");
  EXPECT_EQ(condition_failure("s = :nope"),
            "An expression attribute value used in expression is not defined; attribute value: "
            ":nope");
  EXPECT_EQ(condition_failure("size = :h"),
            "Attribute name is a reserved keyword; reserved keyword: size");
  EXPECT_EQ(condition_failure("m.Year = :h"),
            "Attribute name is a reserved keyword; reserved keyword: Year");
}

TEST(Condition, syntax_errors_name_the_token_and_its_neighbours) {
  EXPECT_EQ(condition_failure(""), "The expression can not be empty;");
  EXPECT_EQ(condition_failure("s ="), "Syntax error; token: \"<EOF>\", near: \"=\"");
  EXPECT_EQ(condition_failure("s = :h AND"), "Syntax error; token: \"<EOF>\", near: \"AND\"");
  EXPECT_EQ(condition_failure("_id = :h"), "Syntax error; token: \"_\", near: \"_id\"");
  EXPECT_EQ(condition_failure("my-key = :h"), "Syntax error; token: \"-\", near: \"my-key\"");
  EXPECT_EQ(condition_failure("s = = :h"), "Syntax error; token: \"=\", near: \"= = :h\"");
  EXPECT_EQ(condition_failure("s = 5"), "Syntax error; token: \"5\", near: \"= 5\"");
  EXPECT_EQ(condition_failure("s"), "Syntax error; token: \"<EOF>\", near: \"s\"");
  EXPECT_EQ(condition_failure("s = :h)"), "Syntax error; token: \")\", near: \":h)\"");
  EXPECT_EQ(condition_failure("s == :h"), "Syntax error; token: \"=\", near: \"== :h\"");
  EXPECT_EQ(condition_failure("n IN ()"), "Syntax error; token: \")\", near: \"()\"");
  EXPECT_EQ(condition_failure("ä = :h"), "Syntax error; token: \"ä\", near: \"ä =\"");
}

TEST(Condition, misuse_is_refused_with_dynamodbs_messages) {
  EXPECT_EQ(condition_failure("((s = :h))"), "The expression has redundant parentheses;");
  EXPECT_EQ(condition_failure("((s = :h AND n = :5))"),
            "The expression has redundant parentheses;");
  EXPECT_EQ(condition_failure("(s) = :h"), "The expression has redundant parentheses;");
  EXPECT_EQ(condition_failure("nope(s)"), "Invalid function name; function: nope");
  EXPECT_EQ(condition_failure("size(s)"),
            "The function is not allowed to be used this way in an expression; function: size");
  EXPECT_EQ(condition_failure("attribute_exists(s) = :h"),
            "The function is not allowed to be used this way in an expression; function: "
            "attribute_exists");
  EXPECT_EQ(condition_failure("attribute_exists(s, n)"),
            "Incorrect number of operands for operator or function; operator or function: "
            "attribute_exists, number of operands: 2");
  EXPECT_EQ(condition_failure("attribute_exists(:h)"),
            "Operator or function requires a document path; operator or function: "
            "attribute_exists");
  EXPECT_EQ(condition_failure("begins_with(s, :1)"),
            "Incorrect operand type for operator or function; operator or function: begins_with, "
            "operand type: N");
  EXPECT_EQ(condition_failure("s < :t"),
            "Incorrect operand type for operator or function; operator or function: <, operand "
            "type: BOOL");
  EXPECT_EQ(condition_failure("attribute_type(s, :bad)"),
            "Invalid attribute type name found; type: Q, valid types: "
            "{B,NULL,SS,BOOL,L,BS,N,NS,S,M}");
  EXPECT_EQ(condition_failure("n BETWEEN :7 AND :1"),
            "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "
            "lower bound operand: AttributeValue: {N:7}, upper bound operand: AttributeValue: "
            "{N:1}");
  EXPECT_EQ(condition_failure("s = s"),
            "The first operand must be distinct from the remaining operands for this operator or "
            "function; operator: =, first operand: [s]");
  EXPECT_EQ(condition_failure("l[99999999999] = :h"),
            "List index is not within the allowable range; index: [99999999999]");
}

TEST(Condition, functions_of_updates_are_known_and_not_allowed) {
  const std::string misused =
      "The function is not allowed to be used this way in an expression; function: ";
  EXPECT_EQ(condition_failure("if_not_exists(n, :1) = :1"), misused + "if_not_exists");
  EXPECT_EQ(condition_failure("list_append(l, :list) = :list"), misused + "list_append");
  EXPECT_EQ(condition_failure("if_not_exists(n, :1)"), misused + "if_not_exists");
  EXPECT_EQ(condition_failure("nope(n, :1) = :1"), "Invalid function name; function: nope");
}

TEST(Condition, the_type_of_a_value_can_be_asked_for) {
  EXPECT_TRUE(holds("attribute_type(:h, :S)"));
  EXPECT_FALSE(holds("attribute_type(:1, :S)"));
}

TEST(Condition, sizes_of_texts_are_utf16_units) {
  const auto size_is = [](std::string_view text, std::int64_t size) {
    const std::optional<Item> values_map = {{{":t", std::string(text)}, {":n", Number(size)}}};
    Substitutions substitutions(std::nullopt, values_map);
    return matches(parse_condition("size(:t) = :n", "FilterExpression", substitutions), Item{});
  };
  EXPECT_TRUE(size_is("日本", 2));
  EXPECT_TRUE(size_is("abÿ", 3));
  EXPECT_TRUE(size_is("\U0001F600", 2));
  EXPECT_TRUE(size_is("", 0));
  EXPECT_TRUE(size_is("plain", 5));
}

TEST(Condition, limits_hold_for_size_depth_and_operators) {
  EXPECT_EQ(condition_failure(std::string(4097, 'a')),
            "Expression size has exceeded the maximum allowed size; expression size: 4097");
  EXPECT_NE(condition_failure(std::string(4096, '(')), "accepted");
  std::string nots;
  for (int i = 0; i < 1000; ++i) nots += "NOT ";
  EXPECT_NE(condition_failure(nots), "accepted");
  std::string many = "n=:1";
  for (int i = 0; i < 160; ++i) many += " OR n=:1";
  EXPECT_TRUE(condition_failure(many).starts_with("The expression contains too many operators"));
  std::string in = "n IN (:1";
  for (int i = 0; i < 100; ++i) in += ",:1";
  EXPECT_NE(condition_failure(in + ")"), "accepted");
  std::string calls;
  for (int i = 0; i < 800; ++i) calls += "size(";
  EXPECT_NE(condition_failure(calls), "accepted");
}

TEST(Substitutions, what_no_expression_uses_is_refused) {
  const std::optional<Substitutions::Names> two_names = {{{"#a", "a"}, {"#b", "b"}}};
  const std::optional<Item> two_values = {{{":x", "x"}, {":y", "y"}}};
  Substitutions substitutions(two_names, two_values);
  parse_condition("#a = :x", "ConditionExpression", substitutions);
  EXPECT_EQ(failure_of([&] { substitutions.require_all_used(); }),
            "Value provided in ExpressionAttributeNames unused in expressions: keys: {#b}");
  parse_projection("#b", substitutions);
  EXPECT_EQ(failure_of([&] { substitutions.require_all_used(); }),
            "Value provided in ExpressionAttributeValues unused in expressions: keys: {:y}");
}

TEST(Substitutions, keys_have_their_sign_and_plain_characters) {
  const auto refusal = [](Substitutions::Names map) {
    const std::optional<Substitutions::Names> names_map = std::move(map);
    return failure_of([&] { Substitutions(names_map, std::nullopt); });
  };
  EXPECT_EQ(refusal({}), "ExpressionAttributeNames must not be empty");
  EXPECT_EQ(refusal({{"a", "b"}}),
            "ExpressionAttributeNames contains invalid key: Syntax error; key: \"a\"");
  EXPECT_EQ(refusal({{"#a-b", "b"}}),
            "ExpressionAttributeNames contains invalid key: Syntax error; key: \"#a-b\"");
  EXPECT_EQ(refusal({{"#1_a", "b"}}), "accepted");
}

TEST(Projection, selects_parts_and_closes_ranks_in_lists) {
  EXPECT_EQ(projected("s, n"), R"({"n":{"N":"5"},"s":{"S":"hello"}})");
  EXPECT_EQ(projected("lacking"), "{}");
  EXPECT_EQ(projected("l[2], l[0]"), R"({"l":{"L":[{"S":"x"},{"S":"y"}]}})");
  EXPECT_EQ(projected("m.deep[0].q, m.k"),
            R"({"m":{"M":{"deep":{"L":[{"M":{"q":{"N":"1"}}}]},"k":{"S":"v"}}}})");
  EXPECT_EQ(projected("m.nope, l[9], s.k, #m.deep[0].nix"), "{}");
}

TEST(Projection, a_path_has_thirty_two_elements_at_most) {
  std::string path = "a";
  for (int i = 0; i < 31; ++i) path += ".b";
  EXPECT_EQ(failure_of([&] { projected(path); }), "accepted");
  EXPECT_EQ(failure_of([&] { projected(path + ".b"); }),
            "Invalid ProjectionExpression: The document path has too many nesting levels; nesting "
            "levels: 33");
}

TEST(Projection, overlapping_and_conflicting_paths_are_refused) {
  EXPECT_EQ(failure_of([] { projected("m, m.k"); }),
            "Invalid ProjectionExpression: Two document paths overlap with each other; must remove "
            "or rewrite one of these paths; path one: [m], path two: [m, k]");
  EXPECT_EQ(
      failure_of([] { projected("m[0], m.k"); }),
      "Invalid ProjectionExpression: Two document paths conflict with each other; must remove "
      "or rewrite one of these paths; path one: [m, [0]], path two: [m, k]");
}

TEST(Update, set_computes_from_the_item_as_it_was) {
  EXPECT_EQ(updated("SET a = b, b = a", R"({"a":{"N":"1"},"b":{"N":"2"}})"),
            R"({"a":{"N":"2"},"b":{"N":"1"}})");
  EXPECT_EQ(updated("SET n = n + :1", R"({"n":{"N":"1"}})"), R"({"n":{"N":"2"}})");
  EXPECT_EQ(updated("set n = :1 - n", R"({"n":{"N":"1"}})"), R"({"n":{"N":"0"}})");
  EXPECT_EQ(updated("SET n = if_not_exists(n, :0) + :1", "{}"), R"({"n":{"N":"1"}})");
  EXPECT_EQ(updated("SET l = list_append(if_not_exists(l, :list), :list)", "{}"),
            R"({"l":{"L":[{"S":"new"},{"S":"new"}]}})");
}

TEST(Update, list_indexes_mean_the_list_as_it_was) {
  const std::string_view list = R"({"l":{"L":[{"N":"0"},{"N":"1"},{"N":"2"}]}})";
  EXPECT_EQ(updated("REMOVE l[0], l[1]", list), R"({"l":{"L":[{"N":"2"}]}})");
  EXPECT_EQ(updated("SET l[9] = :9, l[5] = :5", list),
            R"({"l":{"L":[{"N":"0"},{"N":"1"},{"N":"2"},{"N":"5"},{"N":"9"}]}})");
  EXPECT_EQ(updated("SET l[7] = :7 REMOVE l[0], l[3]", list),
            R"({"l":{"L":[{"N":"1"},{"N":"2"},{"N":"7"}]}})");
  EXPECT_EQ(updated("REMOVE l[0], l[1][1], l[2].k, l[3]",
                    R"({"l":{"L":[{"N":"0"},{"L":[{"N":"1"},{"N":"2"}]},)"
                    R"({"M":{"k":{"N":"3"}}},{"N":"4"},{"N":"5"}]}})"),
            R"({"l":{"L":[{"L":[{"N":"1"}]},{"M":{}},{"N":"5"}]}})");
}

TEST(Update, add_and_delete_work_on_numbers_and_sets) {
  EXPECT_EQ(updated("ADD n :1, s :ss", R"({"n":{"N":"1"}})"),
            R"({"n":{"N":"2"},"s":{"SS":["b","c"]}})");
  EXPECT_EQ(updated("ADD a :ss DELETE b :ss", R"({"a":{"SS":["a"]},"b":{"SS":["b","c","d"]}})"),
            R"({"a":{"SS":["a","b","c"]},"b":{"SS":["d"]}})");
  EXPECT_EQ(updated("DELETE a :ss", R"({"a":{"SS":["b"]}})"), "{}");
  EXPECT_EQ(updated("DELETE a :ss", "{}"), "{}");
}

TEST(Update, sections_and_operands_are_checked) {
  EXPECT_EQ(update_failure("SET a = :1 SET b = :1"),
            "The \"SET\" section can only be used once in an update expression;");
  EXPECT_EQ(
      update_failure("SET a = :1, a.b = :1"),
      "Two document paths overlap with each other; must remove or rewrite one of these paths; "
      "path one: [a], path two: [a, b]");
  EXPECT_EQ(update_failure("ADD a :h"),
            "Incorrect operand type for operator or function; operator: ADD, operand type: STRING, "
            "typeSet: ALLOWED_FOR_ADD_OPERAND");
  EXPECT_EQ(update_failure("SET a = nope(:1)"), "Invalid function name; function: nope");
  EXPECT_EQ(update_failure("SET a = :h + :1"),
            "Incorrect operand type for operator or function; operator or function: +, operand "
            "type: S");
  EXPECT_EQ(update_failure("SET a = if_not_exists(:1, :1)"),
            "Operator or function requires a document path; operator or function: if_not_exists");
  EXPECT_EQ(update_failure("SET a :1"), "Syntax error; token: \":1\", near: \"a :1\"");
  EXPECT_EQ(update_failure("SET"), "Syntax error; token: \"<EOF>\", near: \"SET\"");
  EXPECT_EQ(update_failure("a = :1"), "Syntax error; token: \"a\", near: \"a =\"");
  EXPECT_EQ(update_failure("SET a = :1,"), "Syntax error; token: \"<EOF>\", near: \",\"");
}

TEST(Update, functions_hold_paths_values_and_if_not_exists) {
  EXPECT_EQ(updated("SET l = list_append(if_not_exists(l, :list), :list)", "{}"),
            R"({"l":{"L":[{"S":"new"},{"S":"new"}]}})");
  EXPECT_EQ(updated("SET a = if_not_exists(a, if_not_exists(b, :1))", "{}"), R"({"a":{"N":"1"}})");
  EXPECT_EQ(updated("SET a = if_not_exists(a, :1) + :5", "{}"), R"({"a":{"N":"6"}})");
  const std::string misused =
      "The function is not allowed to be used this way in an expression; function: ";
  EXPECT_EQ(update_failure("SET a = list_append(list_append(:list, :list), :list)"),
            misused + "list_append");
  EXPECT_EQ(update_failure("SET a = list_append(:list, list_append(:list, :list))"),
            misused + "list_append");
  EXPECT_EQ(update_failure("SET a = size(s)"), misused + "size");
  EXPECT_EQ(update_failure("SET a = attribute_exists(s)"), misused + "attribute_exists");
  EXPECT_EQ(update_failure("SET a = nope(s)"), "Invalid function name; function: nope");
  EXPECT_EQ(update_failure("SET a = if_not_exists(a, :1 + :5)"),
            "Syntax error; token: \"+\", near: \":1 + :5\"");
  EXPECT_EQ(update_failure("SET a = list_append(:list - :list, :list)"),
            "Syntax error; token: \"-\", near: \":list - :list\"");
}

TEST(Update, what_does_not_fit_the_item_is_refused) {
  EXPECT_EQ(update_failure("SET a = lacking"),
            "The provided expression refers to an attribute that does not exist in the item");
  EXPECT_EQ(update_failure("SET a = s + :1"),
            "An operand in the update expression has an incorrect data type");
  EXPECT_EQ(update_failure("ADD s :1"),
            "An operand in the update expression has an incorrect data type");
  EXPECT_EQ(update_failure("SET lacking.k = :1"),
            "The document path provided in the update expression is invalid for update");
  EXPECT_EQ(update_failure("REMOVE s[0]"),
            "The document path provided in the update expression is invalid for update");
}

TEST(Update, what_can_never_fit_an_item_is_refused_before_it_is_made) {
  const auto update = [](std::string_view text, std::size_t elements) {
    Item item;
    item["l"] = AttributeValue(List(elements, AttributeValue(Null())));
    Substitutions substitutions(std::nullopt, std::nullopt);
    apply_update(parse_update(text, substitutions), item);
    return item.size();
  };
  EXPECT_EQ(update("SET a = list_append(l, l), b = l", 10'000), 3u);
  EXPECT_THROW(update("SET a = list_append(l, l), b = l, c = l", 90'000), protocol::ServiceError);
  EXPECT_THROW(update("SET a = list_append(l, l)", 300'000), protocol::ServiceError);
}

TEST(KeyCondition, is_one_comparison_for_each_key) {
  const auto refusal = [](std::string_view text) {
    Substitutions substitutions(names(), values());
    return failure_of(
        [&] { to_key_conditions(parse_condition(text, "KeyConditionExpression", substitutions)); });
  };
  EXPECT_EQ(refusal("a = :h AND b < :1"), "accepted");
  EXPECT_EQ(refusal("(a = :h) AND (begins_with(b, :he))"), "accepted");
  EXPECT_EQ(refusal("a = :h OR b = :1"), "Invalid operator used in KeyConditionExpression: OR");
  EXPECT_EQ(refusal("a = :h AND a = :1"),
            "KeyConditionExpressions must only contain one condition per key");
  EXPECT_EQ(refusal("a = b"),
            "Invalid condition in KeyConditionExpression: Multiple attribute names used in one "
            "condition");
  EXPECT_EQ(refusal("a.b = :h"),
            "KeyConditionExpressions cannot have conditions on nested attributes");
  EXPECT_EQ(refusal("size(a) = :1"), "KeyConditionExpressions cannot contain nested operations");
}

TEST(Expressions, no_text_does_more_than_be_refused) {
  const std::string_view pieces[] = {"(",
                                     ")",
                                     "a",
                                     "#s",
                                     ":h",
                                     "AND",
                                     "OR",
                                     "NOT",
                                     "SET",
                                     "=",
                                     "<",
                                     "[",
                                     "0",
                                     "]",
                                     ".",
                                     ",",
                                     "IN",
                                     "size",
                                     "+",
                                     "-",
                                     "ADD",
                                     ":list",
                                     "l",
                                     "m",
                                     "\xff",
                                     "BETWEEN",
                                     "if_not_exists",
                                     "list_append",
                                     "REMOVE",
                                     "contains",
                                     "attribute_exists",
                                     "DELETE"};
  std::mt19937 generator(1);
  int accepted = 0;
  for (int round = 0; round < 6000; ++round) {
    std::string text;
    for (unsigned count = 1 + generator() % 12; count > 0; --count) {
      text += pieces[generator() % std::size(pieces)];
      if (generator() % 2 == 0) text += ' ';
    }
    Substitutions substitutions(names(), values());
    exercise_parsers(text, substitutions, sample());
    if (condition_failure(text) == "accepted") ++accepted;
  }
  EXPECT_GT(accepted, 0);
}

}  // namespace
}  // namespace matinee::dynamodb::expressions
