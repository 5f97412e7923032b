#include "templates/reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "templates/text_readers.h"

namespace matinee::templates {

namespace {

constexpr std::size_t members_without_index = 16;

/// The first byte that is no white space; 0 where there is none.
char first_letter(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  return start == std::string_view::npos ? '\0' : text[start];
}

}  // namespace

void refuse_text(std::string_view language, Place place) {
  throw TemplateError(fmt::format("Template format error: {} not well-formed. (line {}, column {})",
                                  language, place.line, place.column),
                      place);
}

Place place_in(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t line_end = before.rfind('\n');
  const std::string_view line =
      line_end == std::string_view::npos ? before : before.substr(line_end + 1);
  return {.line = static_cast<std::uint32_t>(std::ranges::count(before, '\n') + 1),
          .column = static_cast<std::uint32_t>(std::ranges::count_if(line, is_first_byte) + 1)};
}

Member* MapBuilder::find(const std::string& name) {
  if (members_.size() <= members_without_index) {
    const auto found = std::ranges::find(members_, name, &Member::name);
    return found == members_.end() ? nullptr : &*found;
  }
  const auto found = index_.find(name);
  return found == index_.end() ? nullptr : &members_[found->second];
}

void MapBuilder::add(Member member) {
  members_.push_back(std::move(member));
  if (members_.size() <= members_without_index) return;
  for (std::size_t i = index_.size(); i < members_.size(); ++i) index_.emplace(members_[i].name, i);
}

void MapBuilder::set(Member member) {
  if (Member* earlier = find(member.name))
    *earlier = std::move(member);
  else
    add(std::move(member));
}

void MapBuilder::set_default(const Member& member) {
  if (!find(member.name)) add(member);
}

Value MapBuilder::finish(Place place) {
  Value value = Value::map();
  value.members() = std::move(members_);
  value.set_place(place);
  return value;
}

Value read_value(std::string_view text, Aliases aliases) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (first_letter(text) == '{') return read_json(text);
  if (first_letter(text) == '[') {
    // A list may be either, and JSON has escapes that YAML has not.
    try {
      return read_json(text);
    } catch (const TemplateError&) {
      return read_yaml(text, aliases);
    }
  }
  return read_yaml(text, aliases);
}

Value read_template(std::string_view text, Aliases aliases) {
  Value value = read_value(text, aliases);
  if (!value.is_map()) {
    // Of an empty text there is nothing that stands anywhere.
    const Place place = value.place().line == 0 ? Place{.line = 1, .column = 1} : value.place();
    throw TemplateError("Template format error: unsupported structure.", place);
  }
  return value;
}

}  // namespace matinee::templates
