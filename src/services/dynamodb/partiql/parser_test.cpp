#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/dynamodb/expressions/evaluate.h"
#include "services/dynamodb/partiql/key_search.h"
#include "services/dynamodb/partiql/statement.h"

namespace matinee::dynamodb::partiql {
namespace {

using testing::HasSubstr;

const std::vector<AttributeValue> none;

std::string refusal(std::string_view text, const std::vector<AttributeValue>& parameters = none) {
  try {
    parse_statement(text, parameters);
    return "";
  } catch (const protocol::ServiceError& error) {
    return error.message();
  }
}

/// Whether an item meets a condition, written as a WHERE clause.
bool meets(std::string_view condition, const Item& item) {
  const Statement statement =
      parse_statement("SELECT * FROM films WHERE " + std::string(condition), none);
  return expressions::matches(*statement.where, item);
}

const Item film = {{"title", "Metropolis"},
                   {"year", Number(1927)},
                   {"cast", List{"Helm", "Abel"}},
                   {"info", Map{{"rating", Number(8)}, {"a key", "v"}}},
                   {"genres", make_set<std::string>({"drama", "science fiction"})},
                   {"nothing", Null()},
                   {"lost", false}};

TEST(PartiqlParser, reads_each_statement) {
  Statement select = parse_statement(
      R"(select title, info.rating, "cast"[0] from "films"."by-year" WHERE year = 1927 ORDER BY )"
      R"(year DESC, title)",
      none);
  EXPECT_EQ(select.table, "films");
  EXPECT_EQ(select.index, "by-year");
  ASSERT_EQ(select.columns.size(), 3U);
  EXPECT_EQ(select.columns[1].name, "rating");
  EXPECT_EQ(select.columns[2].name, "cast[0]");
  ASSERT_EQ(select.order.size(), 2U);
  EXPECT_TRUE(select.order[0].is_descending);
  EXPECT_FALSE(select.order[1].is_descending);

  EXPECT_EQ(
      parse_statement("DELETE FROM films WHERE title='a' RETURNING ALL OLD *", none).returning,
      "ALL_OLD");
  EXPECT_EQ(parse_statement("EXISTS(SELECT * FROM films WHERE title = 'a')", none).kind,
            StatementKind::exists);
  Statement update = parse_statement(
      "UPDATE films SET a = a + 1, b=list_append(b, [1]) SET c.d = set_add(c.d, <<1>>) REMOVE e, "
      "f[2] WHERE title='a' RETURNING MODIFIED NEW *",
      none);
  EXPECT_EQ(update.update.actions.size(), 5U);
  EXPECT_EQ(update.returning, "UPDATED_NEW");
}

TEST(PartiqlParser, reads_values_of_every_type) {
  const Statement insert = parse_statement(
      R"(INSERT INTO films VALUE {'s': 'it''s', 'n': -1.5e2, 'l': [1, 'a', [null]], 'm': {'k': )"
      R"(TRUE}, 'ss': <<'a', 'b'>>, 'ns': <<2, 1>>, 'p': ?, 'e': [], 'bs': <<?>>})",
      std::vector<AttributeValue>{"given", Binary{"x"}});
  // What literals refer to has moved with the statement.
  const Item expected = {{"s", "it's"},
                         {"n", Number(-150)},
                         {"l", List{Number(1), "a", List{Null()}}},
                         {"m", Map{{"k", true}}},
                         {"ss", make_set<std::string>({"a", "b"})},
                         {"ns", make_set<Number>({Number(1), Number(2)})},
                         {"p", "given"},
                         {"e", List{}},
                         {"bs", make_set<Binary>({Binary{"x"}})}};
  EXPECT_EQ(*insert.item, expected);
}

TEST(PartiqlParser, conditions_mean_what_their_words_say) {
  for (const std::string_view met : {"year = 1927 AND title <> 'a'",
                                     "NOT year < 1927",
                                     "1900 < year",
                                     "year BETWEEN 1 AND 2000",
                                     "year NOT BETWEEN 1 AND 2",
                                     "title IN ['a', 'Metropolis']",
                                     "title NOT IN ('a', 'b')",
                                     "begins_with(title, 'Metro')",
                                     "CONTAINS(genres, 'drama')",
                                     "size(\"cast\") = 2",
                                     "attribute_type(year, 'N')",
                                     "other IS MISSING",
                                     "title IS NOT MISSING",
                                     "nothing IS NULL",
                                     "title IS NOT NULL",
                                     "info.rating >= 8",
                                     "info['a key'] = 'v'",
                                     "info.\"a key\" = 'v'",
                                     "\"cast\"[1] = 'Abel'",
                                     "lost = false",
                                     "year = 1 OR year = 2 OR title = 'Metropolis'",
                                     "(year = 1 OR year = 1927) AND (NOT (title = 'b'))",
                                     "title != 'a'"})
    EXPECT_TRUE(meets(met, film)) << met;
  for (const std::string_view unmet :
       {"year = 1927 AND title = 'a'", "NOT year = 1927", "year = 1 OR year = 2 AND year = 1927",
        "other IS NOT MISSING", "title IS NULL", "year = '1927'", "contains(title, 'x')"})
    EXPECT_FALSE(meets(unmet, film)) << unmet;
}

TEST(PartiqlParser, refuses_what_is_no_statement) {
  const std::string prefix = "Statement wasn't well formed, can't be processed: ";
  EXPECT_EQ(refusal("CREATE TABLE films"), prefix + "Expected data manipulation");
  EXPECT_EQ(refusal("SELECT * FROM films WHERE year = 1 year"),
            prefix + "Unexpected token after expression");
  EXPECT_EQ(refusal("INSERT INTO films VALUES (1)"), prefix + "Unexpected keyword");
  EXPECT_EQ(refusal("SELECT * FROM films WHERE"), prefix + "Unexpected end of statement");
  EXPECT_EQ(refusal("SELECT * FROM films WHERE title = 'a"),
            prefix + "Unexpected end of statement");
  EXPECT_EQ(refusal("SELECT * FROM films WHERE a # 1"), prefix + "Unexpected character");
  EXPECT_EQ(refusal("SELECT * FROM films WHERE lost"), prefix + "Unexpected end of statement");
  EXPECT_EQ(refusal("SELECT a[99999999999] FROM films"), prefix + "Unexpected path component");
  EXPECT_EQ(refusal("SELECT * FROM films f"), "Aliasing is not supported");
  EXPECT_THAT(refusal("INSERT INTO films VALUE {'a': <<>>}"), HasSubstr("may not be empty"));
  EXPECT_THAT(refusal("INSERT INTO films VALUE {'a': <<1, 1.0>>}"), HasSubstr("duplicates"));
  EXPECT_THAT(refusal("INSERT INTO films VALUE {'a': <<1, 'b'>>}"), HasSubstr("of one type"));
  EXPECT_THAT(refusal("INSERT INTO films VALUE {'a': 1, 'a': 2}"), HasSubstr("of one name"));
  EXPECT_THAT(refusal("UPDATE films SET a = 1 SET a.b = 2 WHERE title = 'a'"),
              HasSubstr("overlap with each other"));
  EXPECT_THAT(refusal("UPDATE films SET a = set_add(b, <<1>>) WHERE title = 'a'"),
              HasSubstr("must be the attribute that is set"));
  EXPECT_THAT(refusal("UPDATE films SET a = set_add(a, 1) WHERE title = 'a'"),
              HasSubstr("must be a set"));
}

TEST(PartiqlParser, parameters_are_as_many_as_question_marks) {
  const std::string message = "Number of parameters in request and statement don't match.";
  EXPECT_EQ(refusal("SELECT * FROM films WHERE title = ?"), message);
  EXPECT_EQ(refusal("SELECT * FROM films WHERE title = ?", {"a", "b"}), message);
  EXPECT_EQ(refusal("SELECT * FROM films WHERE title = ?", {"a"}), "");
  EXPECT_EQ(refusal("SELECT * FROM films WHERE title = '?'"), "");
}

TEST(PartiqlParser, nesting_and_length_are_limited) {
  const auto repeat = [](std::string_view text, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i) all += text;
    return all;
  };
  const std::string select = "SELECT * FROM films WHERE ";
  EXPECT_THAT(refusal(select + repeat("(", 8000)), HasSubstr("nested too deeply"));
  EXPECT_THAT(refusal(select + repeat("NOT ", 2000)), HasSubstr("nested too deeply"));
  EXPECT_THAT(refusal("INSERT INTO films VALUE {'a': " + repeat("[", 8000)),
              HasSubstr("Nesting Levels"));
  EXPECT_THAT(refusal("UPDATE films SET a = " + repeat("list_append(", 600)),
              HasSubstr("nested too deeply"));
  EXPECT_THAT(refusal(select + repeat("a=1 AND ", 400) + "a=1"), HasSubstr("more than 300"));
  EXPECT_THAT(refusal("SELECT a" + repeat(".b", 32) + " FROM films"), HasSubstr("nesting levels"));
  EXPECT_EQ(refusal(select + repeat("(", 100) + "a=1" + repeat(")", 100)), "");
}

KeySearch search(std::string_view condition) {
  static std::deque<Statement> kept;  // what the search points into
  const KeySchema keys{.partition = {"p", KeyType::string},
                       .sort = KeyAttribute{"s", KeyType::number}};
  kept.push_back(parse_statement("SELECT * FROM films WHERE " + std::string(condition), none));
  return find_keys(keys, kept.back().where);
}

TEST(PartiqlKeys, a_clause_that_demands_partitions_is_a_query) {
  const KeySearch all = search("5 <= s AND (p = 'a' AND n = 1)");
  ASSERT_EQ(all.partitions.size(), 1U);
  EXPECT_EQ(*all.partitions[0], AttributeValue("a"));
  EXPECT_EQ(all.sort->op, expressions::Operator::greater_equal);
  ASSERT_EQ(all.filter->children.size(), 1U);

  EXPECT_EQ(search("p IN ['a', 'b', 'a']").partitions.size(), 2U);
  EXPECT_EQ(search("(p = 'a' OR 'b' = p) AND n = 1").partitions.size(), 2U);
  EXPECT_TRUE(search("p = 'a' AND begins_with(s, 'x')").sort.has_value());
  // One condition on the sort key is answered by its order, others by looking at the items.
  EXPECT_EQ(search("p = 'a' AND s > 1 AND s < 5").filter->children.size(), 1U);
}

TEST(PartiqlKeys, other_clauses_are_scans) {
  for (const std::string_view scan : {"p > 'a'", "n = 1", "p = 'a' OR n = 1", "NOT p = 'a'",
                                      "p = n", "p.x = 'a'", "size(p) = 1", "p IN ['a', n]"})
    EXPECT_TRUE(search(scan).partitions.empty()) << scan;
  EXPECT_FALSE(search("s = 1").sort.has_value());
}

}  // namespace
}  // namespace matinee::dynamodb::partiql
