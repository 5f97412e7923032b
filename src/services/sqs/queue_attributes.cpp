#include "services/sqs/queue_attributes.h"

#include <fmt/format.h>

#include <charconv>

#include "services/sqs/queue_policy.h"
#include "services/sqs/redrive_policy.h"
#include "services/sqs/rules.h"

namespace matinee::sqs {

namespace {

enum class Kind : std::uint8_t { integer, boolean, choice, text, policy, redrive, redrive_allow };

struct Attribute {
  std::string_view name;
  Kind kind;
  bool fifo_only = false;
  std::string_view default_value = "";  // none where empty
  std::int64_t minimum = 0;
  std::int64_t maximum = 0;
  std::string_view choices[2] = {};
};

constexpr Attribute table[] = {
    {"ContentBasedDeduplication", Kind::boolean, true, "false"},
    {"DeduplicationScope", Kind::choice, true, "queue", 0, 0, {"queue", "messageGroup"}},
    {"DelaySeconds", Kind::integer, false, "0", 0, 900},
    {"FifoQueue", Kind::boolean, true, "true"},
    {"FifoThroughputLimit",
     Kind::choice,
     true,
     "perQueue",
     0,
     0,
     {"perQueue", "perMessageGroupId"}},
    {"KmsDataKeyReusePeriodSeconds", Kind::integer, false, "300", 60, 86'400},
    {"KmsMasterKeyId", Kind::text},
    {"MaximumMessageSize", Kind::integer, false, "1048576", 1024, 1'048'576},
    {"MessageRetentionPeriod", Kind::integer, false, "345600", 60, 1'209'600},
    {"Policy", Kind::policy},
    {"ReceiveMessageWaitTimeSeconds", Kind::integer, false, "0", 0, 20},
    {"RedriveAllowPolicy", Kind::redrive_allow},
    {"RedrivePolicy", Kind::redrive},
    {"SqsManagedSseEnabled", Kind::boolean, false, "true"},
    {"VisibilityTimeout", Kind::integer, false, "30", 0, 43'200},
};

constexpr std::string_view read_only[] = {
    "All",
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
    "QueueArn",
};

const Attribute* find_entry(std::string_view name) {
  const auto entry = std::ranges::find(table, name, &Attribute::name);
  return entry == std::end(table) ? nullptr : entry;
}

[[noreturn]] void refuse(std::string_view name) {
  throw InvalidAttributeValue(fmt::format("Invalid value for the parameter {}.", name));
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string checked_integer(const Attribute& attribute, std::string_view text) {
  const std::optional<std::int64_t> value = parse_integer(text);
  if (!value || *value < attribute.minimum || *value > attribute.maximum) refuse(attribute.name);
  return std::to_string(*value);
}

std::string checked_boolean(const Attribute& attribute, std::string_view text) {
  if (text == "true" || text == "True" || text == "TRUE") return "true";
  if (text == "false" || text == "False" || text == "FALSE") return "false";
  refuse(attribute.name);
}

std::string checked_value(const Attribute& attribute, const std::string& text) {
  switch (attribute.kind) {
    case Kind::integer:
      return checked_integer(attribute, text);
    case Kind::boolean:
      return checked_boolean(attribute, text);
    case Kind::choice:
      if (std::ranges::find(attribute.choices, text) == std::end(attribute.choices))
        refuse(attribute.name);
      return text;
    case Kind::policy:
      if (!text.empty()) require_policy(text);
      return text;
    case Kind::redrive:
      if (!text.empty()) parse_redrive_policy(text);
      return text;
    case Kind::redrive_allow:
      if (!text.empty()) parse_redrive_allow_policy(text);
      return text;
    case Kind::text:
      return text;
  }
  return text;
}

void require_one_encryption(const Attributes& given) {
  const auto is_on = [&](const char* name) {
    const auto found = given.find(name);
    return found != given.end() && !found->second.empty() && found->second != "false";
  };
  if (is_on("KmsMasterKeyId") && is_on("SqsManagedSseEnabled"))
    throw InvalidAttributeName(
        "You can use one type of server-side encryption (SSE) at one time. You can either enable "
        "KMS SSE or SQS SSE.");
}

std::chrono::seconds seconds_of(const Attributes& attributes, std::string_view name, bool fifo) {
  return std::chrono::seconds(
      parse_integer(find_attribute(attributes, name, fifo).value_or("0")).value_or(0));
}

}  // namespace

Attributes checked_attributes(const Attributes& given, bool fifo) {
  Attributes checked;
  for (const auto& [name, text] : given) {
    const Attribute* attribute = find_entry(name);
    if (!attribute || is_unknown_to(name, fifo))
      throw InvalidAttributeName(fmt::format("Unknown Attribute {}.", name));
    if (attribute->fifo_only && !fifo)
      throw InvalidAttributeName(
          fmt::format("You can specify the {} only when FifoQueue is set to true.", name));
    std::string value = checked_value(*attribute, text);
    if (name == "FifoQueue" && value != "true")
      throw InvalidAttributeValue(
          "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not "
          "supported.");
    checked.emplace(name, std::move(value));
  }
  require_one_encryption(checked);
  return checked;
}

void apply_attributes(Attributes& attributes, const Attributes& checked) {
  for (const auto& [name, value] : checked) {
    if (value.empty())
      attributes.erase(name);
    else
      attributes[name] = value;
  }
  // A queue is encrypted with one kind of key at a time: the one that was named last.
  if (const auto key = checked.find("KmsMasterKeyId"); key != checked.end() && !key->second.empty())
    attributes["SqsManagedSseEnabled"] = "false";
  else if (const auto own = checked.find("SqsManagedSseEnabled");
           own != checked.end() && own->second == "true")
    attributes.erase("KmsMasterKeyId");
}

std::optional<std::string> find_attribute(const Attributes& attributes, std::string_view name,
                                          bool fifo) {
  const Attribute* attribute = find_entry(name);
  if (!attribute || (attribute->fifo_only && !fifo)) return std::nullopt;
  if (const auto set = attributes.find(std::string(name)); set != attributes.end())
    return set->second;
  if (attribute->default_value.empty()) return std::nullopt;
  return std::string(attribute->default_value);
}

bool is_told(const Attributes& attributes, std::string_view name) {
  return name != "KmsDataKeyReusePeriodSeconds" || attributes.contains("KmsMasterKeyId");
}

std::vector<std::string_view> settable_attributes() {
  std::vector<std::string_view> names;
  for (const Attribute& attribute : table) names.push_back(attribute.name);
  return names;
}

bool is_unknown_to(std::string_view name, bool fifo) {
  return !fifo && (name == "FifoQueue" || name == "ContentBasedDeduplication");
}

bool is_attribute_name(std::string_view name) {
  return find_entry(name) || std::ranges::find(read_only, name) != std::end(read_only);
}

QueueSettings read_settings(const Attributes& attributes) {
  const auto is = [&](const char* name, std::string_view value) {
    const auto set = attributes.find(name);
    return set != attributes.end() && set->second == value;
  };
  QueueSettings settings;
  settings.fifo = is("FifoQueue", "true");
  settings.content_based_deduplication = is("ContentBasedDeduplication", "true");
  settings.deduplication_by_group = is("DeduplicationScope", "messageGroup");
  settings.high_throughput =
      settings.deduplication_by_group && is("FifoThroughputLimit", "perMessageGroupId");
  const auto seconds = [&](std::string_view name) {
    return seconds_of(attributes, name, settings.fifo);
  };
  settings.visibility_timeout = seconds("VisibilityTimeout");
  settings.delay = seconds("DelaySeconds");
  settings.retention = seconds("MessageRetentionPeriod");
  settings.receive_wait = seconds("ReceiveMessageWaitTimeSeconds");
  settings.maximum_message_size = seconds("MaximumMessageSize").count();
  if (const auto policy = attributes.find("Policy"); policy != attributes.end())
    settings.policy = read_policy(policy->second);
  if (const auto key = attributes.find("KmsMasterKeyId"); key != attributes.end())
    settings.kms_key = key->second;
  if (const auto policy = attributes.find("RedrivePolicy"); policy != attributes.end())
    settings.redrive = parse_redrive_policy(policy->second);
  if (const auto policy = attributes.find("RedriveAllowPolicy"); policy != attributes.end())
    settings.redrive_allow = parse_redrive_allow_policy(policy->second);
  return settings;
}

std::string to_arn(const QueueKey& key) {
  return fmt::format("arn:aws:sqs:{}:{}:{}", key.region, key.account, key.name);
}

std::optional<QueueKey> parse_arn(std::string_view arn) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t colon = arn.find(':');
    parts.emplace_back(arn.substr(0, colon));
    if (colon == std::string_view::npos) break;
    arn.remove_prefix(colon + 1);
  }
  if (parts.size() != 6 || parts[0] != "arn" || parts[2] != "sqs") return std::nullopt;
  return QueueKey{.account = parts[4], .region = parts[3], .name = parts[5]};
}

}  // namespace matinee::sqs
