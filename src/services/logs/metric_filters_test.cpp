#include "logs/operations.h"
#include "protocol/violation.h"
#include "services/logs/service_fixture.h"

namespace matinee::logs {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

class MetricFiltersTest : public LogsTest {
 protected:
  void put_filter(const std::string& name, const std::string& pattern,
                  MetricTransformation transformation) {
    if (transformation.metric_name.empty()) transformation.metric_name = "M";
    if (transformation.metric_namespace.empty()) transformation.metric_namespace = "N";
    call(&Service::put_metric_filter,
         PutMetricFilterRequest{.log_group_name = "g",
                                .filter_name = name,
                                .filter_pattern = pattern,
                                .metric_transformations = {std::move(transformation)}});
  }
  std::vector<MetricFilter> describe(const DescribeMetricFiltersRequest& request) {
    return *call(&Service::describe_metric_filters, request).metric_filters;
  }
  std::vector<double> values() const {
    std::vector<double> out;
    for (const services::MetricValue& value : metrics.values) out.push_back(value.value);
    return out;
  }
};

TEST_F(MetricFiltersTest, each_fitting_event_adds_the_value) {
  create_group("g");
  create_stream("g", "s");
  put_filter("f", "ERROR", {.metric_value = "2", .unit = "Count"});
  put("g", "s", {{now(), "ERROR a"}, {now(), "fine"}, {now(), "ERROR b"}});
  EXPECT_THAT(values(), ElementsAre(2, 2));
  const services::MetricValue& value = metrics.values.front();
  EXPECT_EQ(value.name_space, "N");
  EXPECT_EQ(value.name, "M");
  EXPECT_EQ(value.unit, "Count");
  EXPECT_EQ(value.account, context.account);
  EXPECT_EQ(runtime::to_milliseconds(value.time), now());
}

TEST_F(MetricFiltersTest, a_default_is_for_what_does_not_fit) {
  create_group("g");
  create_stream("g", "s");
  put_filter("f", "ERROR", {.metric_value = "1", .default_value = 0});
  put("g", "s", {{now(), "ERROR a"}, {now(), "fine"}});
  EXPECT_THAT(values(), ElementsAre(1, 0));
}

TEST_F(MetricFiltersTest, values_and_dimensions_come_from_fields) {
  create_group("g");
  create_stream("g", "s");
  put_filter("json", "{ $.latency = * }",
             {.metric_value = "$.latency", .dimensions = {{{"Path", "$.path"}}}});
  put_filter("spaces", "[ip, ..., size]", {.metric_value = "$size"});
  put("g", "s",
      {{now(), R"({"latency": 12.5, "path": "/a"})"},
       {now(), R"({"latency": 3})"},
       {now(), "127.0.0.1 GET 200 1534"}});
  ASSERT_THAT(metrics.values, SizeIs(2));
  EXPECT_EQ(metrics.values[0].value, 12.5);
  EXPECT_THAT(metrics.values[0].dimensions, ElementsAre(Pair("Path", "/a")));
  EXPECT_EQ(metrics.values[1].value, 1534);
}

TEST_F(MetricFiltersTest, filters_are_described_replaced_and_removed) {
  create_group("g");
  put_filter("b", "ERROR", {.metric_value = "1", .default_value = 0});
  put_filter("a", "", {.metric_name = "Other", .metric_value = "1"});
  put_filter("b", "WARN", {.metric_value = "1"});
  auto filters = describe({.log_group_name = "g"});
  ASSERT_THAT(filters, SizeIs(2));
  EXPECT_EQ(filters[0].filter_name, "a");
  EXPECT_EQ(filters[1].filter_pattern, "WARN");
  EXPECT_EQ(filters[1].metric_transformations->front().default_value, std::nullopt);
  EXPECT_EQ(filters[1].metric_transformations->front().dimensions, std::nullopt);
  EXPECT_EQ(filters[1].apply_on_transformed_logs, false);
  EXPECT_THAT(describe({.filter_name_prefix = "a"}), SizeIs(1));
  EXPECT_THAT(describe({.metric_name = "Other", .metric_namespace = "N"}), SizeIs(1));
  const auto groups = call(&Service::describe_log_groups, DescribeLogGroupsRequest{});
  EXPECT_EQ(groups.log_groups->front().metric_filter_count, 2);
  const DeleteMetricFilterRequest remove{.log_group_name = "g", .filter_name = "a"};
  call(&Service::delete_metric_filter, remove);
  EXPECT_THAT(describe({}), SizeIs(1));
  EXPECT_EQ(error_of([&] { call(&Service::delete_metric_filter, remove); }),
            "ResourceNotFoundException: The specified metric filter does not exist.");
}

TEST_F(MetricFiltersTest, pages_go_over_all_groups) {
  for (const char* group : {"g", "h", "i"}) {
    create_group(group);
    for (const char* name : {"x", "y"})
      call(&Service::put_metric_filter,
           PutMetricFilterRequest{.log_group_name = group,
                                  .filter_name = name,
                                  .metric_transformations = {{"M", "N", "1"}}});
  }
  DescribeMetricFiltersRequest request{.limit = 2};
  std::vector<std::string> seen;
  for (int page = 0; page < 10; ++page) {
    const auto response = call(&Service::describe_metric_filters, request);
    for (const MetricFilter& filter : *response.metric_filters)
      seen.push_back(*filter.log_group_name + *filter.filter_name);
    request.next_token = response.next_token;
    if (!request.next_token) break;
  }
  EXPECT_THAT(seen, ElementsAre("gx", "gy", "hx", "hy", "ix", "iy"));
}

TEST_F(MetricFiltersTest, transformations_that_aws_does_not_take) {
  create_group("g");
  const auto refusal = [&](const std::string& pattern, MetricTransformation transformation) {
    return error_of([&] { put_filter("f", pattern, std::move(transformation)); });
  };
  const std::map<std::string, std::string> dimensions = {{"a", "$.a"}};
  EXPECT_EQ(refusal("ERROR", {.metric_value = "1", .dimensions = dimensions}),
            "InvalidParameterException: The specified filter pattern does not support dimensions");
  EXPECT_EQ(
      refusal("{ $.a = 1 }", {.metric_value = "1", .default_value = 0, .dimensions = dimensions}),
      "InvalidParameterException: Invalid metric transformation: dimensions and default value "
      "are mutually exclusive properties");
  EXPECT_EQ(refusal("[a,", {.metric_value = "1"}),
            "InvalidParameterException: If a filter pattern starts with '[' it must end with ']'");
}

TEST_F(MetricFiltersTest, two_transformations_are_shown_as_aws_shows_them) {
  PutMetricFilterRequest request{.log_group_name = "g",
                                 .filter_name = "f",
                                 .metric_transformations = {{"M1", "N1", "1"}, {"M2", "N2", "1"}}};
  protocol::Violations violations;
  protocol::validate(*operations::PutMetricFilter.input, &request, violations);
  service->check(operations::PutMetricFilter, &request, violations);
  const auto error = service->invalid(operations::PutMetricFilter, violations);
  EXPECT_EQ(error.message(),
            "1 validation error detected: Value '[MetricTransformation(metricName=M1, "
            "metricNamespace=N1, metricValue=1, defaultValue=null, unit=null, dimensions=null), "
            "MetricTransformation(metricName=M2, metricNamespace=N2, metricValue=1, "
            "defaultValue=null, unit=null, dimensions=null)]' at 'metricTransformations' failed to "
            "satisfy constraint: Member must have length less than or equal to 1");
}

TEST_F(MetricFiltersTest, patterns_are_tried_out) {
  const auto response =
      call(&Service::test_metric_filter,
           TestMetricFilterRequest{.filter_pattern = "[ip, ..., size > 1000]",
                                   .log_event_messages = {"127.0.0.1 x 10", "127.0.0.1 y 2000"}});
  ASSERT_THAT(*response.matches, SizeIs(1));
  EXPECT_EQ(response.matches->front().event_number, 2);
  EXPECT_THAT(*response.matches->front().extracted_values,
              ElementsAre(Pair("$2", "y"), Pair("$ip", "127.0.0.1"), Pair("$size", "2000")));
}

TEST_F(MetricFiltersTest, five_patterns_of_a_group_have_regular_expressions) {
  create_group("g");
  for (int i = 0; i < 5; ++i) put_filter(std::to_string(i), "%a%", {.metric_value = "1"});
  put_filter("4", "%b%", {.metric_value = "1"});
  EXPECT_EQ(error_of([&] { put_filter("5", "%a%", {.metric_value = "1"}); }),
            "LimitExceededException: Resource limit exceeded.");
}

}  // namespace matinee::logs
