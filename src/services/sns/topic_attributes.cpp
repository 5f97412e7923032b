#include "services/sns/topic_attributes.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>

#include "policy/wildcard.h"
#include "protocol/timestamps.h"
#include "protocol/utf8.h"

namespace matinee::sns {

namespace {

constexpr std::size_t longest_display_name = 100;
constexpr std::size_t longest_policy = 30'720;
constexpr std::string_view fifo_suffix = ".fifo";

constexpr std::string_view fifo_only[] = {"ArchivePolicy", "ContentBasedDeduplication",
                                          "FifoThroughputScope", "FifoTopic"};

constexpr std::string_view plain[] = {"ArchivePolicy",
                                      "ContentBasedDeduplication",
                                      "DeliveryPolicy",
                                      "DisplayName",
                                      "FifoThroughputScope",
                                      "FifoTopic",
                                      "KmsMasterKeyId",
                                      "MaximumMessageSize",
                                      "Policy",
                                      "SignatureVersion",
                                      "TracingConfig"};

/// "ApplicationSuccessFeedbackRoleArn" and the like: for each protocol a role for what succeeds,
/// one for what fails, and how much of what succeeds is told.
bool is_feedback(std::string_view name) {
  for (const std::string_view protocol : {"Application", "Firehose", "HTTP", "Lambda", "SQS"}) {
    if (!name.starts_with(protocol)) continue;
    const std::string_view rest = name.substr(protocol.size());
    if (rest == "SuccessFeedbackRoleArn" || rest == "SuccessFeedbackSampleRate" ||
        rest == "FailureFeedbackRoleArn")
      return true;
  }
  return false;
}

bool is_one_of(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
  });
  return text;
}

/// What is wrong with an attribute: CreateTopic says more.
class Refusal {
 public:
  Refusal(std::string_view name, GivenTo given_to) : name_(name), given_to_(given_to) {}
  [[noreturn]] void of(std::string_view reason) const {
    refuse(given_to_ == GivenTo::create ? fmt::format("Attributes Reason: {}: {}", name_, reason)
                                        : fmt::format("{}: {}", name_, reason));
  }
  [[noreturn]] void of_value(std::string_view value, std::string_view allowed) const {
    of(fmt::format("Invalid value [{}]. {}", value, allowed));
  }

 private:
  std::string_view name_;
  GivenTo given_to_;
};

std::string checked_boolean(const std::string& value, const Refusal& refusal) {
  std::string spelled = lower(value);
  if (spelled != "true" && spelled != "false") refusal.of_value(value, "Must be true or false.");
  return spelled;
}

std::string checked_choice(const std::string& value, std::string_view first,
                           std::string_view second, const Refusal& refusal) {
  if (value != first && value != second)
    refusal.of_value(value, fmt::format("Please use either {} or {}", first, second));
  return value;
}

std::optional<int> small_number(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// Days, from {"MessageRetentionPeriod":"30"}; nothing where the text says something else.
std::optional<int> retention_of(const std::string& json) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(json).get(object) || object.size() != 1) return std::nullopt;
  std::string_view text;
  std::int64_t number = 0;
  if (!object["MessageRetentionPeriod"].get(text)) return small_number(text);
  if (!object["MessageRetentionPeriod"].get(number)) return static_cast<int>(number);
  return std::nullopt;
}

bool is_empty_json(const std::string& json) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  return json.empty() || (!parser.parse(json).get(object) && object.size() == 0);
}

std::string checked_archive(const std::string& value, const Refusal& refusal) {
  if (is_empty_json(value)) return "";
  const std::optional<int> days = retention_of(value);
  if (!days) refusal.of("failed to parse JSON.");
  if (*days < 1 || *days > 365) refusal.of("MessageRetentionPeriod must be between 1 and 365.");
  return value;
}

std::string checked_size(const std::string& value, const Refusal& refusal) {
  const std::optional<int> size = small_number(value);
  if (!value.empty() && (!size || *size < 1024 || *size > 1'048'576))
    refusal.of_value(value, "Must be an integer between 1024 and 1048576.");
  return value;
}

std::string checked_policy(const std::string& value) {
  const auto document = policy::parse(value);
  if (!document || value.size() > longest_policy) refuse("Policy Error: null");
  for (const policy::Statement& statement : document->statements)
    for (const std::string& action : statement.actions.patterns)
      if (action != "*" && !lower(action).starts_with("sns:"))
        refuse("Policy statement action out of service scope!");
  return value;
}

std::string checked_feedback(const std::string& name, const std::string& value,
                             const Refusal& refusal) {
  if (name.ends_with("RoleArn")) {
    if (!value.empty() && !value.starts_with("arn:"))
      refuse(fmt::format("{} is an invalid role ARN", name));
    return value;
  }
  const std::optional<int> rate = small_number(value);
  if (!value.empty() && (!rate || *rate < 0 || *rate > 100))
    refusal.of_value(value, "Must be an integer between 0 and 100.");
  return value;
}

[[noreturn]] void refuse_name(const std::string& name, GivenTo given_to) {
  refuse(given_to == GivenTo::create ? fmt::format("Attributes Reason: Unknown attribute {}", name)
                                     : std::string("AttributeName"));
}

}  // namespace

bool asks_for_fifo(const Attributes& given) {
  const auto found = given.find("FifoTopic");
  return found != given.end() &&
         checked_boolean(found->second, Refusal("FifoTopic", GivenTo::create)) == "true";
}

