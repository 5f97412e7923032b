#include "templates/language_extensions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <unordered_set>
#include <utility>

#include "templates/evaluator.h"
#include "templates/template_sections.h"

namespace matinee::templates {

namespace {

constexpr std::string_view loop_prefix = "Fn::ForEach::";
constexpr std::size_t max_nested_loops = 5;
/// Of all that is made, with what becomes a part of something else, in bytes.
constexpr std::size_t max_work_bytes = 4 * max_result_bytes;
constexpr std::size_t value_bytes = 16;

constexpr std::string_view layout_is_wrong = "Fn::ForEach layout is incorrect";

/// Identifiers of the loops around, with their values of this turn.
using Bindings = std::map<std::string, std::string, std::less<>>;

bool is_loop(std::string_view name) {
  return name.starts_with(loop_prefix);
}

/// The first loop in a value that may have none.
const Member* find_loop(const Value& value) {
  for (const Value& element : value.elements())
    if (const Member* found = find_loop(element)) return found;
  for (const Member& member : value.members()) {
    if (is_loop(member.name)) return &member;
    if (const Member* found = find_loop(member.value)) return found;
  }
  return nullptr;
}

/// What is carried out where all arguments are known. Others wait for conditions or resources.
bool can_be_folded(std::string_view name) {
  constexpr std::array names = {"Ref",           "Fn::Sub",    "Fn::Join",   "Fn::Select",
                                "Fn::Split",     "Fn::Base64", "Fn::Length", "Fn::ToJsonString",
                                "Fn::FindInMap", "Fn::Cidr"};
  return std::ranges::find(names, name) != names.end();
}

/// Parameters that are not shown: what refers to them stays as it is, so that their values do not
/// come into the processed template.
std::set<std::string, std::less<>> hidden_parameters(const Value& root) {
  std::set<std::string, std::less<>> hidden;
  Faults told_elsewhere;
  for (const Parameter& parameter : read_parameters(root, told_elsewhere))
    if (parameter.no_echo) hidden.insert(parameter.name);
  return hidden;
}

class Expander {
 public:
  Expander(const Value& root, Environment environment)
      : root_(root), environment_(std::move(environment)), hidden_(hidden_parameters(root)) {
    if (!environment_.mappings) environment_.mappings = root.find("Mappings");
  }

  Value expand() {
    Value result = Value::map().at(root_.place());
    for (const Member& member : root_.members()) {
      const bool may_have_loops =
          member.name == "Resources" || member.name == "Outputs" || member.name == "Conditions";
      if (!may_have_loops) {
        refuse_loops(member);
        result.members().push_back(member);
        continue;
      }
      has_logical_ids_ = member.name != "Conditions";
      const Level level{.nested_loops = 0, .is_section = true};
      Value section =
          member.value.is_map() ? expand_map(member.value, {}, level).value : member.value;
      // A section that only had loops over nothing is gone.
      if (!section.is_map() || !section.members().empty() || member.value.members().empty())
        result.members().push_back({member.name, std::move(section), member.place});
    }
    if (to_json(result).size() > max_result_bytes) refuse_size(root_.place());
    return result;
  }

 private:
  struct Expanded {
    Value value;
    bool is_known = true;  // no function is left in it
  };
  struct Level {
    std::size_t nested_loops;
    bool is_section;  // names are logical ids
  };

  const Value& root_;
  Environment environment_;
  const std::set<std::string, std::less<>> hidden_;
  bool has_logical_ids_ = true;
  std::size_t made_ = 0;

  static void refuse_loops(const Member& section) {
    if (const Member* loop = find_loop(section.value))
      throw TemplateError(
          fmt::format("Fn::ForEach is not supported in the {} section of a template", section.name),
          loop->place);
  }

  [[noreturn]] static void refuse_size(Place place) {
    throw TemplateError(fmt::format("The template becomes larger than {} bytes", max_result_bytes),
                        place);
  }

  void count(std::size_t bytes, Place place) {
    made_ += value_bytes + bytes;
    if (made_ > max_work_bytes) refuse_size(place);
  }

