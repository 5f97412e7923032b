// What a policy's text shows beside what it means: where its statements stand, and which keys of
// requests it asks for. For the policy simulator.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policy/document.h"

namespace matinee::policy {

/// As AWS counts: the first line is 1, and the column is that of the place behind the character,
/// counted from 1.
struct Place {
  std::int32_t line = 1;
  std::int32_t column = 1;
  std::size_t offset = 0;  // of the character, in bytes
};

/// Where AWS says that a statement begins is where its reader stands before it: behind the [ of the
/// list or the statement before, but behind its own { where it is not in a list. It ends behind }.
struct StatementPlace {
  Place begin;
  Place end;
};

/// Of each statement of a text that `parse` has taken, in their order.
std::vector<StatementPlace> find_places(std::string_view json);

/// The names of the keys that the document's variables and conditions ask for, as they are written,
/// each once: those of resources, then those of conditions, statement by statement.
std::vector<std::string> context_keys(const Document& document);

}  // namespace matinee::policy
