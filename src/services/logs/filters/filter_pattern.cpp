#include "services/logs/filters/filter_pattern.h"

#include "services/logs/filters/delimited_pattern.h"
#include "services/logs/filters/json_pattern.h"
#include "services/logs/filters/text_pattern.h"
#include "services/logs/filters/values.h"

namespace matinee::logs::filters {

namespace {

/// Documented, for one pattern.
constexpr int most_regexes = 2;

}  // namespace

FilterPattern::FilterPattern(std::string_view pattern) {
  const std::string_view text = trimmed(pattern);
  if (text.empty()) return;
  if (text.starts_with('{')) {
    kind_ = std::make_shared<JsonPattern>(text);
    has_fields_ = true;
  } else if (text.starts_with('[')) {
    kind_ = std::make_shared<DelimitedPattern>(text);
    has_fields_ = true;
  } else {
    kind_ = std::make_shared<TextPattern>(text);
  }
  if (kind_->regex_count() > most_regexes) refuse_pattern();
}

}  // namespace matinee::logs::filters
