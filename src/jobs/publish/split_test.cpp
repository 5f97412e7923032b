#include "jobs/publish/split.h"

#include <gtest/gtest.h>

#include "jobs/publish/message.h"
#include "runtime/simulated/seeded_random.h"

namespace matinee::jobs::publish {
namespace {

TEST(Split, the_middle_of_digests_lies_among_their_digits) {
  const std::string middle = find_middle({"00a3", "ffe1"}).value();
  EXPECT_GT(middle, "3");
  EXPECT_LT(middle, "d");
}

TEST(Split, an_end_that_is_not_known_is_taken_for_the_end_of_the_letters) {
  const std::string middle = find_middle({"00a3", ""}).value();
  EXPECT_GT(middle, "9");
  EXPECT_LT(middle, "z");
}

TEST(Split, what_both_ends_begin_with_stays) {
  EXPECT_TRUE(find_middle({"logs/2024/01", "logs/2024/12"}).value().starts_with("logs/2024/"));
  EXPECT_TRUE(find_middle({"größe/ä", "größe/ü"}).value().starts_with("größe/"));
}

TEST(Split, neighbours_are_cut_between_them_while_there_is_room) {
  EXPECT_EQ(find_middle({"a5", "b7"}).value(), "b");
  const std::string below = find_middle({"a5", "b"}).value();
  EXPECT_GT(below, "a5");
  EXPECT_LT(below, "b");
  EXPECT_FALSE(find_middle({std::string(1024, 'a'), std::string(1023, 'a') + "b"}));
}

TEST(Split, the_end_of_a_prefix_is_behind_all_keys_that_have_it) {
  EXPECT_EQ(end_of_prefix("logs/"), "logs0");
  EXPECT_EQ(end_of_prefix(""), "");
  EXPECT_EQ(end_of_prefix("a\xf4\x8f\xbf\xbf"), "b") << "no character is behind the last one";
  EXPECT_EQ(end_of_prefix("\xed\x9f\xbf"), "\xee\x80\x80") << "surrogates are no characters";
}

TEST(Split, what_all_keys_may_begin_with_is_found_by_halves) {
  const Span span{"very/long/prefix/0a", "w"};
  EXPECT_EQ(find_end_of_prefix(span, "very/long/prefix/0").value(), "very/lonh");
  EXPECT_FALSE(find_end_of_prefix(span, "v")) << "that is what the ends tell already";
}

TEST(Split, characters_in_common_are_whole) {
  EXPECT_EQ(common_bytes("abc", "abd"), 2U);
  EXPECT_EQ(common_bytes("aä", "aö"), 1U) << "both begin with the same byte";
  EXPECT_EQ(common_bytes("ab", "abc"), 2U);
}

/// A text of characters from all over Unicode, most of them usual ones.
std::string random_key(runtime::Random& random) {
  static const std::vector<std::string> characters = {"a",
                                                      "b",
                                                      "z",
                                                      "A",
                                                      "0",
                                                      "9",
                                                      "f",
                                                      "/",
                                                      " ",
                                                      "-",
                                                      "~",
                                                      "\x01",
                                                      "\x7f",
                                                      "ä",
                                                      "ß",
                                                      "é",
                                                      "\xdf\xbf",
                                                      "\xe0\xa0\x80",
                                                      "\xed\x9f\xbf",
                                                      "\xee\x80\x80",
                                                      "\xef\xbf\xbf",
                                                      "\xf0\x90\x80\x80",
                                                      "\xf4\x8f\xbf\xbf"};
  std::string key;
  for (std::uint64_t i = random.below(6) + 1; i > 0; --i)
    key += characters[random.below(characters.size())];
  return key;
}

TEST(Split, every_cut_of_random_spans_is_text_between_their_ends) {
  runtime::SeededRandom random(1);
  int cuts = 0;
  for (int i = 0; i < 20'000; ++i) {
    Span span{random_key(random), random_key(random)};
    if (span.last < span.after) std::swap(span.after, span.last);
    if (span.last == span.after || random.below(10) == 0) span.last.clear();
    const std::string prefix = span.after.substr(0, common_bytes(span.after, random_key(random)));
    for (const auto& cut : {find_middle(span), find_end_of_prefix(span, prefix)}) {
      if (!cut) continue;
      ++cuts;
      EXPECT_GT(*cut, span.after);
      EXPECT_TRUE(span.last.empty() || *cut < span.last);
      EXPECT_TRUE(is_utf8(*cut)) << "between " << span.after << " and " << span.last;
    }
  }
  EXPECT_GT(cuts, 15'000);
}

}  // namespace
}  // namespace matinee::jobs::publish
