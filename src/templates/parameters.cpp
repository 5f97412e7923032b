#include "templates/parameters.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <set>

#include "protocol/pattern.h"
#include "protocol/utf8.h"
#include "templates/template_sections.h"

namespace matinee::templates {

namespace {

constexpr std::string_view stored_prefix = "AWS::SSM::Parameter::Value<";
constexpr std::string_view list_prefix = "List<";

/// What is between the brackets of "List<T>" or the like; nothing where `type` is not of that form.
std::optional<std::string_view> inside(std::string_view type, std::string_view prefix) {
  if (!type.starts_with(prefix) || !type.ends_with('>')) return std::nullopt;
  return type.substr(prefix.size(), type.size() - prefix.size() - 1);
}

bool is_aws_type(std::string_view type) {
  constexpr std::array types = {"AWS::EC2::AvailabilityZone::Name",
                                "AWS::EC2::Image::Id",
                                "AWS::EC2::Instance::Id",
                                "AWS::EC2::KeyPair::KeyName",
                                "AWS::EC2::SecurityGroup::GroupName",
                                "AWS::EC2::SecurityGroup::Id",
                                "AWS::EC2::Subnet::Id",
                                "AWS::EC2::VPC::Id",
                                "AWS::EC2::Volume::Id",
                                "AWS::Route53::HostedZone::Id"};
  return std::ranges::find(types, type) != types.end();
}

/// What ids of a type begin with; empty where names are free.
std::string_view id_prefix(std::string_view type) {
  constexpr auto prefixes = std::to_array<std::pair<std::string_view, std::string_view>>({
      {"AWS::EC2::Image::Id", "ami-"},
      {"AWS::EC2::Instance::Id", "i-"},
      {"AWS::EC2::SecurityGroup::Id", "sg-"},
      {"AWS::EC2::Subnet::Id", "subnet-"},
      {"AWS::EC2::VPC::Id", "vpc-"},
      {"AWS::EC2::Volume::Id", "vol-"},
  });
  const auto found =
      std::ranges::find(prefixes, type, &std::pair<std::string_view, std::string_view>::first);
  return found == prefixes.end() ? std::string_view() : found->second;
}

constexpr std::string_view hexadecimal = "0123456789abcdef";
constexpr std::string_view capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

bool is_all_of(std::string_view text, std::string_view letters) {
  return !text.empty() && text.find_first_not_of(letters) == std::string_view::npos;
}

/// "eu-west-1a"
bool is_zone(std::string_view text) {
  const std::size_t digit = text.find_last_of("0123456789");
  return digit != std::string_view::npos && digit + 2 == text.size() && text.back() >= 'a' &&
         text.back() <= 'z' && std::ranges::count(text, '-') >= 2;
}

bool is_known_type(std::string_view type) {
  if (type == "AWS::SSM::Parameter::Name") return true;
  const auto stored = inside(type, stored_prefix);
  const std::string_view value = stored.value_or(type);
  if (value == "String" || value == "CommaDelimitedList") return true;
  if (value == "Number") return !stored;
  if (const auto element = inside(value, list_prefix))
    return *element == "String" || (*element == "Number" && !stored) || is_aws_type(*element);
  return is_aws_type(value);
}

std::optional<double> as_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number != number)
    return std::nullopt;
  return number;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t\n");
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(" \t\n") - start + 1);
}

/// The elements of a list, without the spaces around them. An empty text is a list of one empty
/// text.
std::vector<std::string_view> elements_of(std::string_view text) {
  std::vector<std::string_view> elements;
  for (;;) {
    const std::size_t comma = text.find(',');
    elements.push_back(trimmed(text.substr(0, comma)));
    if (comma == std::string_view::npos) return elements;
    text.remove_prefix(comma + 1);
  }
}

[[noreturn]] void refuse(const Parameter& parameter, std::string_view problem) {
  throw TemplateError(parameter.constraint_description
                          ? fmt::format("Parameter '{}' failed to satisfy constraint: {}",
                                        parameter.name, *parameter.constraint_description)
                          : fmt::format("Parameter '{}' {}", parameter.name, problem),
                      parameter.place);
}

void check_number(const Parameter& parameter, std::string_view text) {
  const auto number = as_number(text);
  if (!number) refuse(parameter, "must be a number");
  if (parameter.min_value && *number < as_number(*parameter.min_value).value_or(*number))
    refuse(parameter, fmt::format("must be a number not less than {}", *parameter.min_value));
  if (parameter.max_value && *number > as_number(*parameter.max_value).value_or(*number))
    refuse(parameter, fmt::format("must be a number not greater than {}", *parameter.max_value));
}

