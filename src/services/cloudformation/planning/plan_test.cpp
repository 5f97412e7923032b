// What change sets tell, against what AWS tells of the same changes.
#include "services/cloudformation/planning/plan.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "services/cloudformation/service_fixture.h"

namespace matinee::cloudformation {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr const char* unknown = "{{changeSet:KNOWN_AFTER_APPLY}}";

class PlanTest : public StacksTest {
 protected:
  ThingType type{world, *store, machine.loop};

  Plan plan(const std::string& before, const std::string& after,
            const std::string& given_before = "", const std::string& given_after = "") {
    const Prepared old = prepared(before, given_before);
    const Prepared next = prepared(after, given_after);
    ExistingStack existing{.definition = &old};
    for (const std::string& id : old.selection.resources)
      existing.resources[id] = state_of(old, id);
    return make_plan(existing, {.definition = &next}, [this](std::string_view name) {
      return name == "Test::Thing" ? &type : nullptr;
    });
  }

  /// Of the only change: "Source Static|Dynamic Property Recreation CausingEntity".
  static std::vector<std::string> details(const ChangeRecord& change, bool with_values) {
    std::vector<std::string> told;
    for (const DetailRecord& detail : change.details) {
      if (with_values ? detail.only_without_values : detail.only_with_values) continue;
      told.push_back(fmt::format("{} {} {} {} {}", detail.source,
                                 detail.is_dynamic ? "Dynamic" : "Static", detail.name,
                                 detail.recreation, detail.causing_entity));
    }
    return told;
  }

  static const ChangeRecord& of(const Plan& plan, std::string_view id) {
    return *std::ranges::find(plan.changes, id, &ChangeRecord::logical_id);
  }

 private:
  static Prepared prepared(const std::string& resources, const std::string& given) {
    const std::string body = fmt::format(
        R"({{"Parameters": {{"P": {{"Type": "String", "Default": "p"}}}}, "Resources": {}}})",
        resources);
    return restore(body, {{.name = "P", .type = "String", .given = given.empty() ? "p" : given}},
                   {.account = "111122223333", .region = "us-east-1", .stack_name = "stack"});
  }

  /// As if it had been made: its id is its name or "id-LOGICALID".
  ResourceState state_of(const Prepared& old, const std::string& id) {
    const templates::Resource& resource = *old.checked->find_resource(id);
    templates::Environment environment = old.environment;
    environment.find_reference = [&](std::string_view other) {
      const Value* name = old.checked->find_resource(other)->properties.find("Name");
      return std::optional<Value>(name && name->is_string() ? *name
                                                            : Value("id-" + std::string(other)));
    };
    environment.find_attribute = [](std::string_view other, std::string_view) {
      return std::optional<Value>(Value("arn-" + std::string(other)));
    };
    const EvaluatedResource evaluated = evaluate_resource(resource, environment);
    return {.type = resource.type,
            .id = evaluated.properties.text_or("Name", "id-" + id),
            .properties = templates::to_json(evaluated.properties),
            .attributes = fmt::format(R"({{"Arn": "arn-{}"}})", id)};
  }
};

TEST_F(PlanTest, a_literal_that_changes_is_one_static_detail) {
  const Plan made = plan(R"({"A": {"Type": "Test::Thing", "Properties": {"Size": 1}}})",
                         R"({"A": {"Type": "Test::Thing", "Properties": {"Size": 2}}})");
  ASSERT_EQ(made.changes.size(), 1U);
  EXPECT_EQ(made.changes[0].action, "Modify");
  EXPECT_EQ(made.changes[0].replacement, "False");
  EXPECT_EQ(made.changes[0].policy_action, "");
  EXPECT_THAT(details(made.changes[0], false),
              ElementsAre("DirectModification Static Size Never "));
  EXPECT_EQ(made.changes[0].details[0].before, "1");
  EXPECT_EQ(made.changes[0].details[0].after, "2");
  EXPECT_EQ(*made.changes[0].after_context, R"({"Properties":{"Size":2}})");
}

TEST_F(PlanTest, a_parameter_that_changes_is_two_details) {
  const char* body = R"({"A": {"Type": "Test::Thing", "Properties": {"Name": {"Ref": "P"}}}})";
  const Plan made = plan(body, body, "p", "q");
  ASSERT_EQ(made.changes.size(), 1U);
  EXPECT_EQ(made.changes[0].replacement, "True");
  EXPECT_EQ(made.changes[0].policy_action, "ReplaceAndDelete");
  EXPECT_THAT(details(made.changes[0], false),
              UnorderedElementsAre("ParameterReference Static Name Always P",
                                   "DirectModification Dynamic Name Always "));
}

TEST_F(PlanTest, who_refers_to_what_is_replaced_changes_too) {
  const char* users = R"("B": {"Type": "Test::Thing", "Properties": {
                           "Refs": {"Fn::GetAtt": ["A", "Arn"]}}},
                         "C": {"Type": "Test::Thing", "Properties": {"Refs": {"Ref": "A"}}})";
  const auto body = [&](const char* name) {
    return fmt::format(R"({{"A": {{"Type": "Test::Thing", "Properties": {{"Name": "{}"}}}}, {}}})",
                       name, users);
  };
  const Plan made = plan(body("one"), body("two"));
  ASSERT_EQ(made.changes.size(), 3U);
  EXPECT_THAT(details(of(made, "B"), false),
              ElementsAre("ResourceAttribute Static Refs Never A.Arn"));
  EXPECT_THAT(details(of(made, "B"), true),
              UnorderedElementsAre("ResourceAttribute Static Refs Never A.Arn",
                                   "DirectModification Dynamic Refs Never "));
  EXPECT_THAT(details(of(made, "C"), false), ElementsAre("ResourceReference Static Refs Never A"));
  EXPECT_EQ(*of(made, "C").after_context,
            fmt::format(R"({{"Properties":{{"Refs":"{}"}}}})", unknown));
}

