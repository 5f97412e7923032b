#include "services/events/event_paths.h"

#include <algorithm>
#include <charconv>

#include "protocol/json_reader.h"

namespace matinee::events {

namespace {

std::size_t end_of_string(std::string_view json, std::size_t at) {
  at = json.find_first_of("\"\\", at + 1);
  while (at < json.size() && json[at] == '\\') at = json.find_first_of("\"\\", at + 2);
  return at < json.size() ? at + 1 : std::string_view::npos;
}

std::size_t end_of_nested(std::string_view json, std::size_t at) {
  std::size_t depth = 0;
  while (true) {
    at = json.find_first_of("\"{}[]", at);
    if (at == std::string_view::npos) return at;
    const char c = json[at];
    if (c == '"') {
      at = end_of_string(json, at);
      if (at == std::string_view::npos) return at;
      continue;
    }
    ++at;
    if (c == '{' || c == '[') {
      ++depth;
    } else if (--depth == 0) {
      return at;
    }
  }
}

/// Whether a name as it is written in JSON, without its quotes, is `name`.
bool is_name(std::string_view written, std::string_view name) {
  if (written.find('\\') == std::string_view::npos) return written == name;
  const simdjson::padded_string text('"' + std::string(written) + '"');
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  std::string_view plain;
  if (parser.iterate(text).get(document) || document.get_string().get(plain)) return false;
  return plain == name;
}

/// Calls `visit(name, value, begin, end)` for each member of an object, from the beginning of its
/// name to the end of its value.
template <class Visit>
void each_member(std::string_view object, Visit visit) {
  std::size_t at = skip_space(object, 1);
  while (at < object.size() && object[at] == '"') {
    const std::size_t begin = at;
    at = end_of_string(object, at);
    if (at == std::string_view::npos) return;
    const std::string_view name = object.substr(begin + 1, at - begin - 2);
    const std::size_t value = skip_space(object, skip_space(object, at) + 1);
    at = end_of_value(object, value);
    if (at == std::string_view::npos) return;
    visit(name, object.substr(value, at - value), begin, at);
    at = skip_space(object, at);
    if (at < object.size() && object[at] == ',') at = skip_space(object, at + 1);
  }
}

/// Calls `visit(value)` for each element until it returns false.
template <class Visit>
void each_element(std::string_view array, Visit visit) {
  std::size_t at = skip_space(array, 1);
  while (at < array.size() && array[at] != ']') {
    const std::size_t end = end_of_value(array, at);
    if (end == std::string_view::npos || !visit(array.substr(at, end - at))) return;
    at = skip_space(array, end);
    if (at < array.size() && array[at] == ',') at = skip_space(array, at + 1);
  }
}

}  // namespace

std::size_t skip_space(std::string_view json, std::size_t at) {
  while (at < json.size() &&
         (json[at] == ' ' || json[at] == '\n' || json[at] == '\t' || json[at] == '\r'))
    ++at;
  return at;
}

std::size_t end_of_value(std::string_view json, std::size_t at) {
  if (at >= json.size()) return std::string_view::npos;
  if (json[at] == '"') return end_of_string(json, at);
  if (json[at] == '{' || json[at] == '[') return end_of_nested(json, at);
  const std::size_t end = std::min(json.find_first_of(",]}: \n\t\r\"{[", at), json.size());
  return end == at ? std::string_view::npos : end;
}

std::string plain_text(std::string_view json) {
  if (!json.starts_with('"')) return std::string(json);
  const simdjson::padded_string padded(json);
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  std::string_view text;
  if (parser.iterate(padded).get(document) || document.get_string().get(text)) return "";
  return std::string(text);
}

std::string without_member(std::string_view object, std::string_view name) {
  std::string out = "{";
  each_member(object,
              [&](std::string_view written, std::string_view, std::size_t begin, std::size_t end) {
                if (is_name(written, name)) return;
                if (out.size() > 1) out += ',';
                out += object.substr(begin, end - begin);
              });
  return out += '}';
}

std::optional<EventPath::Step> EventPath::read_name(std::string_view& text) {
  const std::size_t end = std::min(text.find_first_of(".["), text.size());
  const std::string_view name = text.substr(0, end);
  text.remove_prefix(end);
  if (name == "*") return Step{.kind = StepKind::all, .name = {}};
  const auto may_be_in_name = [](char c) {
    return static_cast<unsigned char>(c) > ' ' &&
           std::string_view("'\"()?@,*]").find(c) == std::string_view::npos;
  };
  if (name.empty() || !std::ranges::all_of(name, may_be_in_name)) return std::nullopt;
  return Step{.kind = StepKind::member, .name = std::string(name)};
}

std::optional<EventPath::Step> EventPath::read_bracket(std::string_view& text) {
  if (text.starts_with('\'') || text.starts_with('"')) {
    const std::size_t end = text.find(text[0], 1);
    if (end == std::string_view::npos || !text.substr(end + 1).starts_with(']'))
      return std::nullopt;
    Step step{.kind = StepKind::member, .name = std::string(text.substr(1, end - 1))};
    text.remove_prefix(end + 2);
    return step;
  }
  const std::size_t end = text.find(']');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view inside = text.substr(0, end);
  text.remove_prefix(end + 1);
  if (inside == "*") return Step{.kind = StepKind::all, .name = {}};
  Step step{.kind = StepKind::element, .name = {}};
  const auto [stop, error] =
      std::from_chars(inside.data(), inside.data() + inside.size(), step.index);
  if (inside.empty() || error != std::errc() || stop != inside.data() + inside.size())
    return std::nullopt;
  return step;
}

std::optional<EventPath> EventPath::compile(std::string_view text) {
  if (!text.starts_with('$')) return std::nullopt;
  text.remove_prefix(1);
  EventPath path;
  while (!text.empty()) {
    const bool is_bracket = text[0] == '[';
    if (!is_bracket && text[0] != '.') return std::nullopt;
    text.remove_prefix(1);
    std::optional<Step> step = is_bracket ? read_bracket(text) : read_name(text);
    if (!step) return std::nullopt;
    path.has_wildcard_ |= step->kind == StepKind::all;
    path.steps_.push_back(std::move(*step));
  }
  return path;
}

void EventPath::collect(std::string_view value, std::size_t step,
                        std::vector<std::string_view>& found) const {
  if (step == steps_.size()) {
    found.push_back(value);
    return;
  }
  const Step& wanted = steps_[step];
  const bool is_object = value.starts_with('{');
  if (!is_object && !value.starts_with('[')) return;
  if (wanted.kind == StepKind::all) {
    if (is_object) {
      each_member(value, [&](std::string_view, std::string_view member, std::size_t, std::size_t) {
        collect(member, step + 1, found);
      });
    } else {
      each_element(value, [&](std::string_view element) {
        collect(element, step + 1, found);
        return true;
      });
    }
    return;
  }
  std::optional<std::string_view> next;
  if (is_object && wanted.kind == StepKind::member) {
    // Of equal names the last one counts.
    each_member(value,
                [&](std::string_view name, std::string_view member, std::size_t, std::size_t) {
                  if (is_name(name, wanted.name)) next = member;
                });
  } else if (!is_object && wanted.kind == StepKind::element) {
    std::size_t index = 0;
    each_element(value, [&](std::string_view element) {
      if (index++ != wanted.index) return true;
      next = element;
      return false;
    });
  }
  if (next) collect(*next, step + 1, found);
}

std::optional<std::string> EventPath::find(std::string_view event) const {
  const std::size_t begin = skip_space(event, 0);
  const std::size_t end = end_of_value(event, begin);
  std::vector<std::string_view> found;
  if (end != std::string_view::npos) collect(event.substr(begin, end - begin), 0, found);
  if (!has_wildcard_) {
    if (found.empty()) return std::nullopt;
    return std::string(found.front());
  }
  std::string list = "[";
  for (const std::string_view value : found) {
    if (list.size() > 1) list += ',';
    list += value;
  }
  return list += ']';
}

}  // namespace matinee::events
