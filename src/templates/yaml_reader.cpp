#include <yaml.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "templates/text_readers.h"
#include "templates/yaml_scalars.h"

namespace matinee::templates {

namespace {

constexpr std::string_view standard_tags = "tag:yaml.org,2002:";
constexpr std::size_t max_expanded_values = 100'000;
constexpr std::size_t max_expanded_bytes = 4'000'000;

std::string_view view(const yaml_char_t* text) {
  return text ? reinterpret_cast<const char*>(text) : std::string_view();
}

Place place_at(const yaml_mark_t& mark) {
  return {.line = static_cast<std::uint32_t>(mark.line + 1),
          .column = static_cast<std::uint32_t>(mark.column + 1)};
}

/// One of libyaml's events, freed at the end of its life.
struct Event {
  yaml_event_t event{};

  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { yaml_event_delete(&event); }
  yaml_event_type_t type() const { return event.type; }
  Place place() const { return place_at(event.start_mark); }
};

/// What copying a value costs.
struct Weight {
  std::size_t values = 0;
  std::size_t bytes = 0;
};

struct Anchored {
  Value value;
  Weight weight;
};

class YamlReader {
 public:
  YamlReader(std::string_view text, Aliases aliases) : text_(text), aliases_(aliases) {
    yaml_parser_initialize(&parser_);
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                                 text.size());
  }
  YamlReader(const YamlReader&) = delete;
  YamlReader& operator=(const YamlReader&) = delete;
  ~YamlReader() { yaml_parser_delete(&parser_); }

  Value read() {
    expect(YAML_STREAM_START_EVENT);
    Event first;
    next(first);
    if (first.type() == YAML_STREAM_END_EVENT) return {};
    Value value = read_next(1);
    expect(YAML_DOCUMENT_END_EVENT);
    expect(YAML_STREAM_END_EVENT);  // of one document
    return value;
  }

 private:
  const std::string_view text_;
  const Aliases aliases_;
  yaml_parser_t parser_{};
  std::map<std::string, Anchored, std::less<>> anchors_;
  /// Of all that was read or copied.
  Weight read_;

  [[noreturn]] void refuse(Place place) { refuse_text("YAML", place); }

  void next(Event& event) {
    if (yaml_parser_parse(&parser_, &event.event)) return;
    if (parser_.error == YAML_READER_ERROR)
      refuse(place_in(text_, std::min(parser_.problem_offset, text_.size())));
    refuse(place_at(parser_.problem_mark));
  }

  void expect(yaml_event_type_t type) {
    Event event;
    next(event);
    if (event.type() != type) refuse(event.place());
  }

  void count(const Weight& weight) {
    read_.values += weight.values;
    read_.bytes += weight.bytes;
  }

  Value read_next(std::size_t depth) {
    Event event;
    next(event);
    return read_from(event, depth);
  }

  Value read_from(Event& event, std::size_t depth) {
    if (depth > max_depth) refuse(event.place());
    switch (event.type()) {
      case YAML_ALIAS_EVENT:
        return copy(view(event.event.data.alias.anchor), event.place());
      case YAML_SCALAR_EVENT: {
        const auto& scalar = event.event.data.scalar;
        const Weight before = read_;
        count({.values = 1, .bytes = scalar.length});
        return keep(view(scalar.anchor), before, read_scalar(event));
      }
      case YAML_SEQUENCE_START_EVENT: {
        const auto& start = event.event.data.sequence_start;
        const Weight before = read_;
        count({.values = 1});
        Value list = read_list(depth).at(event.place());
        return keep(view(start.anchor), before, tagged(view(start.tag), std::move(list)));
      }
      case YAML_MAPPING_START_EVENT: {
        const auto& start = event.event.data.mapping_start;
        const Weight before = read_;
        count({.values = 1});
        Value map = read_map(event.place(), depth);
        return keep(view(start.anchor), before, tagged(view(start.tag), std::move(map)));
      }
      default:
        refuse(event.place());
    }
  }

