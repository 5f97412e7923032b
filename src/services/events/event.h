// An event on its way through a bus.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/clock.h"

namespace matinee::events {

struct BusEvent {
  std::string id;
  std::string detail_type;
  std::string source;
  std::string account;
  std::string region;
  runtime::Time time;
  std::vector<std::string> resources;
  std::string detail;  // a JSON object without blanks
  std::string replay;  // the name of the replay; empty without
};

/// JSON without blanks, its members in AWS's order.
std::string to_json(const BusEvent& event);

/// The same event under another id, or as part of a replay. `json` comes from `to_json`.
std::string with_id(std::string_view json, std::string_view id);
std::string with_replay(std::string_view json, std::string_view name);

/// `text` without blanks; nothing where it is not a JSON object.
std::optional<std::string> compact_object(std::string_view text);

/// Whether it is JSON of any kind.
bool is_json(std::string_view text);

/// "2026-12-24T18:00:00Z".
std::string to_text(runtime::Time time);

}  // namespace matinee::events