TEST_F(PlanTest, an_attribute_of_what_is_changed_in_place_may_be_another) {
  const auto body = [](int size) {
    return fmt::format(
        R"({{"A": {{"Type": "Test::Thing", "Properties": {{"Size": {}}}}},
             "B": {{"Type": "Test::Thing", "Properties": {{"Refs": {{"Fn::GetAtt": "A.Arn"}}}}}},
             "C": {{"Type": "Test::Thing", "Properties": {{"Refs": {{"Ref": "A"}}}}}}}})",
        size);
  };
  const Plan made = plan(body(1), body(2));
  ASSERT_EQ(made.changes.size(), 2U);
  EXPECT_THAT(details(of(made, "B"), false),
              ElementsAre("ResourceAttribute Dynamic Refs Never A.Arn"));
  EXPECT_TRUE(of(made, "B").only_without_values);
}

TEST_F(PlanTest, what_is_added_and_removed_is_told) {
  const Plan made = plan(
      R"({"A": {"Type": "Test::Thing", "DeletionPolicy": "Retain"}, "B": {"Type": "Test::Thing"}})",
      R"({"B": {"Type": "Test::Thing"}, "AB": {"Type": "Test::Thing", "Properties": {
          "Refs": {"Ref": "B"}, "Size": {"Ref": "AC"}}}, "AC": {"Type": "Test::Thing"}})");
  ASSERT_EQ(made.changes.size(), 3U);
  EXPECT_EQ(made.changes[0].logical_id, "AB");
  EXPECT_EQ(made.changes[1].logical_id, "AC");
  EXPECT_EQ(made.changes[2].logical_id, "A");
  EXPECT_EQ(of(made, "A").action, "Remove");
  EXPECT_EQ(of(made, "AB").action, "Add");
  EXPECT_EQ(*of(made, "AB").after_context,
            fmt::format(R"({{"Properties":{{"Refs":"id-B","Size":"{}"}}}})", unknown));
}

TEST_F(PlanTest, order_and_metadata_of_the_template_are_no_change) {
  EXPECT_TRUE(plan(R"({"A": {"Type": "Test::Thing", "Properties": {"Size": 1}},
                       "B": {"Type": "Test::Thing"}})",
                   R"({"B": {"Type": "Test::Thing", "DependsOn": "A"},
                       "A": {"Type": "Test::Thing", "Properties": {"Size": "1"}}})")
                  .is_empty());
}

TEST_F(PlanTest, another_type_of_a_resource_is_refused) {
  EXPECT_THROW(plan(R"({"A": {"Type": "Test::Thing"}})", R"({"A": {"Type": "Test::Other"}})"),
               templates::TemplateError);
}

TEST_F(PlanTest, a_nested_stack_may_always_have_changed_inside) {
  const std::string same =
      R"({"Inner": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "u"}}})";
  const Plan plan_of_same = plan(same, same);
  ASSERT_THAT(plan_of_same.changes, testing::SizeIs(1));
  EXPECT_THAT(details(plan_of_same.changes[0], false), ElementsAre("Automatic Dynamic  Never "));
  EXPECT_EQ(plan_of_same.changes[0].replacement, "False");
  EXPECT_EQ(plan_of_same.nested.at("Inner").text_or("TemplateURL"), "u");
}

TEST(Comparable, has_the_latest_values_that_are_others_than_they_were) {
  const std::string one = "{{resolve:ssm:one}}";
  const std::string two = "{{resolve:ssm:two}}";
  const std::string gone = "{{resolve:ssm:gone}}";
  const std::string properties =
      fmt::format(R"({{"A": "<{}>", "B": "{}", "C": "{}"}})", one, two, gone);
  const ResourceState old{.properties = properties,
                          .references = {{one, "1"}, {two, "2"}, {gone, "3"}}};
  const auto [before, after] =
      comparable(old, templates::read_value(properties), {{one, "new"}, {two, "2"}});
  EXPECT_EQ(before.text_or("A"), "<1>");
  EXPECT_EQ(after.text_or("A"), "<new>");
  for (const char* same : {"B", "C"}) EXPECT_EQ(before.text_or(same), after.text_or(same));
}

}  // namespace
}  // namespace matinee::cloudformation
