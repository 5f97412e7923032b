// Change sets of nested stacks: what is left of them however the work on them ends, and what holds
// when they are executed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/task_group.h"
#include "services/authorization.h"
#include "services/cloudformation/service_fixture.h"

namespace matinee::cloudformation {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Templates by their keys. It can be told to keep who reads waiting.
class Templates final : public services::ObjectReader {
 public:
  std::map<std::string, std::string> objects;
  std::optional<int> stops_at;  // that read waits
  int reads = 0;
  runtime::Event go_on;

  runtime::Task<std::string> read(Context, services::ObjectToRead object) override {
    if (reads++ == stops_at) co_await go_on.wait();
    co_return objects.at(object.key);
  }
};

/// Refuses one action.
class Refusing final : public services::Decider {
 public:
  std::string refused;
  std::vector<std::string> asked;

  bool enforces() const override { return true; }
  void require(const services::ServiceBase&, const services::Inquiry&) override {}
  void require(const services::ServiceBase&, const services::Inquiry&,
               const services::Guarded&) override {}
  identity::Decision decide(const services::ServiceBase&, const services::Inquiry& inquiry,
                            const services::Guarded&) override {
    return {.allowed = inquiry.action != refused};
  }
  identity::Decision decide(const services::Inquiry& inquiry, const services::Guarded&,
                            const policy::Keys&) override {
    asked.push_back(fmt::format("{} {}", inquiry.context.caller_arn, inquiry.action));
    return {.allowed = inquiry.action != refused};
  }
  std::string sentence(const services::Inquiry& inquiry, const services::Guarded&,
                       const identity::Decision&) override {
    return fmt::format("not authorized: {}", inquiry.action);
  }
  void note_refusal(const services::Inquiry&, std::string) override {}
  void require_pass_role(const services::ServiceBase&, const services::Inquiry&, std::string_view,
                         std::string_view) override {}
};

std::string resources(const std::string& all) {
  return R"({"Resources": {)" + all + "}}";
}

std::string nested(const std::string& id, const std::string& key, const std::string& more = "",
                   const std::string& depends_on = "") {
  return fmt::format(
      R"("{}": {{"Type": "AWS::CloudFormation::Stack", {} "Properties": {{
          "TemplateURL": "https://s3.amazonaws.com/b/{}"{}}}}})",
      id, depends_on.empty() ? "" : fmt::format(R"("DependsOn": "{}",)", depends_on), key, more);
}

std::string thing(const std::string& id, const std::string& properties = "") {
  return fmt::format(R"("{}": {{"Type": "Test::Thing", "Properties": {{{}}}}})", id, properties);
}

class NestedChangeSetsTest : public StacksTest {
 protected:
  Templates templates;
  std::unique_ptr<runtime::TaskGroup> running = std::make_unique<runtime::TaskGroup>(10);

  NestedChangeSetsTest() {
    objects = &templates;
    templates.objects["leaf"] = resources(thing("T"));
    templates.objects["mid"] = resources(nested("A", "leaf") + "," + nested("B", "leaf"));
    die_and_restart();
  }
  ~NestedChangeSetsTest() override { running.reset(); }

  static CreateChangeSetRequest request(const std::string& body, const std::string& type) {
    return {.stack_name = "stack",
            .template_body = body,
            .change_set_name = "set",
            .change_set_type = type,
            .include_nested_stacks = true};
  }
  DescribeChangeSetResponse described() {
    return call(&Service::describe_change_set,
                DescribeChangeSetRequest{.change_set_name = "set", .stack_name = "stack"});
  }
  DescribeChangeSetResponse change(const std::string& body, const std::string& type = "CREATE") {
    call(&Service::create_change_set, request(body, type));
    return described();
  }
  /// Goes on until a template is waited for.
  void begin(const CreateChangeSetRequest& wish, int stops_at) {
    templates.reads = 0;
    templates.stops_at = stops_at;
    runtime::start(running->spawn(run(*service, context, wish)), [](const std::exception_ptr&) {});
    machine.loop.run_until_idle();
  }
  void go_on() {
    templates.go_on.notify();
    machine.loop.run_until_idle();
  }
  std::string execute(bool disable_rollback = false) {
    stack();
    call(
        &Service::execute_change_set,
        ExecuteChangeSetRequest{
            .change_set_name = "set", .stack_name = "stack", .disable_rollback = disable_rollback});
    machine.loop.run_until_idle();
    return status();
  }
  /// "NAME STATUS" of all stacks that are not deleted.
  std::vector<std::string> stacks() {
    std::vector<std::string> told;
    const auto response = call(&Service::list_stacks, ListStacksRequest{});
    for (const StackSummary& each : *response.stack_summaries)
      if (each.stack_status != "DELETE_COMPLETE")
        told.push_back(each.stack_name + " " + each.stack_status);
    return told;
  }
  /// The one stack inside of the others.
  Stack inner() {
    const auto response = call(&Service::describe_stacks, DescribeStacksRequest{});
    for (const Stack& each : *response.stacks)
      if (each.parent_id) return each;
    throw std::runtime_error("there is no nested stack");
  }
  /// How many templates are read for that change set.
  int reads_of(const std::string& body) {
    templates.reads = 0;
    templates.stops_at.reset();
    change(body);
    stack();
    remove();
    return templates.reads;
  }

