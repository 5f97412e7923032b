#include "updates.h"

#include <algorithm>

#include "decimals.h"

namespace matinee::simulation::tables {
namespace {

using Kind = Action::Kind;

constexpr const char* wrong_type = "An operand in the update expression has an incorrect data type";
constexpr const char* missing =
    "The provided expression refers to an attribute that does not exist in the item";
constexpr const char* wrong_path =
    "The document path provided in the update expression is invalid for update";
constexpr const char* overflow =
    "Number overflow. Attempting to store a number with magnitude larger than supported range";

/// The message of what cannot be done.
struct Refusal {
  std::string message;
};

Json number(const Decimal& value) {
  const auto text = normal_text(value);
  if (!text) throw Refusal{overflow};
  return Json::Object{{"N", *text}};
}

void require_type(const Json& value, const std::string& type) {
  if (type_of(value) != type) throw Refusal{wrong_type};
}

Json compute(const Sum& sum, const Json& item) {
  using enum Sum::Kind;
  if (sum.kind == literal) return sum.literal;
  if (sum.kind == path || sum.kind == if_not_exists) {
    if (const Json* found = find(sum.path, item)) return *found;
    if (sum.kind == path) throw Refusal{missing};
    return compute(sum.arguments[0], item);
  }
  Json left = compute(sum.arguments[0], item);
  const Json right = compute(sum.arguments[1], item);
  if (sum.kind == list_append) {
    require_type(left, "L");
    require_type(right, "L");
    for (const Json& element : right.at("L").array()) left["L"].array().push_back(element);
    return left;
  }
  require_type(left, "N");
  require_type(right, "N");
  const Decimal& first = decimal_of(scalar_of(left));
  const Decimal& second = decimal_of(scalar_of(right));
  return number(sum.kind == plus ? first + second : first - second);
}

Json added(const Json* there, const Json& more) {
  if (!there) return more;
  require_type(*there, type_of(more));
  if (type_of(more) == "N")
    return number(decimal_of(scalar_of(*there)) + decimal_of(scalar_of(more)));
  Json result = *there;
  Json::Array& members = result[type_of(more)].array();
  for (const Json& member : more.at(type_of(more)).array())
    if (std::ranges::find(members, member) == members.end()) members.push_back(member);
  sort_sets(result);
  return result;
}

/// Nothing where nothing is left.
std::optional<Json> reduced(const Json& there, const Json& less) {
  require_type(there, type_of(less));
  Json result = there;
  Json::Array& members = result[type_of(less)].array();
  for (const Json& member : less.at(type_of(less)).array()) std::erase(members, member);
  if (members.empty()) return std::nullopt;
  return result;
}

/// What is at the path afterwards.
std::optional<Json> outcome(const Action& action, const Json& item) {
  if (action.kind == Kind::set) return compute(action.sum, item);
  if (action.kind == Kind::remove) return std::nullopt;
  const Json* there = find(action.path, item);
  if (action.kind == Kind::add) return added(there, action.sum.literal);
  if (!there) return std::nullopt;
  return reduced(*there, action.sum.literal);
}

/// Whether what holds the last element of the path is there, and of the right kind.
bool has_parent(const Path& path, const Json& item) {
  if (path.size() == 1) return true;
  const Json* parent = find(Path(path.begin(), path.end() - 1), item);
  return parent && type_of(*parent) == (path.back().index ? "L" : "M");
}

void store(const Path& path, const Json& value, Json& item) {
  if (Json* there = find(path, item)) {
    *there = value;
    return;
  }
  if (path.size() == 1) {
    item[path.front().name] = value;
    return;
  }
  Json& parent = *find(Path(path.begin(), path.end() - 1), item);
  if (path.back().index)
    parent["L"].array().push_back(value);
  else
    parent["M"][path.back().name] = value;
}

void remove(const Path& path, Json& item) {
  if (!find(path, item)) return;
  if (path.size() == 1) {
    item.object().erase(path.front().name);
    return;
  }
  Json& parent = *find(Path(path.begin(), path.end() - 1), item);
  if (!path.back().index) {
    parent["M"].object().erase(path.back().name);
    return;
  }
  Json::Array& list = parent["L"].array();
  list.erase(list.begin() + static_cast<std::ptrdiff_t>(*path.back().index));
}

/// By the indexes of lists, and by names.
bool is_before(const Path& left, const Path& right) {
  return std::ranges::lexicographical_compare(left, right, [](const Step& one, const Step& other) {
    return std::pair(one.index.value_or(0), one.name) <
           std::pair(other.index.value_or(0), other.name);
  });
}

}  // namespace

Updated apply(const Update& update, const Json& item) {
  Updated updated{.item = item};
  std::vector<std::pair<Path, Json>> stored;
  std::vector<Path> removed;
  for (const Action& action : update) {
    try {
      const std::optional<Json> value = outcome(action, item);
      if (!has_parent(action.path, item)) throw Refusal{wrong_path};
      if (value)
        stored.emplace_back(action.path, *value);
      else if (find(action.path, item))
        removed.push_back(action.path);
    } catch (const Refusal& refusal) {
      updated.refusals.insert(refusal.message);
    }
  }
  if (!updated.refusals.empty()) return updated;
  // Elements past the end of a list are appended in the order of their indexes; what is removed
  // goes from behind, so that each index is that of the list as it was.
  std::ranges::sort(stored, [](const auto& left, const auto& right) {
    return is_before(left.first, right.first);
  });
  for (const auto& [path, value] : stored) store(path, value, updated.item);
  std::ranges::sort(removed,
                    [](const Path& left, const Path& right) { return is_before(right, left); });
  for (const Path& path : removed) remove(path, updated.item);
  return updated;
}

bool only_takes_away(const Update& update) {
  return !update.empty() && std::ranges::all_of(update, [](const Action& action) {
    return action.kind == Kind::remove || action.kind == Kind::erase;
  });
}

}  // namespace matinee::simulation::tables
