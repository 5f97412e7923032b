// aws-chunked bodies, given in pieces whose size the first byte chooses.
#include <cstdint>
#include <string_view>

#include "services/s3/transfer/chunked.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using matinee::s3::ChunkedDecoder;
  if (size < 1) return 0;
  const std::size_t step = std::size_t{1} + data[0];
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t total = rest.size();
  ChunkedDecoder decoder;
  std::size_t content = 0;
  while (!rest.empty()) {
    const std::string_view piece = rest.substr(0, step);
    rest.remove_prefix(piece.size());
    decoder.feed(piece, [&](std::string_view bytes) { content += bytes.size(); });
  }
  if (content > total || decoder.trailers().size() > ChunkedDecoder::max_trailers) __builtin_trap();
  return 0;
}
