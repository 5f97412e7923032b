#include "services/sqs/redrive_policy.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <charconv>

#include "services/sqs/rules.h"

namespace matinee::sqs {

namespace {

using simdjson::dom::element;

class Document {
 public:
  Document(std::string_view parameter, const std::string& json)
      : parameter_(parameter), json_(json) {
    if (parser_.parse(json).get(root_) || !root_.is_object())
      refuse(parameter == "RedrivePolicy" ? "Redrive policy is not a valid JSON map."
                                          : "Amazon SQS can't create the redrive allow policy. "
                                            "Redrive allow policy is not a valid JSON map.");
  }

  [[noreturn]] void refuse(std::string_view reason) const {
    refuse_value(parameter_, json_, reason);
  }

  std::optional<element> find(std::string_view name) const {
    element value;
    if (root_[name].get(value)) return std::nullopt;
    return value;
  }

  template <class Visit>
  void each_name(Visit visit) const {
    for (const auto& [name, value] : simdjson::dom::object(root_)) visit(name);
  }

 private:
  std::string_view parameter_;
  const std::string& json_;
  simdjson::dom::parser parser_;
  element root_;
};

std::optional<std::int64_t> integer_of(element value) {
  std::int64_t number = 0;
  if (!value.get(number)) return number;
  std::string_view text;
  if (value.get(text)) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string text_of(element value) {
  std::string_view text;
  return value.get(text) ? simdjson::minify(value) : std::string(text);
}

RedriveAllowPolicy::Permission require_permission(const Document& document) {
  const std::optional<element> value = document.find("redrivePermission");
  if (!value)
    document.refuse(
        "Amazon SQS can't create the redrive allow policy. A redrivePermission is "
        "required.");
  const std::string text = text_of(*value);
  if (text == "allowAll") return RedriveAllowPolicy::Permission::allow_all;
  if (text == "denyAll") return RedriveAllowPolicy::Permission::deny_all;
  if (text == "byQueue") return RedriveAllowPolicy::Permission::by_queue;
  document.refuse(
      fmt::format("Amazon SQS can't create the redrive allow policy. The value {} of "
                  "redrivePermission is not one of allowAll, denyAll and byQueue.",
                  text));
}

}  // namespace

RedrivePolicy parse_redrive_policy(const std::string& json) {
  const Document document("RedrivePolicy", json);
  document.each_name([&](std::string_view name) {
    if (name != "deadLetterTargetArn" && name != "maxReceiveCount")
      document.refuse(
          "Only following attributes are allowed: [deadLetterTargetArn, maxReceiveCount].");
  });
  const std::optional<element> target = document.find("deadLetterTargetArn");
  const std::optional<element> count = document.find("maxReceiveCount");
  if (!target)
    document.refuse("Redrive policy does not contain mandatory attribute: deadLetterTargetArn.");
  if (!count)
    document.refuse("Redrive policy does not contain mandatory attribute: maxReceiveCount.");
  const std::optional<std::int64_t> number = integer_of(*count);
  if (!number || *number < 1 || *number > 1000)
    document.refuse(
        fmt::format("Invalid value for maxReceiveCount: {}, valid values are from 1 "
                    "to 1000 both inclusive.",
                    text_of(*count)));
  std::string arn = text_of(*target);
  const std::optional<QueueKey> key = parse_arn(arn);
  if (!key) document.refuse("Invalid value for deadLetterTargetArn.");
  return {.dead_letter_target_arn = std::move(arn),
          .target = *key,
          .max_receive_count = static_cast<std::uint32_t>(*number)};
}

RedriveAllowPolicy parse_redrive_allow_policy(const std::string& json) {
  const Document document("RedriveAllowPolicy", json);
  document.each_name([&](std::string_view name) {
    if (name != "redrivePermission" && name != "sourceQueueArns")
      document.refuse(
          "Amazon SQS can't create the redrive allow policy. Only following attributes are "
          "allowed: [redrivePermission, sourceQueueArns].");
  });
  RedriveAllowPolicy policy{.permission = require_permission(document), .source_arns = {}};
  const bool by_queue = policy.permission == RedriveAllowPolicy::Permission::by_queue;
  const std::optional<element> sources = document.find("sourceQueueArns");
  if (sources.has_value() != by_queue)
    document.refuse(
        "Amazon SQS can't create the redrive allow policy. sourceQueueArns goes with "
        "a redrivePermission of byQueue, and only with it.");
  if (!by_queue) return policy;
  simdjson::dom::array arns;
  if (sources->get(arns) || arns.size() == 0 || arns.size() > 10)
    document.refuse(
        "Amazon SQS can't create the redrive allow policy. sourceQueueArns takes 1 to "
        "10 ARNs.");
  for (const element arn : arns) {
    policy.source_arns.push_back(text_of(arn));
    if (!parse_arn(policy.source_arns.back()))
      document.refuse(
          fmt::format("Amazon SQS can't create the redrive allow policy. Invalid value for "
                      "sourceQueueArns: {}.",
                      policy.source_arns.back()));
  }
  return policy;
}

}  // namespace matinee::sqs
