#include "services/sqs/keyed_hash.h"

#include <bit>
#include <cstring>

namespace matinee::sqs {

namespace {

struct SipState {
  std::uint64_t v0, v1, v2, v3;

  void round() {
    v0 += v1;
    v2 += v3;
    v1 = std::rotl(v1, 13) ^ v0;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 = std::rotl(v0, 32);
    v2 += v1;
    v0 += v3;
    v1 = std::rotl(v1, 17) ^ v2;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 = std::rotl(v2, 32);
  }
  void absorb(std::uint64_t word) {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }
  std::uint64_t finish() {
    for (int i = 0; i < 4; ++i) round();
    return v0 ^ v1 ^ v2 ^ v3;
  }
};

std::uint64_t load(const char* bytes, std::size_t count) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, count);
  return word;
}

}  // namespace

Hash96 keyed_hash(const HashKey& key, std::string_view text) {
  SipState state{.v0 = key[0] ^ 0x736f6d6570736575U,
                 .v1 = key[1] ^ 0x646f72616e646f6dU ^ 0xee,
                 .v2 = key[0] ^ 0x6c7967656e657261U,
                 .v3 = key[1] ^ 0x7465646279746573U};
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) state.absorb(load(text.data() + at, 8));
  state.absorb(load(text.data() + at, text.size() - at) |
               (static_cast<std::uint64_t>(text.size()) << 56));
  state.v2 ^= 0xee;
  const std::uint64_t first = state.finish();
  state.v1 ^= 0xdd;
  const std::uint64_t second = state.finish();
  Hash96 hash{{static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(first >> 32),
               static_cast<std::uint32_t>(second)}};
  if (hash.none()) hash.words[0] = 1;
  return hash;
}

}  // namespace matinee::sqs
