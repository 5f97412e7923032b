// What a target of a rule gets of an event: all of it, a constant (Input), a part (InputPath), or a
// text made from parts (InputTransformer). Compiled once per target; applying it touches no state.
//
// A template is JSON, or texts in quotes, with <variables> in it. Where a variable stands bare, the
// value goes in as JSON: texts with their quotes, objects and lists as they are, "" where the event
// has nothing. Within quotes it goes in as part of the text: texts with their escapes, of objects
// and lists all but the quotes, so that the text stays one; nothing where the event has nothing.
// <aws.events.event> and <aws.events.event.json> go in as they are everywhere, so that they are
// good for values only, as AWS's documentation says. \< and \> stand for < and >.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/shapes.h"
#include "services/events/event_paths.h"

namespace matinee::events {

/// What reserved variables stand for.
struct InputContext {
  std::string_view rule_arn;
  std::string_view rule_name;
  std::string_view ingestion_time;  // ISO 8601
};

class TargetInput {
 public:
  /// Throws ValidationException, with the target's id, for settings that PutTargets refuses.
  static TargetInput compile(const Target& target);

  /// Whether targets get the event itself.
  bool is_whole() const { return kind_ == Kind::whole; }
  /// No target takes as much. A template that names a value often could make gigabytes.
  static constexpr std::size_t most_bytes = std::size_t{8} << 20;
  /// `event` is the JSON object that rules see. What has come to more than `most_bytes` ends there.
  std::string apply(std::string_view event, const InputContext& context) const;

 private:
  enum class Kind : std::uint8_t { whole, constant, path, transformed };
  enum class Variable : std::uint8_t {
    none,
    path,
    rule_arn,
    rule_name,
    ingestion_time,
    event,
    event_json
  };
  /// Some of the template, then a variable.
  struct Piece {
    std::string text;
    Variable variable = Variable::none;
    std::size_t path = 0;  // an index of `paths_`
    bool in_quotes = false;
  };

  class TemplateReader;

  Kind kind_ = Kind::whole;
  std::string constant_;
  std::vector<EventPath> paths_;
  std::vector<Piece> pieces_;

  void compile_template(const Target& target);
  std::string value_of(const Piece& piece, std::string_view event,
                       const InputContext& context) const;
};

}  // namespace matinee::events
