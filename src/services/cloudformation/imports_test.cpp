// Resources that are there before the stack that takes them in.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/cloudformation/service_fixture.h"

namespace matinee::cloudformation {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

/// {"Resources": {id: {Type, DeletionPolicy, Properties: {Name, ...}}}}
std::string thing(const std::string& id, const std::string& policy, const std::string& more) {
  return fmt::format(R"("{}": {{"Type": "Test::Thing", {} "Properties": {{{}}}}})", id,
                     policy.empty() ? "" : fmt::format(R"("DeletionPolicy": "{}",)", policy), more);
}

std::string resources(const std::string& all) {
  return R"({"Resources": {)" + all + "}}";
}

class ImportsTest : public StacksTest {
 protected:
  ImportsTest() { world.things["old"] = R"({"Name": "old", "Size": "1"})"; }

  DescribeChangeSetResponse change(const std::string& body, const std::string& type = "CREATE") {
    call(&Service::create_change_set, CreateChangeSetRequest{.stack_name = "stack",
                                                             .template_body = body,
                                                             .change_set_name = "set",
                                                             .change_set_type = type,
                                                             .import_existing_resources = true});
    machine.loop.run_until_idle();
    return call(&Service::describe_change_set,
                DescribeChangeSetRequest{.change_set_name = "set", .stack_name = "stack"});
  }

  std::string execute(bool disable_rollback = false) {
    id = *stack().stack_id;
    call(
        &Service::execute_change_set,
        ExecuteChangeSetRequest{
            .change_set_name = "set", .stack_name = "stack", .disable_rollback = disable_rollback});
    machine.loop.run_until_idle();
    return status();
  }

  static std::vector<std::string> actions(const DescribeChangeSetResponse& set) {
    std::vector<std::string> told;
    for (const Change& change : *set.changes)
      told.push_back(*change.resource_change->action + " " +
                     *change.resource_change->logical_resource_id);
    return told;
  }
};

TEST_F(ImportsTest, what_is_there_is_taken_in_and_the_rest_is_made) {
  const auto set =
      change(resources(thing("Old", "Retain", R"("Name": "old")") + ", " +
                       thing("New", "", R"("Name": "new")") + ", " + thing("Nameless", "", "")));
  EXPECT_EQ(actions(set), (std::vector<std::string>{"Add Nameless", "Add New", "Import Old"}));
  EXPECT_EQ(set.import_existing_resources, true);
  EXPECT_EQ(execute(), "CREATE_COMPLETE");
  EXPECT_EQ(world.made["old"], 0);
  EXPECT_EQ(world.made["new"], 1);
  EXPECT_THAT(events(), Contains(StartsWith("Old IMPORT_COMPLETE")));
  remove();
  EXPECT_TRUE(world.things.contains("old"));
  EXPECT_FALSE(world.things.contains("new"));
}

TEST_F(ImportsTest, a_name_may_be_made_of_what_is_known) {
  const auto set =
      change(resources(thing("Old", "Retain", R"("Name": {"Fn::Join": ["", ["o", "ld"]]})") + "," +
                       thing("Later", "Retain", R"("Name": {"Ref": "Old"})")));
  EXPECT_EQ(actions(set), (std::vector<std::string>{"Add Later", "Import Old"}));
}

TEST_F(ImportsTest, without_a_policy_that_keeps_it_nothing_is_taken_in) {
  for (const std::string policy : {"", "Delete"}) {
    const auto set = change(resources(thing("Old", policy, R"("Name": "old")")));
    EXPECT_EQ(set.status, "FAILED");
    EXPECT_EQ(set.execution_status, "UNAVAILABLE");
    EXPECT_THAT(set.status_reason.value_or(""),
                HasSubstr("The affected resources are Old ({Name=old})"));
    call(&Service::delete_change_set,
         DeleteChangeSetRequest{.change_set_name = "set", .stack_name = "stack"});
  }
}

TEST_F(ImportsTest, what_a_stack_has_stays_with_it) {
  call(&Service::create_stack,
       CreateStackRequest{.stack_name = "owner",
                          .template_body = resources(thing("T", "Retain", R"("Name": "own")"))});
  machine.loop.run_until_idle();
  const std::string wanted = resources(thing("Own", "Retain", R"("Name": "own")"));
  EXPECT_EQ(actions(change(wanted)), std::vector<std::string>{"Add Own"});
  EXPECT_EQ(execute(), "ROLLBACK_COMPLETE");
  EXPECT_TRUE(world.things.contains("own"));
  remove();
  call(&Service::delete_stack, DeleteStackRequest{.stack_name = "owner"});
  machine.loop.run_until_idle();
  EXPECT_TRUE(world.things.contains("own"));
  EXPECT_EQ(actions(change(wanted)), std::vector<std::string>{"Import Own"});
}

TEST_F(ImportsTest, of_two_stacks_that_want_it_only_one_takes_it_in) {
  const std::string wanted = resources(thing("Old", "RetainExceptOnCreate", R"("Name": "old")"));
  for (const char* name : {"first", "stack"})
    call(&Service::create_change_set, CreateChangeSetRequest{.stack_name = name,
                                                             .template_body = wanted,
                                                             .change_set_name = "set",
                                                             .change_set_type = "CREATE",
                                                             .import_existing_resources = true});
  machine.loop.run_until_idle();
  call(&Service::execute_change_set,
       ExecuteChangeSetRequest{.change_set_name = "set", .stack_name = "first"});
  machine.loop.run_until_idle();
  EXPECT_EQ(stack("first").stack_status, "CREATE_COMPLETE");
  EXPECT_EQ(execute(), "ROLLBACK_COMPLETE");
  EXPECT_THAT(events(),
              Contains(StartsWith("Old IMPORT_FAILED old already exists in stack arn:aws:")));
  remove();
  EXPECT_TRUE(world.things.contains("old"));
}

TEST_F(ImportsTest, one_stack_takes_it_in_once) {
  const auto set = change(resources(thing("Old", "Retain", R"("Name": "old")") + "," +
                                    thing("Same", "Retain", R"("Name": "old")")));
  EXPECT_EQ(actions(set), (std::vector<std::string>{"Import Old", "Add Same"}));
}

TEST_F(ImportsTest, a_secret_name_is_not_told_where_it_is_refused) {
  const auto set = change(
      R"({"Parameters": {"Secret": {"Type": "String", "NoEcho": true, "Default": "old"}},
          "Resources": {"Old": {"Type": "Test::Thing",
                                "Properties": {"Name": {"Ref": "Secret"}}}}})");
  EXPECT_EQ(set.status, "FAILED");
  EXPECT_THAT(set.status_reason.value_or(""), HasSubstr("Old ({Name=****})"));
}

