#include "jobs/deploy/stack.h"

#include <gmock/gmock.h>

namespace matinee::jobs::deploy {
namespace {

StackEvent event(std::string name, std::string status, std::string reason = "") {
  return {.time = {},
          .name = name,
          .type = "AWS::SQS::Queue",
          .id = "",
          .status = std::move(status),
          .reason = std::move(reason),
          .is_stack = name == "stack"};
}

TEST(Stack, the_failure_is_the_first_that_was_not_caused_by_another) {
  const auto failure = find_failure(
      {event("A", "CREATE_COMPLETE"), event("B", "CREATE_FAILED", "Resource creation cancelled"),
       event("C", "CREATE_FAILED", "It exists."), event("D", "CREATE_FAILED", "It exists as well."),
       event("stack", "ROLLBACK_IN_PROGRESS", "[B, C, D]")});
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->name, "C");
  EXPECT_EQ(failure->reason, "It exists.");
}

TEST(Stack, where_no_resource_has_failed_the_stack_tells_the_reason) {
  const auto failure = find_failure({event("stack", "ROLLBACK_IN_PROGRESS", "A trigger.")});
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->reason, "A trigger.");
  EXPECT_FALSE(find_failure({event("stack", "CREATE_COMPLETE")}).has_value());
}

TEST(Stack, cleaning_up_is_not_the_end) {
  EXPECT_FALSE(is_at_rest("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"));
  EXPECT_TRUE(is_at_rest("UPDATE_ROLLBACK_COMPLETE"));
  EXPECT_FALSE(is_as_wanted("UPDATE_ROLLBACK_COMPLETE"));
  EXPECT_TRUE(is_as_wanted("IMPORT_COMPLETE"));
}

}  // namespace
}  // namespace matinee::jobs::deploy