void check_text(const Parameter& parameter, const protocol::Pattern* pattern,
                std::string_view text) {
  const auto length = static_cast<std::int64_t>(protocol::count_characters(text));
  if (parameter.min_length && length < *parameter.min_length)
    refuse(parameter, fmt::format("must contain at least {} characters", *parameter.min_length));
  if (parameter.max_length && length > *parameter.max_length)
    refuse(parameter, fmt::format("must contain at most {} characters", *parameter.max_length));
  if (pattern && !pattern->matches(text))
    refuse(parameter, fmt::format("must match pattern {}", *parameter.allowed_pattern));
}

/// Whether something is to be repeated ten thousand times or more.
bool has_large_counts(std::string_view pattern) {
  std::size_t digits = 0;
  for (const char c : pattern) {
    digits = c >= '0' && c <= '9' ? digits + 1 : 0;
    if (digits > 4) return true;
  }
  return false;
}

/// Patterns come from strangers: what takes long to compile, or to try, is refused. Null: none.
std::unique_ptr<protocol::Pattern> pattern_for(const Parameter& parameter, std::size_t text_size) {
  constexpr std::size_t max_pattern_bytes = 4096;
  constexpr std::ptrdiff_t max_groups = 200;  // and counts
  constexpr std::size_t max_steps = 10'000'000;
  if (!parameter.allowed_pattern) return nullptr;
  const std::string& text = *parameter.allowed_pattern;
  if (text.size() <= max_pattern_bytes && std::ranges::count(text, '(') <= max_groups &&
      std::ranges::count(text, '{') <= max_groups && !has_large_counts(text)) {
    auto pattern = std::make_unique<protocol::Pattern>(text);
    if (pattern->size() * text_size <= max_steps) return pattern;
  }
  throw TemplateError(
      fmt::format("Parameter '{}' has an AllowedPattern that is too complex", parameter.name),
      parameter.place);
}

/// Also "True", which is how Python writes it.
bool is_true(std::string_view text) {
  return text == "true" || text == "True" || text == "TRUE";
}

/// Reads one parameter; faults are told and passed over.
class ParameterReader {
 public:
  ParameterReader(const Member& member, Faults& faults) : member_(member), faults_(faults) {}

  Parameter read() {
    parameter_.name = member_.name;
    parameter_.place = member_.place;
    if (!is_alphanumeric(member_.name))
      fault(fmt::format("Template format error: Parameter name {} is non alphanumeric.",
                        member_.name));
    if (!member_.value.is_map()) {
      fault("Template format error: Any Parameters member must be an object.");
      return std::move(parameter_);
    }
    for (const Member& property : member_.value.members()) read_property(property);
    read_type();
    check_default();
    return std::move(parameter_);
  }

 private:
  const Member& member_;
  Faults& faults_;
  Parameter parameter_;

  void fault(std::string message, Place place = {}) {
    faults_.emplace_back(std::move(message), place.line ? place : member_.place);
  }

  void read_property(const Member& property) {
    const std::string& name = property.name;
    if (name == "Type") return;
    if (name == "Default")
      parameter_.default_value = text_of(property);
    else if (name == "Description")
      parameter_.description = text_of(property);
    else if (name == "ConstraintDescription")
      parameter_.constraint_description = text_of(property);
    else if (name == "AllowedPattern")
      parameter_.allowed_pattern = text_of(property);
    else if (name == "NoEcho")
      parameter_.no_echo = is_true(text_of(property).value_or(""));
    else if (name == "MinLength")
      parameter_.min_length = count_of(property);
    else if (name == "MaxLength")
      parameter_.max_length = count_of(property);
    else if (name == "MinValue")
      parameter_.min_value = number_of(property);
    else if (name == "MaxValue")
      parameter_.max_value = number_of(property);
    else if (name == "AllowedValues")
      read_allowed_values(property.value);
    else
      fault(fmt::format("Invalid template parameter property '{}'", name), property.place);
  }

  std::optional<std::string> text_of(const Member& property) {
    if (property.value.is_scalar()) return property.value.text();
    if (!property.value.is_null())
      fault(fmt::format("Template format error: Every {} member must be a string.", property.name),
            property.place);
    return std::nullopt;
  }

