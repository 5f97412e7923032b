#include "archives/unpacker.h"

#include <gmock/gmock.h>
#include <zstd.h>

namespace matinee::archives {
namespace {

/// Unpacks in small steps, from pieces of `piece` bytes.
std::string unpack_all(Packing packing, std::string_view packed, std::size_t piece,
                       bool* is_at_end = nullptr) {
  Unpacker unpacker(packing);
  std::string out;
  while (!packed.empty()) {
    std::string_view next = packed.substr(0, piece);
    packed.remove_prefix(next.size());
    while (!unpacker.unpack(next, out, 7)) {
    }
  }
  if (is_at_end) *is_at_end = unpacker.is_at_end();
  return out;
}

std::string zstd(std::string_view bytes) {
  std::string packed(ZSTD_compressBound(bytes.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), bytes.data(), bytes.size(), 1));
  return packed;
}

std::string some_text() {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += std::to_string(i * i) + "\n";
  return text;
}

TEST(Unpacker, gives_back_what_gzip_has_packed) {
  const std::string text = some_text();
  const std::string packed = gzip(text);
  EXPECT_EQ(packing_of(packed), Packing::gzip);
  EXPECT_LT(packed.size(), text.size() / 2);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{100}, packed.size()})
    EXPECT_EQ(unpack_all(Packing::gzip, packed, piece), text);
}

TEST(Unpacker, reads_several_gzip_streams_as_one) {
  EXPECT_EQ(unpack_all(Packing::gzip, gzip("one\n") + gzip("") + gzip("two\n"), 3), "one\ntwo\n");
}

TEST(Unpacker, gives_back_what_zstandard_has_packed) {
  const std::string text = some_text();
  const std::string packed = zstd(text);
  EXPECT_EQ(packing_of(packed), Packing::zstd);
  EXPECT_EQ(unpack_all(Packing::zstd, packed + zstd("more"), 1000), text + "more");
}

TEST(Unpacker, knows_a_stream_that_is_cut) {
  const std::string packed = gzip(some_text());
  bool is_at_end = true;
  unpack_all(Packing::gzip, packed.substr(0, packed.size() - 5), 1000, &is_at_end);
  EXPECT_FALSE(is_at_end);
  unpack_all(Packing::gzip, packed, 1000, &is_at_end);
  EXPECT_TRUE(is_at_end);
}

TEST(Unpacker, refuses_what_is_damaged) {
  std::string packed = gzip(some_text());
  packed[packed.size() / 2] = static_cast<char>(packed[packed.size() / 2] ^ 0x55);
  EXPECT_THROW(unpack_all(Packing::gzip, packed, 1000), PackingError);
  EXPECT_THROW(unpack_all(Packing::zstd, "no such stream at all", 1000), PackingError);
}

TEST(Unpacker, passes_on_what_is_not_packed) {
  EXPECT_EQ(packing_of("{\"Item\""), Packing::none);
  EXPECT_EQ(unpack_all(Packing::none, "as it is", 3), "as it is");
}

TEST(GzipWriter, packs_piece_by_piece) {
  GzipWriter writer;
  for (int i = 0; i < 1000; ++i) writer.add(std::to_string(i) + ",");
  const std::string text = unpack_all(Packing::gzip, writer.finish(), 64);
  EXPECT_THAT(text, testing::StartsWith("0,1,2,"));
  EXPECT_THAT(text, testing::EndsWith("998,999,"));
}

}  // namespace
}  // namespace matinee::archives
