#include "services/dynamodb/expressions/text_search.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace matinee::dynamodb::expressions {
namespace {

struct Suffix {
  std::size_t start = 0;
  std::size_t period = 1;
};

// The largest suffix of a term in the order of bytes, or in the reversed one.
Suffix largest_suffix(std::string_view term, bool reversed) {
  Suffix largest;
  std::size_t candidate = 1;
  std::size_t equal = 0;
  while (candidate + equal < term.size()) {
    const auto its = static_cast<unsigned char>(term[candidate + equal]);
    const auto known = static_cast<unsigned char>(term[largest.start + equal]);
    if (its == known) {
      if (++equal == largest.period) {
        candidate += equal;
        equal = 0;
      }
    } else if (reversed ? its > known : its < known) {
      candidate += equal + 1;
      equal = 0;
      largest.period = candidate - largest.start;
    } else {
      largest = {.start = candidate};
      candidate = largest.start + 1;
      equal = 0;
    }
  }
  return largest;
}

// How often texts have each byte, roughly: in JSON, in words, in base64. Small for rare ones.
constexpr std::array<std::uint8_t, 256> frequencies = [] {
  std::array<std::uint8_t, 256> result{};
  result.fill(10);
  result['\0'] = result['"'] = 40;
  for (std::size_t byte = 'A'; byte <= 'Z'; ++byte) result[byte] = 40;
  for (std::size_t byte = '0'; byte <= '9'; ++byte) result[byte] = 45;
  for (std::size_t byte = 'a'; byte <= 'z'; ++byte) result[byte] = 50;
  std::uint8_t rank = 100;
  for (const char byte : std::string_view(" etaoinsrhldcum"))
    result[static_cast<unsigned char>(byte)] = rank--;
  return result;
}();

std::uint8_t frequency(char byte) {
  return frequencies[static_cast<unsigned char>(byte)];
}

// The first place from `from` to `to` where both differ; `to` where there is none.
std::size_t find_difference(const char* left, const char* right, std::size_t from, std::size_t to) {
  constexpr std::size_t block = 32;
  while (from + block <= to && std::memcmp(left + from, right + from, block) == 0) from += block;
  while (from < to && left[from] == right[from]) ++from;
  return from;
}

}  // namespace

TextSearch::TextSearch(std::string_view term) : term_(term) {
  if (term.empty()) return;
  const Suffix ascending = largest_suffix(term, false);
  const Suffix descending = largest_suffix(term, true);
  const Suffix& later = ascending.start > descending.start ? ascending : descending;
  split_ = later.start;
  period_ = later.period;
  is_periodic_ = split_ + period_ <= term.size() &&
                 std::memcmp(term.data(), term.data() + period_, split_) == 0;
  if (!is_periodic_) period_ = std::max(split_, term.size() - split_) + 1;

  for (std::size_t place = 0; place < term.size(); ++place)
    if (frequency(term[place]) < frequency(term[rare_])) rare_ = place;
  other_ = term.size() - 1;
  for (std::size_t place = 0; place < term.size(); ++place) {
    if (term[place] == term[rare_]) continue;
    if (term[other_] == term[rare_] || frequency(term[place]) < frequency(term[other_]))
      other_ = place;
  }
}

/// The first place from `place` to `last` where the text has both of the rare bytes; `last + 1`
/// where there is none.
std::size_t TextSearch::next_candidate(std::string_view text, std::size_t place,
                                       std::size_t last) const {
  const char* rare = text.data() + rare_;
  const char* other = text.data() + other_;
#ifdef __SSE2__
  constexpr std::size_t width = 16;
  const __m128i rare_bytes = _mm_set1_epi8(term_[rare_]);
  const __m128i other_bytes = _mm_set1_epi8(term_[other_]);
  const auto load = [](const char* from) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  };
  for (; place + width <= last + 1; place += width) {
    const __m128i equal = _mm_and_si128(_mm_cmpeq_epi8(load(rare + place), rare_bytes),
                                        _mm_cmpeq_epi8(load(other + place), other_bytes));
    const auto found = static_cast<unsigned>(_mm_movemask_epi8(equal));
    if (found != 0) return place + static_cast<std::size_t>(std::countr_zero(found));
  }
#endif
  while (place <= last && (rare[place] != term_[rare_] || other[place] != term_[other_])) ++place;
  return place;
}

bool TextSearch::is_in(std::string_view text, std::size_t& steps) const {
  if (term_.empty()) return true;
  if (term_.size() > text.size()) return false;
  const std::size_t last = text.size() - term_.size();
  std::size_t known = 0;  // bytes at the beginning of the term that are known to match
  for (std::size_t place = 0; place <= last;) {
    if (known == 0) {
      const std::size_t candidate = next_candidate(text, place, last);
      steps += candidate - place;
      place = candidate;
      if (place > last) return false;
    }
    const char* here = text.data() + place;
    const std::size_t from = std::max(split_, known);
    const std::size_t different = find_difference(term_.data(), here, from, term_.size());
    steps += different - from + 1;
    if (different < term_.size()) {
      place += different - split_ + 1;
      known = 0;
      continue;
    }
    if (known >= split_) return true;
    steps += split_ - known;
    if (std::memcmp(term_.data() + known, here + known, split_ - known) == 0) return true;
    place += period_;
    known = is_periodic_ ? term_.size() - period_ : 0;
  }
  return false;
}

}  // namespace matinee::dynamodb::expressions
