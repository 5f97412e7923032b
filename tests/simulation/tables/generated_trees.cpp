// Values, conditions and updates.
#include <algorithm>
#include <set>

#include "decimals.h"
#include "generator.h"

namespace matinee::simulation::tables {
namespace {

const std::vector<std::string>& texts() {
  static const std::vector<std::string> all = {"a",  "b",     "ab",  std::string("a\0", 2),
                                               "ba", "é日本", "😀b", std::string("a\0b", 3)};
  return all;
}

const std::vector<std::string>& numbers() {
  // Keys are the first ten; some have the same power of ten.
  static const std::vector<std::string> all = {"0",
                                               "1",
                                               "-1",
                                               "2",
                                               "-2",
                                               "-1.5",
                                               "10",
                                               "-12.5",
                                               "-10",
                                               "100000000000000000000",
                                               "0.5",
                                               "-100000000000000000000",
                                               "-1.25",
                                               "12345678901234567890123456789012345678",
                                               "-0.00000000000000000000000000000000000001",
                                               "7"};
  return all;
}

const std::vector<std::string>& binaries() {
  static const std::vector<std::string> all = {
      std::string("\0", 1), std::string("\0\0", 2), std::string("\0\xff", 2), "\xff", "a", "ab"};
  return all;
}

/// At the limits of what a number may be.
std::string extreme(runtime::SeededRandom& dice) {
  std::string digits(1 + dice.below(38), '9');
  const auto room = 126 - static_cast<int>(digits.size());
  const int exponent = dice.below(2) == 0 ? room : -130 + static_cast<int>(dice.below(4));
  return normal_text((dice.below(2) == 0 ? "-" : "") + digits + "E" + std::to_string(exponent));
}

Json of_type(const std::string& type, Json content) {
  return Json::Object{{type, std::move(content)}};
}

}  // namespace

Json Generator::any_scalar(const std::string& type) {
  if (type == "S") return of_type("S", chance(8) ? std::string() : one_of(texts()));
  if (type == "B") return of_type("B", chance(8) ? std::string() : base64_of(one_of(binaries())));
  return of_type("N", chance(8) ? extreme(dice_) : one_of(numbers()));
}

Json Generator::any_key_value(const std::string& type) {
  if (type == "S") return of_type("S", texts()[below(5)]);
  if (type == "B") return of_type("B", base64_of(binaries()[below(5)]));
  return of_type("N", numbers()[below(10)]);
}

Json Generator::any_value(int depth) {
  const std::string type = one_of<std::string>(
      {"S", "N", "B", "S", "N", "BOOL", "NULL", "SS", "NS", "BS", "L", "M", "L", "M"});
  if (type == "S" || type == "N" || type == "B") return any_scalar(type);
  if (type == "BOOL") return of_type("BOOL", chance(2));
  if (type == "NULL" || depth > 2) return of_type("NULL", true);
  if (type.ends_with("S")) {
    Json::Array members;
    const std::size_t count = 1 + below(3);
    while (members.size() < count) {
      const Json member = scalar_of(any_key_value(type.substr(0, 1)));
      if (std::ranges::find(members, member) == members.end()) members.push_back(member);
    }
    Json value = of_type(type, members);
    sort_sets(value);
    return value;
  }
  const std::size_t count = below(4);
  if (type == "L") {
    Json::Array elements;
    for (std::size_t i = 0; i < count; ++i) elements.push_back(any_value(depth + 1));
    return of_type("L", elements);
  }
  Json::Object members;
  for (std::size_t i = 0; i < count; ++i)
    members[one_of<std::string>({"k", "j", "i"})] = any_value(depth + 1);
  return of_type("M", members);
}

Json Generator::any_key(const Table& table) {
  Json key;
  for (const KeyAttribute& attribute : table.keys.all())
    key[attribute.name] = any_key_value(attribute.type);
  // Rather one that is there.
  if (chance(3) || table.items.empty()) return key;
  auto place = table.items.begin();
  std::advance(place, below(table.items.size()));
  return key_of(table.keys, *place->second);
}

Json Generator::any_item(const Table& table) {
  Json item = any_key(table);
  for (const auto& [name, type] : table.types) {
    if (table.keys.has(name) || chance(3)) continue;
    item[name] = chance(25) ? any_value() : any_key_value(type);
  }
  for (const std::string name : {"x", "y"})
    if (chance(2)) item[name] = any_value();
  if (chance(2)) {
    Json::Array list(below(5));
    for (Json& element : list) element = any_value(1);
    item["l"] = chance(4) ? any_value() : of_type("L", list);
  }
  if (chance(2))
    item["m"] = chance(4) ? any_value() : of_type("M", Json::Object{{"k", any_value(1)}});
  if (chance(2))
    item["z"] = one_of<std::string>({"a", "b"}) == "a" ? of_type("NS", Json::Array{"1", "2"})
                                                       : of_type("SS", Json::Array{"a", "b"});
  if (chance(3)) {
    const auto now =
        std::chrono::floor<std::chrono::seconds>(model_.now).time_since_epoch().count();
    const std::vector<std::int64_t> ways = {-200'000'000, -10, 5, 60, 400, 4000, 100'000};
    item["t"] = of_type("N", std::to_string(now + one_of(ways)));
  }
  return item;
}

Path Generator::any_path() {
  Path path = {{.name = one_of<std::string>({"x", "y", "l", "m", "z", "l", "m"})}};
  if (path[0].name == "l" || chance(6)) {
    if (chance(2)) path.push_back({.index = below(4)});
  } else if (path[0].name == "m" && chance(2)) {
    path.push_back({.name = one_of<std::string>({"k", "j", "i"})});
  }
  if (path.size() == 2 && chance(3))
    path.push_back(chance(2) ? Step{.index = below(3)}
                             : Step{.name = one_of<std::string>({"k", "j"})});
  return path;
}

std::vector<Path> Generator::any_paths() {
  std::vector<Path> paths;
  const std::size_t count = 1 + below(4);
  for (std::size_t i = 0; i < 2 * count && paths.size() < count; ++i) {
    Path path = any_path();
    if (chance(4)) path = {{.name = one_of<std::string>({"a", "b", "p", "c"})}};
    if (std::ranges::none_of(paths, [&](const Path& other) { return collide(path, other); }))
      paths.push_back(path);
  }
  return paths;
}

Condition Generator::any_predicate(const std::vector<Path>& paths) {
  const auto operand = [&](const Json& value) { return Operand{.value = value}; };
  const Operand path{.path = chance(3) ? one_of(paths) : any_path()};
  const std::string type = any_key_type();
  switch (below(9)) {
    case 0: {
      const std::string op = one_of<std::string>({"=", "<>", "<", "<=", ">", ">="});
      return {op, {{.path = path.path, .is_size = true}, operand(of_type("N", "2"))}};
    }
    case 1:
      return {one_of<std::string>({"=", "<>"}), {path, operand(any_value())}};
    case 2: {
      Json low = any_scalar(type);
      Json high = any_scalar(type);
      if (compare(low, high) > 0) std::swap(low, high);
      return {"BETWEEN", {path, operand(low), operand(high)}};
    }
    case 3:
      return {"IN", {path, operand(any_value()), operand(any_scalar(type))}};
    case 4:
      return {one_of<std::string>({"attribute_exists", "attribute_not_exists"}), {path}};
    case 5: {
      const auto types =
          std::vector<std::string>{"S", "N", "B", "SS", "NS", "BS", "L", "M", "NULL", "BOOL"};
      return {"attribute_type", {path, operand(of_type("S", one_of(types)))}};
    }
    case 6:
      return {"begins_with", {path, operand(any_scalar(chance(2) ? "S" : "B"))}};
    case 7:
      return {"contains", {path, operand(any_scalar(type))}};
    default: {
      const std::string op = one_of<std::string>({"<", "<=", ">", ">=", "=", "<>"});
      const Operand other{.path = any_path()};
      if (chance(4) && other.path != path.path) return {op, {path, other}};
      return {op, {path, operand(any_scalar(type))}};
    }
  }
}

Condition Generator::any_condition(const std::vector<Path>& paths, int depth) {
  if (depth > 2 || chance(2)) return any_predicate(paths);
  if (chance(3)) return {"NOT", {}, {any_condition(paths, depth + 1)}};
  Condition all{.op = chance(2) ? "AND" : "OR"};
  const std::size_t count = 2 + below(2);
  for (std::size_t i = 0; i < count; ++i) all.children.push_back(any_condition(paths, depth + 1));
  return all;
}

/// What is a number or a list: a value, a path, or one of both.
Sum Generator::any_term(Sum::Kind kind) {
  const bool is_list = kind == Sum::Kind::list_append;
  Sum literal{.literal = is_list ? of_type("L", Json::Array{any_value(1)}) : any_scalar("N")};
  const Path path = {{.name = is_list ? "l" : one_of<std::string>({"x", "y", "b"})}};
  switch (below(4)) {
    case 0:
      return {.kind = Sum::Kind::path, .path = path};
    case 1:
      return {.kind = Sum::Kind::if_not_exists, .path = path, .arguments = {literal}};
    default:
      return literal;
  }
}

Sum Generator::any_sum(const Path&) {
  using enum Sum::Kind;
  const Sum value{.literal = any_value()};
  switch (below(8)) {
    case 0:
      return {.kind = Sum::Kind::path, .path = any_path()};
    case 1:
      return {.kind = if_not_exists, .path = any_path(), .arguments = {value}};
    case 2:
    case 3: {
      const Sum::Kind kind = one_of<Sum::Kind>({list_append, plus, minus});
      return {.kind = kind, .arguments = {any_term(kind), any_term(kind)}};
    }
    default:
      return value;
  }
}

Action Generator::any_action(const Table& table) {
  using Kind = Action::Kind;
  Action action{.kind = one_of<Kind>({Kind::set, Kind::set, Kind::set, Kind::remove, Kind::remove,
                                      Kind::add, Kind::erase}),
                .path = any_path()};
  if (action.kind == Kind::set) action.sum = any_sum(action.path);
  if (action.kind == Kind::erase)
    action.sum.literal = of_type(chance(2) ? "SS" : "NS", Json::Array{"1"});
  if (action.kind == Kind::add)
    action.sum.literal =
        chance(2) ? any_scalar("N") : of_type(chance(2) ? "SS" : "NS", Json::Array{"1", "3"});
  if (action.kind == Kind::add || action.kind == Kind::erase) {
    action.path.resize(1);
    if (chance(3)) action.path = {{.name = "m"}, {.name = "k"}};
  }
  // Attributes that indexes are ordered by move their entries.
  if (!chance(3)) return action;
  const std::string name = one_of<std::string>({"a", "b", "c", "d"});
  action.path = {{.name = name}};
  if (action.kind == Kind::set)
    action.sum = {.literal = chance(20) ? any_value() : any_key_value(table.types.at(name))};
  return action;
}

/// Several elements of one list, in any order: each index is that of the list as it was.
Update Generator::any_removals() {
  const Path list = chance(4) ? Path{{.name = "m"}, {.name = "k"}} : Path{{.name = "l"}};
  std::set<std::size_t> indexes;
  Update update;
  const std::size_t count = 2 + below(2);
  while (update.size() < count) {
    const std::size_t index = below(4);
    if (!indexes.insert(index).second) continue;
    Action action{.kind = Action::Kind::remove, .path = list};
    action.path.push_back({.index = index});
    update.push_back(action);
  }
  return update;
}

Update Generator::any_update(const Table& table) {
  Update update;
  if (chance(6)) update = any_removals();
  const std::size_t count = below(4);
  for (std::size_t i = 0; i <= count; ++i) {
    const Action action = any_action(table);
    if (std::ranges::none_of(update,
                             [&](const Action& other) { return collide(action.path, other.path); }))
      update.push_back(action);
  }
  if (chance(40)) update.clear();
  if (chance(6) && !update.empty())
    std::erase_if(update, [](const Action& action) {
      return action.kind != Action::Kind::remove && action.kind != Action::Kind::erase;
    });
  return update;
}

}  // namespace matinee::simulation::tables
