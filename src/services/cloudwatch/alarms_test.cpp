#include <gmock/gmock.h>

#include "services/cloudwatch/service_fixture.h"

namespace matinee::cloudwatch {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class Alarms : public CloudWatchTest {
 protected:
  void put_alarm(std::string_view more = "", int periods = 1, std::string_view name = "a") {
    call_well(
        "PutMetricAlarm",
        fmt::format(R"({{"AlarmName":"{}","Namespace":"N","MetricName":"m","Statistic":"Average",)"
                    R"("Period":60,"EvaluationPeriods":{},"Threshold":21,)"
                    R"("ComparisonOperator":"GreaterThanThreshold"{}}})",
                    name, periods, more));
  }
  std::string describe(std::string_view request = "{}") { return call("DescribeAlarms", request); }
  std::string member(std::string_view name) {
    const std::string reply = describe();
    const std::string mark = fmt::format("\"{}\":\"", name);
    const std::size_t start = reply.find(mark);
    if (start == std::string::npos) return "absent";
    std::size_t end = start + mark.size();
    while (reply[end] != '"' || reply[end - 1] == '\\') ++end;
    return reply.substr(start + mark.size(), end - start - mark.size());
  }
  /// Values of the last minutes, newest last; a dot is a minute without data.
  void put_minutes(std::string_view pattern) {
    const auto count = static_cast<std::int64_t>(pattern.size());
    const std::int64_t first = next_minute() - 60 * count;
    for (std::int64_t i = 0; i < count; ++i)
      if (pattern[static_cast<std::size_t>(i)] != '.')
        put(pattern[static_cast<std::size_t>(i)] == 'X' ? 30 : 10, first + 60 * i);
  }
};

TEST_F(Alarms, are_described_with_what_they_have_and_nothing_else) {
  put_alarm();
  const std::string reply = describe();
  EXPECT_THAT(reply, StartsWith(R"({"CompositeAlarms":[],"MetricAlarms":[{)"));
  EXPECT_THAT(reply,
              HasSubstr(R"("AlarmArn":"arn:aws:cloudwatch:us-east-1:000000000000:alarm:a")"));
  EXPECT_THAT(reply, HasSubstr(R"("StateReason":"Unchecked: Initial alarm creation")"));
  EXPECT_THAT(reply, HasSubstr(R"("StateValue":"INSUFFICIENT_DATA")"));
  EXPECT_THAT(reply, HasSubstr(R"("Dimensions":[])"));
  EXPECT_THAT(reply, HasSubstr(R"("LogAlarms":[])"));
  for (const std::string_view absent :
       {"AlarmDescription", "Unit", "TreatMissingData", "DatapointsToAlarm", "StateReasonData",
        "ExtendedStatistic", "EvaluateLowSampleCountPercentile", "\"Metrics\""})
    EXPECT_THAT(reply, Not(HasSubstr(absent)));
}

TEST_F(Alarms, go_off_by_the_clock_and_say_why) {
  put_alarm(R"(,"AlarmActions":["arn:aws:sns:us-east-1:000000000000:t"],"Unit":"Seconds")");
  const std::int64_t minute = next_minute() - 60;
  call_well("PutMetricData",
            fmt::format(R"({{"Namespace":"N","MetricData":[{{"MetricName":"m","Values":[21,22],)"
                        R"("Unit":"Seconds","Timestamp":{}}}]}})",
                        minute));
  run_for(minutes(1));
  EXPECT_EQ(member("StateValue"), "ALARM");
  EXPECT_EQ(member("StateReason"),
            "Threshold Crossed: 1 datapoint [21.5 (01/01/24 00:00:00)] was greater than the "
            "threshold (21.0).");
  EXPECT_EQ(member("StateReasonData"),
            R"({\"version\":\"1.0\",\"queryDate\":\"2024-01-01T00:01:00.000+0000\",)"
            R"(\"startDate\":\"2024-01-01T00:00:00.000+0000\",\"unit\":\"Seconds\",)"
            R"(\"statistic\":\"Average\",\"period\":60,\"recentDatapoints\":[21.5],)"
            R"(\"threshold\":21.0,\"evaluatedDatapoints\":[{\"timestamp\":)"
            R"(\"2024-01-01T00:00:00.000+0000\",\"sampleCount\":2.0,\"value\":21.5}]})");
  ASSERT_EQ(actions.size(), 1U);
  EXPECT_EQ(actions[0].target, "arn:aws:sns:us-east-1:000000000000:t");
  EXPECT_EQ(actions[0].subject, "ALARM: \"a\" in US East (N. Virginia)");
  EXPECT_THAT(actions[0].message, HasSubstr(R"("OldStateValue":"INSUFFICIENT_DATA")"));
  EXPECT_THAT(actions[0].message, HasSubstr(R"("Statistic":"AVERAGE","Unit":"Seconds")"));
  EXPECT_THAT(actions[0].event, HasSubstr(R"("source":"aws.cloudwatch")"));
  const std::string history = call("DescribeAlarmHistory", R"({"HistoryItemType":"StateUpdate"})");
  EXPECT_THAT(history, HasSubstr("Alarm updated from INSUFFICIENT_DATA to ALARM"));
  EXPECT_THAT(history, HasSubstr(R"(\"stateReasonData\":{\"version\":\"1.0\")"));
}

TEST_F(Alarms, without_data_for_long_do_not_know_any_more) {
  put_alarm();
  put(30, next_minute() - 60);
  run_for(minutes(1));
  EXPECT_EQ(member("StateValue"), "ALARM");
  run_for(minutes(5));
  EXPECT_EQ(member("StateValue"), "INSUFFICIENT_DATA");
  EXPECT_EQ(member("StateReason"), "Insufficient Data: 1 datapoint was unknown.");
}

TEST_F(Alarms, treat_missing_data_as_they_are_told) {
  put_alarm(R"(,"TreatMissingData":"breaching")", 2);
  run_for(minutes(1));
  EXPECT_EQ(member("StateReason"),
            "Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints "
            "were treated as [Breaching].");
  EXPECT_THAT(member("StateReasonData"),
              HasSubstr(R"(\"recentDatapoints\":[],\"threshold\":21.0,\"evaluatedDatapoints\":)"
                        R"([{\"timestamp\":\"2024-01-01T00:00:00.000+0000\"},)"
                        R"({\"timestamp\":\"2023-12-31T23:59:00.000+0000\"}])"));
}

/// The tables of "Configuring how CloudWatch alarms treat missing data", the state before being OK
/// where an alarm retains it.
struct Gaps {
  std::string_view points;
  int to_alarm;
  std::string_view missing, ignore, breaching, not_breaching;
};

class AlarmsWithGaps : public Alarms, public testing::WithParamInterface<Gaps> {};

TEST_P(AlarmsWithGaps, are_in_the_state_that_aws_documents) {
  const Gaps& row = GetParam();
  const std::pair<std::string_view, std::string_view> treatments[] = {
      {"missing", row.missing},
      {"ignore", row.ignore},
      {"breaching", row.breaching},
      {"notBreaching", row.not_breaching}};
  for (const auto& [treatment, expected] : treatments) {
    context.account = fmt::format("{:012}", treatment.size());
    put_minutes(row.points);
    put_alarm(
        fmt::format(R"(,"TreatMissingData":"{}","DatapointsToAlarm":{})", treatment, row.to_alarm),
        3);
    call_well("SetAlarmState", R"({"AlarmName":"a","StateValue":"OK","StateReason":"r"})");
  }
  run_for(minutes(1));
  for (const auto& [treatment, expected] : treatments) {
    context.account = fmt::format("{:012}", treatment.size());
    EXPECT_EQ(member("StateValue"), expected) << row.points << " " << treatment;
  }
}

INSTANTIATE_TEST_SUITE_P(Documented, AlarmsWithGaps,
                         testing::Values(Gaps{"0.X.X", 3, "OK", "OK", "OK", "OK"},
                                         Gaps{"....0", 3, "OK", "OK", "OK", "OK"},
                                         Gaps{".....", 3, "INSUFFICIENT_DATA", "OK", "ALARM", "OK"},
                                         Gaps{"0XX.X", 3, "ALARM", "ALARM", "ALARM", "ALARM"},
                                         Gaps{"..X..", 3, "ALARM", "OK", "ALARM", "OK"},
                                         Gaps{"0.X.X", 2, "ALARM", "ALARM", "ALARM", "ALARM"},
                                         Gaps{"00X0X", 2, "ALARM", "ALARM", "ALARM", "ALARM"},
                                         Gaps{"0.X..", 2, "OK", "OK", "ALARM", "OK"},
                                         Gaps{"....0", 2, "OK", "OK", "ALARM", "OK"},
                                         Gaps{"...X.", 2, "ALARM", "OK", "ALARM", "OK"}));

TEST_F(Alarms, with_datapoints_to_alarm_say_how_many_of_how_many) {
  put_alarm(R"(,"DatapointsToAlarm":1)", 2);
  put_minutes("0X");
  run_for(minutes(1));
  EXPECT_EQ(member("StateReason"),
            "Threshold Crossed: 1 out of the last 2 datapoints [30.0 (01/01/24 00:00:00)] was "
            "greater than the threshold (21.0) (minimum 1 datapoint for OK -> ALARM transition).");
  run_for(minutes(2));
  put_minutes("00");
  run_for(minutes(1));
  EXPECT_EQ(member("StateReason"),
            "Threshold Crossed: 2 out of the last 2 datapoints [10.0 (01/01/24 00:03:00), 10.0 "
            "(01/01/24 00:02:00)] were not greater than the threshold (21.0) (minimum 2 datapoints "
            "for ALARM -> OK transition).");
}

TEST_F(Alarms, of_short_periods_are_looked_at_each_ten_seconds) {
  call_well(
      "PutMetricAlarm",
      R"({"AlarmName":"a","Namespace":"N","MetricName":"m","Statistic":"Sum","Period":10,)"
      R"("EvaluationPeriods":1,"Threshold":1,"ComparisonOperator":"LessThanOrEqualToThreshold"})");
  put(1, now());
  run_for(seconds(10));
  EXPECT_EQ(member("StateValue"), "ALARM");
}

TEST_F(Alarms, are_watched_after_a_restart_too) {
  put_alarm();
  kill_and_restart();
  put(30, next_minute() - 60);
  run_for(minutes(1));
  EXPECT_EQ(member("StateValue"), "ALARM");
}

TEST_F(Alarms, set_by_hand_keep_the_words_of_who_did) {
  put_alarm(R"(,"OKActions":["x"])");
  call_well("SetAlarmState", R"({"AlarmName":"a","StateValue":"OK","StateReason":"because"})");
  EXPECT_EQ(member("StateReason"), "because");
  EXPECT_EQ(member("StateReasonData"), "absent");
  EXPECT_EQ(actions.size(), 1U);
  call_well("SetAlarmState", R"({"AlarmName":"a","StateValue":"OK","StateReason":"again"})");
  EXPECT_EQ(actions.size(), 1U) << "nothing has changed";
  EXPECT_EQ(call("SetAlarmState", R"({"AlarmName":"b","StateValue":"OK","StateReason":"r"})"),
            "ResourceNotFound: ");
  EXPECT_EQ(call("SetAlarmState", R"({"AlarmName":"b","StateValue":"INVALID","StateReason":"r"})"),
            "ValidationError: 1 validation error detected: Value 'INVALID' at 'stateValue' failed "
            "to satisfy constraint: Member must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, "
            "OK]");
  EXPECT_THAT(call("SetAlarmState", R"({"AlarmName":"a","StateValue":"OK","StateReason":"r",)"
                                    R"("StateReasonData":"{"})"),
              StartsWith("InvalidFormat: "));
}

TEST_F(Alarms, with_actions_disabled_tell_nobody) {
  put_alarm(R"(,"AlarmActions":["x"])");
  call_well("DisableAlarmActions", R"({"AlarmNames":["a","missing"]})");
  call_well("SetAlarmState", R"({"AlarmName":"a","StateValue":"ALARM","StateReason":"r"})");
  EXPECT_EQ(member("StateValue"), "ALARM");
  EXPECT_TRUE(actions.empty());
  call_well("EnableAlarmActions", R"({"AlarmNames":["a"]})");
  EXPECT_THAT(describe(), HasSubstr("\"ActionsEnabled\":true"));
}

TEST_F(Alarms, are_deleted_all_or_none) {
  put_alarm();
  EXPECT_THAT(call("DeleteAlarms", R"({"AlarmNames":["a","b"]})"), StartsWith("ResourceNotFound"));
  EXPECT_THAT(describe(), HasSubstr("\"AlarmName\":\"a\""));
  call_well("DeleteAlarms", R"({"AlarmNames":["a"]})");
  EXPECT_EQ(describe(), R"({"CompositeAlarms":[],"MetricAlarms":[],"LogAlarms":[]})");
}

TEST_F(Alarms, are_found_by_name_prefix_state_and_action) {
  put_alarm(R"(,"AlarmActions":["arn:x"])", 1, "one");
  put_alarm("", 1, "on");
  put_alarm("", 1, "two:2");
  EXPECT_THAT(describe(R"({"AlarmNamePrefix":"on"})"), Not(HasSubstr("\"two:2\"")));
  EXPECT_THAT(describe(R"({"AlarmNamePrefix":"on"})"), HasSubstr("\"one\""));
  EXPECT_THAT(describe(R"({"ActionPrefix":"arn:"})"), Not(HasSubstr("\"on\"")));
  EXPECT_THAT(describe(R"({"StateValue":"OK"})"), HasSubstr("\"MetricAlarms\":[]"));
  EXPECT_THAT(describe(R"({"AlarmTypes":["CompositeAlarm"]})"), HasSubstr("\"MetricAlarms\":[]"));
  const std::string page = describe(R"({"MaxRecords":2})");
  EXPECT_THAT(page, Not(HasSubstr("\"two:2\"")));
  constexpr std::string_view mark = "\"NextToken\":\"";
  const std::size_t start = page.find(mark) + mark.size();
  const std::string token = page.substr(start, page.find('"', start) - start);
  const std::string rest = describe(fmt::format(R"({{"NextToken":"{}"}})", token));
  EXPECT_THAT(rest, HasSubstr("\"two:2\""));
  EXPECT_THAT(rest, Not(HasSubstr("\"one\"")));
  EXPECT_THAT(describe(R"({"NextToken":"x"})"), StartsWith("InvalidNextToken"));
  EXPECT_THAT(call("DescribeAlarmsForMetric", R"({"Namespace":"N","MetricName":"m"})"),
              HasSubstr("\"two:2\""));
  EXPECT_THAT(call("DescribeAlarmsForMetric",
                   R"({"Namespace":"N","MetricName":"m","Dimensions":[{"Name":"x","Value":"y"}]})"),
              HasSubstr("\"MetricAlarms\":[]"));
}

TEST_F(Alarms, history_is_told_newest_first_in_pages) {
  put_alarm();
  run_for(seconds(1));
  call_well("SetAlarmState", R"({"AlarmName":"a","StateValue":"OK","StateReason":"r"})");
  const auto history = [&](std::string_view request) {
    return call("DescribeAlarmHistory", request);
  };
  const std::string first = history(R"({"AlarmName":"a","MaxRecords":1})");
  EXPECT_THAT(first, HasSubstr("from INSUFFICIENT_DATA to OK"));
  constexpr std::string_view mark = "\"NextToken\":\"";
  const std::size_t start = first.find(mark) + mark.size();
  const std::string token = first.substr(start, first.find('"', start) - start);
  const std::string second =
      history(fmt::format(R"({{"AlarmName":"a","MaxRecords":1,"NextToken":"{}"}})", token));
  EXPECT_THAT(second, HasSubstr(R"(Alarm \"a\" created)"));
  EXPECT_THAT(second, Not(HasSubstr("NextToken")));
  EXPECT_THAT(history(R"({"ScanBy":"TimestampAscending","MaxRecords":1})"),
              HasSubstr(R"(Alarm \"a\" created)"));
  EXPECT_EQ(history(R"({"AlarmName":"b"})"), R"({"AlarmHistoryItems":[]})");
  call_well("DeleteAlarms", R"({"AlarmNames":["a"]})");
  run_for(std::chrono::hours(24 * 31));
  EXPECT_THAT(history("{}"), Not(HasSubstr("created")));
}

TEST_F(Alarms, have_tags_that_come_and_go) {
  put_alarm(R"(,"Tags":[{"Key":"k","Value":"v"}])");
  const std::string arn = R"({"ResourceARN":"arn:aws:cloudwatch:us-east-1:000000000000:alarm:a")";
  EXPECT_EQ(call("ListTagsForResource", arn + "}"), R"({"Tags":[{"Key":"k","Value":"v"}]})");
  EXPECT_EQ(call("TagResource", arn + R"(,"Tags":[{"Key":"l","Value":""}]})"), "");
  EXPECT_EQ(call("UntagResource", arn + R"(,"TagKeys":["k"]})"), "");
  EXPECT_EQ(call("ListTagsForResource", arn + "}"), R"({"Tags":[{"Key":"l","Value":""}]})");
  EXPECT_THAT(call("ListTagsForResource",
                   R"({"ResourceARN":"arn:aws:cloudwatch:us-east-1:000000000000:alarm:b"})"),
              StartsWith("ResourceNotFoundException"));
}

TEST_F(Alarms, keep_what_is_said_of_their_actions) {
  put_alarm(R"(,"ActionConfiguration":{"AlarmTagsPropagation":{"Enabled":true,)"
            R"("IncludedTagKeys":["team"]}},"EvaluationWindow":{"SlidingWindow":{}})");
  EXPECT_THAT(describe(),
              HasSubstr(R"("ActionConfiguration":{"AlarmTagsPropagation":{"Enabled":true,)"
                        R"("IncludedTagKeys":["team"]}})"));
  EXPECT_THAT(describe(), HasSubstr(R"("EvaluationWindow":{"SlidingWindow":{}})"));
  EXPECT_THAT(describe(), HasSubstr(R"("Threshold":21.0)"));
  put_alarm(R"(,"ActionConfiguration":{})");
  EXPECT_THAT(describe(), HasSubstr(R"("ActionConfiguration":{})"));
  EXPECT_THAT(describe(), Not(HasSubstr("EvaluationWindow")));
  put_alarm();
  EXPECT_THAT(describe(), Not(HasSubstr("ActionConfiguration")));
}

TEST_F(Alarms, that_compute_are_not_served) {
  EXPECT_THAT(
      call("PutMetricAlarm", R"({"AlarmName":"a","EvaluationPeriods":1,"ComparisonOperator":)"
                             R"("GreaterThanThreshold","Metrics":[{"Id":"a"}]})"),
      StartsWith("NotImplemented"));
}

TEST_F(Alarms, with_what_is_not_served_say_so) {
  for (const std::string_view more :
       {R"("EvaluationWindow":{"WallClockWindow":{}})", R"("ThresholdMetricId":"a")",
        R"("WarmUpConfiguration":{"WarmUpPeriodDurationInMinutes":5})",
        R"("EvaluationInterval":60)"})
    EXPECT_THAT(
        call("PutMetricAlarm",
             fmt::format(R"({{"AlarmName":"a","Namespace":"N","MetricName":"m","Statistic":"Sum",)"
                         R"("Period":60,"EvaluationPeriods":1,"Threshold":1,)"
                         R"("ComparisonOperator":"LessThanThreshold",{}}})",
                         more)),
        StartsWith("NotImplemented"))
        << more;
}

TEST_F(Alarms, that_are_incomplete_are_refused) {
  EXPECT_THAT(call("PutMetricAlarm", R"({"AlarmName":"a"})"), StartsWith("ValidationError"));
  EXPECT_THAT(call("PutMetricAlarm",
                   R"({"AlarmName":"a","Namespace":"N","MetricName":"m","Statistic":"Sum",)"
                   R"("Period":45,"EvaluationPeriods":1,"Threshold":1,)"
                   R"("ComparisonOperator":"LessThanThreshold"})"),
              HasSubstr("Period must be 10, 20, 30 or a multiple of 60"));
}

}  // namespace matinee::cloudwatch
