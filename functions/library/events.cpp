#include "library/events.h"

#include <charconv>
#include <set>

#include "library/errors.h"
#include "library/log.h"
#include "protocol/base64.h"
#include "protocol/http.h"

namespace lambda {

namespace {

std::string decoded(const std::string& base64) {
  std::optional<std::string> bytes = matinee::protocol::base64_decode(base64);
  if (!bytes) throw JsonError("A binary attribute is not in base64.");
  return std::move(*bytes);
}

/// Of SQS: {"stringValue":…,"binaryValue":…,"dataType":…}.
std::map<std::string, MessageAttribute> read_sqs_attributes(const Json* attributes) {
  std::map<std::string, MessageAttribute> result;
  if (!attributes || attributes->is_null()) return result;
  for (const auto& [name, value] : attributes->members()) {
    MessageAttribute& attribute = result[name];
    attribute = {value.at("dataType").text(), value.text_or("stringValue"),
                 decoded(value.text_or("binaryValue"))};
  }
  return result;
}

/// Of SNS: {"Type":…,"Value":…}.
std::map<std::string, MessageAttribute> read_sns_attributes(const Json* attributes) {
  std::map<std::string, MessageAttribute> result;
  if (!attributes || attributes->is_null()) return result;
  for (const auto& [name, value] : attributes->members()) {
    MessageAttribute attribute{value.at("Type").text(), value.at("Value").text(), ""};
    if (attribute.type.starts_with("Binary")) {
      attribute.bytes = decoded(attribute.text);
      attribute.text.clear();
    }
    result[name] = std::move(attribute);
  }
  return result;
}

SqsRecord read_sqs_record(const Json& record) {
  SqsRecord result{.message_id = record.at("messageId").text(),
                   .receipt_handle = record.at("receiptHandle").text(),
                   .body = record.at("body").text(),
                   .attributes = {},
                   .message_attributes = read_sqs_attributes(record.find("messageAttributes")),
                   .event_source_arn = record.text_or("eventSourceARN"),
                   .region = record.text_or("awsRegion")};
  if (const Json* attributes = record.find("attributes"))
    for (const auto& [name, value] : attributes->members()) result.attributes[name] = value.text();
  return result;
}

SnsNotification read_notification(const Json& notification) {
  return {.message_id = notification.at("MessageId").text(),
          .topic_arn = notification.at("TopicArn").text(),
          .subject = notification.text_or("Subject"),
          .message = notification.at("Message").text(),
          .timestamp = notification.text_or("Timestamp"),
          .message_attributes = read_sns_attributes(notification.find("MessageAttributes"))};
}

S3Record read_s3_record(const Json& record) {
  const Json& object = record.at("s3").at("object");
  const auto key = matinee::protocol::percent_decode(object.at("key").text(), true);
  if (!key) throw JsonError("The key of an object is not encoded as in a form.");
  const Json* size = object.find("size");
  return {.event_name = record.at("eventName").text(),
          .event_time = record.text_or("eventTime"),
          .region = record.text_or("awsRegion"),
          .bucket = record.at("s3").at("bucket").at("name").text(),
          .key = *key,
          .size = size ? std::optional(size->integer()) : std::nullopt,
          .etag = object.text_or("eTag"),
          .version_id = object.text_or("versionId"),
          .sequencer = object.text_or("sequencer")};
}

std::optional<DynamoDbItem> read_item(const Json* item) {
  if (!item || item->is_null()) return std::nullopt;
  DynamoDbItem result;
  for (const auto& [name, value] : item->members()) result[name] = value;
  return result;
}

DynamoDbRecord read_dynamodb_record(const Json& record) {
  const Json& change = record.at("dynamodb");
  const Json* created = change.find("ApproximateCreationDateTime");
  const Json* size = change.find("SizeBytes");
  const Json* who = record.find("userIdentity");
  return {.event_id = record.text_or("eventID"),
          .event_name = record.at("eventName").text(),
          .event_source_arn = record.text_or("eventSourceARN"),
          .region = record.text_or("awsRegion"),
          .created = created ? created->as_double() : 0,
          .keys = read_item(&change.at("Keys")).value_or(DynamoDbItem()),
          .new_image = read_item(change.find("NewImage")),
          .old_image = read_item(change.find("OldImage")),
          .sequence_number = change.at("SequenceNumber").text(),
          .size_bytes = size ? size->integer() : 0,
          .view_type = change.text_or("StreamViewType"),
          .is_expiry =
              who && !who->is_null() && who->text_or("principalId") == "dynamodb.amazonaws.com"};
}

/// True where `work` has thrown, which is logged.
bool fails(const std::string& what, const std::function<void()>& work) {
  try {
    work();
    return false;
  } catch (...) {
    const ErrorDocument error = describe_current_exception();
    log(Level::error, error.message, {{"errorType", error.type}, {"record", what}});
    return true;
  }
}

Json batch_answer(const std::vector<std::string>& failed) {
  Json failures = Json::array();
  for (const std::string& id : failed) failures.push(Json::object().set("itemIdentifier", id));
  return Json::object().set("batchItemFailures", std::move(failures));
}

}  // namespace

std::string SqsRecord::group() const {
  const auto found = attributes.find("MessageGroupId");
  return event_source_arn.ends_with(".fifo") && found != attributes.end() ? found->second : "";
}

int SqsRecord::receive_count() const {
  const auto found = attributes.find("ApproximateReceiveCount");
  int count = 1;
  if (found != attributes.end())
    std::from_chars(found->second.data(), found->second.data() + found->second.size(), count);
  return count;
}

SqsEvent SqsEvent::read(const Json& event) {
  SqsEvent result;
  for (const Json& record : event.at("Records").elements())
    result.records.push_back(read_sqs_record(record));
  return result;
}

SnsEvent SnsEvent::read(const Json& event) {
  SnsEvent result;
  for (const Json& record : event.at("Records").elements())
    result.records.push_back(read_notification(record.at("Sns")));
  return result;
}

std::optional<SnsNotification> find_notification(const std::string& body) {
  try {
    const Json envelope = Json::parse(body);
    const Json* type = envelope.find("Type");
    if (!type || *type != Json("Notification") || !envelope.find("TopicArn")) return std::nullopt;
    return read_notification(envelope);
  } catch (const JsonError&) {
    return std::nullopt;  // A text, or somebody else's JSON.
  }
}

std::string published_text(const SqsRecord& record) {
  const std::optional<SnsNotification> notification = find_notification(record.body);
  return notification ? notification->message : record.body;
}

S3Event S3Event::read(const Json& event) {
  S3Event result;
  for (const Json& record : event.at("Records").elements())
    result.records.push_back(read_s3_record(record));
  return result;
}

EventBridgeEvent EventBridgeEvent::read(const Json& event) {
  EventBridgeEvent result{.id = event.text_or("id"),
                          .source = event.at("source").text(),
                          .detail_type = event.at("detail-type").text(),
                          .account = event.text_or("account"),
                          .time = event.text_or("time"),
                          .region = event.text_or("region"),
                          .resources = {},
                          .detail = event.at("detail")};
  if (const Json* resources = event.find("resources"))
    for (const Json& resource : resources->elements()) result.resources.push_back(resource.text());
  return result;
}

DynamoDbEvent DynamoDbEvent::read(const Json& event) {
  DynamoDbEvent result;
  for (const Json& record : event.at("Records").elements())
    result.records.push_back(read_dynamodb_record(record));
  return result;
}

Json for_each_record(const SqsEvent& event, const std::function<void(const SqsRecord&)>& work) {
  std::vector<std::string> failed;
  std::set<std::string> stopped;  // groups
  for (const SqsRecord& record : event.records) {
    const std::string group = record.group();
    const bool waits = !group.empty() && stopped.contains(group);
    if (!waits && !fails(record.message_id, [&] { work(record); })) continue;
    failed.push_back(record.message_id);
    if (!group.empty()) stopped.insert(group);
  }
  return batch_answer(failed);
}

Json for_each_record(const DynamoDbEvent& event,
                     const std::function<void(const DynamoDbRecord&)>& work) {
  for (const DynamoDbRecord& record : event.records)
    if (fails(record.sequence_number, [&] { work(record); }))
      return batch_answer({record.sequence_number});
  return batch_answer({});
}

}  // namespace lambda
