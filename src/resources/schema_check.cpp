// The words are those of the validator that CloudFormation checks properties with.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "protocol/pattern.h"
#include "protocol/utf8.h"
#include "resources/schema_tree.h"
#include "templates/template_error.h"
#include "templates/text_readers.h"

namespace matinee::resources {

namespace {

using templates::Member;

constexpr std::size_t most_faults = 100;

/// {"Ref": ...}, {"Fn::...": ...} and texts with {{resolve:...}}: what they give is not known yet.
bool is_function(const Value& value) {
  if (value.is_string()) return value.text().find("{{resolve:") != std::string::npos;
  if (!value.is_map() || value.members().size() != 1) return false;
  const std::string& name = value.members()[0].name;
  return name == "Ref" || name.starts_with("Fn::");
}

std::optional<double> number_of(const Value& value) {
  const std::string& text = value.text();
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (!value.is_scalar() || error != std::errc() || end != text.data() + text.size())
    return std::nullopt;
  return number;
}

bool is_truth(const Value& value) {
  const std::string& text = value.text();
  return value.is_scalar() && (text == "true" || text == "false" || text == "True" ||
                               text == "False" || text == "TRUE" || text == "FALSE");
}

bool is_document(const Value& value) {
  if (!value.is_string()) return false;
  try {
    return templates::read_json(value.text()).is_map();
  } catch (const templates::TemplateError&) {
    return false;
  }
}

bool is_of_type(const Value& value, const Value& part, std::string_view type) {
  if (type == "object") return value.is_map() || (!part.find("properties") && is_document(value));
  if (type == "array") return value.is_list();
  if (type == "string") return value.is_scalar();
  if (type == "boolean") return is_truth(value);
  const std::optional<double> number = number_of(value);
  return number &&
         (type == "number" || *number == static_cast<double>(static_cast<std::int64_t>(*number)));
}

std::string_view java_type(std::string_view type) {
  if (type == "object") return "JSONObject";
  if (type == "array") return "JSONArray";
  if (type == "boolean") return "Boolean";
  if (type == "integer") return "Integer";
  if (type == "number") return "Number";
  return "String";
}

std::string_view java_type_of(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::map:
      return "JSONObject";
    case Value::Kind::list:
      return "JSONArray";
    case Value::Kind::boolean:
      return "Boolean";
    case Value::Kind::number:
      return value.integer() ? "Integer" : "Double";
    case Value::Kind::null:
      return "Null";
    default:
      return "String";
  }
}

class Checker {
 public:
  explicit Checker(const Value& whole) : whole_(whole) {}

  void check(const Value& schema, const Value& value, const std::string& path) {
    const Value* part = followed(whole_, &schema);
    if (!part || value.is_null() || is_function(value) || faults.size() >= most_faults) return;
    if (!has_right_type(*part, value, path)) return;
    if (value.is_map()) map(*part, value, path);
    if (value.is_list()) list(*part, value, path);
    if (value.is_scalar()) scalar(*part, value, path);
    branches(*part, value, path);
  }

  std::vector<Fault> faults;

 private:
  const Value& whole_;

  void add(const Value& value, const std::string& path, std::string problem) {
    faults.push_back({.path = path, .problem = std::move(problem), .place = value.place()});
  }
  /// A fault of a rule that has a name.
  void mark(Fault::Rule rule, std::string name) {
    faults.back().rule = rule;
    faults.back().name = std::move(name);
  }
  void add_keyword(const Value& value, const std::string& path, std::string_view keyword) {
    add(value, path, fmt::format("failed validation constraint for keyword [{}]", keyword));
  }

  void add_type(const Value& value, const std::string& path, std::string_view wanted) {
    add(value, path, fmt::format("expected type: {}, found: {}", wanted, java_type_of(value)));
    mark(Fault::Rule::type, std::string(wanted));
  }
  void add_missing(const Value& value, const std::string& path, const std::string& name) {
    add(value, path, fmt::format("required key [{}] not found", name));
    mark(Fault::Rule::required, name);
  }

  bool has_right_type(const Value& part, const Value& value, const std::string& path) {
    const Value* types = part.find("type");
    if (!types) return true;
    const Value::List list = types->is_list() ? types->elements() : Value::List{*types};
    const bool is_right = std::ranges::any_of(
        list, [&](const Value& type) { return is_of_type(value, part, type.text()); });
    if (!is_right) add_type(value, path, java_type(list.front().text()));
    return is_right;
  }

  void map(const Value& part, const Value& value, const std::string& path) {
    if (const Value* required = part.find("required"))
      for (const Value& name : required->elements()) {
        const Value* found = value.find(name.text());
        if ((!found || found->is_null()) && !has_functions_for_members(value))
          add_missing(value, path, name.text());
      }
    const Value* more = part.find("additionalProperties");
    const bool is_closed = more && more->kind() == Value::Kind::boolean && !more->truth();
    for (const Member& member : value.members()) {
      if (member.name.starts_with("Fn::")) continue;
      if (const Value* schema = member_schema(whole_, part, member.name)) {
        check(*schema, member.value, path + "/" + member.name);
      } else if (is_closed) {
        add(member.value, path, fmt::format("extraneous key [{}] is not permitted", member.name));
        mark(Fault::Rule::extraneous, member.name);
        faults.back().place = member.place;
      }
    }
    count(part, value, path, {"minProperties", "maxProperties", value.members().size()});
  }

  /// Fn::Transform and Fn::ForEach stand among the members that they make.
  static bool has_functions_for_members(const Value& value) {
    return std::ranges::any_of(
        value.members(), [](const Member& member) { return member.name.starts_with("Fn::"); });
  }

