#include "templates/intrinsics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "templates/graph.h"
#include "templates/reader.h"

namespace matinee::templates {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

class Intrinsics : public ::testing::Test {
 protected:
  Value mappings_ = read_value("M: {eu-west-1: {x: a, l: [p, q]}, S: {y: 1}}");
  Environment environment_{
      .mappings = &mappings_,
      .parameters = {{"P", Value("text")}, {"L", Value::list({"a", "b"})}, {"N", "1000.0"}},
      .conditions = {{"Made", true}, {"Left", false}},
      .account = "123456789012",
      .region = "eu-west-1",
      .stack_name = "S",
      .stack_id = "arn:s",
      .notification_arns = {"arn:t"},
      .find_reference = [](std::string_view id) -> std::optional<Value> {
        if (id == "Made") return Value("made-id");
        return std::nullopt;
      },
      .find_attribute = [](std::string_view id,
                           std::string_view attribute) -> std::optional<Value> {
        if (id == "Made") return Value("its " + std::string(attribute));
        return std::nullopt;
      },
      .find_import = [](std::string_view name) -> std::optional<Value> {
        if (name == "shared-text") return Value("imported");
        throw TemplateError("No export named " + std::string(name) + " found.");
      }};

  Evaluation evaluation(std::string_view yaml) {
    // What begins with a brace would be JSON.
    const Value value = read_value("value: " + std::string(yaml));
    return evaluate(*value.find("value"), environment_);
  }
  std::string result(std::string_view yaml) { return to_json(evaluation(yaml).value); }
  std::string error(std::string_view yaml) {
    try {
      return "no error, but " + result(yaml);
    } catch (const TemplateError& error) {
      return error.message;
    }
  }
};

TEST_F(Intrinsics, evaluates_each_function) {
  const std::pair<const char*, const char*> cases[] = {
      {"!Ref P", R"("text")"},
      {"!Ref L", R"(["a","b"])"},
      {"!Ref Made", R"("made-id")"},
      {"!Ref AWS::Region", R"("eu-west-1")"},
      {"!Ref AWS::StackId", R"("arn:s")"},
      {"!Ref AWS::NotificationARNs", R"(["arn:t"])"},
      {"!GetAtt Made.Outputs.Key", R"("its Outputs.Key")"},
      {"{Fn::GetAtt: [Made, !Ref P]}", R"("its text")"},
      {"!Sub '${P}-${N}-${Made}-${Made.Arn}-${!P}-$P-${AWS::AccountId}'",
       R"("text-1000.0-made-id-its Arn-${P}-$P-123456789012")"},
      {"!Sub ['my number is ${n} ${P}', {n: 3, P: !Ref AWS::StackName}]", R"("my number is 3 S")"},
      {"!Sub '${unclosed'", R"("${unclosed")"},
      {"!Join ['', [a, !Ref P, 5, true]]", R"("atext5true")"},
      {"!Join ['|', !Ref L]", R"("a|b")"},
      {"!Join [',', []]", R"("")"},
      {"!Select ['1', !Split ['.', 'a.b.c']]", R"("b")"},
      {"!Select [0, [!Ref P, !Ref Other]]", R"("text")"},
      {"!Select [0, !FindInMap [M, !Ref AWS::Region, l]]", R"("p")"},
      {"!Split [',', '']", R"([""])"},
      {"!If [Made, a, !Ref Other]", R"("a")"},
      {"{a: !If [Left, x, !Ref AWS::NoValue], b: [1, !Ref AWS::NoValue]}", R"({"b":[1]})"},
      {"!FindInMap [M, !Ref AWS::StackName, y]", "1"},
      {"!Base64 HelloWorld", R"("SGVsbG9Xb3JsZA==")"},
      {"{Fn::Base64: !Sub '${P}'}", R"("dGV4dA==")"},
      {"!Cidr [10.0.0.0/16, 2, 8]", R"(["10.0.0.0/24","10.0.1.0/24"])"},
      {"!Select [0, !Cidr [10.0.0.0/16, '1', '8']]", R"("10.0.0.0/24")"},
      {"!Cidr [10.0.5.7/16, 1, 8]", R"(["10.0.0.0/24"])"},
      {"!Cidr ['2001:db8::/56', 2, 64]", R"(["2001:db8::/64","2001:db8:0:1::/64"])"},
      {"{Fn::ImportValue: !Sub 'shared-${P}'}", R"("imported")"},
      {"!Select [1, !GetAZs '']", R"("eu-west-1b")"},
      {"!ToJsonString {a: [1, !Ref P], b: true}", R"("{\"a\":[1,\"text\"],\"b\":true}")"},
      {"!Length [a, b]", "2"},
      {"{Statement: {Condition: {x: !Ref P}}}", R"({"Statement":{"Condition":{"x":"text"}}})"},
  };
  for (const auto& [yaml, json] : cases) EXPECT_EQ(result(yaml), json) << yaml;
}

TEST_F(Intrinsics, finds_each_key_of_a_large_mapping) {
  for (int i = 0; i < 1000; ++i)
    mappings_["Large"]["key"].set("k" + std::to_string(i), std::to_string(2 * i));
  EXPECT_EQ(result("[!FindInMap [Large, key, k0], !FindInMap [Large, key, k999]]"),
            R"(["0","1998"])");
  EXPECT_EQ(error("!FindInMap [Large, key, k1000]"),
            "Template error: Unable to get mapping for Large::key::k1000");
}

TEST_F(Intrinsics, says_what_is_wrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"!FindInMap [M, eu-west-1, z]", "Template error: Unable to get mapping for M::eu-west-1::z"},
      {"!Select [2, [a]]", "Template error: Fn::Select cannot select nonexistent value at index 2"},
      {"!If [Other, a, b]", "Template error: unresolved condition dependency Other in Fn::If"},
      {"!Sub '${L}'",
       "Template error: variable L in Fn::Sub expression does not resolve to a string"},
      {"!Join ['', [[a]]]",
       "Template error: every Fn::Join object requires two parameters, (1) a string delimiter and "
       "(2) a list of strings to be joined or a function that returns a list of strings (such as "
       "Fn::GetAZs) to be joined."},
      {"{Fn::ImportValue: !Ref Other}",
       "Template error: the attribute in Fn::ImportValue must not depend on any resources, "
       "imported values, or Fn::GetAZs"},
      {"!ImportValue nothing", "No export named nothing found."},
      {"!Cidr [10.0.0.0/30, 5, 1]",
       "Template error: Fn::Cidr cannot make 5 blocks of 1 subnet bits in 10.0.0.0/30"},
      {"!Cidr [10.0.0/8, 5, 1]",
       "Template error: Fn::Cidr requires an IP block, and 10.0.0/8 is none"},
      {"!Equals [a, b]",
       "Template error: Fn::Equals is not supported in the Resources and Outputs of a template"},
  };
  for (const auto& [yaml, message] : cases) EXPECT_EQ(error(yaml), message) << yaml;
}

TEST_F(Intrinsics, tells_what_is_known_only_later) {
  const Evaluation later = evaluation("{a: !Sub 'x-${Other}', b: !GetAtt Made.Arn, c: [!Ref P]}");
  EXPECT_FALSE(later.is_known);
  EXPECT_EQ(to_json(later.value),
            R"({"a":"{{changeSet:KNOWN_AFTER_APPLY}}","b":"its Arn","c":["text"]})");
  for (const char* yaml : {"!Join ['', [a, !GetAtt Other.Arn]]", "!Select [0, !GetAtt Other.List]",
                           "!Split ['a', !Ref Other]", "!Base64 {Ref: Other}",
                           "!ToJsonString [!Ref Other]", "!Select [!Ref Other, [a]]"})
    EXPECT_EQ(result(yaml), R"("{{changeSet:KNOWN_AFTER_APPLY}}")") << yaml;
  EXPECT_TRUE(evaluation("!Ref Made").is_known);
}

TEST_F(Intrinsics, tells_what_a_result_depends_on) {
  using Kind = Cause::Kind;
  const Evaluation result = evaluation(
      "{a: !Sub '${P}${Other.Arn}', b: !Ref Made, c: !Ref P, d: !If [Left, !Ref L, 1], "
      "e: !ImportValue shared-text, f: !Ref AWS::Region}");
  EXPECT_THAT(result.causes,
              ElementsAre(Cause{Kind::parameter, "P"}, Cause{Kind::attribute, "Other.Arn"},
                          Cause{Kind::resource, "Made"}, Cause{Kind::import, "shared-text"}));
}

TEST_F(Intrinsics, removes_what_has_no_value) {
  EXPECT_TRUE(evaluation("!Ref AWS::NoValue").is_removed);
  EXPECT_TRUE(evaluation("!If [Left, 1, !Ref AWS::NoValue]").is_removed);
  EXPECT_FALSE(evaluation("!If [Made, 1, !Ref AWS::NoValue]").is_removed);
}

TEST_F(Intrinsics, stops_what_grows_without_end) {
  environment_.parameters["Big"] = Value(std::string(4096, 'x'));
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "${Big}";
  EXPECT_EQ(error("!Sub '" + many + "'"),
            "Template error: the result of a function is larger than 1000000 bytes");
  // Each level has the text twice: 2^20 times 4 KB.
  std::string doubled = "{Ref: Big}";
  for (int i = 0; i < 12; ++i) doubled = "{'Fn::Join': ['', [" + doubled + ", " + doubled + "]]}";
  EXPECT_EQ(error(doubled),
            "Template error: the result of a function is larger than 1000000 bytes");
  environment_.parameters["Half"] = Value(std::string(600'000, 'x'));
  EXPECT_EQ(error("[!Ref Half, !Ref Half]"),
            "Template error: what functions give is larger than 1000000 bytes");
  environment_.parameters["Commas"] = Value(std::string(900'000, ','));
  EXPECT_EQ(error("!Split [',', !Ref Commas]"),
            "Template error: the result of a function is larger than 1000000 bytes");
}

std::string error_of(const Template& checked, const Environment& environment) {
  try {
    select(checked, environment);
    return "no error";
  } catch (const TemplateError& error) {
    return error.message;
  }
}

TEST(Conditions, are_evaluated_whatever_their_order) {
  const Template checked = check_structure(read_template(
      "Parameters: {P: {Type: String}}\nMappings: {M: {a: {b: x}}}\n"
      "Conditions:\n  A: !And [!Condition B, !Not [!Condition C]]\n  B: !Equals [!Ref P, x]\n"
      "  C: !Or [!Equals [1, '2'], !Equals [!FindInMap [M, a, b], y]]\n"
      "  D: !Equals [true, 'true']\nResources: {R: {Type: x}}\n"));
  const Environment environment{.mappings = &checked.mappings, .parameters = {{"P", Value("x")}}};
  EXPECT_THAT(evaluate_conditions(checked, environment),
              ElementsAre(Pair("A", true), Pair("B", true), Pair("C", false), Pair("D", true)));
}

TEST(Conditions, may_not_depend_on_each_other_in_a_circle) {
  const Template checked = check_structure(read_template(
      "Conditions: {A: !Not [!Condition B], B: !Not [!Condition A]}\nResources: {R: {Type: x}}\n"));
  EXPECT_THROW(evaluate_conditions(checked, {}), TemplateError);
}

TEST(Conditions, may_be_a_chain_of_ten_thousand) {
  std::string text = "Resources: {R: {Type: x}}\nConditions:\n";
  for (int i = 0; i < 10'000; ++i)
    text += "  C" + std::to_string(i) + ": !Not [!Condition C" + std::to_string(i + 1) + "]\n";
  const Template checked = check_structure(read_template(text + "  C10000: !Equals [a, a]\n"));
  EXPECT_TRUE(evaluate_conditions(checked, {}).at("C0"));
}

TEST(Rules, are_kept_or_told_by_their_description) {
  const Template checked = check_structure(read_template(
      "Parameters: {V: {Type: String}, Z: {Type: AWS::EC2::VPC::Id}}\nResources: {R: {Type: x}}\n"
      "Rules:\n  R:\n    RuleCondition: !Not [!Equals [!Ref V, skip]]\n    Assertions:\n"
      "    - Assert: !Not [!Contains [['1', '2'], !Ref V]]\n      AssertDescription: too old\n"
      "    - Assert: !EachMemberIn [!RefAll AWS::EC2::VPC::Id, [vpc-1]]\n"));
  const auto check = [&](const char* version, const char* vpc) -> std::string {
    try {
      check_rules(checked, {.parameters = {{"V", Value(version)}, {"Z", Value(vpc)}}});
      return "kept";
    } catch (const TemplateError& error) {
      return error.message;
    }
  };
  EXPECT_EQ(check("3", "vpc-1"), "kept");
  EXPECT_EQ(check("2", "vpc-1"), "too old");
  EXPECT_EQ(check("skip", "vpc-2"), "kept");
  EXPECT_EQ(check("3", "vpc-2"), "Template error: an assertion of rule R is not kept");
}

TEST(Graph, follows_all_references_of_what_is_made) {
  const Template checked = check_structure(read_template(
      "Conditions: {C: !Equals [a, b]}\nResources:\n"
      "  A: {Type: x, Properties: {p: !Sub '${B.Arn}'}, DependsOn: [D, E]}\n"
      "  B: {Type: x, Metadata: {m: !Ref D}}\n  D: {Type: x, Properties: {p: !If [C, !Ref E, 1]}}\n"
      "  E: {Type: x, Condition: C, Properties: {p: !Ref A}}\n"));
  Environment environment;
  environment.conditions = evaluate_conditions(checked, environment);
  const Selection selection = select(checked, environment);
  EXPECT_THAT(selection.resources, ElementsAre("A", "B", "D"));
  EXPECT_THAT(selection.needs, ElementsAre(Pair("A", ElementsAre("B", "D")),
                                           Pair("B", ElementsAre("D")), Pair("D", ElementsAre())));
  EXPECT_THAT(find_circle(all_dependencies(checked)), ElementsAre("A", "B", "D", "E"));
}

std::string structure_error(std::string_view text) {
  try {
    check_structure(read_template(text));
    return "no error";
  } catch (const TemplateError& error) {
    return error.message;
  }
}

TEST(Graph, refuses_what_needs_itself) {
  EXPECT_EQ(
      structure_error(
          "Resources:\n  A: {Type: x, DependsOn: B}\n  B: {Type: x, Properties: {p: !Ref C}}\n"
          "  C: {Type: x, Properties: {p: !GetAtt A.Arn}}\n  D: {Type: x, DependsOn: A}\n"
          "  E: {Type: x}\n  F: {Type: x, DependsOn: E}\n"),
      "Circular dependency between resources: [A, B, C]");
  EXPECT_EQ(structure_error("Resources:\n  A: {Type: x, DependsOn: A}\n"),
            "Circular dependency between resources: [A]");
}

TEST(Graph, refuses_what_needs_itself_only_if_conditions_say_so) {
  const Template checked = check_structure(read_template(
      "Conditions: {C: !Equals [a, b], D: !Not [!Condition C]}\nResources:\n"
      "  A: {Type: x, Properties: {p: !If [C, !Ref B, 1]}}\n  B: {Type: x, DependsOn: A}\n"
      "  E: {Type: x, Condition: C, DependsOn: F}\n  F: {Type: x, Condition: D, DependsOn: E}\n"));
  EXPECT_EQ(error_of(checked, {.conditions = {{"C", false}, {"D", true}}}), "no error");
  EXPECT_EQ(error_of(checked, {.conditions = {{"C", true}, {"D", false}}}),
            "Circular dependency between resources: [A, B]");
}

TEST(Graph, refuses_references_to_what_is_not_made) {
  const Template checked = check_structure(
      read_template("Conditions: {C: !Equals [a, b]}\nResources:\n  A: {Type: x, Condition: C}\n"
                    "  B: {Type: x, Properties: {p: !Ref A}}\n"));
  EXPECT_EQ(error_of(checked, {.conditions = {{"C", false}}}),
            "Template format error: Unresolved resource dependencies [A] in the Resources block of "
            "the template");
  EXPECT_EQ(error_of(checked, {.conditions = {{"C", true}}}), "no error");
  const Template output = check_structure(
      read_template("Conditions: {C: !Equals [a, b]}\nResources: {A: {Type: x, Condition: C}}\n"
                    "Outputs: {O: {Value: !Ref A}, P: {Value: !Ref A, Condition: C}}\n"));
  EXPECT_EQ(error_of(output, {.conditions = {{"C", false}}}),
            "Unresolved resource dependencies [A] in the Outputs block of the template");
}

TEST(Graph, values_of_what_is_made_are_checked_before_anything_is_made) {
  const auto error = [](const std::string& text) -> std::string {
    const Template checked = check_structure(
        read_template("Mappings: {M: {k: {v: x}}}\nConditions: {C: !Equals [a, b]}\n" + text));
    Environment environment{.mappings = &checked.mappings};
    environment.conditions = evaluate_conditions(checked, environment);
    try {
      check_values(checked, select(checked, environment), environment);
      return "right";
    } catch (const TemplateError& fault) {
      return fault.message;
    }
  };
  EXPECT_EQ(error("Resources:\n  A: {Type: x, Properties: {p: !FindInMap [M, k, w]}}\n"),
            "Template error: Unable to get mapping for M::k::w");
  EXPECT_EQ(error("Resources:\n  A: {Type: x}\n"
                  "Outputs: {O: {Value: !Select [3, [!Ref A]]}}\n"),
            "Template error: Fn::Select cannot select nonexistent value at index 3");
  EXPECT_EQ(
      error("Resources:\n  A: {Type: x, Condition: C, Properties: {p: !FindInMap [M, k, w]}}\n"
            "  B: {Type: x, Properties: {p: !GetAtt D.Arn, q: !Ref D}}\n  D: {Type: x}\n"),
      "right");
}

TEST(Graph, many_resources_may_not_grow_without_end) {
  std::string text = "Mappings: {M: {k: {v: ['" + std::string(400'000, 'x') + "']}}}\nResources:\n";
  for (int i = 0; i < 30; ++i)
    text += "  R" + std::to_string(i) + ": {Type: x, Properties: {p: !FindInMap [M, k, v]}}\n";
  const Template checked = check_structure(read_template(text));
  const Environment environment{.mappings = &checked.mappings};
  EXPECT_THROW(check_values(checked, select(checked, environment), environment), TemplateError);
}

}  // namespace
}  // namespace matinee::templates
