#include "patterns/pattern.h"

#include <fmt/format.h>

#include <algorithm>

#include "patterns/compiler.h"
#include "patterns/matcher.h"

namespace matinee::patterns {
namespace {

constexpr std::size_t kMostSnsKeys = 5;
constexpr double kMostSnsCombinations = 150;

/// JSON without the blanks between its tokens, as SNS echoes it.
std::string compact(std::string_view json) {
  std::string result;
  bool in_text = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (!in_text && (c == ' ' || c == '\n' || c == '\r' || c == '\t')) continue;
    if (c == '"') in_text = !in_text;
    result += c;
    if (in_text && c == '\\' && i + 1 < json.size()) result += json[++i];
  }
  return result;
}

/// Throws Fault where the whole text is not one JSON value.
void check_json(std::string_view json) {
  JsonTokens tokens(json, PlaceForm::without_text);
  std::size_t depth = 0;
  do {
    switch (tokens.next()) {
      case JsonTokens::Token::begin_object:
      case JsonTokens::Token::begin_array:
        ++depth;
        break;
      case JsonTokens::Token::end_object:
      case JsonTokens::Token::end_array:
        --depth;
        break;
      case JsonTokens::Token::text:
        tokens.text();
        break;
      default:
        break;
    }
  } while (depth > 0);
}

Rule compile_filter_policy(Dialect dialect, std::string_view json) {
  try {
    check_json(json);
  } catch (const Fault& fault) {
    throw Fault("FilterPolicy: failed to parse JSON. " + fault.reason);
  }
  const std::string policy = compact(json);
  if (policy == "{}") return {.clauses = {}, .branches = {{}}};
  Compiler compiler(dialect, policy);
  try {
    compiler.compile();
  } catch (const Fault& fault) {
    throw Fault("FilterPolicy: " + fault.reason);
  }
  if (dialect == Dialect::sns_attributes && compiler.depth() > 1)
    throw Fault("Filter policy scope MessageAttributes does not support nested filter policy");
  if (compiler.keys() > kMostSnsKeys)
    throw Fault("FilterPolicy: Filter policy can not have more than 5 keys");
  if (compiler.combinations() > kMostSnsCombinations)
    throw Fault("FilterPolicy: Filter policy is too complex");
  return compiler.take();
}

Rule compile_pattern(Dialect dialect, std::string_view json) {
  Compiler compiler(dialect, json);
  compiler.compile();
  return compiler.take();
}

}  // namespace

Pattern::Pattern(std::unique_ptr<const Rule> rule) : rule_(std::move(rule)) {}
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;
Pattern::~Pattern() = default;

std::expected<Pattern, PatternError> Pattern::compile(Dialect dialect, std::string_view json) {
  try {
    const bool is_sns = dialect == Dialect::sns_attributes || dialect == Dialect::sns_body;
    return Pattern(std::make_unique<const Rule>(is_sns ? compile_filter_policy(dialect, json)
                                                       : compile_pattern(dialect, json)));
  } catch (const Fault& fault) {
    switch (dialect) {
      case Dialect::event_bus:
        return std::unexpected(PatternError("Event pattern is not valid. Reason: " + fault.reason));
      case Dialect::event_source:
        return std::unexpected(PatternError("Invalid filter pattern definition."));
      default:
        return std::unexpected(PatternError(fault.reason));
    }
  }
}

bool Pattern::matches(const Event& event) const {
  return std::ranges::any_of(
      rule_->branches, [&](const Branch& branch) { return matches_branch(*rule_, branch, event); });
}

}  // namespace matinee::patterns
