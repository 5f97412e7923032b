#include "checksums/md5_many.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace matinee::checksums {

namespace {

constexpr std::size_t block_bytes = 64;
constexpr std::size_t length_bytes = 8;

/// RFC 1321: the whole part of 2^32 times the sine of each step's number.
constexpr std::array<std::uint32_t, 64> sines = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};

}  // namespace

#if defined(__x86_64__)

namespace {

#define MATINEE_AVX2 __attribute__((target("avx2")))

/// A word of each text.
using Words = std::uint32_t __attribute__((vector_size(4 * md5_lanes)));

/// A text as blocks: whole ones where they lie, and the end with its length behind it, padded.
class Blocks {
 public:
  Blocks() = default;
  explicit Blocks(std::string_view text) : text_(text), whole_(text.size() / block_bytes) {
    const std::string_view rest = text.substr(whole_ * block_bytes);
    count_ = whole_ + (rest.size() + 1 + length_bytes > block_bytes ? 2 : 1);
    std::memcpy(tail_.data(), rest.data(), rest.size());
    tail_[rest.size()] = '\x80';
    const std::uint64_t bits = std::uint64_t{text.size()} * 8;
    std::memcpy(&tail_[(count_ - whole_) * block_bytes - length_bytes], &bits, length_bytes);
  }

  std::size_t count() const { return count_; }
  /// Any block, for a text that has ended.
  const char* at(std::size_t index) const {
    if (index < whole_) return text_.data() + index * block_bytes;
    return tail_.data() + (index < count_ ? index - whole_ : 0) * block_bytes;
  }

 private:
  std::string_view text_;
  std::size_t whole_ = 0;
  std::size_t count_ = 0;
  std::array<char, 2 * block_bytes> tail_{};
};

// Words go by reference: how they are returned depends on the processor.
MATINEE_AVX2 inline void load(const std::array<const char*, md5_lanes>& blocks, std::size_t word,
                              Words& words) {
  for (std::size_t lane = 0; lane < md5_lanes; ++lane) {
    std::uint32_t value;
    std::memcpy(&value, blocks[lane] + 4 * word, sizeof value);
    words[lane] = value;
  }
}

struct State {
  Words a, b, c, d;
};

template <int step>
MATINEE_AVX2 inline void add_mix(const State& state, Words& sum) {
  if constexpr (step < 16)
    sum += state.d ^ (state.b & (state.c ^ state.d));
  else if constexpr (step < 32)
    sum += state.c ^ (state.d & (state.b ^ state.c));
  else if constexpr (step < 48)
    sum += state.b ^ state.c ^ state.d;
  else
    sum += state.c ^ (state.b | ~state.d);
}

template <int step>
constexpr std::size_t word_of_step = (step < 16   ? step
                                      : step < 32 ? 5 * step + 1
                                      : step < 48 ? 3 * step + 5
                                                  : 7 * step) %
                                     16;

/// By how many bits a step turns.
template <int step>
constexpr int turn_of_step =
    std::array{7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21}[step / 16 * 4 + step % 4];

template <int step>
MATINEE_AVX2 inline void run_steps(State& state, const std::array<Words, 16>& words) {
  constexpr int turn = turn_of_step<step>;
  Words sum = state.a + words[word_of_step<step>] + sines[step];
  add_mix<step>(state, sum);
  const Words turned = (sum << turn) | (sum >> (32 - turn));
  state = {.a = state.d, .b = state.b + turned, .c = state.b, .d = state.c};
  if constexpr (step < 63) run_steps<step + 1>(state, words);
}

MATINEE_AVX2 void add_block(State& state, const std::array<const char*, md5_lanes>& blocks) {
  std::array<Words, 16> words;
  for (std::size_t word = 0; word < words.size(); ++word) load(blocks, word, words[word]);
  State next = state;
  run_steps<0>(next, words);
  state.a += next.a;
  state.b += next.b;
  state.c += next.c;
  state.d += next.d;
}

MATINEE_AVX2 Md5Digest digest_of_lane(const State& state, std::size_t lane) {
  const std::array<std::uint32_t, 4> words = {state.a[lane], state.b[lane], state.c[lane],
                                              state.d[lane]};
  Md5Digest digest;
  std::memcpy(digest.data(), words.data(), digest.size());
  return digest;
}

}  // namespace

bool can_md5_many() {
  static const bool has = __builtin_cpu_supports("avx2");
  return has;
}

MATINEE_AVX2 void md5_many(std::span<const std::string_view> texts, std::span<Md5Digest> digests) {
  assert(texts.size() <= md5_lanes && texts.size() == digests.size());
  std::array<Blocks, md5_lanes> lanes;
  std::size_t longest = 0;
  for (std::size_t lane = 0; lane < texts.size(); ++lane) {
    lanes[lane] = Blocks(texts[lane]);
    longest = std::max(longest, lanes[lane].count());
  }
  constexpr Words zero{};
  State state{.a = zero + 0x67452301,
              .b = zero + 0xefcdab89,
              .c = zero + 0x98badcfe,
              .d = zero + 0x10325476};
  std::array<const char*, md5_lanes> blocks;
  for (std::size_t index = 0; index < longest; ++index) {
    for (std::size_t lane = 0; lane < md5_lanes; ++lane) blocks[lane] = lanes[lane].at(index);
    add_block(state, blocks);
    for (std::size_t lane = 0; lane < texts.size(); ++lane)
      if (index + 1 == lanes[lane].count()) digests[lane] = digest_of_lane(state, lane);
  }
}

#else

bool can_md5_many() {
  return false;
}

void md5_many(std::span<const std::string_view>, std::span<Md5Digest>) {
  assert(false);
}

#endif

}  // namespace matinee::checksums
