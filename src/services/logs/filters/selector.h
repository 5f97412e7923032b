// What leads into a JSON event: $.user.id, $.list[0].name, $.['cluster.name'], $.list[*].id.
// Include it in .cpp files only: simdjson's header is large.
#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace matinee::logs::filters {

class Selector {
 public:
  /// Takes a selector off the front of `text`. Throws PatternFault.
  static Selector take(std::string_view& text);

  /// As it was written: "$.user.id".
  const std::string& text() const { return text_; }
  bool has_wildcard() const { return wildcards_ > 0; }
  int wildcards() const { return wildcards_; }

  /// Whether `wanted(element)` holds of anything that this leads to.
  template <class Wanted>
  bool leads_to(simdjson::dom::element from, Wanted wanted) const {
    return leads_to(from, 0, wanted);
  }
  std::optional<simdjson::dom::element> find(simdjson::dom::element from) const;

 private:
  struct Step {
    std::optional<std::string> name;
    std::size_t index = 0;
    bool any = false;  // element of a list
  };

  std::string text_;
  std::vector<Step> steps_;
  int wildcards_ = 0;

  static Step take_bracket(std::string_view& text);

  template <class Wanted>
  bool leads_to(simdjson::dom::element from, std::size_t depth, Wanted& wanted) const {
    if (depth == steps_.size()) return wanted(from);
    const Step& step = steps_[depth];
    simdjson::dom::element next;
    if (step.name) {
      if (!from.is_object() || from.at_key(*step.name).get(next)) return false;
      return leads_to(next, depth + 1, wanted);
    }
    simdjson::dom::array list;
    if (from.get_array().get(list)) return false;
    if (!step.any) return !list.at(step.index).get(next) && leads_to(next, depth + 1, wanted);
    for (const simdjson::dom::element element : list)
      if (leads_to(element, depth + 1, wanted)) return true;
    return false;
  }
};

/// What a value is in text: strings as they are, lists and objects in JSON.
std::string to_text(simdjson::dom::element element);

/// Calls `use(element)` where the event is JSON, an object or a list; false where it is not.
template <class Use>
bool with_json(std::string_view message, Use use) {
  constexpr std::size_t kept_capacity = std::size_t{1} << 20;
  const std::size_t first = message.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || (message[first] != '{' && message[first] != '['))
    return false;
  thread_local auto parser = std::make_unique<simdjson::dom::parser>();
  simdjson::dom::element root;
  const bool parsed = !parser->parse(message.data(), message.size(), true).get(root);
  const bool result = parsed && use(root);
  if (parser->capacity() > kept_capacity) parser = std::make_unique<simdjson::dom::parser>();
  return result;
}

}  // namespace matinee::logs::filters
