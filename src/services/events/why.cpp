// Why a rule would match an event, or would not: `matinee why --rule`.
#include <fmt/format.h>

#include "events/errors.h"
#include "services/events/service.h"

namespace matinee::events {

namespace {

/// What an entry of PutEvents may have, and what is around it.
constexpr std::size_t most_event_bytes = (std::size_t{1} << 20) + 4096;
/// The model's limit of InputTemplate.
constexpr std::size_t most_template_bytes = 8192;

}  // namespace

/// Whether any target would take it; what the others would say.
bool Service::explain_targets(const Named& named, const std::string& event,
                              services::Explanation& result) const {
  LiveBus bus;
  bus.key = named.bus;
  bus.arn = arn_of(named.bus);
  const LiveRule rule{
      .name = named.rule, .arn = rule_arn(named.bus, named.rule), .targets = nullptr};
  const Passage passage;
  bool is_taken = false;
  for (Target& target :
       targets_of({named.bus.account, named.bus.region, named.bus.name, named.rule})) {
    TargetInput input = TargetInput::compile(target);
    const LiveTarget live{.target = std::move(target), .input = std::move(input)};
    const services::Delivery delivery = delivery_for(bus, rule, live, {"", event, passage});
    const auto refusal = neighbours_.outbox->find_refusal(delivery);
    if (!refusal) {
      is_taken = true;
      result.sentences.push_back(
          fmt::format("Target {} ({}) gets it.", live.target.id, live.target.arn));
      continue;
    }
    std::string sentence = fmt::format("Target {} ({}) would refuse it: {}", live.target.id,
                                       live.target.arn, *refusal);
    if (!sentence.ends_with('.')) sentence += '.';
    if (!delivery.dead_letter.queue.empty())
      sentence +=
          fmt::format(" It would go to the dead-letter queue {}.", delivery.dead_letter.queue);
    result.sentences.push_back(std::move(sentence));
    result.remedies.push_back(fmt::format("Let events.amazonaws.com{} do it in the policy of {}.",
                                          delivery.role.empty() ? "" : " as " + delivery.role,
                                          live.target.arn));
  }
  return is_taken;
}

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
  } else if (result.holds && neighbours_.outbox) {
    result.holds = explain_targets(*named, question.document, result);
  }
  co_return result;
}

std::string Service::preview_input(const services::InputSettings& settings,
                                   const std::string& event) {
  if (event.size() > most_event_bytes)
    refuse(fmt::format("The event has more than {} bytes.", most_event_bytes));
  if (settings.input_template && settings.input_template->size() > most_template_bytes)
    refuse(fmt::format("The InputTemplate has more than {} bytes.", most_template_bytes));
  patterns::Event read;
  if (!read.parse(event)) refuse("The event is not a JSON object.");
  Target target{.id = "preview", .input = settings.input, .input_path = settings.path};
  if (settings.input_template)
    target.input_transformer = {.input_paths_map = settings.paths,
                                .input_template = *settings.input_template};
  const std::string& arn = settings.rule_arn;
  const std::string time = to_text(now());
  std::string input = TargetInput::compile(target).apply(
      event, {.rule_arn = arn,
              .rule_name = std::string_view(arn).substr(arn.rfind('/') + 1),
              .ingestion_time = time});
  if (input.size() > TargetInput::most_bytes)
    refuse("The input would be larger than any target takes.");
  return input;
}

}  // namespace matinee::events