  void list(const Value& part, const Value& value, const std::string& path) {
    if (const Value* items = part.find("items"))
      for (std::size_t i = 0; i < value.elements().size(); ++i)
        check(*items, value.elements()[i], fmt::format("{}/{}", path, i));
    count(part, value, path, {"minItems", "maxItems", value.elements().size()});
    if (const Value* unique = part.find("uniqueItems"); unique && unique->truth()) {
      std::set<std::string> seen;
      for (const Value& element : value.elements())
        if (!is_function(element) && !seen.insert(to_sorted_json(element)).second)
          return add(value, path, "array items are not unique");
    }
  }

  struct Count {
    std::string_view minimum;
    std::string_view maximum;
    std::size_t size;
  };
  void count(const Value& part, const Value& value, const std::string& path, const Count& count) {
    const bool is_list = value.is_list();
    if (const Value* least = part.find(count.minimum))
      if (static_cast<std::int64_t>(count.size) < least->integer().value_or(0))
        add(value, path,
            is_list ? fmt::format("expected minimum item count: {}, found: {}", least->text(),
                                  count.size)
                    : fmt::format("minimum size: [{}], found: [{}]", least->text(), count.size));
    if (const Value* most = part.find(count.maximum))
      if (static_cast<std::int64_t>(count.size) > most->integer().value_or(0))
        add(value, path,
            is_list ? fmt::format("expected maximum item count: {}, found: {}", most->text(),
                                  count.size)
                    : fmt::format("maximum size: [{}], found: [{}]", most->text(), count.size));
  }

  void scalar(const Value& part, const Value& value, const std::string& path) {
    if (const Value* allowed = part.find("enum")) {
      const bool is_allowed = std::ranges::any_of(
          allowed->elements(), [&](const Value& one) { return one.text() == value.text(); });
      if (!is_allowed) add_keyword(value, path, "enum");
    }
    if (const Value* only = part.find("const"); only && only->text() != value.text())
      add_keyword(value, path, "const");
    // A reference that is put in later has another length, and other letters.
    if (value.text().find("{{resolve:") != std::string::npos) return;
    if (allows_type(part, "string")) {
      text(part, value, path);
    } else if (const std::optional<double> number = number_of(value)) {
      if (const Value* least = part.find("minimum");
          least && *number < number_of(*least).value_or(*number))
        add_keyword(value, path, "minimum");
      if (const Value* most = part.find("maximum");
          most && *number > number_of(*most).value_or(*number))
        add_keyword(value, path, "maximum");
    }
  }

  void text(const Value& part, const Value& value, const std::string& path) {
    const auto size = static_cast<std::int64_t>(protocol::count_characters(value.text()));
    if (const Value* least = part.find("minLength"); least && size < least->integer().value_or(0))
      add(value, path, fmt::format("expected minLength: {}, actual: {}", least->text(), size));
    if (const Value* most = part.find("maxLength"); most && size > most->integer().value_or(size))
      add(value, path, fmt::format("expected maxLength: {}, actual: {}", most->text(), size));
    if (const Value* pattern = part.find("pattern"))
      if (!protocol::Pattern::of(pattern->text()).matches(value.text()))
        add_keyword(value, path, "pattern");
  }

  bool is_fulfilled(const Value& branch, const Value& value, const std::string& path) const {
    Checker checker(whole_);
    checker.check(branch, value, path);
    return checker.faults.empty();
  }

  void branches(const Value& part, const Value& value, const std::string& path) {
    if (value.is_map() && has_functions_for_members(value)) return;
    if (const Value* all = part.find("allOf"))
      for (const Value& branch : all->elements()) check(branch, value, path);
    const auto fulfilled = [&](const Value& list) {
      return std::ranges::count_if(
          list.elements(), [&](const Value& branch) { return is_fulfilled(branch, value, path); });
    };
    if (const Value* any = part.find("anyOf"); any && fulfilled(*any) == 0)
      add(value, path,
          fmt::format("#: no subschema matched out of the total {} subschemas",
                      any->elements().size()));
    if (const Value* one = part.find("oneOf"))
      if (const auto count = fulfilled(*one); count != 1)
        add(value, path, fmt::format("#: {} subschemas matched instead of one", count));
  }
};

std::string shown(const std::string& path) {
  return path.empty() ? "/" : path;
}

}  // namespace

std::vector<Fault> find_faults(const Value& schema, const Value& properties) {
  Checker checker(schema);
  checker.check(schema, properties.is_null() ? Value::map() : properties, "");
  return std::move(checker.faults);
}

std::string describe(const std::vector<Fault>& faults) {
  std::string all;
  for (const Fault& fault : faults) {
    if (!all.empty()) all += ", ";
    switch (fault.rule) {
      case Fault::Rule::required:
        all += fmt::format("The property {{{}/{}}} is required", fault.path, fault.name);
        break;
      case Fault::Rule::extraneous:
        all += fmt::format("Encountered unsupported properties in {{{}}}: [{}]", shown(fault.path),
                           fault.name);
        break;
      case Fault::Rule::type:
        all += fmt::format("Value of property {{{}}} does not match type {{{}}}", shown(fault.path),
                           fault.name);
        break;
      case Fault::Rule::other:
        all += fmt::format("Value of property {{{}}} is not right: {}", shown(fault.path),
                           fault.problem);
    }
  }
  return fmt::format("Property validation failure: [{}]", all);
}

std::string describe_model(const std::vector<Fault>& faults) {
  std::string all;
  for (const Fault& fault : faults)
    all += fmt::format("{}#{}: {}", all.empty() ? "" : "\n", fault.path, fault.problem);
  return fmt::format("Model validation failed ({})", all);
}

}  // namespace matinee::resources
