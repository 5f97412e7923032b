// Paths into the JSON of an event, as InputPath and InputPathsMap have them: $.detail.items[0],
// $['detail'], $.resources[*]. Compiled once; what they find is the JSON text as it stands in the
// event. No other part of JSONPath is known to EventBridge.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace matinee::events {

class EventPath {
 public:
  /// Nothing where the text is not a path.
  static std::optional<EventPath> compile(std::string_view text);

  /// The JSON of what is there; of a path with * a list, empty where nothing fits. Nothing where
  /// the event has no such member. `event` is valid JSON.
  std::optional<std::string> find(std::string_view event) const;

 private:
  enum class StepKind : std::uint8_t { member, element, all };
  struct Step {
    StepKind kind;
    std::string name;       // of a member
    std::size_t index = 0;  // of an element
  };

  std::vector<Step> steps_;
  bool has_wildcard_ = false;

  static std::optional<Step> read_name(std::string_view& text);
  static std::optional<Step> read_bracket(std::string_view& text);
  void collect(std::string_view value, std::size_t step,
               std::vector<std::string_view>& found) const;
};

/// The end of the JSON value that begins at `at`: npos where it has none.
std::size_t end_of_value(std::string_view json, std::size_t at);
std::size_t skip_space(std::string_view json, std::size_t at);

/// A text without its quotes and escapes; of other values the JSON.
std::string plain_text(std::string_view json);

/// The object without the members of this name.
std::string without_member(std::string_view object, std::string_view name);

}  // namespace matinee::events