  std::optional<std::int64_t> count_of(const Member& property) {
    const auto count = property.value.integer();
    if (!count)
      fault(fmt::format("Template format error: Every {} member must be a number.", property.name),
            property.place);
    return count;
  }

  std::optional<std::string> number_of(const Member& property) {
    const auto text = text_of(property);
    if (!text || as_number(*text)) return text;
    fault(fmt::format("Template format error: Every {} member must be a number.", property.name),
          property.place);
    return std::nullopt;
  }

  void read_allowed_values(const Value& list) {
    const bool is_right = list.is_list() && std::ranges::all_of(list.elements(), &Value::is_scalar);
    if (!is_right)
      return fault("Template format error: Every AllowedValues member must be a list of strings.",
                   list.place());
    for (const Value& value : list.elements()) parameter_.allowed_values.push_back(value.text());
  }

  void read_type() {
    const Value* type = member_.value.find("Type");
    if (!type || !type->is_string())
      return fault("Template format error: Every Parameters object must contain a Type member.");
    parameter_.type = type->text();
    if (!is_known_type(parameter_.type))
      fault(fmt::format("Template format error: Unrecognized parameter type: {}", type->text()),
            type->place());
  }

  void check_default() {
    if (!parameter_.default_value || parameter_.type.empty()) return;
    try {
      check_value(parameter_, *parameter_.default_value);
    } catch (const TemplateError& error) {
      faults_.push_back(error);
    }
  }
};

}  // namespace

bool Parameter::is_stored() const {
  return inside(type, stored_prefix).has_value();
}

std::string_view Parameter::value_type() const {
  return inside(type, stored_prefix).value_or(type);
}

bool is_list_type(std::string_view type) {
  return type == "CommaDelimitedList" || inside(type, list_prefix);
}

std::vector<Parameter> read_parameters(const Value& root, Faults& faults) {
  std::vector<Parameter> parameters;
  const Value* section = root.find("Parameters");
  if (!section) return parameters;
  if (!section->is_map()) {
    faults.emplace_back("Template format error: Any Parameters member must be an object.",
                        section->place());
    return parameters;
  }
  if (section->members().size() > max_parameters)
    faults.push_back(too_many("parameters", *section, max_parameters));
  for (const Member& member : section->members())
    parameters.push_back(ParameterReader(member, faults).read());
  return parameters;
}

std::vector<Parameter> read_parameters(const Value& root) {
  Faults faults;
  std::vector<Parameter> parameters = read_parameters(root, faults);
  if (!faults.empty()) throw faults.front();
  return parameters;
}

void check_value(const Parameter& parameter, const std::string& text) {
  if (text.size() > max_parameter_bytes)
    throw TemplateError(fmt::format("Parameter '{}' must contain at most {} bytes", parameter.name,
                                    max_parameter_bytes),
                        parameter.place);
  const bool is_number = parameter.type == "Number" || parameter.type == "List<Number>";
  const bool is_list = is_list_type(parameter.type);
  const std::vector<std::string_view> elements =
      is_list ? elements_of(text) : std::vector<std::string_view>{text};
  const std::unique_ptr<protocol::Pattern> pattern = pattern_for(parameter, text.size());
  const std::set<std::string_view> allowed(parameter.allowed_values.begin(),
                                           parameter.allowed_values.end());
  for (const std::string_view element : elements) {
    if (!allowed.empty() && !allowed.contains(element))
      refuse(parameter, "must be one of AllowedValues");
    if (is_number)
      check_number(parameter, element);
    else
      check_text(parameter, pattern.get(), element);
  }
}

bool may_be_of_type(std::string_view value_type, std::string_view text) {
  const std::string_view type = inside(value_type, list_prefix).value_or(value_type);
  if (!is_aws_type(type)) return true;
  if (const std::string_view prefix = id_prefix(type); !prefix.empty())
    return text.starts_with(prefix) && is_all_of(text.substr(prefix.size()), hexadecimal);
  if (type == "AWS::Route53::HostedZone::Id")
    return text.starts_with('Z') && is_all_of(text, capitals);
  if (type == "AWS::EC2::AvailabilityZone::Name") return is_zone(text);
  return !text.empty();
}

Value parameter_value(std::string_view value_type, const std::string& text) {
  if (!is_list_type(value_type)) return {text};
  Value list = Value::list();
  for (const std::string_view element : elements_of(text)) list.append(element);
  return list;
}

}  // namespace matinee::templates
