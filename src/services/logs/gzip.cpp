#include "services/logs/gzip.h"

#include <zlib.h>

#include "runtime/assertion.h"
#include "runtime/elsewhere.h"

namespace matinee::logs {

std::string zip(std::string_view bytes, ZipLevel level) {
  constexpr int window_of_gzip = 15 + 16;
  constexpr int memory = 8;
  z_stream stream{};
  runtime::expect(deflateInit2(&stream, static_cast<int>(level), Z_DEFLATED, window_of_gzip, memory,
                               Z_DEFAULT_STRATEGY) == Z_OK,
                  "zlib can be started");
  std::string zipped(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(zipped.data());
  stream.avail_out = static_cast<uInt>(zipped.size());
  runtime::expect(deflate(&stream, Z_FINISH) == Z_STREAM_END, "zlib has room for all");
  zipped.resize(stream.total_out);
  deflateEnd(&stream);
  return zipped;
}

runtime::Task<std::string> zip_aside(std::string bytes, runtime::Runtime& runtime) {
  return runtime::elsewhere<std::string>(runtime,
                                         [bytes = std::move(bytes)] { return zip(bytes); });
}

}  // namespace matinee::logs
