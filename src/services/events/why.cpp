// Why a rule would match an event, or would not: `matinee why --rule`.
#include <fmt/format.h>

#include "events/errors.h"
#include "services/events/service.h"

namespace matinee::events {

runtime::Task<services::Explanation> Service::explain(Context, services::Question question) {
  const std::optional<Named> named = find_named(question.resource);
  if (!named || named->rule.empty())
    refuse(fmt::format("{} is not the ARN of a rule.", question.resource));
  const RuleRecord record = require_rule(named->bus, named->rule);
  services::Explanation result;
  if (!record.pattern) {
    result.sentences.push_back("The rule has no pattern: it fires by its schedule alone.");
    co_return result;
  }
  patterns::Event event;
  if (!event.parse(question.document)) refuse("The event is not a JSON object.");
  const auto pattern = patterns::Pattern::compile(patterns::Dialect::event_bus, *record.pattern);
  const patterns::Explanation why = pattern->explain(event);
  result.holds = why.matches && record.state != "DISABLED";
  if (record.state == "DISABLED") {
    result.sentences.push_back("The rule is disabled.");
    result.remedies.push_back("Enable the rule.");
  }
  result.sentences.push_back(why.text);
  if (record.targets == 0) {
    result.holds = false;
    result.sentences.push_back("The rule has no targets, so nothing would be sent.");
    result.remedies.push_back("Add a target to the rule.");
  }
  co_return result;
}

}  // namespace matinee::events
