#include "services/lambda/running/platform_events.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include "protocol/timestamps.h"

namespace matinee::lambda {
namespace {

const runtime::Time noon = protocol::parse_iso8601("2026-01-31T12:00:00.000Z").value();

std::string text_of(const PlatformEvent& event) {
  return line_of(event, {.group = "/aws/lambda/f"}, noon);
}

std::string json_of(const PlatformEvent& event, std::string level) {
  return line_of(event, {.format = "JSON", .system_level = std::move(level)}, noon);
}

TEST(PlatformEvents, are_awss_lines_in_text) {
  EXPECT_EQ(text_of(call_start("id", "$LATEST", "")), "START RequestId: id Version: $LATEST\n");
  EXPECT_EQ(text_of(call_end("id")), "END RequestId: id\n");
  EXPECT_EQ(text_of(call_report({.id = "id",
                                 .milliseconds = 3.01,
                                 .init_milliseconds = 110.1,
                                 .memory_mb = 128,
                                 .peak_bytes = 36 << 20})),
            "REPORT RequestId: id\tDuration: 3.01 ms\tBilled Duration: 114 ms\tMemory Size: 128 "
            "MB\tMax Memory Used: 36 MB\tInit Duration: 110.10 ms\t\n");
  EXPECT_EQ(text_of(call_report({.id = "id", .milliseconds = 2.9, .memory_mb = 128})),
            "REPORT RequestId: id\tDuration: 2.90 ms\tBilled Duration: 3 ms\tMemory Size: 128 MB\t"
            "Max Memory Used: 0 MB\t\n");
  EXPECT_EQ(text_of(fault("RequestId: id Error: exit code 0", "Extension.Crash")),
            "RequestId: id Error: exit code 0\nExtension.Crash\n");
}

TEST(PlatformEvents, of_an_initialization_are_lines_where_it_fails) {
  EXPECT_EQ(text_of(init_report({}, {}, 12)), "");
  EXPECT_EQ(text_of(init_report({}, {.status = "timeout"}, 10008.9)),
            "INIT_REPORT Init Duration: 10008.90 ms\tPhase: init\tStatus: timeout\n");
  EXPECT_EQ(text_of(init_report({.is_of_call = true},
                                {.status = "error", .error_type = "Runtime.ExitError"}, 1.5)),
            "INIT_REPORT Init Duration: 1.50 ms\tPhase: invoke\tStatus: error\tError Type: "
            "Runtime.ExitError\n");
}

TEST(PlatformEvents, tell_of_extensions) {
  EXPECT_EQ(text_of(extension_state(
                {.name = "watch", .state = "Ready", .events = {"INVOKE", "SHUTDOWN"}})),
            "EXTENSION\tName: watch\tState: Ready\tEvents: [INVOKE, SHUTDOWN]\n");
  EXPECT_EQ(text_of(subscribed("telemetry", "watch", {"platform", "function"})),
            "TELEMETRY\tName: watch\tState: Subscribed\tTypes: [Platform, Function]\n");
  EXPECT_EQ(text_of(subscribed("logs", "watch", {"extension"})),
            "LOGS\tName: watch\tState: Subscribed\tTypes: [Extension]\n");
}

TEST(PlatformEvents, have_a_line_of_x_ray_only_where_the_call_is_sampled) {
  const std::string sampled =
      text_of(call_report({.id = "id", .trace = "Root=1-5759e988-bd86;Parent=53995c3f;Sampled=1"}));
  EXPECT_TRUE(sampled.ends_with(
      "\t\nXRAY TraceId: 1-5759e988-bd86\tSegmentId: 53995c3f\tSampled: true\t\n"))
      << sampled;
  const std::string other =
      text_of(call_report({.id = "id", .trace = "Root=1-5759e988-bd86;Parent=5399;Sampled=0"}));
  EXPECT_EQ(other.find("XRAY"), std::string::npos);
}

TEST(PlatformEvents, are_records_in_json_that_a_level_leaves_out) {
  const PlatformEvent start = call_start("id", "1", "");
  EXPECT_EQ(json_of(start, "INFO"),
            R"({"time":"2026-01-31T12:00:00.000Z","type":"platform.start","record":{)"
            R"("requestId":"id","version":"1"}})"
            "\n");
  EXPECT_EQ(json_of(start, "WARN"), "");
  EXPECT_EQ(json_of(call_end("id"), "DEBUG"), "");
}

TEST(PlatformEvents, have_the_levels_that_aws_documents) {
  const PlatformEvent done = runtime_done({.id = "id"}, 1);
  EXPECT_EQ(json_of(done, "INFO"), "");
  EXPECT_NE(json_of(done, "DEBUG"), "");
  const PlatformEvent failed = runtime_done({.id = "id", .status = "error"}, 1);
  EXPECT_NE(json_of(failed, "WARN"), "");
  EXPECT_EQ(json_of(init_report({}, {}, 1), "INFO"), "");
  EXPECT_NE(json_of(init_report({}, {.status = "timeout"}, 1), "WARN"), "");
  EXPECT_NE(json_of(call_report({.id = "id", .status = "timeout"}), "WARN"), "");
  EXPECT_EQ(json_of(call_report({.id = "id"}), "WARN"), "");
  EXPECT_NE(json_of(extension_state({.name = "x", .state = "Ready"}), "INFO"), "");
  EXPECT_NE(json_of(logs_dropped(1, 2), "WARN"), "");
}

TEST(PlatformEvents, are_well_formed_json) {
  simdjson::dom::parser parser;
  for (const PlatformEvent& event :
       {init_start({}, {.runtime = "python3.12", .function = "f"}), init_runtime_done({}, {}),
        init_report({}, {.status = "error", .error_type = "x"}, 1), call_start("i", "1", "Root=1"),
        call_end("i"), runtime_done({.id = "i", .trace = "Root=1;Parent=2"}, 3),
        call_report({.id = "i", .init_milliseconds = 2}), fault("a \"b\"", "c"),
        extension_state({.name = "x", .state = "LaunchError", .events = {}, .error_type = "y"}),
        subscribed("logs", "x", {"platform"}), logs_dropped(1, 2)})
    EXPECT_EQ(parser.parse(document_of(event, noon)).error(), simdjson::SUCCESS)
        << document_of(event, noon);
}

}  // namespace
}  // namespace matinee::lambda
