#include "services/lambda/running/queue_event.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <unordered_set>

#include "protocol/json_writer.h"
#include "services/arn.h"
#include "services/lambda/catalog/json_text.h"

namespace matinee::lambda {

namespace {

namespace json = protocol::json;

/// Those of a message, in AWS's order.
std::string system_of(const services::QueueMessage& message) {
  constexpr std::string_view order[] = {
      "ApproximateReceiveCount", "AWSTraceHeader",
      "SentTimestamp",           "SequenceNumber",
      "MessageGroupId",          "SenderId",
      "MessageDeduplicationId",  "ApproximateFirstReceiveTimestamp",
      "DeadLetterQueueSourceArn"};
  std::string out = "{";
  for (const std::string_view name : order)
    if (const auto found = message.system.find(std::string(name)); found != message.system.end())
      append_pair(out, name, found->second);
  return out + "}";
}

std::string attributes_of(const services::QueueMessage& message) {
  std::string out = "{";
  for (const auto& [name, value] : message.attributes) {
    if (out.size() > 1) out += ',';
    json::append_string(out, name);
    out += ":{";
    if (value.type.starts_with("Binary")) {
      out += "\"binaryValue\":";
      json::append_blob(out, value.binary);
    } else {
      append_pair(out, "stringValue", value.text);
    }
    out += R"(,"stringListValues":[],"binaryListValues":[])";
    append_pair(out, "dataType", value.type);
    out += '}';
  }
  return out + "}";
}

bool is_object(const std::string& text) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  return parser.parse(text).get(object) == simdjson::SUCCESS;
}

}  // namespace

std::string record_of(const services::QueueMessage& message, std::string_view queue,
                      bool has_window, bool body_as_json) {
  std::string out = "{";
  append_pair(out, "messageId", message.id);
  append_pair(out, "receiptHandle", message.receipt);
  if (body_as_json && is_object(message.body)) {
    out += ",\"body\":" + message.body;
  } else {
    append_pair(out, "body", message.body);
  }
  out += ",\"attributes\":" + system_of(message);
  out += ",\"messageAttributes\":" + attributes_of(message);
  if (!message.attributes_md5.empty()) {
    append_pair(out, "md5OfMessageAttributes", message.attributes_md5);
  } else if (has_window) {
    out += ",\"md5OfMessageAttributes\":null";
  }
  append_pair(out, "md5OfBody", message.md5);
  append_pair(out, "eventSource", "aws:sqs");
  append_pair(out, "eventSourceARN", queue);
  const std::optional<services::Arn> arn = services::parse_arn(queue);
  append_pair(out, "awsRegion", arn ? arn->region : "");
  return out + "}";
}

std::string event_of(const std::vector<services::QueueMessage>& messages, std::string_view queue,
                     bool has_window) {
  std::string out = "{\"Records\":[";
  for (const services::QueueMessage& message : messages) {
    if (!out.ends_with('[')) out += ',';
    out += record_of(message, queue, has_window);
  }
  return out + "]}";
}

std::optional<std::set<std::string>> failures_of(const std::string& answer,
                                                 const std::vector<services::QueueMessage>& batch) {
  std::set<std::string> failed;
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (answer.empty()) return failed;
  // What is no JSON reports nothing that can be understood.
  if (parser.parse(answer).get(root) != simdjson::SUCCESS) return std::nullopt;
  simdjson::dom::element list;
  if (!root.is_object()) {
    // null, and other values without the member, are a success.
    return failed;
  }
  if (root["batchItemFailures"].get(list) != simdjson::SUCCESS || list.is_null()) return failed;
  simdjson::dom::array items;
  if (list.get(items) != simdjson::SUCCESS) return std::nullopt;
  std::unordered_set<std::string_view> known;
  for (const services::QueueMessage& message : batch) known.insert(message.id);
  for (const simdjson::dom::element item : items) {
    std::string_view id;
    if (!item.is_object() || item["itemIdentifier"].get(id) != simdjson::SUCCESS)
      return std::nullopt;
    if (!known.contains(id)) return std::nullopt;
    failed.emplace(id);
  }
  return failed;
}

}  // namespace matinee::lambda