TEST_F(ImportsTest, what_was_taken_in_outlives_a_failed_creation) {
  const std::string old = thing("Old", "RetainExceptOnCreate", R"("Name": "old")");
  const std::string fails =
      thing("Fails", "", R"("Name": "fails", "Fails": "create", "Refs": {"Ref": "Old"})");
  change(resources(old + ", " + fails));
  EXPECT_EQ(execute(), "ROLLBACK_COMPLETE");
  EXPECT_THAT(events(), Contains(StartsWith("Old DELETE_SKIPPED")));
  EXPECT_TRUE(world.things.contains("old"));
}

TEST_F(ImportsTest, it_outlives_a_creation_that_is_taken_back_later) {
  const std::string old = thing("Old", "RetainExceptOnCreate", R"("Name": "old")");
  change(
      resources(old + ", " + thing("Fails", "", R"("Fails": "create", "Refs": {"Ref": "Old"})")));
  EXPECT_EQ(execute(true), "CREATE_FAILED");
  call(&Service::rollback_stack, RollbackStackRequest{.stack_name = "stack"});
  machine.loop.run_until_idle();
  EXPECT_EQ(status(), "ROLLBACK_COMPLETE");
  EXPECT_TRUE(world.things.contains("old"));
}

TEST_F(ImportsTest, a_failed_update_lets_it_go) {
  create(resources(thing("First", "", R"("Name": "first")")));
  const std::string first = thing("First", "", R"("Name": "first")");
  const std::string old = thing("Old", "RetainExceptOnCreate", R"("Name": "old")");
  change(resources(first + ", " + old + ", " +
                   thing("Fails", "", R"("Fails": "create", "Refs": {"Ref": "Old"})")),
         "UPDATE");
  EXPECT_EQ(execute(), "UPDATE_ROLLBACK_COMPLETE");
  EXPECT_TRUE(world.things.contains("old"));
  EXPECT_THAT(events(), Not(Contains(StartsWith("Old DELETE_COMPLETE"))));
}

/// What an import of `Old` with that template is refused for; "" where it is not.
class NamedImportsTest : public ImportsTest {
 protected:
  std::string refusal(const std::string& body, const std::string& physical = "old",
                      const std::string& type = "IMPORT") {
    std::map<std::string, std::string> identifier = {{"Name", physical}};
    try {
      call(&Service::create_change_set,
           CreateChangeSetRequest{.stack_name = "stack",
                                  .template_body = body,
                                  .change_set_name = "set",
                                  .change_set_type = type,
                                  .resources_to_import = std::vector<ResourceToImport>{
                                      {.resource_type = "Test::Thing",
                                       .logical_resource_id = "Old",
                                       .resource_identifier = identifier}}});
    } catch (const protocol::ServiceError& error) {
      return error.message();
    }
    return "";
  }
};

