// Where in a request a reader stands, kept on its stack and spelled out only when something is
// wrong there.
#pragma once

#include <string>
#include <string_view>

namespace matinee::protocol {

struct Path {
  const Path* parent = nullptr;  // null at the root
  std::string_view name;         // of a member or a map's key
  std::size_t position = 0;      // from 1 in a list; 0 elsewhere
  bool is_entry = false;         // of a list or map

  Path member(std::string_view member_name) const { return {this, member_name}; }
  Path element(std::size_t index) const { return {this, {}, index + 1, true}; }
  Path entry(std::string_view key) const { return {this, key, 0, true}; }

  /// "Entries.1.member.Id"; empty at the root.
  std::string text() const;
};

}  // namespace matinee::protocol
