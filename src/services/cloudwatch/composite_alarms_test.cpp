#include <gmock/gmock.h>

#include "services/cloudwatch/service_fixture.h"

namespace matinee::cloudwatch {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class Composites : public CloudWatchTest {
 protected:
  static constexpr std::string_view arn = "arn:aws:cloudwatch:us-east-1:000000000000:alarm:";

  void put_metric_alarm(std::string_view name) {
    call_well(
        "PutMetricAlarm",
        fmt::format(R"({{"AlarmName":"{}","Namespace":"N","MetricName":"m","Statistic":"Sum",)"
                    R"("Period":60,"EvaluationPeriods":1,"Threshold":1,)"
                    R"("TreatMissingData":"ignore","ComparisonOperator":"LessThanThreshold"}})",
                    name));
  }
  std::string try_put(std::string_view name, std::string_view rule, std::string_view more = "") {
    return call("PutCompositeAlarm",
                fmt::format(R"({{"AlarmName":"{}","AlarmRule":"{}"{}}})", name, rule, more));
  }
  void put(std::string_view name, std::string_view rule, std::string_view more = "") {
    EXPECT_EQ(try_put(name, rule, more), "") << name;
  }
  void set(std::string_view name, std::string_view state) {
    call_well(
        "SetAlarmState",
        fmt::format(R"({{"AlarmName":"{}","StateValue":"{}","StateReason":"r"}})", name, state));
  }
  std::string describe(std::string_view name) {
    return call("DescribeAlarms",
                fmt::format(R"({{"AlarmNames":["{}"],"AlarmTypes":["CompositeAlarm"]}})", name));
  }
  std::string member(std::string_view name, std::string_view member) {
    const std::string reply = describe(name);
    const std::string mark = fmt::format("\"{}\":\"", member);
    const std::size_t start = reply.find(mark);
    if (start == std::string::npos) return "absent";
    std::size_t end = start + mark.size();
    while (reply[end] != '"' || reply[end - 1] == '\\') ++end;
    return reply.substr(start + mark.size(), end - start - mark.size());
  }
  std::string state(std::string_view name) { return member(name, "StateValue"); }
  std::string suppressed_by(std::string_view name) { return member(name, "ActionsSuppressedBy"); }
};

TEST_F(Composites, are_evaluated_when_they_are_made_and_say_so) {
  put_metric_alarm("a");
  set("a", "ALARM");
  put("c", R"(ALARM(a) AND NOT OK(\"a\"))", R"(,"AlarmActions":["t"],"AlarmDescription":"d")");
  EXPECT_EQ(state("c"), "ALARM");
  EXPECT_EQ(member("c", "StateReason"),
            fmt::format("{}c was created and its alarm rule evaluates to ALARM", arn));
  EXPECT_THAT(member("c", "StateReasonData"),
              HasSubstr(R"(\"triggeringAlarms\":[{\"arn\":\"arn:aws:cloudwatch:us-east-1:)"));
  EXPECT_EQ(member("c", "AlarmArn"), fmt::format("{}c", arn));
  ASSERT_EQ(actions.size(), 1U);
  EXPECT_EQ(actions[0].subject, "ALARM: \"c\" in US East (N. Virginia)");
  EXPECT_THAT(actions[0].message, HasSubstr(R"("OldStateValue":"INSUFFICIENT_DATA")"));
  EXPECT_THAT(actions[0].message,
              HasSubstr(R"("TriggeringChildren":[{"Arn":"arn:aws:cloudwatch:us-east-1:)"
                        R"(000000000000:alarm:a","State":{"Value":"ALARM","Timestamp":")"));
  EXPECT_THAT(actions[0].event, HasSubstr(R"("configuration":{"description":"d","alarmRule":)"));
}

TEST_F(Composites, follow_their_children_through_others) {
  put_metric_alarm("a");
  put_metric_alarm("b");
  put("left", "ALARM(a)");
  put("right", fmt::format("OK({}a) OR ALARM(b)", arn));
  // Of both in every state of "a" exactly one is in ALARM: there is no moment between.
  put("top", "ALARM(left) AND ALARM(right)", R"(,"AlarmActions":["t"])");
  set("a", "OK");
  EXPECT_EQ(state("left") + state("right") + state("top"), "OKALARMOK");
  run_for(seconds(1));
  set("a", "ALARM");
  EXPECT_EQ(state("left") + state("right") + state("top"), "ALARMOKOK");
  EXPECT_EQ(member("left", "StateReason"),
            fmt::format("{}a transitioned to ALARM at Monday 01 January, 2024 00:00:01 UTC", arn));
  EXPECT_TRUE(actions.empty());
  set("b", "ALARM");
  EXPECT_EQ(state("top"), "ALARM");
  EXPECT_EQ(actions.size(), 1U);
  const std::string history = call(
      "DescribeAlarmHistory",
      R"({"AlarmName":"top","HistoryItemType":"StateUpdate","AlarmTypes":["CompositeAlarm"]})");
  EXPECT_THAT(history, HasSubstr("Alarm updated from OK to ALARM"));
  EXPECT_THAT(history, HasSubstr(R"("AlarmType":"CompositeAlarm")"));
  EXPECT_EQ(call("DescribeAlarmHistory", R"({"AlarmName":"top"})"), R"({"AlarmHistoryItems":[]})");
}

TEST_F(Composites, follow_metrics_by_the_clock) {
  put_metric_alarm("a");
  put("c", "ALARM(a)");
  CloudWatchTest::put(0, next_minute() - 60);
  run_for(std::chrono::minutes(1));
  EXPECT_EQ(state("c"), "ALARM");
}

TEST_F(Composites, in_a_cycle_are_evaluated_once) {
  put_metric_alarm("a");
  set("a", "OK");
  put("one", "ALARM(a)");
  put("two", "NOT ALARM(one)");
  put("one", "ALARM(a) OR ALARM(two)");
  set("a", "ALARM");
  EXPECT_EQ(state("one") + state("two"), "ALARMOK");
  EXPECT_EQ(call("DeleteAlarms", R"({"AlarmNames":["one"]})"),
            "ValidationError: Cannot delete one as there are composite alarm(s) depending on it.");
  put("one", "false");
  call_well("DeleteAlarms", R"({"AlarmNames":["two"]})");
  call_well("DeleteAlarms", R"({"AlarmNames":["one"]})");
}

TEST_F(Composites, with_wrong_rules_are_refused) {
  put_metric_alarm("a");
  EXPECT_EQ(try_put("c", "ALARM(a) AND OK(b) AND OK(arn:aws:cloudwatch:eu-west-1:0:alarm:a)"),
            "ValidationError: Could not save the composite alarm as alarms [b, "
            "arn:aws:cloudwatch:eu-west-1:0:alarm:a] in the alarm rule do not exist");
  EXPECT_EQ(try_put("c", "()"),
            "ValidationError: Error in AlarmRule [Unsupported token ')' at char 1]");
  EXPECT_THAT(try_put("a", "TRUE"), StartsWith("ValidationError"));
  EXPECT_THAT(try_put("c", "TRUE", R"(,"ActionsSuppressor":"a")"), StartsWith("ValidationError"));
  EXPECT_THAT(try_put("c", "TRUE", R"(,"ActionsSuppressorWaitPeriod":1)"),
              StartsWith("ValidationError"));
  EXPECT_THAT(try_put("c", "TRUE",
                      R"(,"ActionsSuppressor":"x","ActionsSuppressorWaitPeriod":1,)"
                      R"("ActionsSuppressorExtensionPeriod":1)"),
              StartsWith("ValidationError"));
  put("c", "TRUE");
  EXPECT_THAT(call("PutMetricAlarm",
                   R"({"AlarmName":"c","Namespace":"N","MetricName":"m","Statistic":"Sum",)"
                   R"("Period":60,"EvaluationPeriods":1,"Threshold":1,)"
                   R"("ComparisonOperator":"LessThanThreshold"})"),
              StartsWith("ValidationError"));
}

TEST_F(Composites, are_in_few_rules_each) {
  put_metric_alarm("a");
  for (int i = 0; i < 150; ++i) put(fmt::format("c{}", i), "ALARM(a)");
  EXPECT_THAT(try_put("more", "ALARM(a)"), StartsWith("LimitExceeded"));
  put("c3", "OK(a)");
}

TEST_F(Composites, are_found_by_type_and_by_relatives) {
  put_metric_alarm("a");
  put_metric_alarm("b");
  put("c", "ALARM(a) OR ALARM(b)");
  put("d", "ALARM(c) OR ALARM(a)");
  const auto find = [&](std::string_view request) { return call("DescribeAlarms", request); };
  EXPECT_THAT(find("{}"), StartsWith(R"({"CompositeAlarms":[],"MetricAlarms":[{)"));
  EXPECT_THAT(find(R"({"AlarmTypes":["CompositeAlarm"]})"), HasSubstr(R"("MetricAlarms":[])"));
  EXPECT_THAT(find(R"({"AlarmTypes":["CompositeAlarm","MetricAlarm"],"AlarmNamePrefix":"c"})"),
              HasSubstr(R"|("AlarmRule":"ALARM(a) OR ALARM(b)")|"));
  const std::string children = find(R"({"ChildrenOfAlarmName":"d"})");
  EXPECT_THAT(children, HasSubstr(R"("AlarmName":"c")"));
  EXPECT_THAT(children, HasSubstr(R"("AlarmName":"a")"));
  EXPECT_THAT(children, HasSubstr("StateValue"));
  EXPECT_THAT(children, Not(HasSubstr("AlarmRule")));
  EXPECT_THAT(children, Not(HasSubstr(R"("AlarmName":"b")")));
  const std::string parents = find(R"({"ParentsOfAlarmName":"a","MaxRecords":1})");
  EXPECT_THAT(parents, HasSubstr(R"("AlarmName":"c")"));
  EXPECT_THAT(parents, Not(HasSubstr(R"("AlarmName":"d")")));
  EXPECT_THAT(parents, Not(HasSubstr("StateValue")));
  EXPECT_THAT(parents, HasSubstr("NextToken"));
  EXPECT_THAT(find(R"({"ParentsOfAlarmName":"a","StateValue":"OK"})"),
              StartsWith("ValidationError"));
  EXPECT_EQ(call("DeleteAlarms", R"({"AlarmNames":["a","b"]})"),
            "ValidationError: Cannot delete a,b as there are composite alarm(s) depending on "
            "them.");
  EXPECT_THAT(call("DeleteAlarms", R"({"AlarmNames":["c","d"]})"), StartsWith("ValidationError"));
  call_well("DeleteAlarms", R"({"AlarmNames":["d"]})");
  call_well("DeleteAlarms", R"({"AlarmNames":["a","b","c"]})");
}

/// The examples of "Suppressing composite alarm actions", with 2 minutes of waiting and 3 of
/// extension.
class Suppressed : public Composites {
 protected:
  Suppressed() {
    put_metric_alarm("a");
    put_metric_alarm("s");
    set("a", "OK");
    set("s", "OK");
    put("c", "ALARM(a)", settings("s"));
    run_for(seconds(180));
    actions.clear();
  }
  static std::string settings(std::string_view suppressor) {
    return fmt::format(R"(,"AlarmActions":["alarm"],"OKActions":["ok"],"ActionsSuppressor":"{}",)"
                       R"("ActionsSuppressorWaitPeriod":120,)"
                       R"("ActionsSuppressorExtensionPeriod":180)",
                       suppressor);
  }
  std::string told() {
    std::string out;
    for (const services::AlarmAction& action : actions) out += action.target + " ";
    return out;
  }
};

TEST_F(Suppressed, actions_run_after_the_wait) {
  set("a", "ALARM");
  EXPECT_EQ(state("c"), "ALARM");
  EXPECT_EQ(suppressed_by("c"), "WaitPeriod");
  EXPECT_EQ(member("c", "ActionsSuppressedReason"), "Actions suppressed by WaitPeriod");
  run_for(seconds(119));
  EXPECT_EQ(told(), "");
  run_for(seconds(1));
  EXPECT_EQ(told(), "alarm ");
  EXPECT_EQ(suppressed_by("c"), "absent");
  EXPECT_THAT(actions[0].message, HasSubstr(R"("OldStateValue":"OK")"));
}

TEST_F(Suppressed, actions_do_not_run_while_the_suppressor_is_in_alarm) {
  set("a", "ALARM");
  run_for(seconds(60));
  set("s", "ALARM");
  EXPECT_EQ(suppressed_by("c"), "Alarm");
  run_for(seconds(1000));
  EXPECT_EQ(told(), "");
  set("s", "OK");
  EXPECT_EQ(suppressed_by("c"), "ExtensionPeriod");
  run_for(seconds(179));
  EXPECT_EQ(told(), "");
  run_for(seconds(1));
  EXPECT_EQ(told(), "alarm ");
}

TEST_F(Suppressed, actions_are_those_of_the_state_at_the_end) {
  set("a", "ALARM");
  run_for(seconds(60));
  set("a", "OK");
  run_for(seconds(119));
  EXPECT_EQ(told(), "");
  run_for(seconds(1));
  EXPECT_EQ(told(), "ok ");
}

TEST_F(Suppressed, a_change_in_the_extension_begins_to_wait) {
  set("s", "ALARM");
  set("a", "ALARM");
  EXPECT_EQ(suppressed_by("c"), "Alarm");
  set("s", "OK");
  run_for(seconds(60));
  set("a", "OK");
  EXPECT_EQ(suppressed_by("c"), "WaitPeriod");
  run_for(seconds(120));
  EXPECT_EQ(told(), "ok ");
}

TEST_F(Suppressed, nothing_runs_again_where_nothing_was_held_back) {
  set("s", "ALARM");
  EXPECT_EQ(suppressed_by("c"), "Alarm");
  set("s", "OK");
  run_for(seconds(400));
  EXPECT_EQ(told(), "");
}

TEST_F(Suppressed, actions_wait_across_a_restart) {
  set("a", "ALARM");
  kill_and_restart();
  run_for(seconds(120));
  EXPECT_EQ(told(), "alarm ");
}

TEST_F(Suppressed, actions_run_without_a_suppressor) {
  set("s", "ALARM");
  set("a", "ALARM");
  put("c", "ALARM(a)", R"(,"AlarmActions":["alarm"])");
  EXPECT_EQ(told(), "alarm ");
  EXPECT_EQ(suppressed_by("c"), "absent");
}

TEST_F(Suppressed, a_suppressor_that_is_gone_suppresses_nothing) {
  set("s", "ALARM");
  set("a", "ALARM");
  call_well("DeleteAlarms", R"({"AlarmNames":["s"]})");
  EXPECT_EQ(suppressed_by("c"), "ExtensionPeriod");
  run_for(seconds(180));
  EXPECT_EQ(told(), "alarm ");
}

}  // namespace matinee::cloudwatch
