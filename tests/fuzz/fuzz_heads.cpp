// The head of a request and chunked bodies, given in two pieces that the first byte separates.
#include <cstdint>
#include <string_view>

#include "gateway/head_parser.h"

namespace {

using matinee::gateway::HeadParser;
using matinee::gateway::ParseProgress;

void parse_body(HeadParser& parser, std::string_view rest) {
  std::string content;
  while (!rest.empty()) {
    const ParseProgress progress = parser.put_chunks(rest, content);
    if (progress.consumed > rest.size()) __builtin_trap();
    if (progress.state != ParseProgress::State::need_more || progress.consumed == 0) return;
    rest.remove_prefix(progress.consumed);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t cut = text.size() * data[0] / 255;
  HeadParser parser;
  ParseProgress progress = parser.put_head(text.substr(0, cut));
  if (progress.consumed > cut) __builtin_trap();
  std::string_view rest = text.substr(progress.consumed);
  if (progress.state == ParseProgress::State::need_more) {
    progress = parser.put_head(rest);
    rest.remove_prefix(progress.consumed);
  }
  if (progress.state != ParseProgress::State::done) return 0;
  const bool chunked = parser.framing().is_chunked;
  parser.take_request();
  if (chunked) parse_body(parser, rest);
  return 0;
}
