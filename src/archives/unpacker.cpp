#include "archives/unpacker.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <limits>
#include <new>

namespace matinee::archives {
namespace {

constexpr int gzip_window = 15 + 16;  // zlib's way to say gzip
constexpr std::size_t step = std::size_t{64} << 10;

unsigned limited(std::size_t size) {
  return static_cast<unsigned>(std::min<std::size_t>(size, std::numeric_limits<unsigned>::max()));
}

Bytef* bytes_of(std::string_view text) {
  // zlib does not write to its input, whatever its type says.
  return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
}

}  // namespace

Packing packing_of(std::string_view beginning) {
  if (beginning.starts_with("\x1f\x8b")) return Packing::gzip;
  if (beginning.starts_with("\x28\xb5\x2f\xfd")) return Packing::zstd;
  return Packing::none;
}

struct Unpacker::State {
  Packing packing;
  z_stream gzip = {};
  ZSTD_DStream* zstd = nullptr;
  bool is_at_end = true;

  explicit State(Packing kind) : packing(kind) {
    if (packing == Packing::gzip && inflateInit2(&gzip, gzip_window) != Z_OK)
      throw std::bad_alloc();
    if (packing == Packing::zstd && !(zstd = ZSTD_createDStream())) throw std::bad_alloc();
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (packing == Packing::gzip) inflateEnd(&gzip);
    ZSTD_freeDStream(zstd);
  }

  bool unpack_gzip(std::string_view& packed, std::string& out, std::size_t most);
  bool unpack_zstd(std::string_view& packed, std::string& out, std::size_t most);
};

bool Unpacker::State::unpack_gzip(std::string_view& packed, std::string& out, std::size_t most) {
  if (packed.empty() && is_at_end) return true;
  if (is_at_end) inflateReset(&gzip);
  const std::size_t before = out.size();
  out.resize(before + most);
  gzip.next_in = bytes_of(packed);
  gzip.avail_in = limited(packed.size());
  gzip.next_out = reinterpret_cast<Bytef*>(out.data() + before);
  gzip.avail_out = limited(most);
  const unsigned given = gzip.avail_in;
  const unsigned room = gzip.avail_out;
  const int result = inflate(&gzip, Z_NO_FLUSH);
  out.resize(before + room - gzip.avail_out);
  packed.remove_prefix(given - gzip.avail_in);
  is_at_end = result == Z_STREAM_END;
  if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
    throw PackingError("the gzip stream is damaged");
  return packed.empty() && (is_at_end || gzip.avail_out != 0);
}

bool Unpacker::State::unpack_zstd(std::string_view& packed, std::string& out, std::size_t most) {
  if (packed.empty() && is_at_end) return true;
  const std::size_t before = out.size();
  out.resize(before + most);
  ZSTD_inBuffer in = {packed.data(), packed.size(), 0};
  ZSTD_outBuffer made = {out.data() + before, most, 0};
  const std::size_t result = ZSTD_decompressStream(zstd, &made, &in);
  out.resize(before + made.pos);
  packed.remove_prefix(in.pos);
  if (ZSTD_isError(result) != 0) throw PackingError("the Zstandard stream is damaged");
  is_at_end = result == 0;
  return packed.empty() && made.pos < most;
}

Unpacker::Unpacker(Packing packing) : state_(std::make_unique<State>(packing)) {}
Unpacker::~Unpacker() = default;
Unpacker::Unpacker(Unpacker&&) noexcept = default;
Unpacker& Unpacker::operator=(Unpacker&&) noexcept = default;

bool Unpacker::unpack(std::string_view& packed, std::string& out, std::size_t most) {
  if (state_->packing == Packing::gzip) return state_->unpack_gzip(packed, out, most);
  if (state_->packing == Packing::zstd) return state_->unpack_zstd(packed, out, most);
  const std::size_t taken = std::min(most, packed.size());
  out += packed.substr(0, taken);
  packed.remove_prefix(taken);
  return packed.empty();
}

bool Unpacker::is_at_end() const {
  return state_->is_at_end;
}

struct GzipWriter::State {
  z_stream stream = {};
  std::string packed;

  State() {
    if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY) != Z_OK)
      throw std::bad_alloc();
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { deflateEnd(&stream); }

  void run(int flush) {
    do {
      const std::size_t before = packed.size();
      packed.resize(before + step);
      stream.next_out = reinterpret_cast<Bytef*>(packed.data() + before);
      stream.avail_out = step;
      deflate(&stream, flush);
      packed.resize(before + step - stream.avail_out);
    } while (stream.avail_out == 0);
  }
};

GzipWriter::GzipWriter() : state_(std::make_unique<State>()) {}
GzipWriter::~GzipWriter() = default;
GzipWriter::GzipWriter(GzipWriter&&) noexcept = default;
GzipWriter& GzipWriter::operator=(GzipWriter&&) noexcept = default;

void GzipWriter::add(std::string_view bytes) {
  while (!bytes.empty()) {
    const unsigned part = limited(bytes.size());
    state_->stream.next_in = bytes_of(bytes);
    state_->stream.avail_in = part;
    state_->run(Z_NO_FLUSH);
    bytes.remove_prefix(part);
  }
}

std::size_t GzipWriter::size() const {
  return state_->packed.size();
}

std::string GzipWriter::take() {
  return std::exchange(state_->packed, {});
}

std::string GzipWriter::finish() {
  state_->stream.avail_in = 0;
  state_->run(Z_FINISH);
  return std::move(state_->packed);
}

std::string gzip(std::string_view bytes) {
  GzipWriter writer;
  writer.add(bytes);
  return writer.finish();
}

}  // namespace matinee::archives
