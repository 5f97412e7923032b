#include "services/logs/filters/selector.h"

#include <fmt/format.h>

#include "services/logs/filters/fault.h"

namespace matinee::logs::filters {

namespace {

constexpr std::string_view name_ends = " \t\r\n.=!<>[](){}&|\"'%$,*";

/// A list of more elements is no log event.
constexpr std::size_t most_index = 1'000'000;

}  // namespace

Selector Selector::take(std::string_view& text) {
  const std::string_view start = text;
  Selector selector;
  if (!text.starts_with('$')) refuse_pattern();
  text.remove_prefix(1);
  while (!text.empty() && (text.front() == '.' || text.front() == '[')) {
    if (text.starts_with('.')) text.remove_prefix(1);
    if (text.starts_with('[')) {
      selector.steps_.push_back(take_bracket(text));
      selector.wildcards_ += selector.steps_.back().any ? 1 : 0;
      continue;
    }
    const std::string_view name = text.substr(0, text.find_first_of(name_ends));
    if (name.empty()) refuse_pattern();
    selector.steps_.push_back({.name = std::string(name)});
    text.remove_prefix(name.size());
  }
  if (selector.steps_.empty() || selector.wildcards_ > 1) refuse_pattern();
  selector.text_ = start.substr(0, start.size() - text.size());
  return selector;
}

Selector::Step Selector::take_bracket(std::string_view& text) {
  text.remove_prefix(1);
  Step step;
  if (text.starts_with('\'') || text.starts_with('"')) {
    const std::size_t end = text.find(text.front(), 1);
    if (end == std::string_view::npos) refuse_pattern();
    step.name = text.substr(1, end - 1);
    text.remove_prefix(end + 1);
  } else if (text.starts_with('*')) {
    step.any = true;
    text.remove_prefix(1);
  } else {
    if (text.empty() || text.front() < '0' || text.front() > '9') refuse_pattern();
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
      step.index = step.index * 10 + static_cast<std::size_t>(text.front() - '0');
      if (step.index > most_index) refuse_pattern();
      text.remove_prefix(1);
    }
  }
  if (!text.starts_with(']')) refuse_pattern();
  text.remove_prefix(1);
  return step;
}

std::optional<simdjson::dom::element> Selector::find(simdjson::dom::element from) const {
  std::optional<simdjson::dom::element> found;
  leads_to(from, [&](simdjson::dom::element element) {
    found = element;
    return true;
  });
  return found;
}

std::string to_text(simdjson::dom::element element) {
  using simdjson::dom::element_type;
  switch (element.type()) {
    case element_type::STRING:
      return std::string(std::string_view(element));
    case element_type::INT64:
      return std::to_string(std::int64_t(element));
    case element_type::UINT64:
      return std::to_string(std::uint64_t(element));
    case element_type::DOUBLE:
      return fmt::format("{}", double(element));
    case element_type::BOOL:
      return bool(element) ? "true" : "false";
    case element_type::NULL_VALUE:
      return "null";
    default:
      return simdjson::minify(element);
  }
}

}  // namespace matinee::logs::filters
