#include "services/s3/notifications/notification_rules.h"

#include <fmt/format.h>

#include <set>

#include "policy/wildcard.h"
#include "protocol/http.h"
#include "s3/errors.h"
#include "services/arn.h"

namespace matinee::s3 {

namespace {

constexpr std::size_t max_rules = 100;
constexpr std::size_t max_id_characters = 255;
constexpr std::size_t max_filter_bytes = 1024;
constexpr std::size_t generated_id_characters = 48;
constexpr std::string_view event_prefix = "s3:";

InvalidArgument invalid(std::string message, std::string_view name = "",
                        std::string_view value = "") {
  InvalidArgument error(std::move(message));
  if (!name.empty())
    error.details = {{"ArgumentName", std::string(name)}, {"ArgumentValue", std::string(value)}};
  return error;
}

/// "s3:ObjectCreated:*" covers "s3:ObjectCreated:Put".
bool covers(std::string_view pattern, std::string_view event) {
  if (!pattern.ends_with('*')) return pattern == event;
  return event.starts_with(pattern.substr(0, pattern.size() - 1));
}

bool share_an_event(const NotificationRule& one, const NotificationRule& other) {
  for (const std::string& event : one.events)
    for (const std::string& another : other.events)
      if (covers(event, another) || covers(another, event)) return true;
  return false;
}

/// Whether some key can match both.
bool overlap(const NotificationRule& one, const NotificationRule& other) {
  const std::string prefix = one.prefix.value_or("");
  const std::string other_prefix = other.prefix.value_or("");
  const std::string suffix = one.suffix.value_or("");
  const std::string other_suffix = other.suffix.value_or("");
  return (prefix.starts_with(other_prefix) || other_prefix.starts_with(prefix)) &&
         (suffix.ends_with(other_suffix) || other_suffix.ends_with(suffix));
}

bool is_unfiltered(const NotificationRule& rule) {
  return rule.prefix.value_or("").empty() && rule.suffix.value_or("").empty();
}

void check_overlaps(const std::vector<NotificationRule>& rules) {
  for (std::size_t index = 0; index < rules.size(); ++index)
    for (std::size_t before = 0; before < index; ++before) {
      const NotificationRule& rule = rules[index];
      const NotificationRule& earlier = rules[before];
      if (!share_an_event(rule, earlier) || !overlap(rule, earlier)) continue;
      if (is_unfiltered(rule) && is_unfiltered(earlier))
        throw invalid(
            "Configurations overlap. Configurations on the same bucket cannot share a common event "
            "type.");
      throw invalid(
          "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if "
          "the prefixes are overlapping for the same event type.");
    }
}

void check_ids(const std::vector<NotificationRule>& rules) {
  std::set<std::string_view> seen;
  for (const NotificationRule& rule : rules) {
    if (rule.id.size() > max_id_characters)
      throw invalid("The Id of a configuration must not be longer than 255 characters.", "Id",
                    rule.id);
    if (!seen.insert(rule.id).second)
      throw invalid("Same ID used for multiple configurations. IDs must be unique", rule.id, "");
  }
}

/// The kinds of configurations, and what they call their targets.
struct Kind {
  std::string_view service;
  std::string_view member;
  std::string_view fifo_refusal;
};
constexpr Kind queue_kind{
    .service = "sqs",
    .member = "QueueArn",
    .fifo_refusal = "FIFO SQS queues are not supported as event notification destinations."};
constexpr Kind topic_kind{
    .service = "sns",
    .member = "TopicArn",
    .fifo_refusal = "FIFO SNS topics are not supported as event notification destinations."};

constexpr std::string_view function_resource = "function:";
constexpr Kind function_kind{
    .service = "lambda", .member = "LambdaFunctionArn", .fifo_refusal = ""};

/// Of functions a version or an alias may be named too.
bool is_resource(const Kind& kind, std::string_view resource) {
  if (&kind == &function_kind) return resource.starts_with(function_resource);
  return resource.find_first_of(":/") == std::string_view::npos;
}

void check_target(const Kind& kind, const std::string& arn, const std::string& region) {
  const std::optional<services::Arn> parsed = services::parse_arn(arn);
  if (!parsed || parsed->service != kind.service || parsed->region.empty() ||
      parsed->account.empty() || !is_resource(kind, parsed->resource))
    throw invalid("The ARN could not be parsed", kind.member, arn);
  if (parsed->region != region)
    throw invalid(
        "The notification destination service region is not valid for the bucket location "
        "constraint",
        arn, "null");
  if (parsed->resource.ends_with(".fifo"))
    throw invalid(std::string(kind.fifo_refusal), arn, "null");
}

/// One rule of each name at most; the letters' case does not matter.
void read_filter(const NotificationConfigurationFilter& filter, NotificationRule& rule) {
  if (!filter.key || !filter.key->filter_rules) return;
  for (const FilterRule& part : *filter.key->filter_rules) {
    const std::string name = policy::to_lower(part.name.value_or(""));
    const bool is_prefix = name == "prefix";
    if (!is_prefix && name != "suffix")
      throw invalid("filter rule name must be either prefix or suffix", "FilterRule.Name",
                    part.name.value_or(""));
    std::optional<std::string>& place = is_prefix ? rule.prefix : rule.suffix;
    if (place)
      throw invalid(fmt::format("Cannot specify more than one {} rule in a filter.",
                                is_prefix ? "prefix" : "suffix"));
    place = part.value.value_or("");
    if (place->size() > max_filter_bytes)
      throw invalid("Size of filter rule value cannot exceed 1024 bytes in UTF-8 representation");
    if (!protocol::percent_decode(*place, true))
      throw invalid("The value of a filter rule is not in the form of a URL.", "FilterRule.Value",
                    *place);
  }
}

/// Of a QueueConfiguration or a TopicConfiguration.
template <class Configuration>
NotificationRule read_rule(const Configuration& configuration, std::string target,
                           runtime::Random& random) {
  NotificationRule rule{.id = configuration.id.value_or(""),
                        .target = std::move(target),
                        .events = configuration.events};
  if (rule.id.empty())
    rule.id = random.text(generated_id_characters,
                          "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
  if (rule.events.empty())
    throw MalformedXML(
        "The XML you provided was not well-formed or did not validate against our published "
        "schema");
  if (configuration.filter) read_filter(*configuration.filter, rule);
  return rule;
}

template <class Configuration>
void write_rule(const NotificationRule& rule, Configuration& configuration) {
  configuration.id = rule.id;
  configuration.events = rule.events;
  if (!rule.prefix && !rule.suffix) return;
  auto& filters = configuration.filter.emplace().key.emplace().filter_rules.emplace();
  if (rule.prefix) filters.push_back({.name = "Prefix", .value = rule.prefix});
  if (rule.suffix) filters.push_back({.name = "Suffix", .value = rule.suffix});
}

}  // namespace

bool NotificationRule::matches(std::string_view event, std::string_view key) const {
  const bool about_event = std::ranges::any_of(events, [&](std::string_view pattern) {
    return covers(pattern.substr(event_prefix.size()), event);
  });
  if (!about_event) return false;
  if (prefix && !key.starts_with(protocol::percent_decode(*prefix, true).value_or(*prefix)))
    return false;
  return !suffix || key.ends_with(protocol::percent_decode(*suffix, true).value_or(*suffix));
}

bool NotificationRule::is_function() const {
  return target.starts_with("arn:aws:lambda:");
}

bool NotificationRule::is_topic() const {
  return target.starts_with("arn:aws:sns:");
}

NotificationRecord read_rules(const NotificationConfiguration& configuration,
                              const std::string& region, runtime::Random& random) {
  NotificationRecord record;
  record.to_event_bridge = configuration.event_bridge_configuration.has_value();
  if (configuration.topic_configurations)
    for (const TopicConfiguration& each : *configuration.topic_configurations) {
      check_target(topic_kind, each.topic_arn, region);
      record.rules.push_back(read_rule(each, each.topic_arn, random));
    }
  if (configuration.queue_configurations)
    for (const QueueConfiguration& each : *configuration.queue_configurations) {
      check_target(queue_kind, each.queue_arn, region);
      record.rules.push_back(read_rule(each, each.queue_arn, random));
    }
  if (configuration.lambda_function_configurations)
    for (const LambdaFunctionConfiguration& each : *configuration.lambda_function_configurations) {
      check_target(function_kind, each.lambda_function_arn, region);
      record.rules.push_back(read_rule(each, each.lambda_function_arn, random));
    }
  if (record.rules.size() > max_rules)
    throw invalid("A bucket can have at most 100 event notification configurations.");
  check_ids(record.rules);
  check_overlaps(record.rules);
  return record;
}

NotificationConfiguration write_rules(const NotificationRecord& record) {
  NotificationConfiguration configuration;
  const auto list = [](auto& rules) -> auto& { return rules ? *rules : rules.emplace(); };
  for (const NotificationRule& rule : record.rules) {
    if (rule.is_topic()) {
      TopicConfiguration& topic = list(configuration.topic_configurations).emplace_back();
      topic.topic_arn = rule.target;
      write_rule(rule, topic);
    } else if (rule.is_function()) {
      LambdaFunctionConfiguration& function =
          list(configuration.lambda_function_configurations).emplace_back();
      function.lambda_function_arn = rule.target;
      write_rule(rule, function);
    } else {
      QueueConfiguration& queue = list(configuration.queue_configurations).emplace_back();
      queue.queue_arn = rule.target;
      write_rule(rule, queue);
    }
  }
  if (record.to_event_bridge) configuration.event_bridge_configuration.emplace();
  return configuration;
}

}  // namespace matinee::s3