  Value keep(std::string_view anchor, const Weight& before, Value value) {
    if (!anchor.empty() && aliases_ == Aliases::expanded)
      anchors_.insert_or_assign(
          std::string(anchor),
          Anchored{value,
                   {.values = read_.values - before.values, .bytes = read_.bytes - before.bytes}});
    return value;
  }

  Value copy(std::string_view anchor, Place place) {
    if (aliases_ == Aliases::refused)
      throw TemplateError(
          "Template error: YAML aliases are not allowed in CloudFormation templates", place);
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) refuse(place);
    count(found->second.weight);
    if (read_.values > max_expanded_values || read_.bytes > max_expanded_bytes)
      throw TemplateError("Template error: YAML aliases make the template too large", place);
    return Value(found->second.value).at(place);
  }

  Value read_scalar(Event& event) {
    const auto& scalar = event.event.data.scalar;
    const std::string_view text(reinterpret_cast<const char*>(scalar.value), scalar.length);
    const std::string_view tag = view(scalar.tag);
    if (tag.empty())
      return (scalar.style == YAML_PLAIN_SCALAR_STYLE ? plain_scalar(text) : Value(text))
          .at(event.place());
    if (tag.starts_with(standard_tags)) {
      auto value = typed_scalar(tag.substr(standard_tags.size()), text);
      if (!value) refuse(event.place());
      return (*std::move(value)).at(event.place());
    }
    return tagged(tag, Value(text).at(event.place()));
  }

  Value read_list(std::size_t depth) {
    Value::List elements;
    for (;;) {
      Event event;
      next(event);
      if (event.type() == YAML_SEQUENCE_END_EVENT) return Value::list(std::move(elements));
      elements.push_back(read_from(event, depth + 1));
    }
  }

  Value read_map(Place place, std::size_t depth) {
    MapBuilder members;
    std::vector<Value> merged;
    for (;;) {
      Event event;
      next(event);
      if (event.type() == YAML_MAPPING_END_EVENT) break;
      const Place name_place = event.place();
      const bool is_plain = event.type() == YAML_SCALAR_EVENT &&
                            event.event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
      std::string name = read_name(event);
      Value value = read_next(depth + 1);
      if (is_plain && name == "<<" && aliases_ == Aliases::expanded)
        merged.push_back(std::move(value));
      else
        members.set({std::move(name), std::move(value), name_place});
    }
    for (const Value& value : merged) merge(members, value);
    return members.finish(place);
  }

  std::string read_name(Event& event) {
    if (event.type() == YAML_ALIAS_EVENT) {
      const Value name = copy(view(event.event.data.alias.anchor), event.place());
      if (!name.is_scalar()) refuse(event.place());
      return name.text();
    }
    if (event.type() != YAML_SCALAR_EVENT) refuse(event.place());
    const auto& scalar = event.event.data.scalar;
    count({.values = 1, .bytes = scalar.length});
    std::string name(reinterpret_cast<const char*>(scalar.value), scalar.length);
    if (const std::string_view anchor = view(scalar.anchor); !anchor.empty())
      anchors_.insert_or_assign(std::string(anchor),
                                Anchored{Value(name), {.values = 1, .bytes = name.size()}});
    return name;
  }

  void merge(MapBuilder& members, const Value& value) {
    if (value.is_map()) {
      for (const Member& member : value.members()) members.set_default(member);
    } else if (value.is_list()) {
      for (const Value& element : value.elements()) {
        if (!element.is_map()) refuse(element.place());
        merge(members, element);
      }
    } else {
      refuse(value.place());
    }
  }

  /// A tag of YAML itself says nothing that the form of a list or map does not; any other names a
  /// function.
  Value tagged(std::string_view tag, Value value) {
    const Place place = value.place();
    if (tag.empty() || tag == "!") return value;
    if (tag.starts_with(standard_tags)) {
      const std::string_view type = tag.substr(standard_tags.size());
      if (type != (value.is_list() ? "seq" : "map")) refuse(place);
      return value;
    }
    if (!tag.starts_with('!')) refuse(place);
    return short_form(tag.substr(1), std::move(value)).at(place);
  }
};

}  // namespace

Value read_yaml(std::string_view text, Aliases aliases) {
  return YamlReader(text, aliases).read();
}

}  // namespace matinee::templates
