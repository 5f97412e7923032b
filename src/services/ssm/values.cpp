#include "services/ssm/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "protocol/base64.h"
#include "protocol/json_text.h"
#include "protocol/pattern.h"
#include "services/ssm/faults.h"
#include "ssm/errors.h"

namespace matinee::ssm {
namespace {

constexpr std::string_view image = "aws:ec2:image";
constexpr std::string_view integration = "aws:ssm:integration";
// In front of the names of parameters that hold a web hook.
constexpr std::string_view integrations =
    "/d9d01087-4a3f-49e0-b0b4-d568d7826553/ssm/integrations/webhook/";

struct DataType {
  std::string_view name;
  std::string_view pattern;  // empty: no pattern tells
};

constexpr std::array<DataType, 15> data_types = {{
    {"text", ""},
    {image, ""},
    {integration, ""},
    {"aws:region", "([a-z]+-)+[0-9]"},
    {"aws:account:id", "[0-9]{12}"},
    {"boolean", "true|false"},
    {"integer", "[+-]?[0-9]+"},
    {"float", "[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([eE][+-]?[0-9]+)?"},
    {"hostname",
     "[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(\\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)"
     "*"},
    {"email", "[^@ ]+@[a-zA-Z0-9-]+(\\.[a-zA-Z0-9-]+)+"},
    {"ipv4-address",
     "((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\\.){3}(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"},
    {"ipv6-address", "[0-9a-fA-F:.]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*"},
    {"url", "[a-zA-Z][a-zA-Z0-9+.-]*://[^ ]+"},
    {"json", ""},
    {"binary", ""},
}};

// JSON whose comments AWS takes out before it looks; those in strings are none.
std::string without_comments(std::string_view text) {
  std::string out;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = text.substr(i);
    if (!quoted && rest.starts_with("//")) {
      i = std::min(text.find('\n', i), text.size()) - 1;
    } else if (!quoted && rest.starts_with("/*")) {
      i = std::min(text.find("*/", i + 2), text.size()) + 1;
    } else {
      if (quoted && text[i] == '\\' && i + 1 < text.size()) out += text[i++];
      if (text[i] == '"') quoted = !quoted;
      out += text[i];
    }
  }
  return out;
}

bool conforms(std::string_view data_type, std::string_view item) {
  if (data_type == "json") return protocol::json::is_json(item);
  if (data_type == "jsonc") return protocol::json::is_json(without_comments(item));
  if (data_type == "binary") return protocol::base64_decode(item).has_value();
  const auto* known = std::ranges::find(data_types, data_type, &DataType::name);
  return known->pattern.empty() || protocol::Pattern::of(known->pattern).matches(item);
}

// Whether brackets come in pairs and nothing is repeated that is not there: enough to tell a
// regular expression from what is none.
bool is_expression(std::string_view pattern) {
  int depth = 0;
  bool in_class = false;
  bool may_repeat = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\\') {
      if (++i == pattern.size()) return false;
      may_repeat = true;
    } else if (in_class) {
      in_class = c != ']';
      may_repeat = true;
    } else if (c == '[') {
      in_class = true;
      if (pattern.substr(i + 1).starts_with('^')) ++i;
      if (pattern.substr(i + 1).starts_with(']')) ++i;
    } else if (c == '(') {
      ++depth;
      may_repeat = false;
      if (pattern.substr(i + 1).starts_with('?')) ++i;
    } else if (c == ')') {
      if (--depth < 0) return false;
      may_repeat = true;
    } else if (c == '*' || c == '+' || c == '?') {
      if (!may_repeat) return false;
    } else {
      may_repeat = c != '|';
    }
  }
  return depth == 0 && !in_class;
}

void require_integration(const VersionDetails& details) {
  if (details.type != "SecureString")
    throw validation(
        fmt::format("Parameters of data type {} must be of type SecureString and have "
                    "names that begin with {}.",
                    integration, integrations));
}

}  // namespace

void require_value(std::string_view value, std::string_view tier) {
  if (value.empty())
    throw validation(
        "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member "
        "must have length greater than or equal to 1");
  const std::size_t open = value.find("{{");
  if (open != std::string_view::npos && value.find("}}", open) != std::string_view::npos)
    throw validation(
        "Parameter value can't nest another parameter. Do not use \"{{}}\" in the value.");
  if (tier == "Advanced") {
    if (value.size() > advanced_bytes)
      throw validation(
          fmt::format("Advanced tier parameters support a maximum parameter value of "
                      "{} characters.",
                      advanced_bytes));
  } else if (value.size() > standard_bytes) {
    throw validation(fmt::format(
        "Standard tier parameters support a maximum parameter value of {} characters. To create a "
        "larger parameter value, upgrade the parameter to use the advanced-parameter tier. For "
        "more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/"
        "parameter-store-advanced-parameters.html",
        standard_bytes));
  }
}

void require_pattern(const std::string& value, const std::string& pattern) {
  if (pattern.empty()) return;
  if (!is_expression(pattern))
    throw InvalidAllowedPatternException(
        "The request doesn't meet the regular expression requirement.");
  if (!protocol::Pattern(pattern).matches(value))
    throw ParameterPatternMismatchException(
        "Parameter value, cannot be validated against allowedPattern: " + pattern);
}

void require_data_type(std::string_view value, const VersionDetails& details) {
  const std::string& name = details.data_type;
  if (name != "jsonc" && std::ranges::find(data_types, name, &DataType::name) == data_types.end())
    throw validation(fmt::format(
        "The following data type is not supported: {} (Data type names are all lowercase.)", name));
  if (name == image && details.type != "String")
    throw validation(
        fmt::format("The data type {} is supported for parameters of type String only.", image));
  if (name == integration) require_integration(details);
  if (name == "text" || name == image || name == integration) return;
  std::string_view rest = value;
  while (true) {
    const bool list = details.type == "StringList";
    const std::size_t end = list ? rest.find(',') : std::string_view::npos;
    if (!conforms(name, rest.substr(0, end)))
      throw validation(fmt::format("The parameter value is not a valid {}.", name));
    if (end == std::string_view::npos) return;
    rest.remove_prefix(end + 1);
  }
}

bool is_image_id(std::string_view value) {
  return protocol::Pattern::of("ami-([0-9a-f]{8}|[0-9a-f]{17})").matches(value);
}

bool needs_advanced(std::string_view data_type) {
  return data_type == "url" || data_type == "json" || data_type == "jsonc";
}

}  // namespace matinee::ssm
