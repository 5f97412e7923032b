// Records as AWS's runtimes frame them, in whatever pieces they come.
#include "runtime/real/sandbox/frame_reader.h"

#include <gtest/gtest.h>

namespace matinee::runtime {
namespace {

using namespace std::string_literals;

const std::string timed = "\xa5\x5a\x00\x0f\x00\x00\x00\x05\x00\x05\xbe\xef\x00\x00\x00\x01hello"s;
const std::string untimed = "\xa5\x5a\x00\x01\x00\x00\x00\x03xyz"s;
const std::string nothing = "\xa5\x5a\x00\x01\x00\x00\x00\x00"s;

TEST(FrameReader, records_are_the_same_in_pieces_of_any_size) {
  const std::string all = timed + untimed + nothing + timed;
  for (std::size_t size = 1; size <= all.size(); ++size) {
    FrameReader reader;
    std::vector<SandboxOutput> records;
    for (std::size_t at = 0; at < all.size(); at += size)
      reader.add(std::string_view(all).substr(at, size), records);
    ASSERT_EQ(records.size(), 4) << size;
    EXPECT_EQ(records[0].bytes, "hello");
    EXPECT_EQ(records[0].kind, OutputKind::framed);
    EXPECT_EQ(records[0].frame_type, 0xf);
    EXPECT_EQ(records[0].time, Time(Duration(0x0005beef00000001)));
    EXPECT_EQ(records[1].bytes, "xyz");
    EXPECT_EQ(records[1].frame_type, 1);
    EXPECT_FALSE(records[1].time);
    EXPECT_EQ(records[2].bytes, "");
    EXPECT_EQ(records[3].bytes, "hello");
  }
}

TEST(FrameReader, what_is_no_frame_is_text_and_so_is_all_after_it) {
  FrameReader reader;
  std::vector<SandboxOutput> output;
  reader.add(untimed + "just some text", output);
  reader.add(untimed, output);
  ASSERT_GE(output.size(), 3);
  std::string text;
  for (std::size_t i = 1; i < output.size(); ++i) {
    EXPECT_EQ(output[i].kind, OutputKind::text);
    text += output[i].bytes;
  }
  EXPECT_EQ(text, "just some text" + untimed);
}

TEST(FrameReader, a_record_that_was_not_finished_is_told_at_the_end) {
  FrameReader reader;
  std::vector<SandboxOutput> records;
  reader.add(timed.substr(0, timed.size() - 2), records);
  EXPECT_TRUE(records.empty());
  reader.finish(records);
  ASSERT_EQ(records.size(), 1);
  EXPECT_EQ(records[0].bytes, "hel");
}

}  // namespace
}  // namespace matinee::runtime
