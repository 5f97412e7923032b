#include "services/sts/packing.h"

#define ZLIB_CONST
#include <zlib.h>

#include "runtime/assertion.h"
#include "storage/record.h"

namespace matinee::sts {

namespace {

constexpr char plain = 0;
constexpr char deflated = 1;
/// Without zlib's header and checksum.
constexpr int raw_window = -15;
/// Far more than any session has room for.
constexpr std::size_t most_unpacked = 1 << 20;

const Bytef* bytes_of(std::string_view text) {
  return reinterpret_cast<const Bytef*>(text.data());
}

/// Empty where it would be no shorter.
std::string deflate_if_shorter(std::string_view text) {
  z_stream stream = {};
  constexpr int memory_level = 8;
  runtime::expect(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, raw_window, memory_level,
                               Z_DEFAULT_STRATEGY) == Z_OK,
                  "there is memory to compress in");
  std::string out(text.size(), '\0');
  stream.next_in = bytes_of(text);
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int state = deflate(&stream, Z_FINISH);
  out.resize(state == Z_STREAM_END ? out.size() - stream.avail_out : 0);
  deflateEnd(&stream);
  return out;
}

}  // namespace

std::string pack(std::string_view text) {
  const std::string shorter = deflate_if_shorter(text);
  if (shorter.empty()) return std::string(1, plain).append(text);
  return std::string(1, deflated).append(shorter);
}

std::string unpack(std::string_view packed) {
  if (packed.empty()) throw storage::DamagedRecord("a packed text without its first byte");
  const char form = packed.front();
  packed.remove_prefix(1);
  if (form == plain) return std::string(packed);
  z_stream stream = {};
  runtime::expect(inflateInit2(&stream, raw_window) == Z_OK, "there is memory to uncompress in");
  stream.next_in = bytes_of(packed);
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string out;
  int state = Z_OK;
  while (state == Z_OK && out.size() < most_unpacked) {
    const std::size_t done = out.size();
    out.resize(done + 4096);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + done);
    stream.avail_out = 4096;
    state = inflate(&stream, Z_NO_FLUSH);
    out.resize(out.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  if (state != Z_STREAM_END) throw storage::DamagedRecord("a packed text that cannot be unpacked");
  return out;
}

}  // namespace matinee::sts