TEST_F(NamedImportsTest, only_imports_are_in_an_import) {
  const std::string first = thing("First", "", R"("Name": "first", "Size": "1")");
  const std::string old = thing("Old", "Delete", R"("Name": "old")");
  const std::string others =
      "in your template that are not being imported. Update, create or delete operations cannot be "
      "executed during import operations.";
  create(resources(first));
  EXPECT_EQ(refusal(resources(first + ", " + thing("Old", "", R"("Name": "old")"))),
            "The following resources to import [Old] must have DeletionPolicy attribute specified "
            "in the template.");
  EXPECT_EQ(refusal(resources(first + ", " + old + ", " + thing("New", "", ""))),
            "You have modified resources [New] " + others);
  EXPECT_EQ(refusal(resources(old)), "You have modified resources [First] " + others);
  EXPECT_EQ(refusal(resources(thing("First", "", R"("Name": "first", "Size": "2")") + ", " + old)),
            "You have modified resources [First] " + others);
  EXPECT_EQ(
      refusal(R"({"Outputs": {"O": {"Value": "v"}}, "Resources": {)" + first + "," + old + "}}"),
      "As part of the import operation, you cannot modify or add [Outputs]");
  EXPECT_THAT(refusal(resources(first)), HasSubstr("do not exist in the template"));
  EXPECT_THAT(refusal(resources(first + ", " + old), "old", "UPDATE"), HasSubstr("IMPORT"));
  EXPECT_EQ(refusal(resources(first + ", " + old)), "");
  EXPECT_EQ(execute(), "IMPORT_COMPLETE");
}

TEST_F(NamedImportsTest, what_a_stack_has_is_not_imported) {
  create(resources(thing("First", "", R"("Name": "first")")));
  const std::string first = thing("First", "", R"("Name": "first")");
  EXPECT_EQ(
      refusal(resources(first + ", " + thing("Old", "Retain", R"("Name": "first")")), "first"),
      "Resources [Old] passed in ResourceToImport are already in a stack and cannot be "
      "imported.");
}

TEST_F(NamedImportsTest, a_new_stack_has_only_what_is_imported) {
  EXPECT_EQ(refusal(resources(thing("Old", "Retain", R"("Name": "old")") + ", " +
                              thing("New", "Retain", ""))),
            "Resources [New] is missing from ResourceToImport list");
}

TEST_F(NamedImportsTest, what_names_a_resource_fits_the_template) {
  const auto refusal_of = [this](std::vector<ResourceToImport> named) {
    return error_of([&] {
      call(&Service::create_change_set,
           CreateChangeSetRequest{
               .stack_name = "named",
               .template_body = resources(thing("Old", "Retain", R"("Name": "old")")),
               .change_set_name = "set",
               .change_set_type = "IMPORT",
               .resources_to_import = std::move(named)});
    });
  };
  const ResourceToImport right{.resource_type = "Test::Thing",
                               .logical_resource_id = "Old",
                               .resource_identifier = {{"Name", "old"}}};
  ResourceToImport wrong = right;
  wrong.resource_type = "AWS::SQS::Queue";
  EXPECT_THAT(refusal_of({wrong}), HasSubstr("[AWS::SQS::Queue] of [Old]"));
  wrong = right;
  wrong.resource_identifier = {{"Nope", "old"}};
  EXPECT_THAT(refusal_of({wrong}), HasSubstr("has the keys [Nope]"));
  wrong.resource_identifier = {{"Name", "other"}};
  EXPECT_THAT(refusal_of({wrong}), HasSubstr("another value of [Name]"));
  EXPECT_THAT(refusal_of({right, right}), HasSubstr("[Old] more than once"));
  EXPECT_EQ(refusal_of({right}), "no error");
}

TEST_F(ImportsTest, it_is_the_same_after_a_restart_anywhere) {
  const std::string wanted = resources(thing("Old", "Retain", R"("Name": "old")") + ", " +
                                       thing("New", "", R"("Refs": {"Ref": "Old"})"));
  change(wanted);
  for (int place = 0; place < 4; ++place) {
    world.dies_at = world.places + place;
    execute();
    die_and_restart();
    EXPECT_EQ(status(), "CREATE_COMPLETE") << place;
    EXPECT_EQ(world.made["old"], 0);
    remove();
    change(wanted);
  }
}

}  // namespace
}  // namespace matinee::cloudformation
