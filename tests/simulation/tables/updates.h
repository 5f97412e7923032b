// Updates as trees: what the model makes of an item with them.
#pragma once

#include <set>

#include "values.h"

namespace matinee::simulation::tables {

/// What SET puts at a path.
struct Sum {
  enum class Kind { literal, path, if_not_exists, list_append, plus, minus };
  Kind kind = Kind::literal;
  Json literal = {};
  Path path = {};
  std::vector<Sum> arguments = {};
};

struct Action {
  enum class Kind { set, remove, add, erase };
  Kind kind = Kind::set;
  Path path = {};
  Sum sum = {};  // a literal unless this is SET; nothing of REMOVE
};
using Update = std::vector<Action>;

struct Updated {
  Json item;
  /// Where it cannot be done: each message that may be told of.
  std::set<std::string> refusals = {};
};

/// Every value is computed from the item as it was; removals come last.
Updated apply(const Update& update, const Json& item);

/// Only REMOVE and DELETE, and at least one of them.
bool only_takes_away(const Update& update);

}  // namespace matinee::simulation::tables
