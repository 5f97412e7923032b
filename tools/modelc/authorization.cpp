// What policies call each operation, and how the ARNs of its resources are made: from the data in
// models/authorization/ and our exceptions in models/corrections/authorization/.
//
// A line of the result is one permission that the operation needs:
//   [?MEMBER |!MEMBER ]ACTION[\tPATTERN]...
// A "~" before the first line: the service judges the whole operation itself.
// "?": only where the request has the member (and it is not false), "!": only where it has not.
// A pattern is an ARN with members of the request in braces; `services/needs.h` says what these
// mean. An action without patterns is about no resource.
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "model.h"

namespace modelc {
namespace {

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::size_t start = 0;
  for (std::size_t end; (end = text.find(separator, start)) != std::string::npos; start = end + 1)
    parts.push_back(text.substr(start, end - start));
  parts.push_back(text.substr(start));
  return parts;
}

/// Whether a path of members ("TransactItems.*.Put.TableName") leads somewhere in a shape. A star
/// stands for the elements of a list or the keys of a map.
bool leads_somewhere(const Model& model, std::string shape, const std::string& path) {
  for (const std::string& part : split(path, '.')) {
    const Json& definition = model.shape(shape);
    if (part == "*") {
      const Json* element = definition.find("member");
      if (!element) element = definition.find("key");
      if (!element) return false;
      shape = element->text("shape");
      continue;
    }
    const Json* members = definition.find("members");
    const Json* member = members ? members->find(part) : nullptr;
    if (!member) return false;
    shape = member->text("shape");
  }
  return true;
}

/// Whether the input has all members that the pattern names.
bool fits(const Model& model, const std::string& input, const std::string& pattern) {
  for (std::size_t at = 0; (at = pattern.find('{', at)) != std::string::npos;) {
    const std::size_t end = pattern.find('}', at);
    std::string inner = pattern.substr(at + 1, end - at - 1);
    at = end;
    if (inner.starts_with('=')) inner.erase(0, 1);
    for (const std::string& path : split(inner.substr(0, inner.find('|')), ','))
      if (path != "Region" && path != "Account" && !leads_somewhere(model, input, path))
        return false;
  }
  return true;
}

class Needs {
 public:
  Needs(const Model& model, const Json& data, const Json& corrections)
      : model_(model), data_(data), corrections_(corrections) {}

  std::string of(const Operation& operation) const {
    const Json* lines = corrections_.at("operations").find(operation.name);
    if (!lines) return line_of(operation, corrections_.text("prefix") + ":" + operation.name);
    std::string needs;
    for (const Json& line : lines->elements()) {
      if (!needs.empty()) needs += '\n';
      needs += line_of(operation, std::get<std::string>(line.value));
    }
    return needs;
  }

 private:
  const Model& model_;
  const Json& data_;
  const Json& corrections_;

  [[noreturn]] static void fail(const Operation& operation, const std::string& why) {
    throw std::runtime_error(fmt::format("authorization of {}: {}", operation.name, why));
  }

  std::string line_of(const Operation& operation, const std::string& line) const {
    std::vector<std::string> words = split(line, ' ');
    std::string out;
    if (words.front().starts_with('?') || words.front().starts_with('!')) {
      if (!leads_somewhere(model_, operation.input, words.front().substr(1)))
        fail(operation, "no member " + words.front());
      out = words.front() + " ";
      words.erase(words.begin());
    }
    out += words.front();
    std::vector<std::string> patterns(words.begin() + 1, words.end());
    if (patterns.empty()) patterns = patterns_of(operation, words.front());
    if (patterns == std::vector<std::string>{"-"}) patterns.clear();
    for (const std::string& pattern : patterns) {
      if (!fits(model_, operation.input, pattern)) fail(operation, "no members for " + pattern);
      out += "\t" + pattern;
    }
    return out;
  }

  /// By the resource types of the action. Of those that are required there is one pattern each; of
  /// several that may be, the first that the request can name.
  std::vector<std::string> patterns_of(const Operation& operation,
                                       const std::string& action) const {
    const Json* entry = data_.at("actions").find(action.substr(action.find(':') + 1));
    if (!entry) fail(operation, "there is no action " + action);
    std::vector<std::string> found;
    const Json* types = entry->find("resources");
    if (!types) return found;
    for (const Json& element : types->elements()) {
      std::string type = std::get<std::string>(element.value);
      const bool is_required = type.ends_with('*');
      if (is_required) type.pop_back();
      if (!is_required && !found.empty()) continue;
      const Json* patterns = corrections_.at("resources").find(type);
      const std::string pattern = patterns ? first_fitting(operation, *patterns) : "";
      if (pattern.empty() && is_required) fail(operation, "nothing names its " + type);
      if (!pattern.empty() && std::ranges::find(found, pattern) == found.end())
        found.push_back(pattern);
    }
    return found;
  }

  std::string first_fitting(const Operation& operation, const Json& patterns) const {
    for (const Json& pattern : patterns.elements())
      if (fits(model_, operation.input, std::get<std::string>(pattern.value)))
        return std::get<std::string>(pattern.value);
    return "";
  }
};

}  // namespace

Authorization::Authorization(const Model& model, const Json& data, const Json& corrections)
    : prefix_(corrections.text("prefix")) {
  const Needs needs(model, data, corrections);
  for (const Operation& operation : model.operations())
    if (!operation.input.empty()) needs_[operation.name] = needs.of(operation);
  for (const auto& [key, path] : corrections.at("keys").members()) {
    std::string lower = key;
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
    keys_ += lower + "=" + std::get<std::string>(path.value) + "\n";
  }
  // Two models may share one list: it belongs to the one of its name.
  if (model.service() != prefix_) return;
  for (const auto& [name, entry] : data.at("actions").members())
    actions_ += fmt::format("{} {}{}\n", name, entry.text("level").front(),
                            entry.find("resources") ? "" : "*");
}

const std::string& Authorization::needs(const std::string& operation) const {
  return needs_.at(operation);
}

}  // namespace modelc
