#include "faults/rule.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "policy/wildcard.h"

namespace matinee::faults {

namespace {

constexpr std::array<std::string_view, 13> words = {
    "error",     "latency", "timeout",  "reset",    "lost-reply",   "delay",      "reorder",
    "duplicate", "refuse",  "lost-ack", "throttle", "crash-before", "crash-after"};

bool matches(std::string_view pattern, std::string_view text) {
  return policy::matches_wildcards(pattern, text);
}

/// "orders" of "arn:aws:sqs:us-east-1:000000000000:orders", "table/films" of that of a table,
/// "bucket/key" of an object's.
std::string_view resource_part(std::string_view arn) {
  for (int colons = 0; colons < 5; ++colons) {
    const std::size_t colon = arn.find(':');
    if (colon == std::string_view::npos) return arn;
    arn.remove_prefix(colon + 1);
  }
  return arn;
}

/// By its ARN, by what stands behind the account in it, and by the name after the kind: "films" of
/// "table/films" and "encode" of "function:encode". A bucket stands for its objects.
bool matches_resource(std::string_view pattern, std::string_view arn) {
  if (matches(pattern, arn)) return true;
  const std::string_view part = resource_part(arn);
  if (matches(pattern, part)) return true;
  const std::size_t divide = part.find_first_of(":/");
  if (divide == std::string_view::npos) return false;
  if (arn.starts_with("arn:aws:s3:::")) return matches(pattern, part.substr(0, divide));
  const std::string_view name = part.substr(divide + 1);
  return matches(pattern, name) || matches(pattern, name.substr(0, name.find_first_of(":/")));
}

struct Unit {
  std::string_view name;
  runtime::Duration length;
};
constexpr std::array<Unit, 4> units{{{"ms", std::chrono::milliseconds(1)},
                                     {"s", std::chrono::seconds(1)},
                                     {"m", std::chrono::minutes(1)},
                                     {"h", std::chrono::hours(1)}}};

std::optional<runtime::Duration> find_length(std::string_view text) {
  std::uint32_t number = 0;
  const char* const text_end = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), text_end, number);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  const std::string_view name(end, static_cast<std::size_t>(text_end - end));
  const auto unit = std::ranges::find(units, name, &Unit::name);
  if (unit == units.end() || number > longest_latency / unit->length) return std::nullopt;
  return number * unit->length;
}

std::string length_text(runtime::Duration length) {
  for (auto unit = units.rbegin(); unit != units.rend(); ++unit)
    if (length >= unit->length && length % unit->length == runtime::Duration::zero())
      return fmt::format("{}{}", length / unit->length, unit->name);
  return fmt::format("{}ms", std::chrono::floor<std::chrono::milliseconds>(length).count());
}

}  // namespace

Stage stage_of(Action action) {
  if (action <= Action::lost_reply) return Stage::call;
  if (action <= Action::duplicate) return Stage::delivery;
  return action <= Action::lost_ack ? Stage::attempt : Stage::function;
}

std::string_view to_text(Action action) {
  return words.at(static_cast<std::size_t>(action));
}

std::optional<Action> find_action(std::string_view text) {
  const auto* const found = std::ranges::find(words, text);
  if (found == words.end()) return std::nullopt;
  return static_cast<Action>(found - words.begin());
}

std::span<const std::string_view> action_words() {
  return words;
}

std::optional<Span> find_span(std::string_view text) {
  const std::size_t dots = text.find("..");
  const auto least = find_length(text.substr(0, dots));
  const auto most = dots == std::string_view::npos ? least : find_length(text.substr(dots + 2));
  if (!least || !most || *least > *most) return std::nullopt;
  return Span{.least = *least, .most = *most};
}

std::string to_text(const Span& span) {
  if (span.least == span.most) return length_text(span.least);
  return fmt::format("{}..{}", length_text(span.least), length_text(span.most));
}

bool concerns(const Rule& rule, const Call& call) {
  if (stage_of(rule.action) != call.stage) return false;
  if (rule.action == Action::reorder && call.in_order) return false;
  if (!rule.service.empty() && !policy::equals_ignoring_case(rule.service, call.service))
    return false;
  if (!rule.operation.empty() && !matches(rule.operation, call.operation)) return false;
  if (!rule.caller.empty() && !matches(rule.caller, call.caller_arn) &&
      !matches(rule.caller, call.access_key))
    return false;
  if (rule.resource.empty()) return true;
  return std::ranges::any_of(
      call.resources, [&](const std::string& arn) { return matches_resource(rule.resource, arn); });
}

std::string describe(const Rule& rule) {
  std::string text(to_text(rule.action));
  if (!rule.error.empty()) text += " " + rule.error;
  if (rule.latency) text += " of " + to_text(*rule.latency);
  const std::string_view all = stage_of(rule.action) == Stage::function ? "lambda" : "any service";
  text += fmt::format(" on {}", rule.service.empty() ? all : rule.service);
  if (!rule.operation.empty()) text += " " + rule.operation;
  if (!rule.resource.empty()) text += " of " + rule.resource;
  if (!rule.caller.empty()) text += " by " + rule.caller;
  if (rule.every > 1) text += fmt::format(", every {}", rule.every);
  if (rule.probability < 1) text += fmt::format(", with probability {}", rule.probability);
  if (rule.times) text += fmt::format(", {} time{}", *rule.times, *rule.times == 1 ? "" : "s");
  return text;
}

}  // namespace matinee::faults
