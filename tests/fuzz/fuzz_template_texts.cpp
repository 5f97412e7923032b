// YAML and JSON of templates: what can be read is the same after it was written as JSON and read
// again, and every value has a place in the text.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "templates/reader.h"

namespace {

using namespace matinee::templates;

void check_places(const Value& value, std::uint32_t lines) {
  if (value.place().line == 0 || value.place().line > lines || value.place().column == 0)
    std::abort();
  for (const Value& element : value.elements()) check_places(element, lines);
  for (const Member& member : value.members()) check_places(member.value, lines);
}

void check(std::string_view text, Aliases aliases) {
  Value value;
  try {
    value = read_template(text, aliases);
  } catch (const TemplateError& error) {
    if (error.message.empty()) std::abort();
    return;
  }
  // libyaml ends lines at more characters than these, and the text with a line of its own.
  std::uint32_t lines = 2;
  for (const char c : text)
    lines += c == '\n' || c == '\r' || static_cast<unsigned char>(c) >= 0x80;
  check_places(value, lines);
  const std::string json = to_json(value);
  if (to_json(read_template(json)) != json) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check(text, Aliases::refused);
  check(text, Aliases::expanded);
  return 0;
}
