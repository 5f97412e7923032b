#include "cli/log_text.h"

#include <gtest/gtest.h>

namespace matinee::cli {
namespace {

constexpr std::int64_t start_of_2026 = 1'767'225'600'000;
constexpr const char* stream = "2026/01/01/[$LATEST]0123456789abcdef0123456789abcdef";

logs::FilteredLogEvent event(std::string message, std::string stream_name = stream) {
  return {.log_stream_name = std::move(stream_name),
          .timestamp = start_of_2026 + 7,
          .message = std::move(message)};
}

TEST(LogText, an_event_is_a_line_with_its_time_and_a_short_name_of_its_stream) {
  EXPECT_EQ(log_line(event("hello\n"), false), "2026-01-01T00:00:00.007Z 01234567 hello\n");
  EXPECT_EQ(log_line(event("hello", "web-1"), false), "2026-01-01T00:00:00.007Z web-1 hello\n");
  EXPECT_EQ(log_line(event("one\ntwo\r\n"), false), "2026-01-01T00:00:00.007Z 01234567 one\ntwo\n");
}

TEST(LogText, only_streams_of_functions_are_shortened) {
  EXPECT_EQ(short_stream("2026/01/01/name[7]0123456789abcdef0123456789abcdef"), "01234567");
  EXPECT_EQ(short_stream("a[1]b"), "a[1]b");
  EXPECT_EQ(short_stream(""), "");
}

TEST(LogText, in_colours_errors_are_red_and_what_the_platform_writes_steps_back) {
  EXPECT_TRUE(log_line(event("[ERROR] ValueError: no"), true).contains("\x1b[31m[ERROR]"));
  EXPECT_TRUE(log_line(event("x\tERROR\tno"), true).contains("\x1b[31mx"));
  EXPECT_TRUE(log_line(event(R"({"level":"ERROR"})"), true).contains("\x1b[31m{"));
  EXPECT_TRUE(log_line(event("x\tWARN\tno"), true).contains("\x1b[33mx"));
  EXPECT_TRUE(log_line(event("REPORT RequestId: 1"), true).contains("\x1b[2mREPORT"));
  EXPECT_TRUE(log_line(event("hello"), true).ends_with("\x1b[0m hello\n"));
}

}  // namespace
}  // namespace matinee::cli
