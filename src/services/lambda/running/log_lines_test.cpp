#include "services/lambda/running/log_lines.h"

#include <gmock/gmock.h>

#include "protocol/timestamps.h"

namespace matinee::lambda {
namespace {

using testing::ElementsAre;

std::vector<std::string> texts(const std::vector<LogText>& lines) {
  std::vector<std::string> out;
  for (const LogText& line : lines) out.push_back(line.text);
  return out;
}

TEST(LineCutter, makes_an_event_of_each_line_and_none_of_an_empty_one) {
  LineCutter cutter;
  std::vector<LogText> lines;
  cutter.add("one\n\ntwo\nth", {}, lines);
  EXPECT_THAT(texts(lines), ElementsAre("one\n", "two\n"));
  cutter.add("ree\r\nfour", {}, lines);
  EXPECT_THAT(texts(lines), ElementsAre("one\n", "two\n", "three\r\n"));
  cutter.finish({}, lines);
  EXPECT_THAT(texts(lines), ElementsAre("one\n", "two\n", "three\r\n", "four"));
}

TEST(LineCutter, cuts_a_line_that_does_not_end) {
  LineCutter cutter;
  std::vector<LogText> lines;
  constexpr std::size_t longest = 256 * 1024;
  cutter.add(std::string(longest + 10, 'x'), {}, lines);
  ASSERT_EQ(lines.size(), 1);
  EXPECT_EQ(lines[0].text.size(), longest);
}

TEST(LogStreams, tell_the_version_and_of_a_shared_group_the_function) {
  const VersionKey version{"111122223333", "us-east-1", "f", 0};
  Settings settings;
  settings.logging.group = "/aws/lambda/f";
  const runtime::Time time = protocol::parse_iso8601("2026-01-31T12:00:00.000Z").value();
  EXPECT_EQ(log_stream_name(version, settings, time, "01-23"), "2026/01/31/[$LATEST]0123");
  settings.logging.group = "shared";
  EXPECT_EQ(log_stream_name(version, settings, time, "01-23"), "2026/01/31/f[$LATEST]0123");
}

}  // namespace
}  // namespace matinee::lambda