 private:
  static runtime::Task<> run(Service& service, Context context, CreateChangeSetRequest wish) {
    try {
      co_await service.create_change_set(context, wish);
    } catch (const protocol::ServiceError&) {
    }
  }
};

TEST_F(NestedChangeSetsTest, a_server_that_is_killed_leaves_nothing_that_cannot_be_removed) {
  const std::string top = resources(nested("M", "mid") + "," + nested("N", "mid"));
  const int reads = reads_of(top);
  ASSERT_EQ(reads, 6);
  EXPECT_THAT(stacks(), IsEmpty());
  for (int at = 0; at < reads; ++at) {
    begin(request(top, "CREATE"), at);
    running.reset();
    die_and_restart();
    running = std::make_unique<runtime::TaskGroup>(10);
    templates.stops_at.reset();
    EXPECT_EQ(described().status, "FAILED");
    EXPECT_THAT(described().status_reason.value_or(""), HasSubstr("The server was stopped"));
    const auto all = call(&Service::describe_stacks, DescribeStacksRequest{});
    for (const Stack& each : *all.stacks)
      EXPECT_EQ(each.parent_id.has_value(), each.stack_name != "stack") << each.stack_name;
    stack();
    remove();
    EXPECT_THAT(stacks(), IsEmpty()) << at;
  }
}

TEST_F(NestedChangeSetsTest, what_is_deleted_while_it_is_made_is_not_made_any_further) {
  const std::string top = resources(nested("M", "mid") + "," + nested("N", "mid"));
  const int reads = reads_of(top);
  for (int at = 0; at < reads; ++at) {
    begin(request(top, "CREATE"), at);
    call(&Service::delete_change_set,
         DeleteChangeSetRequest{.change_set_name = "set", .stack_name = "stack"});
    go_on();
    EXPECT_THAT(stacks(), ElementsAre("stack REVIEW_IN_PROGRESS")) << at;
    stack();
    remove();
    EXPECT_THAT(stacks(), IsEmpty()) << at;
  }
}

TEST_F(NestedChangeSetsTest, what_is_being_made_fails_when_the_stack_is_changed) {
  create(resources(thing("T")));
  begin(request(resources(thing("T") + "," + nested("M", "mid")), "UPDATE"), 1);
  update(resources(thing("T", R"("Size": 2)")));
  go_on();
  EXPECT_EQ(described().status, "FAILED");
  EXPECT_EQ(described().execution_status, "UNAVAILABLE");
  EXPECT_THAT(stacks(), ElementsAre("stack UPDATE_COMPLETE"));
}

TEST_F(NestedChangeSetsTest, what_an_execution_did_not_come_to_is_removed_at_its_end) {
  const std::string fails = thing("F", R"("Fails": "create")") + "," + nested("M", "mid", "", "F");
  change(resources(fails));
  EXPECT_EQ(execute(), "ROLLBACK_COMPLETE");
  EXPECT_THAT(stacks(), ElementsAre("stack ROLLBACK_COMPLETE"));
  remove();
  create(resources(thing("T")));
  change(resources(thing("T") + "," + fails), "UPDATE");
  EXPECT_EQ(execute(), "UPDATE_ROLLBACK_COMPLETE");
  EXPECT_THAT(stacks(), ElementsAre("stack UPDATE_ROLLBACK_COMPLETE"));
}

TEST_F(NestedChangeSetsTest, what_is_obsolete_leaves_no_stacks) {
  change(resources(nested("M", "mid")));
  create(resources(thing("T")));
  EXPECT_THAT(stacks(), ElementsAre("stack CREATE_COMPLETE"));
}

TEST_F(NestedChangeSetsTest, the_reason_of_a_nested_failure_is_told_by_the_stack_around) {
  templates.objects["leaf"] = resources(thing("X", R"("Fails": "create")"));
  change(resources(nested("N", "leaf")));
  execute();
  EXPECT_THAT(events(),
              Contains(HasSubstr("was not successfully created: The following resource(s) failed "
                                 "to create: [X].")));
}

