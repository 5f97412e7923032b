#include "services/cloudformation/special/wait_conditions.h"

#include "services/cloudformation/special/special_fixture.h"

namespace matinee::cloudformation {
namespace {

using std::chrono::seconds;
using templates::to_json;

class WaitConditions : public OwnTypesTest {
 protected:
  std::string url;

  Value policy;  // of the condition's own

  WaitConditions() {
    stacks->use(
        {.creation_policy = [this](const std::string&, const std::string&) { return policy; }});
    url = create(WaitConditionHandle::name, "{}", "handle")->made->id;
  }

  std::shared_ptr<StepEnd> wait(const std::string& more = "", const std::string& token = "wait") {
    return create(WaitCondition::name,
                  R"({"Handle": ")" + url + R"(", "Timeout": "60")" + more + "}", token);
  }
  int signal(const std::string& id, const std::string& status = "SUCCESS") {
    return put(url, R"({"Status": ")" + status + R"(", "UniqueId": ")" + id +
                        R"(", "Data": "data of )" + id + R"(", "Reason": "why"})");
  }
};

TEST_F(WaitConditions, are_there_once_they_have_had_their_signals) {
  const auto end = wait(R"(, "Count": 2)");
  EXPECT_EQ(signal("a"), 200);
  EXPECT_EQ(signal("a"), 200);
  EXPECT_FALSE(end->made);
  EXPECT_EQ(signal("b"), 200);
  ASSERT_TRUE(end->made) << end->failure;
  EXPECT_EQ(end->made->attributes.text_or("Data"), R"({"a":"data of a","b":"data of b"})");
}

TEST_F(WaitConditions, signals_of_before_count_too) {
  signal("a");
  EXPECT_TRUE(wait()->made);
}

TEST_F(WaitConditions, one_failure_fails_them) {
  const auto end = wait(R"(, "Count": 2)");
  signal("a", "FAILURE");
  EXPECT_EQ(end->failure, "WaitCondition received failed message: 'why' for uniqueId: a");
}

TEST_F(WaitConditions, time_out_fails_them_also_across_a_restart) {
  wait();
  machine.loop.advance(seconds(40));
  kill_and_restart();
  const auto again = wait();
  machine.loop.advance(seconds(19));
  EXPECT_EQ(again->failure, "");
  machine.loop.advance(seconds(2));
  EXPECT_EQ(again->failure, "WaitCondition timed out. Received 0 conditions when expecting 1");
}

TEST_F(WaitConditions, with_a_policy_they_are_signalled_by_their_own_name) {
  policy = templates::read_value(R"({"ResourceSignal": {"Count": 1, "Timeout": "PT1M"}})");
  const auto end = create(WaitCondition::name, "{}", "own");
  EXPECT_FALSE(end->made);
  const auto send = [&](const std::string& box) {
    storage::Transaction transaction(*store);
    const bool is_taken = answers->put(box, "a", {.has_succeeded = true});
    transaction.commit();
    machine.loop.run_until_idle();
    return is_taken;
  };
  EXPECT_FALSE(send("other"));
  EXPECT_TRUE(send("own"));
  EXPECT_TRUE(end->made) << end->failure;
  EXPECT_THAT(create(WaitCondition::name, "{}", "late")->failure, "");
  machine.loop.advance(seconds(61));
  policy = {};
  EXPECT_EQ(create(WaitCondition::name, "{}", "none")->failure,
            "A wait condition needs a Handle and a Timeout, or a CreationPolicy.");
}

TEST_F(WaitConditions, other_texts_are_no_signals) {
  EXPECT_EQ(put(url, "hello"), 400);
  EXPECT_EQ(put(url, R"({"Status": "FAILED", "UniqueId": "a"})"), 400);
  EXPECT_EQ(put(url, R"({"Status": "SUCCESS"})"), 400);
}

TEST_F(WaitConditions, handle_that_is_gone_takes_no_signals) {
  remove(WaitConditionHandle::name, url, "{}", "gone");
  EXPECT_EQ(signal("a"), 404);
}

TEST(Periods, are_read_as_iso8601) {
  EXPECT_EQ(seconds_of_period("PT1H2M3S"), 3723);
  EXPECT_EQ(seconds_of_period("PT15M"), 900);
  for (const char* text : {"", "PT", "15M", "PT5", "PT1M1H", "PTM", "PT99999999999999999999S"})
    EXPECT_FALSE(seconds_of_period(text)) << text;
}

}  // namespace
}  // namespace matinee::cloudformation
