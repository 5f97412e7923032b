#include "templates/dynamic_references.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace matinee::templates {

namespace {

constexpr std::string_view opening = "{{resolve:";
constexpr std::string_view closing = "}}";

std::vector<std::string> segments_of(std::string_view text) {
  std::vector<std::string> segments;
  for (;;) {
    const std::size_t end = text.find(':');
    segments.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return segments;
    text.remove_prefix(end + 1);
  }
}

bool is_version(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

[[noreturn]] void refuse(const std::string& text, std::string_view service, Place place) {
  throw TemplateError(
      fmt::format("Incorrect format is used in the following {} reference: [{}]", service, text),
      place);
}

/// NAME, NAME:VERSION, or ARN, ARN:VERSION.
DynamicReference read_ssm(DynamicReference reference, std::string_view rest, Place place) {
  const std::size_t colon = rest.rfind(':');
  const bool has_version =
      colon != std::string_view::npos && is_version(rest.substr(colon + 1)) && colon > 0;
  reference.id = rest.substr(0, has_version ? colon : rest.size());
  if (has_version) reference.version = rest.substr(colon + 1);
  const bool is_right =
      !reference.id.empty() && (!reference.id.contains(':') || reference.id.starts_with("arn:"));
  if (!is_right) refuse(reference.text, "SSM", place);
  return reference;
}

/// ID, then up to four segments which may be empty: SecretString, key, stage, version. The ARN of a
/// secret has six colons of its own.
DynamicReference read_secret(DynamicReference reference, std::string_view rest, Place place) {
  constexpr std::size_t arn_segments = 7;
  std::vector<std::string> segments = segments_of(rest);
  const std::size_t own = segments[0] == "arn" ? arn_segments : 1;
  const bool has_id = segments.size() >= own && !segments[own - 1].empty();
  if (!has_id || segments.size() > own + 4) refuse(reference.text, "Secrets Manager", place);
  reference.id = fmt::format("{}", segments[0]);
  for (std::size_t i = 1; i < own; ++i) reference.id += ":" + segments[i];
  segments.erase(segments.begin(), segments.begin() + static_cast<std::ptrdiff_t>(own));
  segments.resize(4);
  if (!segments[0].empty() && segments[0] != "SecretString")
    refuse(reference.text, "Secrets Manager", place);
  reference.json_key = std::move(segments[1]);
  reference.version_stage = std::move(segments[2]);
  reference.version = std::move(segments[3]);
  return reference;
}

/// Nothing for services that have no such references: then it is a text like others.
std::optional<DynamicReference> read_reference(std::string_view text, Place place) {
  std::string_view inside =
      text.substr(opening.size(), text.size() - opening.size() - closing.size());
  const std::string_view service = inside.substr(0, inside.find(':'));
  inside.remove_prefix(std::min(inside.size(), service.size() + 1));
  DynamicReference reference{.service = DynamicReference::Service::ssm,
                             .text = std::string(text),
                             .id = {},
                             .version = {}};
  if (service == "ssm") return read_ssm(std::move(reference), inside, place);
  if (service == "ssm-secure") {
    reference.service = DynamicReference::Service::ssm_secure;
    return read_ssm(std::move(reference), inside, place);
  }
  if (service != "secretsmanager") return std::nullopt;
  reference.service = DynamicReference::Service::secretsmanager;
  return read_secret(std::move(reference), inside, place);
}

/// Calls `literal` with texts between references, `found` with each of them.
void each_piece(std::string_view text, Place place,
                const std::function<void(std::string_view)>& literal,
                const std::function<void(DynamicReference)>& found) {
  std::size_t at = 0;
  for (;;) {
    const std::size_t start = text.find(opening, at);
    const std::size_t end =
        start == std::string_view::npos ? start : text.find(closing, start + opening.size());
    if (end == std::string_view::npos) return literal(text.substr(at));
    const std::size_t after = end + closing.size();
    auto reference = read_reference(text.substr(start, after - start), place);
    if (!reference) {
      literal(text.substr(at, after - at));
    } else {
      literal(text.substr(at, start - at));
      found(*std::move(reference));
    }
    at = after;
  }
}

void collect(const Value& value, std::set<std::string>& seen,
             std::vector<DynamicReference>& references) {
  if (value.is_string())
    each_piece(
        value.text(), value.place(), [](std::string_view) {},
        [&](DynamicReference reference) {
          if (seen.insert(reference.text).second) references.push_back(std::move(reference));
        });
  for (const Value& element : value.elements()) collect(element, seen, references);
  for (const Member& member : value.members()) collect(member.value, seen, references);
}

}  // namespace

std::vector<DynamicReference> find_dynamic_references(const Value& value) {
  std::set<std::string> seen;
  std::vector<DynamicReference> references;
  collect(value, seen, references);
  return references;
}

bool has_dynamic_references(const Value& value) {
  if (value.is_string() && value.text().contains(opening)) return true;
  return std::ranges::any_of(value.elements(), has_dynamic_references) ||
         std::ranges::any_of(value.members(), has_dynamic_references, &Member::value);
}

Value replace_dynamic_references(Value value, const ResolveReference& resolve) {
  if (value.is_string() && value.text().contains(opening)) {
    std::string out;
    each_piece(
        value.text(), value.place(), [&](std::string_view literal) { out += literal; },
        [&](const DynamicReference& reference) {
          out += resolve(reference).value_or(reference.text);
        });
    return Value(std::move(out)).at(value.place());
  }
  for (Value& element : value.elements())
    element = replace_dynamic_references(std::move(element), resolve);
  for (Member& member : value.members())
    member.value = replace_dynamic_references(std::move(member.value), resolve);
  return value;
}

}  // namespace matinee::templates