TEST_F(NestedChangeSetsTest, an_obsolete_one_is_not_executed) {
  change(resources(nested("N", "leaf")));
  EXPECT_EQ(execute(), "CREATE_COMPLETE");
  const std::string name = inner().stack_name;
  templates.objects["leaf"] = resources(thing("T") + "," + thing("Promised"));
  call(&Service::delete_change_set,
       DeleteChangeSetRequest{.change_set_name = "set", .stack_name = "stack"});
  change(resources(nested("N", "leaf")), "UPDATE");
  call(&Service::update_stack,
       UpdateStackRequest{.stack_name = name,
                          .template_body = resources(thing("T", R"("Size": 3)"))});
  machine.loop.run_until_idle();
  EXPECT_EQ(execute(), "UPDATE_ROLLBACK_COMPLETE");
  EXPECT_THAT(events(), Contains(HasSubstr("current execution status of [OBSOLETE]")));
  EXPECT_EQ(stack(name).stack_status, "UPDATE_COMPLETE");
}

TEST_F(NestedChangeSetsTest, values_that_are_known_late_are_checked_then) {
  const std::string given = R"(, "Parameters": {"P": {"Fn::GetAtt": ["T", "Arn"]}})";
  for (const auto& [declared, reason] : std::map<std::string, std::string>{
           {R"("Type": "String", "AllowedValues": ["x"])", "must be one of AllowedValues"},
           {R"("Type": "AWS::EC2::VPC::Id")", "for parameter name P does not exist"}}) {
    templates.objects["leaf"] = fmt::format(
        R"({{"Parameters": {{"P": {{{}}}}}, "Resources": {{"X": {{"Type": "Test::Thing"}}}}}})",
        declared);
    EXPECT_EQ(change(resources(thing("T") + "," + nested("N", "leaf", given))).status,
              "CREATE_COMPLETE");
    EXPECT_EQ(execute(), "ROLLBACK_COMPLETE");
    EXPECT_THAT(events(), Contains(HasSubstr(reason)));
    EXPECT_THAT(stacks(), ElementsAre("stack ROLLBACK_COMPLETE"));
    remove();
  }
}

TEST_F(NestedChangeSetsTest, the_timeout_of_a_nested_stack_holds) {
  service->answers().use_endpoint("http://127.0.0.1:4566");
  templates.objects["leaf"] = resources(
      R"("H": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
         "W": {"Type": "AWS::CloudFormation::WaitCondition",
               "Properties": {"Handle": {"Ref": "H"}, "Timeout": "36000"}})");
  change(resources(nested("N", "leaf", R"(, "TimeoutInMinutes": 2)")));
  EXPECT_EQ(execute(), "CREATE_IN_PROGRESS");
  EXPECT_EQ(inner().timeout_in_minutes, 2);
  advance(std::chrono::minutes(3));
  machine.loop.run_until_idle();
  EXPECT_EQ(inner().stack_status, "ROLLBACK_COMPLETE");
  EXPECT_THAT(events(), Contains(HasSubstr("exceeded the specified timeout")));
}

TEST_F(NestedChangeSetsTest, what_is_done_to_nested_stacks_must_be_allowed_too) {
  Refusing decider{};
  service->use(&decider);
  decider.refused = "cloudformation:CreateChangeSet";
  EXPECT_EQ(change(resources(nested("N", "leaf"))).status, "FAILED");
  EXPECT_THAT(described().status_reason.value_or(""), HasSubstr("not authorized"));
  stack();
  remove();
  decider.refused = "cloudformation:CreateStack";
  EXPECT_EQ(change(resources(nested("N", "leaf"))).status, "CREATE_COMPLETE");
  EXPECT_EQ(execute(), "ROLLBACK_COMPLETE");
  EXPECT_THAT(events(), Contains(HasSubstr("not authorized: cloudformation:CreateStack")));
  EXPECT_THAT(decider.asked, Contains(context.caller_arn + " cloudformation:CreateStack"));
  EXPECT_THAT(stacks(), ElementsAre("stack ROLLBACK_COMPLETE"));
}

TEST_F(NestedChangeSetsTest, existing_resources_are_taken_in_by_nested_stacks_too) {
  world.things["old"] = R"({"Name": "old"})";
  templates.objects["leaf"] = resources(
      R"("Old": {"Type": "Test::Thing", "DeletionPolicy": "Retain",
                 "Properties": {"Name": "old"}})");
  CreateChangeSetRequest wish = request(resources(nested("N", "leaf")), "CREATE");
  wish.import_existing_resources = true;
  call(&Service::create_change_set, wish);
  EXPECT_EQ(execute(), "CREATE_COMPLETE");
  EXPECT_EQ(world.made["old"], 0);
}

}  // namespace
}  // namespace matinee::cloudformation