std::string checked_attribute(const std::string& name, const std::string& value, bool fifo,
                              GivenTo given_to) {
  const Refusal refusal(name, given_to);
  if (is_feedback(name)) return checked_feedback(name, value, refusal);
  if (!is_one_of(plain, name) || (given_to == GivenTo::set && name == "FifoTopic"))
    refuse_name(name, given_to);
  if (name == "FifoTopic") return checked_boolean(value, refusal);
  if (is_one_of(fifo_only, name) && !fifo)
    refuse(given_to == GivenTo::create
               ? fmt::format("Attributes Reason: {} can only be set for FIFO topics", name)
               : std::string("AttributeName"));
  if (name == "ContentBasedDeduplication") return checked_boolean(value, refusal);
  if (name == "FifoThroughputScope") return checked_choice(value, "Topic", "MessageGroup", refusal);
  if (name == "SignatureVersion") return checked_choice(value, "1", "2", refusal);
  if (name == "TracingConfig") return checked_choice(value, "PassThrough", "Active", refusal);
  if (name == "ArchivePolicy") return checked_archive(value, refusal);
  if (name == "MaximumMessageSize") return checked_size(value, refusal);
  if (name == "Policy") return checked_policy(value);
  if (name == "DeliveryPolicy" && !value.empty()) parse_delivery_policy(value, PolicyOf::topic);
  if (name == "DisplayName" && protocol::count_characters(value) > longest_display_name)
    refuse("DisplayName");
  return value;
}

std::string attribute_of(const TopicRecord& record, const std::string& name) {
  if (const auto found = record.attributes.find(name); found != record.attributes.end())
    return found->second;
  return name == "ContentBasedDeduplication" || name == "FifoTopic" ? "false" : "";
}

TopicSettings read_settings(const TopicKey& key, const TopicRecord& record) {
  TopicSettings settings;
  settings.fifo = key.name.ends_with(fifo_suffix);
  settings.content_based_deduplication =
      attribute_of(record, "ContentBasedDeduplication") == "true";
  settings.deduplicates_by_group = attribute_of(record, "FifoThroughputScope") == "MessageGroup";
  settings.signs_with_sha256 = attribute_of(record, "SignatureVersion") == "2";
  settings.kms_key = attribute_of(record, "KmsMasterKeyId");
  if (const auto size = small_number(attribute_of(record, "MaximumMessageSize")))
    settings.most_message_bytes = static_cast<std::size_t>(*size);
  if (const std::string archive = attribute_of(record, "ArchivePolicy"); !archive.empty()) {
    settings.archives = true;
    settings.retention = std::chrono::days(retention_of(archive).value_or(1));
  }
  if (const auto given = record.attributes.find("Policy"); given != record.attributes.end())
    if (auto document = policy::parse(given->second))
      settings.policy = std::make_shared<const policy::Document>(*std::move(document));
  if (const std::string given = attribute_of(record, "DeliveryPolicy"); !given.empty())
    settings.delivery_policy =
        std::make_shared<const DeliveryPolicy>(parse_delivery_policy(given, PolicyOf::topic));
  settings.logs_deliveries = std::ranges::any_of(record.attributes, [](const auto& attribute) {
    return attribute.first.ends_with("FeedbackRoleArn") && !attribute.second.empty();
  });
  return settings;
}

std::string default_policy(const TopicKey& key) {
  return fmt::format(
      R"({{"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[{{"Sid":)"
      R"("__default_statement_ID","Effect":"Allow","Principal":{{"AWS":"*"}},"Action":)"
      R"(["SNS:GetTopicAttributes","SNS:SetTopicAttributes","SNS:AddPermission",)"
      R"("SNS:RemovePermission","SNS:DeleteTopic","SNS:Subscribe",)"
      R"("SNS:ListSubscriptionsByTopic","SNS:Publish"],"Resource":"{}",)"
      R"("Condition":{{"StringEquals":{{"AWS:SourceOwner":"{}"}}}}}}]}})",
      arn_of(key), key.account);
}

std::shared_ptr<const policy::Document> default_document(const TopicKey& key) {
  return std::make_shared<const policy::Document>(*policy::parse(default_policy(key)));
}

Attributes told_attributes(const TopicKey& key, const TopicRecord& record, runtime::Time now) {
  Attributes told = record.attributes;
  std::erase_if(told, [](const auto& attribute) { return attribute.second.empty(); });
  const bool fifo = key.name.ends_with(fifo_suffix);
  if (fifo)
    told.try_emplace("ContentBasedDeduplication", "false");
  else
    told.erase("FifoTopic");
  told.try_emplace("Policy", default_policy(key));
  told.try_emplace("DisplayName", "");
  told["Owner"] = key.account;
  told["TopicArn"] = arn_of(key);
  told["SubscriptionsPending"] = std::to_string(record.pending);
  told["SubscriptionsConfirmed"] = std::to_string(record.confirmed);
  told["SubscriptionsDeleted"] = std::to_string(record.deleted);
  DeliveryPolicy policy;
  if (const auto given = told.find("DeliveryPolicy"); given != told.end()) {
    policy = parse_delivery_policy(given->second, PolicyOf::topic);
    given->second = shown_policy(given->second);
  }
  told["EffectiveDeliveryPolicy"] = effective_policy(policy, PolicyOf::topic);
  if (record.archived_since && told.contains("ArchivePolicy")) {
    const std::chrono::days kept(retention_of(told["ArchivePolicy"]).value_or(1));
    std::string begins;
    protocol::append_iso8601_milliseconds(
        begins, std::chrono::floor<std::chrono::milliseconds>(
                    std::max(*record.archived_since, runtime::Time(now - kept))));
    told["BeginningArchiveTime"] = begins;
  }
  return told;
}

}  // namespace matinee::sns
