// Deleted stacks are remembered for a while.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/cloudformation/service_fixture.h"

namespace matinee::cloudformation {
namespace {

using std::chrono::hours;
using testing::SizeIs;

constexpr const char* body = R"({"Resources": {"T": {"Type": "Test::Thing"}}})";

class ExpiryTest : public StacksTest {
 protected:
  std::size_t listed() {
    return call(&Service::list_stacks, ListStacksRequest{}).stack_summaries->size();
  }
  bool has_events() {
    try {
      return !events().empty();
    } catch (const protocol::ServiceError&) {
      return false;
    }
  }
  std::size_t templates() {
    std::size_t count = 0;
    storage::Table<DefinitionKey, TemplateRecord> table(*store, templates_table);
    table.scan(table.all(), [&](const DefinitionKey&, const TemplateRecord&) {
      ++count;
      return true;
    });
    return count;
  }
};

TEST_F(ExpiryTest, deleted_stacks_are_gone_after_ninety_days) {
  create(body);
  stack();
  remove();
  EXPECT_EQ(listed(), 1);
  advance(hours(24 * 90 - 1));
  EXPECT_EQ(listed(), 1);
  EXPECT_TRUE(has_events());
  EXPECT_EQ(templates(), 1);
  advance(hours(2));
  EXPECT_EQ(listed(), 0);
  EXPECT_FALSE(has_events());
  EXPECT_EQ(templates(), 0);
}

TEST_F(ExpiryTest, living_ones_stay_and_the_name_is_free) {
  create(body);
  stack();
  remove();
  create(body);
  stack();
  advance(hours(24 * 91));
  EXPECT_EQ(listed(), 1);
  EXPECT_TRUE(has_events());
  EXPECT_EQ(status(), "CREATE_COMPLETE");
}

TEST_F(ExpiryTest, they_are_erased_some_at_a_time) {
  constexpr int many = 10;
  for (int i = 0; i < many; ++i) {
    create(body);
    stack();
    remove();
  }
  advance(hours(24 * 91));
  EXPECT_EQ(templates(), many);
  EXPECT_EQ(listed(), 0);
  EXPECT_EQ(templates(), many - 4);
  listed();
  listed();
  EXPECT_EQ(templates(), 0);
}

TEST_F(ExpiryTest, two_thousand_stacks_are_there_where_quotas_are_kept) {
  constexpr int most = 2000;
  {
    storage::Table<LiveKey, std::string> live(*store, live_table);
    storage::Transaction transaction(*store);
    for (int i = 1; i < most; ++i)
      live.put({context.account, "us-east-1", fmt::format("other-{}", i)}, "uuid");
    transaction.commit();
  }
  create(body);
  EXPECT_EQ(error_of([&] { create(body); }),
            "AlreadyExistsException: Stack [stack] already exists");
  const auto create_another = [&] {
    call(&Service::create_stack, CreateStackRequest{.stack_name = "more", .template_body = body});
  };
  keeps_quotas = true;
  die_and_restart();
  EXPECT_EQ(error_of(create_another), "LimitExceededException: Limit for stack has been exceeded");
  EXPECT_EQ(error_of([&] {
              call(&Service::create_change_set,
                   CreateChangeSetRequest{.stack_name = "more",
                                          .template_body = body,
                                          .change_set_name = "set",
                                          .change_set_type = "CREATE"});
            }),
            "LimitExceededException: Limit for stack has been exceeded");
  stack();
  remove();
  EXPECT_EQ(error_of(create_another), "no error");
}

}  // namespace
}  // namespace matinee::cloudformation