  Expanded expand(const Value& value, const Bindings& bindings, std::size_t nested_loops) {
    if (const auto call = as_call(value); call && !is_loop(call->name))
      return expand_call(*call, bindings, nested_loops);
    if (value.is_map())
      return expand_map(value, bindings, {.nested_loops = nested_loops, .is_section = false});
    count(value.text().size(), value.place());
    if (!value.is_list()) return {.value = value};
    Expanded result{.value = Value::list().at(value.place())};
    for (const Value& element : value.elements()) {
      Expanded expanded = expand(element, bindings, nested_loops);
      result.is_known = result.is_known && expanded.is_known;
      result.value.append(std::move(expanded.value));
    }
    return result;
  }

  Expanded expand_map(const Value& map, const Bindings& bindings, Level level) {
    Expanded result{.value = Value::map().at(map.place())};
    std::unordered_set<std::string> names;
    add_members(map, bindings, level, [&](Member member, bool is_known) {
      count(member.name.size(), member.place);
      if (!names.insert(member.name).second)
        throw TemplateError(
            fmt::format("{}: {} comes more than once", layout_is_wrong, member.name), member.place);
      result.is_known = result.is_known && is_known;
      result.value.members().push_back(std::move(member));
    });
    return result;
  }

  using Add = std::function<void(Member member, bool is_known)>;

  void add_members(const Value& map, const Bindings& bindings, Level level, const Add& add) {
    for (const Member& member : map.members()) {
      if (is_loop(member.name)) {
        add_loop(member, bindings, level, add);
        continue;
      }
      Expanded expanded = expand(member.value, bindings, level.nested_loops);
      add({member.name, std::move(expanded.value), member.place}, expanded.is_known);
    }
  }

  void add_loop(const Member& loop, const Bindings& bindings, Level level, const Add& add) {
    const Value::List& parts = loop.value.elements();
    const bool is_right = loop.name.size() > loop_prefix.size() && parts.size() == 3 &&
                          parts[0].is_string() && !parts[0].text().empty() && parts[2].is_map();
    if (!is_right) throw TemplateError(std::string(layout_is_wrong), loop.place);
    if (level.nested_loops == max_nested_loops)
      throw TemplateError(
          fmt::format("Fn::ForEach may be nested {} times at most", max_nested_loops), loop.place);
    ++level.nested_loops;
    Bindings inner = bindings;
    for (const std::string& item : collection_of(parts[1], bindings, level.nested_loops)) {
      count(item.size(), loop.place);
      inner.insert_or_assign(parts[0].text(), item);
      add_turn(parts[2], inner, level, add);
    }
  }

  void add_turn(const Value& fragment, const Bindings& bindings, Level level, const Add& add) {
    for (const Member& member : fragment.members()) {
      if (is_loop(member.name)) {
        add_loop(member, bindings, level, add);
        continue;
      }
      std::string name = name_in(member.name, bindings);
      if (level.is_section && has_logical_ids_ && !is_alphanumeric(name))
        throw TemplateError(fmt::format("OutputKey '{}' should be alphanumeric", name),
                            member.place);
      Expanded expanded = expand(member.value, bindings, level.nested_loops);
      add({std::move(name), std::move(expanded.value), member.place}, expanded.is_known);
    }
  }

  std::vector<std::string> collection_of(const Value& value, const Bindings& bindings,
                                         std::size_t nested_loops) {
    // The values of a parameter that is not shown can be gone through nevertheless.
    const auto call = as_call(value);
    const bool is_hidden = call && call->name == "Ref" && hidden_.contains(call->argument.text());
    const Expanded list = is_hidden ? Expanded{.value = parameter(call->argument.text())}
                                    : expand(value, bindings, nested_loops);
    const bool is_right = list.is_known && list.value.is_list() &&
                          std::ranges::all_of(list.value.elements(), &Value::is_scalar);
    if (!is_right)
      throw TemplateError("Could not find a collection or could not be resolved for Fn::ForEach",
                          value.place());
    std::vector<std::string> items;
    for (const Value& element : list.value.elements()) items.push_back(element.text());
    return items;
  }

  Value parameter(const std::string& name) const {
    const auto found = environment_.parameters.find(name);
    return found == environment_.parameters.end() ? Value() : found->second;
  }

  /// ${Name} and &{Name} in a key: the value, and its letters and digits alone.
  static std::string name_in(const std::string& key, const Bindings& bindings) {
    return substituted(key, bindings, "$&");
  }

