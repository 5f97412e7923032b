// Updates that have failed and were not taken back: they are tried again, given up, or taken back
// later.
#include "services/cloudformation/service_fixture.h"

namespace matinee::cloudformation {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string thing(const std::string& properties) {
  return R"({"Resources": {"Only": {"Type": "Test::Thing", "Properties": )" + properties + "}}}";
}

const std::string small = thing(R"({"Name": "a", "Size": 1})");
const std::string large = thing(R"({"Name": "a", "Size": 2})");
const std::string huge = thing(R"({"Name": "a", "Size": 3})");
const std::string other = thing(R"({"Name": "b", "Size": 1})");

class FailedUpdates : public StacksTest {
 protected:
  void fail_to_update(const std::string& to, const std::string& where = "update a") {
    world.broken.insert(where);
    update(to, true);
    world.broken.clear();
    EXPECT_EQ(stack().stack_status, "UPDATE_FAILED");
  }
  void roll_back() {
    call(&Service::rollback_stack, RollbackStackRequest{.stack_name = "stack"});
    machine.loop.run_until_idle();
  }
};

TEST_F(FailedUpdates, one_that_is_tried_again_carries_the_changes_out) {
  create(small);
  for (const char* where : {"update a", "end update a", "update a"}) fail_to_update(large, where);
  update(large);
  EXPECT_EQ(stack().stack_status, "UPDATE_COMPLETE");
  EXPECT_EQ(world.things["a"], R"({"Name":"a","Size":2})");
}

TEST_F(FailedUpdates, one_that_is_given_up_takes_back_what_was_carried_out) {
  create(small);
  fail_to_update(large, "end update a");
  ASSERT_EQ(world.things["a"], R"({"Name":"a","Size":2})");
  update(small);
  EXPECT_EQ(stack().stack_status, "UPDATE_COMPLETE");
  EXPECT_EQ(world.things["a"], R"({"Name":"a","Size":1})");
}

TEST_F(FailedUpdates, all_that_was_tried_is_taken_back) {
  create(small);
  fail_to_update(large, "end update a");
  fail_to_update(small);
  roll_back();
  EXPECT_EQ(stack().stack_status, "UPDATE_ROLLBACK_COMPLETE");
  EXPECT_EQ(world.things["a"], R"({"Name":"a","Size":1})");
}

TEST_F(FailedUpdates, a_rollback_that_failed_is_gone_on_with) {
  create(small);
  fail_to_update(large, "end update a");
  fail_to_update(huge);
  world.broken.insert("update a");
  roll_back();
  EXPECT_EQ(stack().stack_status, "UPDATE_ROLLBACK_FAILED");
  world.broken.clear();
  call(&Service::continue_update_rollback, ContinueUpdateRollbackRequest{.stack_name = "stack"});
  machine.loop.run_until_idle();
  EXPECT_EQ(stack().stack_status, "UPDATE_ROLLBACK_COMPLETE");
  EXPECT_EQ(world.things["a"], R"({"Name":"a","Size":1})");
}

TEST_F(FailedUpdates, a_change_set_over_one_tells_what_is_still_to_be_done) {
  create(small);
  fail_to_update(large);
  for (const std::string& wanted : {large, small, huge}) {
    call(&Service::create_change_set,
         CreateChangeSetRequest{
             .stack_name = "stack", .template_body = wanted, .change_set_name = "again"});
    machine.loop.run_until_idle();
    const auto told =
        call(&Service::describe_change_set,
             DescribeChangeSetRequest{.change_set_name = "again", .stack_name = "stack"});
    ASSERT_EQ(told.changes->size(), 1U) << wanted;
    const ResourceChange& change = *told.changes->front().resource_change;
    EXPECT_EQ(change.action, "Modify");
    EXPECT_EQ(change.details->front().target->name, "Size");
    call(&Service::delete_change_set,
         DeleteChangeSetRequest{.change_set_name = "again", .stack_name = "stack"});
  }
}

TEST_F(FailedUpdates, a_replacement_that_failed_is_made_again) {
  create(small);
  const std::string fails = thing(R"({"Name": "b", "Size": 1, "Fails": "create"})");
  update(fails, true);
  EXPECT_EQ(stack().stack_status, "UPDATE_FAILED");
  update(other, true);
  EXPECT_EQ(stack().stack_status, "UPDATE_COMPLETE");
  EXPECT_FALSE(world.things.contains("a"));
  EXPECT_EQ(world.things["b"], R"({"Name":"b","Size":1})");
}

TEST_F(FailedUpdates, a_replacement_that_was_half_made_is_gone_on_with_or_removed) {
  const std::string half = thing(R"({"Name": "b", "Size": 1, "Fails": "finish"})");
  for (const bool goes_on : {true, false}) {
    create(small);
    update(half, true);
    EXPECT_EQ(stack().stack_status, "UPDATE_FAILED");
    ASSERT_TRUE(world.things.contains("b"));
    if (goes_on) {
      update(half, true);
      // It fails for the same reason, and was not made again.
      EXPECT_EQ(stack().stack_status, "UPDATE_FAILED");
      EXPECT_EQ(world.made["b"], 1);
    }
    update(large, true);
    EXPECT_EQ(stack().stack_status, "UPDATE_COMPLETE");
    EXPECT_FALSE(world.things.contains("b"));
    EXPECT_EQ(world.things["a"], R"({"Name":"a","Size":2})");
    remove();
    EXPECT_THAT(world.things, IsEmpty());
    world.made.clear();
  }
}

TEST_F(FailedUpdates, what_was_changed_before_it_was_replaced_is_taken_back_too) {
  create(small);
  fail_to_update(large, "end update a");
  update(thing(R"({"Name": "b", "Fails": "create"})"), true);
  roll_back();
  EXPECT_EQ(stack().stack_status, "UPDATE_ROLLBACK_COMPLETE");
  EXPECT_EQ(world.things, (std::map<std::string, std::string>{{"a", R"({"Name":"a","Size":1})"}}));
}

TEST_F(FailedUpdates, one_that_is_tried_again_goes_on_wherever_the_server_dies) {
  for (int place = 0; place < 8; ++place) {
    create(small);
    fail_to_update(large);
    world.places = 0;
    world.dies_at = place;
    update(large);
    die_and_restart();
    EXPECT_EQ(stack().stack_status, "UPDATE_COMPLETE") << place;
    EXPECT_EQ(world.things["a"], R"({"Name":"a","Size":2})") << place;
    remove();
  }
}

}  // namespace
}  // namespace matinee::cloudformation
