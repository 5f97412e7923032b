#include "identity/suggestion.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "policy/wildcard.h"

namespace matinee::identity {

namespace {

/// More resources of one place than these are told as the place.
constexpr std::size_t most_alike = 3;

using Resources = std::set<std::string>;

/// The part of an ARN that names the resource: after its fifth colon.
std::size_t start_of_resource(std::string_view arn) {
  std::size_t at = 0;
  for (int colons = 0; colons < 5; ++colons) {
    at = arn.find(':', at);
    if (at == std::string_view::npos) return arn.size();
    ++at;
  }
  return at;
}

/// Whether resources of the kind are many and come and go, so that nobody lists them: objects,
/// parameters, streams; and not queues, tables or roles.
bool is_one_of_many(std::string_view resource) {
  const std::size_t start = start_of_resource(resource);
  return resource.substr(0, start) == "arn:aws:s3:::" ||
         resource.substr(std::min(start, resource.size())).starts_with("parameter/");
}

void widen(Resources& resources) {
  std::map<std::string, Resources> places;
  for (const std::string& resource : resources) {
    const std::string place = wider_pattern(resource);
    // Only a bucket's objects: buckets themselves are few.
    if (is_one_of_many(resource) && place.ends_with("/*")) places[place].insert(resource);
  }
  for (const auto& [place, inside] : places) {
    if (inside.size() <= most_alike) continue;
    for (const std::string& resource : inside) resources.erase(resource);
    resources.insert(place);
  }
  // What a pattern covers need not be told beside it.
  const Resources all = resources;
  std::erase_if(resources, [&](const std::string& resource) {
    return std::ranges::any_of(all, [&](const std::string& other) {
      return other != resource && policy::has_wildcards(other) &&
             policy::matches_wildcards(other, resource);
    });
  });
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    static_cast<unsigned char>(c) < 0x20 ? out += fmt::format("\\u{:04x}", c) : out += c;
  }
  return out + "\"";
}

std::string list(const std::set<std::string>& texts) {
  if (texts.size() == 1) return quoted(*texts.begin());
  std::string out = "[";
  for (const std::string& text : texts)
    out += fmt::format("{}\n        {}", out.size() > 1 ? "," : "", quoted(text));
  return out + "\n      ]";
}

}  // namespace

std::string noted_resource(std::string_view arn) {
  constexpr std::string_view stream = ":log-stream:";
  if (const std::size_t at = arn.find(stream); at != std::string_view::npos)
    return std::string(arn.substr(0, at)) + ":*";
  constexpr std::size_t letters = 7;  // a dash, and six that nobody has chosen
  if (arn.starts_with("arn:aws:secretsmanager:") && arn.size() > letters &&
      arn[arn.size() - letters] == '-')
    return std::string(arn.substr(0, arn.size() - letters)) + "-??????";
  return std::string(arn);
}

std::string wider_pattern(std::string_view resource) {
  const std::size_t start = start_of_resource(resource);
  if (start >= resource.size()) return {};
  std::string_view name = resource.substr(start);
  if (name.ends_with("/*") || name.ends_with(":*")) name.remove_suffix(2);
  const std::size_t slash = name.rfind('/');
  const std::size_t cut = slash != std::string_view::npos ? slash : name.rfind(':');
  if (cut != std::string_view::npos) return std::string(resource.substr(0, start + cut + 1)) + "*";
  if (name == "*") return {};
  return std::string(resource.substr(0, start)) + "*";
}

std::string suggest_policy(std::span<const ActionUse> uses) {
  std::map<std::string, Resources> by_action;
  for (const ActionUse& use : uses)
    by_action[use.action].insert(use.resource.empty() ? "*" : use.resource);
  // Service and resources -> actions.
  std::map<std::pair<std::string, Resources>, std::set<std::string>> statements;
  for (auto& [action, resources] : by_action) {
    widen(resources);
    statements[{action.substr(0, action.find(':')), resources}].insert(action);
  }
  std::string out = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [";
  bool is_first = true;
  for (const auto& [place, actions] : statements) {
    out += std::exchange(is_first, false) ? "\n" : ",\n";
    out += fmt::format(
        "    {{\n      \"Effect\": \"Allow\",\n      \"Action\": {},\n      \"Resource\": {}\n    "
        "}}",
        list(actions), list(place.second));
  }
  return out + (is_first ? "]\n}" : "\n  ]\n}");
}

}  // namespace matinee::identity