  static std::string substituted(const std::string& text, const Bindings& bindings,
                                 std::string_view marks) {
    std::string out;
    std::size_t at = 0;
    while (at < text.size()) {
      const std::size_t start = text.find('{', at);
      const std::size_t end =
          start == std::string::npos ? start : text.find_first_of("{}", start + 1);
      if (end == std::string::npos) break;
      const auto found = bindings.find(std::string_view(text).substr(start + 1, end - start - 1));
      const char mark = start > at ? text[start - 1] : ' ';
      if (text[end] != '}' || found == bindings.end() || !marks.contains(mark)) {
        out.append(text, at, start + 1 - at);
        at = start + 1;
        continue;
      }
      out.append(text, at, start - 1 - at);
      for (const char c : found->second)
        if (mark == '$' || is_alphanumeric(std::string_view(&c, 1))) out += c;
      at = end + 1;
    }
    return out.append(text, at);
  }

  Expanded expand_call(const Call& call, const Bindings& bindings, std::size_t nested_loops) {
    if (call.name == "Ref" && call.argument.is_string()) {
      if (const auto bound = bindings.find(call.argument.text()); bound != bindings.end()) {
        count(bound->second.size(), call.place);
        return {.value = Value(bound->second).at(call.place)};
      }
    }
    Expanded argument = call.name == "Fn::Sub" ? expand_sub(call.argument, bindings, nested_loops)
                                               : expand(call.argument, bindings, nested_loops);
    // The name of a resource may be put together: {"Fn::GetAtt": [{"Fn::Sub": ...}, "Arn"]}.
    const Value expanded =
        Value::map(std::string(call.name), std::move(argument.value)).at(call.place);
    const bool is_foldable = argument.is_known && can_be_folded(call.name);
    auto folded = is_foldable ? fold(expanded) : std::nullopt;
    if (folded) return {.value = *std::move(folded)};
    if (call.name == "Fn::Length")
      throw TemplateError("The Fn::Length value could not be resolved for properties", call.place);
    return {.value = expanded, .is_known = false};
  }

  Expanded expand_sub(const Value& argument, const Bindings& bindings, std::size_t nested_loops) {
    const auto text = [&](const Value& value) {
      Value result(substituted(value.text(), bindings, "$"));
      count(result.text().size(), value.place());
      return std::move(result).at(value.place());
    };
    if (argument.is_scalar()) return {.value = text(argument)};
    if (!argument.is_list() || argument.elements().size() != 2 ||
        !argument.elements()[0].is_scalar())
      return expand(argument, bindings, nested_loops);
    Expanded map = expand(argument.elements()[1], bindings, nested_loops);
    return {
        .value =
            Value::list({text(argument.elements()[0]), std::move(map.value)}).at(argument.place()),
        .is_known = map.is_known};
  }

  /// Whether a call with known arguments needs what is not shown, or known only later.
  std::optional<Value> fold(const Value& value) {
    const auto call = as_call(value);
    if (call->name == "Ref" && (!is_known_name(call->argument.text()))) return std::nullopt;
    if (call->name == "Fn::Sub" && !is_known_sub(*call)) return std::nullopt;
    Evaluator evaluator(environment_);
    Evaluator::Result result = evaluator.evaluate(value);
    if (!result.is_known || result.is_removed) return std::nullopt;
    count(size_of(result.value), value.place());
    return std::move(result.value);
  }

  bool is_known_name(const std::string& name) const {
    if (name == "AWS::NoValue" || hidden_.contains(name)) return false;
    return is_pseudo_parameter(name) || environment_.parameters.contains(name);
  }

  bool is_known_sub(const Call& sub) const {
    std::set<std::string_view> own;
    if (sub.argument.is_list() && sub.argument.elements().size() == 2)
      for (const Member& member : sub.argument.elements()[1].members()) own.insert(member.name);
    check_form(sub, Section::resources);
    return std::ranges::all_of(sub_pieces(sub_text(sub), sub.place), [&](const SubPiece& piece) {
      return !piece.is_variable || own.contains(piece.text) || is_known_name(piece.text);
    });
  }

  static std::size_t size_of(const Value& value) {
    std::size_t size = value_bytes + value.text().size();
    for (const Value& element : value.elements()) size += size_of(element);
    for (const Member& member : value.members()) size += member.name.size() + size_of(member.value);
    return size;
  }
};

}  // namespace

Value expand_language_extensions(const Value& root, const Environment& environment) {
  return Expander(root, environment).expand();
}

}  // namespace matinee::templates
