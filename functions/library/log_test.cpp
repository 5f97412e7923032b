#include "library/log.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace lambda {
namespace {

constexpr std::int64_t time = 1767225600123;  // 2026-01-01T00:00:00.123Z

class Log : public testing::Test {
 protected:
  void SetUp() override { set_log_request("id-1"); }
  void TearDown() override {
    set_log_request("");
    unsetenv("AWS_LAMBDA_LOG_FORMAT");
    unsetenv("AWS_LAMBDA_LOG_LEVEL");
  }
};

TEST_F(Log, is_one_line_of_text_for_each_record) {
  EXPECT_EQ(log_record(Level::info, "two\nlines", {}, time),
            "2026-01-01T00:00:00.123Z\tid-1\tINFO\ttwo\\nlines\n");
  EXPECT_EQ(log_record(Level::error, "bad", {{"day", "x"}, {"n", 1}}, time),
            "2026-01-01T00:00:00.123Z\tid-1\tERROR\tbad {\"day\":\"x\",\"n\":1}\n");
}

TEST_F(Log, is_json_where_the_configuration_says_so) {
  setenv("AWS_LAMBDA_LOG_FORMAT", "JSON", 1);
  EXPECT_EQ(log_record(Level::warn, "a\n\"b\"", {{"n", 1}}, time),
            R"({"timestamp":"2026-01-01T00:00:00.123Z","level":"WARN","requestId":"id-1",)"
            "\"message\":\"a\\n\\\"b\\\"\",\"n\":1}\n");
  set_log_request("");
  EXPECT_EQ(log_record(Level::fatal, "x", {}, time),
            "{\"timestamp\":\"2026-01-01T00:00:00.123Z\",\"level\":\"FATAL\",\"message\":\"x\"}\n");
}

TEST_F(Log, leaves_out_what_is_below_its_level) {
  EXPECT_TRUE(is_logged(Level::info));
  EXPECT_FALSE(is_logged(Level::debug));
  setenv("AWS_LAMBDA_LOG_LEVEL", "ERROR", 1);
  EXPECT_TRUE(is_logged(Level::fatal));
  EXPECT_FALSE(is_logged(Level::warn));
  setenv("AWS_LAMBDA_LOG_LEVEL", "TRACE", 1);
  EXPECT_TRUE(is_logged(Level::trace));
}

}  // namespace
}  // namespace lambda
