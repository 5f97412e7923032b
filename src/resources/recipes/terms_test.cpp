#include "resources/recipes/terms.h"

#include <gtest/gtest.h>

#include "templates/text_readers.h"

namespace matinee::resources {
namespace {

class Terms : public testing::Test {
 protected:
  Value properties = templates::read_json(R"({"Name": "n", "Size": 5, "Tags": {"a": "1", "b": "2"},
      "Rules": [{"Id": "x", "State": "on"}, {"Id": "y"}], "Text": "a:b:c", "Json": "{\"q\":1}"})");
  Value before = templates::read_json(R"({"Name": "n", "Size": 4, "Old": "o"})");
  Scope scope{.properties = &properties, .before = &before, .variables = {{"id", Value("i")}}};

  std::string made_of(std::string_view term) {
    return to_json(
        evaluate(templates::read_json("[" + std::string(term) + "]").elements()[0], scope));
  }
};

TEST_F(Terms, name_properties_variables_and_their_parts) {
  EXPECT_EQ(made_of(R"("$Name")"), R"("n")");
  EXPECT_EQ(made_of(R"("$id")"), R"("i")");
  EXPECT_EQ(made_of(R"("$Rules.0.Id")"), R"("x")");
  EXPECT_EQ(made_of(R"("$Rules.*.Id")"), R"(["x","y"])");
  EXPECT_EQ(made_of(R"("$Nothing.Id")"), "null");
  EXPECT_EQ(made_of(R"("arn:${id}/${Name}-${Size}")"), R"("arn:i/n-5")");
  EXPECT_EQ(made_of(R"("${id}/${Nothing}")"), "null");
  EXPECT_EQ(made_of(R"({"$text": "$Name"})"), R"("$Name")");
}

TEST_F(Terms, leave_out_what_is_missing) {
  EXPECT_EQ(made_of(R"({"A": "$Name", "B": "$Nothing", "C": {"D": "$Nothing"}, "E": {}})"),
            R"({"A":"n","E":{}})");
  EXPECT_EQ(made_of(R"(["$Nothing", "$Size"])"), "[5]");
}

TEST_F(Terms, pick_rename_and_merge) {
  EXPECT_EQ(made_of(R"({"$all": ["Name", "Nothing", "Size"]})"), R"({"Name":"n","Size":5})");
  EXPECT_EQ(made_of(R"({"$rename": [{"$all": ["Name"]}, {"Name": "Id"}]})"), R"({"Id":"n"})");
  EXPECT_EQ(made_of(R"({"$without": ["$Rules.0", "State"]})"), R"({"Id":"x"})");
  EXPECT_EQ(made_of(R"({"$merge": ["$Rules.0", {"Id": 1}, "$Nothing"]})"),
            R"({"Id":1,"State":"on"})");
  EXPECT_EQ(made_of(R"({"$changed": {"Name": "", "Size": 0, "Old": "default", "Other": 1}})"),
            R"({"Size":5,"Old":"default"})");
}

TEST_F(Terms, choose_by_conditions) {
  EXPECT_EQ(made_of(R"({"$first": ["$Nothing", "$Name"]})"), R"("n")");
  EXPECT_EQ(made_of(R"({"$if": [{"$equals": ["$Size", "5"]}, "yes", "no"]})"), R"("yes")");
  EXPECT_EQ(made_of(R"({"$if": [{"$not": "$Name"}, "yes"]})"), "null");
  EXPECT_EQ(made_of(R"({"$and": ["$Name", {"$or": ["$Nothing", "$Size"]}]})"), "true");
  EXPECT_EQ(made_of(R"([{"$is_list": "$Rules"}, {"$is_map": "$Rules"}])"), "[true,false]");
}

TEST_F(Terms, work_on_lists) {
  EXPECT_EQ(made_of(R"({"$find": {"in": "$Rules", "where": {"Id": "y"}}})"), R"({"Id":"y"})");
  EXPECT_EQ(made_of(R"({"$find": {"in": "$Rules", "where": {"Id": "z"}}})"), "null");
  EXPECT_EQ(made_of(R"({"$each": {"in": "$Rules", "as": "$item.State"}})"), R"(["on"])");
  EXPECT_EQ(made_of(R"({"$each": {"in": "$Tags", "as": "${item.Key}=${item.Value}"}})"),
            R"(["a=1","b=2"])");
  EXPECT_EQ(made_of(R"({"$map": {"in": "$Rules", "key": "$item.Id", "value": "$item.State"}})"),
            R"({"x":"on"})");
  EXPECT_EQ(made_of(R"({"$pairs": "$Tags"})"),
            R"([{"Key":"a","Value":"1"},{"Key":"b","Value":"2"}])");
  EXPECT_EQ(made_of(R"({"$minus": ["$Rules.*.Id", ["x"]]})"), R"(["y"])");
  EXPECT_EQ(made_of(R"([{"$list": "$Name"}, {"$list": "$Rules.*.Id"}, {"$list": "$Nothing"}])"),
            R"([["n"],["x","y"]])");
}

TEST_F(Terms, work_on_texts) {
  EXPECT_EQ(made_of(R"([{"$after": ["$Text", ":"]}, {"$before": ["$Text", ":"]},
                        {"$after_last": ["$Text", ":"]}, {"$before_last": ["$Text", ":"]},
                        {"$after": ["$Name", ":"]}])"),
            R"(["b:c","a","c","a:b","n"])");
  EXPECT_EQ(made_of(R"({"$join": [{"$split": ["$Text", ":"]}, "|"]})"), R"("a|b|c")");
  EXPECT_EQ(made_of(R"([{"$json": "$Tags"}, {"$parse": "$Json"}, {"$parse": "$Name"}])"),
            R"(["{\"a\":\"1\",\"b\":\"2\"}",{"q":1},"n"])");
}

TEST_F(Terms, are_refused_where_no_function_has_that_name) {
  EXPECT_THROW(made_of(R"({"$nothing": 1})"), std::logic_error);
  EXPECT_THROW(made_of(R"({"$through": ["nothing", 1]})"), std::logic_error);
  EXPECT_THROW(made_of(R"("${id")"), std::logic_error);
}

TEST_F(Terms, tell_which_names_they_mention) {
  std::string names;
  each_name(
      templates::read_json(R"({"A": "$Name.Part", "B": ["${id}:${Size}"], "C": {"$all": ["Tags"]},
      "D": {"$changed": {"Old": "$Rules"}}, "E": {"$text": "$No"}, "F": {"$all": "*"}})"),
      [&](std::string_view name) { names += std::string(name) + " "; });
  EXPECT_EQ(names, "Name id Size Tags Old Rules * ");
}

}  // namespace
}  // namespace matinee::resources
