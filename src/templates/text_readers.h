// The two readers behind `reader.h`.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

#include "templates/reader.h"

namespace matinee::templates {

/// Deeper texts are refused: what works on trees calls itself for each level.
inline constexpr std::size_t max_depth = 200;

Value read_yaml(std::string_view text, Aliases aliases);

/// Throws "Template format error: YAML not well-formed. (line 3, column 5)".
[[noreturn]] void refuse_text(std::string_view language, Place place);

/// Whether a byte of UTF-8 begins a character.
constexpr bool is_first_byte(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
}

/// The place of the byte at `offset`. Columns count characters, not bytes.
Place place_in(std::string_view text, std::size_t offset);

/// Members of a map that is being read: one that comes again replaces the first, in constant time.
class MapBuilder {
 public:
  void set(Member member);
  /// Only where there is none of that name.
  void set_default(const Member& member);
  Value finish(Place place);

 private:
  Value::Map members_;
  /// Names to places in `members_`, once there are more than a few.
  std::unordered_map<std::string, std::size_t> index_;

  Member* find(const std::string& name);
  void add(Member member);
};

}  // namespace matinee::templates
