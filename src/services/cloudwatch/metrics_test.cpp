#include <gmock/gmock.h>

#include "services/cloudwatch/numbers.h"
#include "services/cloudwatch/service_fixture.h"

namespace matinee::cloudwatch {

using std::chrono::hours;
using testing::HasSubstr;
using testing::StartsWith;

class Metrics : public CloudWatchTest {
 protected:
  /// The beginning of the minute, some minutes ago.
  std::int64_t minutes_ago(std::int64_t minutes) { return next_minute() - 60 * (minutes + 1); }
  std::string put_datum(std::string_view members) {
    return call(
        "PutMetricData",
        fmt::format(R"({{"Namespace":"N","MetricData":[{{"MetricName":"m",{}}}]}})", members));
  }
  std::string statistics(std::string_view more, std::int64_t from, std::int64_t to) {
    return call(
        "GetMetricStatistics",
        fmt::format(R"({{"Namespace":"N","MetricName":"m","StartTime":{},"EndTime":{},{}}})", from,
                    to, more));
  }
};

TEST_F(Metrics, values_and_sets_of_one_period_are_put_together) {
  const std::int64_t time = minutes_ago(2);
  put(11, time + 5);
  EXPECT_EQ(put_datum(fmt::format(R"("Timestamp":{},"StatisticValues":{{"SampleCount":10,"Sum":55,)"
                                  R"("Minimum":1,"Maximum":10}})",
                                  time + 40)),
            "");
  EXPECT_EQ(values("Sum", 60, time, time + 60), "[66.0]");
  EXPECT_EQ(values("SampleCount", 60, time, time + 60), "[11.0]");
  EXPECT_EQ(values("Minimum", 60, time, time + 60), "[1.0]");
  EXPECT_EQ(values("Maximum", 60, time, time + 60), "[11.0]");
  EXPECT_EQ(values("Average", 60, time, time + 60), "[6.0]");
  EXPECT_EQ(values("p50", 60, time, time + 60), "[]") << "a set does not tell it";
}

TEST_F(Metrics, of_another_period_are_other_points) {
  const std::int64_t time = minutes_ago(10);
  for (int i = 0; i < 4; ++i) put(i, time + 60 * i);
  EXPECT_EQ(values("Sum", 60, time, time + 240), "[0.0,1.0,2.0,3.0]");
  EXPECT_EQ(values("Sum", 60, time + 60, time + 180), "[1.0,2.0]");
  EXPECT_EQ(values("SampleCount", 3600, time - 3600, time + 3600), "[4.0]");
}

TEST_F(Metrics, of_high_resolution_keep_their_seconds_for_three_hours) {
  const std::int64_t time = minutes_ago(1);
  for (const int second : {3, 4, 17}) put(1, time + second, R"(,"StorageResolution":1)");
  EXPECT_EQ(values("Sum", 1, time, time + 60), "[1.0,1.0,1.0]");
  EXPECT_EQ(values("Sum", 10, time, time + 60), "[2.0,1.0]");
  EXPECT_EQ(values("Sum", 60, time, time + 60), "[3.0]");
  run_for(hours(5));
  EXPECT_EQ(values("Sum", 1, time, time + 60), "[3.0]") << "the minute that is left";
  EXPECT_EQ(values("Sum", 60, time, time + 60), "[3.0]");
}

TEST_F(Metrics, grow_coarser_and_at_last_are_gone) {
  const std::int64_t time = minutes_ago(0) / 3600 * 3600 - 3600;
  for (int i = 0; i < 30; ++i) put(1, time + 60 * i);
  run_for(hours(24 * 17));
  EXPECT_EQ(values("Sum", 60, time, time + 3600), "[]");
  EXPECT_EQ(values("Sum", 300, time, time + 3600), "[5.0,5.0,5.0,5.0,5.0,5.0]");
  kill_and_restart();
  run_for(hours(24 * 60));
  EXPECT_EQ(values("Sum", 300, time, time + 3600), "[]");
  EXPECT_EQ(values("Sum", 3600, time, time + 3600), "[30.0]");
  run_for(hours(24 * 460));
  EXPECT_EQ(values("Sum", 3600, time, time + 3600), "[]");
}

TEST_F(Metrics, survive_a_restart) {
  const std::int64_t time = minutes_ago(1);
  put(5, time);
  kill_and_restart();
  EXPECT_EQ(values("Sum", 60, time, time + 60), "[5.0]");
}

TEST_F(Metrics, with_other_dimensions_are_others) {
  const std::int64_t time = minutes_ago(1);
  put(5, time, R"(,"Dimensions":[{"Name":"b","Value":"2"},{"Name":"a","Value":"1"}])");
  put(6, time, R"(,"Dimensions":[{"Name":"a","Value":"1"},{"Name":"b","Value":"2"}])");
  EXPECT_EQ(values("Sum", 60, time, time + 60), "[]");
  EXPECT_THAT(
      statistics(R"("Period":60,"Statistics":["Sum"],"Dimensions":[{"Name":"a","Value":"1"},)"
                 R"({"Name":"b","Value":"2"}])",
                 time, time + 60),
      HasSubstr("\"Sum\":11"));
}

TEST_F(Metrics, have_a_point_for_each_unit) {
  const std::int64_t time = minutes_ago(1);
  put(1, time, R"(,"Unit":"Seconds")");
  put(2, time, R"(,"Unit":"Count")");
  put(3, time);
  const std::string all = statistics(R"("Period":60,"Statistics":["Sum"])", time, time + 60);
  EXPECT_THAT(all, HasSubstr("\"Sum\":1.0,\"Unit\":\"Seconds\""));
  EXPECT_THAT(all, HasSubstr("\"Sum\":3.0,\"Unit\":\"None\""));
  EXPECT_EQ(
      statistics(R"("Period":60,"Statistics":["Sum"],"Unit":"Count")", time, time + 60),
      fmt::format(R"({{"Label":"m","Datapoints":[{{"Timestamp":{},"Sum":2.0,"Unit":"Count"}}]}})",
                  time));
}

TEST_F(Metrics, tell_percentiles_and_trimmed_statistics) {
  const std::int64_t time = minutes_ago(1);
  EXPECT_EQ(put_datum(fmt::format(R"("Timestamp":{},"Values":[1,2,3,4,5,6,7,8,9,100],)"
                                  R"("Counts":[1,1,1,1,1,1,1,1,1,1])",
                                  time)),
            "");
  const auto value = [&](std::string_view stat) { return values(stat, 60, time, time + 60); };
  EXPECT_EQ(value("p90"), "[9.0]");
  EXPECT_EQ(value("p100"), "[100.0]");
  EXPECT_EQ(value("tm90"), "[5.0]");
  EXPECT_EQ(value("TM(10%:90%)"), "[5.5]");
  EXPECT_EQ(value("IQM"), "[5.5]");
  EXPECT_EQ(value("TC(2:4)"), "[2.0]");
  EXPECT_EQ(value("TS(2:4)"), "[7.0]");
  EXPECT_EQ(value("PR(:5)"), "[50.0]");
  EXPECT_EQ(value("wm90"), "[5.4]");
  EXPECT_THAT(value("p101"), StartsWith("ValidationError"));
  EXPECT_THAT(value("PR(5)"), StartsWith("ValidationError"));
}

TEST_F(Metrics, of_many_values_are_sketched_within_some_percent) {
  const std::int64_t time = minutes_ago(1);
  for (int i = 0; i < 1000; i += 100) {
    std::string list;
    for (int j = 1; j <= 100; ++j) list += fmt::format("{}{}", j == 1 ? "" : ",", i + j);
    EXPECT_EQ(put_datum(fmt::format(R"("Timestamp":{},"Values":[{}])", time, list)), "");
  }
  EXPECT_EQ(values("SampleCount", 60, time, time + 60), "[1000.0]");
  const std::string median = values("p50", 60, time, time + 60);
  EXPECT_NEAR(std::stod(median.substr(1)), 500, 30);
}

TEST_F(Metrics, are_refused_with_what_is_wrong_with_them) {
  EXPECT_EQ(put_datum(R"("Value":"NaN")"),
            "InvalidParameterValue: The value NaN for parameter MetricData.member.1.Value is "
            "invalid.");
  EXPECT_THAT(put_datum(R"("Value":1e300)"), StartsWith("InvalidParameterValue"));
  EXPECT_EQ(put_datum(R"("Value":1,"Values":[1])"),
            "InvalidParameterCombination: The parameters MetricData.member.1.Value and "
            "MetricData.member.1.Values are mutually exclusive and you have specified both.");
  EXPECT_EQ(put_datum(R"("Values":[1,2],"Counts":[1])"),
            "InvalidParameterValue: The parameters MetricData.member.1.Values and "
            "MetricData.member.1.Counts must be of the same size.");
  EXPECT_THAT(put_datum("\"Unit\":\"Count\""), StartsWith("MissingParameter"));
  EXPECT_THAT(put_datum(fmt::format(R"("Value":1,"Timestamp":{})", now() - 15 * 86400)),
              StartsWith("InvalidParameterValue"));
  EXPECT_THAT(put_datum(fmt::format(R"("Value":1,"Timestamp":{})", now() + 3 * 3600)),
              StartsWith("InvalidParameterValue"));
  EXPECT_EQ(call("PutMetricData", R"({"Namespace":"AWS/X","MetricData":[{"MetricName":"m"}]})"),
            "InvalidParameterValue: The value AWS/X for parameter Namespace is invalid.");
}

TEST_F(Metrics, that_break_rules_of_the_model_are_told_in_older_words) {
  EXPECT_EQ(
      put_datum(R"("Value":1,"Unit":"Miles")").substr(0, 97),
      "InvalidParameterValue: The parameter MetricData.member.1.Unit must be a value in the set "
      "[Seconds");
  EXPECT_EQ(
      put_datum(R"("Value":1,"Dimensions":[{"Name":"a","Value":"1"},{"Name":"b","Value":""}])"),
      "MissingParameter: The parameter MetricData.member.1.Dimensions.member.2.Value is "
      "required.");
  EXPECT_EQ(call("PutMetricData", R"({"MetricData":[{"MetricName":"m","Value":1}]})"),
            "MissingParameter: The parameter Namespace is required.");
  EXPECT_EQ(
      put_datum(fmt::format(R"("Value":1,"Dimensions":[{{"Name":"{}","Value":"1"}}])",
                            std::string(256, 'x'))),
      "InvalidParameterValue: The parameter MetricData.member.1.Dimensions.member.1.Name must "
      "be shorter than 256 characters.");
  EXPECT_EQ(
      statistics(R"("Period":60,"Statistics":["p90"])", now() - 60, now()),
      "InvalidParameterValue: The parameter Statistics.member.1.<list element> must be a value "
      "in the set [SampleCount, Average, Sum, Minimum, Maximum].");
  EXPECT_EQ(call("ListMetrics", R"({"Namespace":":x"})"),
            "InvalidParameterValue: The value :x for parameter Namespace is invalid.");
}

TEST_F(Metrics, too_many_points_are_counted) {
  const std::string_view sum = R"("Period":1,"Statistics":["Sum"])";
  EXPECT_EQ(statistics(sum, now() - 86400, now()),
            "InvalidParameterCombination: You have requested up to 86400 datapoints, which exceeds "
            "the limit of 1440. You may reduce the datapoints requested by increasing Period, or "
            "decreasing the time range.");
  EXPECT_EQ(statistics(sum, now(), now()),
            "InvalidParameterValue: The parameter StartTime must be less than the parameter "
            "EndTime.");
  EXPECT_EQ(statistics(R"("Period":60,"Statistics":["Sum"])", now() - 86400, now()),
            R"({"Label":"m","Datapoints":[]})");
}

TEST_F(Metrics, are_listed_once_page_by_page) {
  std::string data;
  for (int i = 0; i < 600; ++i)
    data += fmt::format(
        R"({}{{"MetricName":"m{}","Value":1,"Dimensions":[{{"Name":"d","Value":"{}"}}]}})",
        i == 0 ? "" : ",", i, i % 2);
  for (int i = 0; i < 2; ++i)
    call_well("PutMetricData", fmt::format(R"({{"Namespace":"N","MetricData":[{}]}})", data));
  const auto count = [](const std::string& reply) {
    std::size_t found = 0;
    for (std::size_t at = reply.find("MetricName"); at != std::string::npos;
         at = reply.find("MetricName", at + 1))
      ++found;
    return found;
  };
  const std::string first = call("ListMetrics", "{}");
  EXPECT_EQ(count(first), 500U);
  constexpr std::string_view mark = "\"NextToken\":\"";
  const std::size_t start = first.find(mark) + mark.size();
  const std::string token = first.substr(start, first.find('"', start) - start);
  EXPECT_EQ(count(call("ListMetrics", fmt::format(R"({{"NextToken":"{}"}})", token))), 100U);
  EXPECT_EQ(count(call("ListMetrics", R"({"Dimensions":[{"Name":"d","Value":"1"}]})")), 300U);
  EXPECT_EQ(count(call("ListMetrics", R"({"MetricName":"m7"})")), 1U);
  EXPECT_EQ(call("ListMetrics", R"({"Namespace":"Other"})"), R"({"Metrics":[]})");
  run_for(hours(24 * 15));
  EXPECT_EQ(call("ListMetrics", "{}"), R"({"Metrics":[]})");
}

TEST_F(Metrics, results_are_labelled_by_what_tells_them_apart) {
  const auto labels = [&](std::initializer_list<std::pair<int, std::string_view>> queries) {
    std::string list;
    for (const auto& [period, stat] : queries)
      list += fmt::format(
          R"({}{{"Id":"q{}","MetricStat":{{"Metric":{{"Namespace":"N","MetricName":"m"}},)"
          R"("Period":{},"Stat":"{}"}}}})",
          list.empty() ? "" : ",", list.size(), period, stat);
    const std::string reply = call(
        "GetMetricData", fmt::format(R"({{"StartTime":{},"EndTime":{},"MetricDataQueries":[{}]}})",
                                     now() - 60, now(), list));
    std::string found;
    constexpr std::string_view mark = "\"Label\":\"";
    for (std::size_t at = reply.find(mark); at != std::string::npos; at = reply.find(mark, at + 1))
      found +=
          reply.substr(at + mark.size(), reply.find('"', at + mark.size()) - at - mark.size()) +
          "|";
    return found;
  };
  EXPECT_EQ(labels({{60, "Sum"}, {60, "Sum"}}), "m|m|");
  EXPECT_EQ(labels({{60, "Sum"}, {60, "Minimum"}}), "m Sum|m Minimum|");
  EXPECT_EQ(labels({{60, "Sum"}, {30, "Sum"}}), "m 60|m 30|");
  EXPECT_EQ(labels({{60, "Sum"}, {30, "Minimum"}}), "m Sum 60|m Minimum 30|");
}

TEST_F(Metrics, data_come_newest_first_and_in_pages) {
  const std::int64_t time = minutes_ago(5);
  for (int i = 0; i < 3; ++i) put(i, time + 60 * i);
  const auto page = [&](std::string_view more) {
    return call(
        "GetMetricData",
        fmt::format(R"({{"StartTime":{},"EndTime":{},"MaxDatapoints":2,{}"MetricDataQueries":[{{)"
                    R"("Id":"a","Label":"${{PROP('Stat')}} ${{MAX}}","MetricStat":{{"Metric":)"
                    R"({{"Namespace":"N","MetricName":"m"}},"Period":60,"Stat":"Sum"}}}}]}})",
                    time, time + 180, more));
  };
  const std::string first = page("");
  EXPECT_THAT(first, HasSubstr("\"Values\":[2.0,1.0],\"StatusCode\":\"PartialData\""));
  EXPECT_THAT(first, HasSubstr("\"Label\":\"Sum 2\""));
  constexpr std::string_view mark = "\"NextToken\":\"";
  const std::size_t start = first.find(mark) + mark.size();
  const std::string token = first.substr(start, first.find('"', start) - start);
  const std::string last = page(fmt::format(R"("NextToken":"{}",)", token));
  EXPECT_THAT(last, HasSubstr("\"Values\":[0.0],\"StatusCode\":\"Complete\""));
  EXPECT_THAT(last, testing::Not(HasSubstr("NextToken")));
  EXPECT_THAT(page(R"("NextToken":"x",)"), StartsWith("InvalidNextToken"));
}

TEST_F(Metrics, expressions_are_not_served) {
  EXPECT_THAT(call("GetMetricData", R"({"StartTime":1,"EndTime":2,"MetricDataQueries":[{"Id":"a",)"
                                    R"("Expression":"1+1"}]})"),
              StartsWith("NotImplemented"));
}

TEST_F(Metrics, of_an_account_are_reset_alone) {
  const std::int64_t time = minutes_ago(1);
  put(1, time);
  context.account = "111111111111";
  put(2, time);
  {
    storage::Transaction transaction(*store);
    service->reset({.account = "111111111111"});
    transaction.commit();
  }
  EXPECT_EQ(values("Sum", 60, time, time + 60), "[]");
  context.account = "000000000000";
  EXPECT_EQ(values("Sum", 60, time, time + 60), "[1.0]");
}

TEST(Numbers, are_written_as_aws_does) {
  EXPECT_EQ(format_number(21), "21.0");
  EXPECT_EQ(format_number(-0.5), "-0.5");
  EXPECT_EQ(format_number(0), "0.0");
  EXPECT_EQ(format_number(1e10), "1.0E10");
  EXPECT_EQ(format_number(1.25e-5), "1.25E-5");
  const runtime::Time time{std::chrono::milliseconds(1763145626838)};
  EXPECT_EQ(format_long_time(time), "2025-11-14T18:40:26.838+0000");
  EXPECT_EQ(format_short_time(time), "14/11/25 18:40:26");
}

}  // namespace matinee::cloudwatch
