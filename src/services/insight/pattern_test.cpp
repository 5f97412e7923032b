// The pattern lab: leaves of patterns in every dialect.
#include <gtest/gtest.h>

#include "runtime/simulated/simulation.h"
#include "services/insight/no_activity.h"
#include "services/insight/service.h"

namespace matinee::insight {
namespace {

class PatternLab : public testing::Test {
 protected:
  runtime::Simulation machine;
  NoActivity activity;
  Service service{{.activity = activity, .directory = nullptr, .clock = machine.loop.clock()}};
  const Context caller{.account = "111122223333", .access_key = "111122223333"};

  /// "path+ path- ", or what is refused.
  std::string leaves(const std::string& dialect, const std::string& pattern,
                     const std::string& event) {
    try {
      const ExplainPatternResponse told =
          service.explain_pattern(caller, {.dialect = dialect, .pattern = pattern, .event = event});
      std::string text = *told.matches ? "matches: " : "does not: ";
      for (const PatternLeaf& leaf : *told.leaves) text += *leaf.path + (*leaf.holds ? "+ " : "- ");
      return text;
    } catch (const protocol::ServiceError& error) {
      return error.message();
    }
  }
};

TEST_F(PatternLab, each_leaf_of_a_rule_is_told) {
  EXPECT_EQ(leaves("rule", R"({"source":["a"],"detail":{"n":[{"numeric":[">",5]}]}})",
                   R"({"source":"a","detail":{"n":1}})"),
            "does not: detail.n- source+ ");
}

TEST_F(PatternLab, attributes_are_read_as_publishers_and_as_deliveries_write_them) {
  EXPECT_EQ(leaves("filter-policy-attributes", R"({"a":["x"],"n":[{"numeric":["<",2]}],"l":["z"]})",
                   R"({"a":{"DataType":"String","StringValue":"x"},"n":{"Type":"Number",)"
                   R"("Value":"1"},"l":{"Type":"String.Array","Value":"[\"y\",\"z\"]"}})"),
            "matches: a+ l+ n+ ");
  EXPECT_EQ(leaves("filter-policy-attributes", R"({"a":["x"]})", R"({"a":"x"})"),
            "The attribute a is not an object with DataType and StringValue.");
}

TEST_F(PatternLab, the_body_of_a_record_is_json_within_where_it_is_json) {
  EXPECT_EQ(leaves("event-source", R"({"body":{"s":["paid"]},"messageId":["1"]})",
                   R"({"messageId":"1","body":"{\"s\":\"paid\"}"})"),
            "matches: body.s+ messageId+ ");
  EXPECT_EQ(leaves("event-source", R"({"body":["text"]})", R"({"body":"text"})"),
            "matches: body+ ");
}

TEST_F(PatternLab, what_cannot_be_tried_is_refused_in_words) {
  EXPECT_TRUE(leaves("bus", "{}", "{}").starts_with("\"bus\" is none of rule, "));
  EXPECT_EQ(leaves("rule", R"({"source":["a"]})", "[]"), "The event is not a JSON object.");
  EXPECT_NE(leaves("rule", R"({"source":"a"})", "{}").find("not valid"), std::string::npos);
}

}  // namespace
}  // namespace matinee::insight
