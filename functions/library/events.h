// The events that AWS's services hand to functions, as structures. `read` takes the whole event and
// throws JsonError where it has another form. What a service leaves out is empty or nothing.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "library/json.h"

namespace lambda {

/// Of a message: its text, or its bytes.
struct MessageAttribute {
  std::string type;  // "String", "Number", "Binary", "String.Array"
  std::string text;
  std::string bytes;  // of Binary, decoded
};

struct SqsRecord {
  std::string message_id;
  std::string receipt_handle;
  std::string body;
  std::map<std::string, std::string> attributes;  // SentTimestamp, MessageGroupId …
  std::map<std::string, MessageAttribute> message_attributes;
  std::string event_source_arn;
  std::string region;

  /// Empty for messages of standard queues.
  std::string group() const;
  /// 1 at the first time.
  int receive_count() const;
};

struct SqsEvent {
  std::vector<SqsRecord> records;
  static SqsEvent read(const Json& event);
};

/// What a topic sends. To functions it comes in an event of its own, to queues as the body of a
/// message.
struct SnsNotification {
  std::string message_id;
  std::string topic_arn;
  std::string subject;
  std::string message;
  std::string timestamp;  // "2019-01-02T12:45:07.000Z"
  std::map<std::string, MessageAttribute> message_attributes;
};

struct SnsEvent {
  std::vector<SnsNotification> records;
  static SnsEvent read(const Json& event);
};

/// The notification in a message that a topic has put into a queue; nothing where the message is
/// of another kind, or the subscription delivers raw messages.
std::optional<SnsNotification> find_notification(const std::string& body);
/// What was published, whether the topic has wrapped it or not, or no topic was there at all.
std::string published_text(const SqsRecord& record);

struct S3Record {
  std::string event_name;  // "ObjectCreated:Put"
  std::string event_time;
  std::string region;
  std::string bucket;
  std::string key;  // decoded: events carry it as in a form
  std::optional<std::int64_t> size;
  std::string etag;
  std::string version_id;
  std::string sequencer;
};

struct S3Event {
  std::vector<S3Record> records;
  static S3Event read(const Json& event);
};

/// An event of EventBridge, also a scheduled one.
struct EventBridgeEvent {
  std::string id;
  std::string source;
  std::string detail_type;
  std::string account;
  std::string time;  // "2015-12-22T18:43:48Z"
  std::string region;
  std::vector<std::string> resources;
  Json detail;
  static EventBridgeEvent read(const Json& event);
};

/// An item: attribute names and values in DynamoDB's own form, {"S": "text"}.
using DynamoDbItem = std::map<std::string, Json>;

struct DynamoDbRecord {
  std::string event_id;
  std::string event_name;  // INSERT, MODIFY, REMOVE
  std::string event_source_arn;
  std::string region;
  double created = 0;  // seconds since 1970
  DynamoDbItem keys;
  std::optional<DynamoDbItem> new_image;
  std::optional<DynamoDbItem> old_image;
  std::string sequence_number;
  std::int64_t size_bytes = 0;
  std::string view_type;
  bool is_expiry = false;  // removed by its time to live
};

struct DynamoDbEvent {
  std::vector<DynamoDbRecord> records;
  static DynamoDbEvent read(const Json& event);
};

/// Calls `work` for every record, whatever becomes of the others, and gives the answer for a
/// mapping with ReportBatchItemFailures. What `work` throws is logged, and its message comes again.
/// In a FIFO queue the later ones of its group come again unseen, so that their order holds.
Json for_each_record(const SqsEvent& event, const std::function<void(const SqsRecord&)>& work);
/// The same for a stream: it ends at the first failure, from which on records come again.
Json for_each_record(const DynamoDbEvent& event,
                     const std::function<void(const DynamoDbRecord&)>& work);

}  // namespace lambda
