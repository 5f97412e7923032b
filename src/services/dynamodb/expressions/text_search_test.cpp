#include "services/dynamodb/expressions/text_search.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace matinee::dynamodb::expressions {
namespace {

/// What repeats `unit` until it has at least `length` bytes.
std::string repeated(std::string_view unit, std::size_t length) {
  std::string text;
  while (text.size() < length) text += unit;
  return text;
}

/// Words of a small alphabet, so that terms nearly match everywhere.
std::string word(std::mt19937& random, std::size_t length, unsigned letters) {
  std::string text;
  for (std::size_t i = 0; i < length; ++i) text += static_cast<char>('a' + random() % letters);
  return text;
}

TEST(TextSearch, finds_what_the_standard_search_finds) {
  std::mt19937 random(7);
  for (int round = 0; round < 50'000; ++round) {
    const unsigned letters = 1 + random() % 3;
    const std::string text = word(random, random() % 60, letters);
    std::string term = word(random, random() % 12, letters);
    if (round % 2 == 0 && term.size() < text.size())
      term = text.substr(random() % (text.size() - term.size()), term.size());
    EXPECT_EQ(TextSearch(term).is_in(text), text.contains(term)) << term << " in " << text;
  }
}

TEST(TextSearch, finds_terms_at_both_ends_and_across_the_width_of_its_filter) {
  for (std::size_t length = 1; length < 70; ++length) {
    const std::string term = "q" + std::string(length - 1, 'x') + "z";
    for (std::size_t before = 0; before < 40; ++before) {
      const std::string text = std::string(before, 'x') + term;
      EXPECT_TRUE(TextSearch(term).is_in(text));
      EXPECT_TRUE(TextSearch(term).is_in(text + "xx"));
      EXPECT_FALSE(TextSearch(term).is_in(text.substr(0, text.size() - 1)));
    }
  }
}

TEST(TextSearch, finds_every_byte) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  for (std::size_t place = 0; place + 3 <= all.size(); ++place)
    EXPECT_TRUE(TextSearch(std::string_view(all).substr(place, 3)).is_in(all)) << place;
}

TEST(TextSearch, looks_at_each_byte_a_few_times_at_most_whatever_text_and_term_are_made_of) {
  constexpr std::size_t length = 100'000;
  const std::string units[] = {"y", "ab", "aab", "yyyyyyyz", "abaababa", "aaaabaaaab"};
  std::size_t searches = 0;
  for (const std::string& of_text : units) {
    const std::string text = repeated(of_text, length);
    for (const std::string& of_term : units) {
      for (const std::string& other : {std::string("q"), std::string("b"), std::string("yz")}) {
        const std::string repetition = repeated(of_term, 15'000);
        for (const std::string& term :
             {repetition + other, other + repetition, repetition + other + repetition}) {
          std::size_t steps = 0;
          TextSearch(term).is_in(text, steps);
          EXPECT_LE(steps, 3 * text.size()) << of_term << " and " << other << " in " << of_text;
          ++searches;
        }
      }
    }
  }
  EXPECT_EQ(searches, 324U);
}

}  // namespace
}  // namespace matinee::dynamodb::expressions
