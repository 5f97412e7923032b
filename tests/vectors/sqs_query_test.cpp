// SQS as clients older than November 2023 speak it: forms and XML.
#include "messages.h"
#include "sqs/errors.h"
#include "sqs/operations.h"

namespace matinee::vectors {
namespace {

using protocol::Protocol;
namespace ops = sqs::operations;

protocol::HttpRequest form(std::string body) {
  return http("POST", "/", std::move(body));
}

TEST(SqsQuery, attributes_and_tags_of_a_new_queue_are_numbered_pairs) {
  auto decoded = decode(
      ops::CreateQueue, Protocol::query,
      form("Action=CreateQueue&Version=2012-11-05&QueueName=movie-load.fifo&Attribute.1.Name="
           "FifoQueue&Attribute.1.Value=true&Attribute.2.Name=DelaySeconds&Attribute.2.Value=5&"
           "Tag.1.Key=team&Tag.1.Value=film+club"));
  const auto& request = decoded.as<sqs::CreateQueueRequest>();
  EXPECT_TRUE(decoded.violations.empty());
  EXPECT_EQ(request.queue_name, "movie-load.fifo");
  EXPECT_EQ(*request.attributes,
            (std::map<std::string, std::string>{{"FifoQueue", "true"}, {"DelaySeconds", "5"}}));
  EXPECT_EQ(request.tags->at("team"), "film club");
}

TEST(SqsQuery, a_batch_is_numbered_entries) {
  auto decoded = decode(
      ops::SendMessageBatch, Protocol::query,
      form("Action=SendMessageBatch&QueueUrl=http%3A%2F%2Flocalhost%2F000000000000%2Fq&"
           "SendMessageBatchRequestEntry.1.Id=a&SendMessageBatchRequestEntry.1.MessageBody=x+y&"
           "SendMessageBatchRequestEntry.1.MessageAttribute.1.Name=k&"
           "SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.DataType=String&"
           "SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.StringValue=v&"
           "SendMessageBatchRequestEntry.2.Id=b&SendMessageBatchRequestEntry.2.MessageBody=z&"
           "SendMessageBatchRequestEntry.2.DelaySeconds=7"));
  const auto& request = decoded.as<sqs::SendMessageBatchRequest>();
  EXPECT_TRUE(decoded.violations.empty());
  ASSERT_EQ(request.entries.size(), 2u);
  EXPECT_EQ(request.entries[0].message_body, "x y");
  EXPECT_EQ(request.entries[0].message_attributes->at("k").string_value, "v");
  EXPECT_EQ(request.entries[1].delay_seconds, 7);
}

TEST(SqsQuery, names_of_attributes_are_numbered) {
  auto decoded = decode(ops::ReceiveMessage, Protocol::query,
                        form("QueueUrl=q&AttributeName.1=All&MessageAttributeName.1=a&"
                             "MessageAttributeName.2=b&MaxNumberOfMessages=10"));
  const auto& request = decoded.as<sqs::ReceiveMessageRequest>();
  EXPECT_EQ(request.attribute_names->front(), "All");
  EXPECT_EQ(request.message_attribute_names->size(), 2u);
  EXPECT_EQ(request.max_number_of_messages, 10);
}

TEST(SqsQuery, keys_of_tags_to_take_off_are_numbered) {
  auto decoded = decode(ops::UntagQueue, Protocol::query, form("QueueUrl=q&TagKey.1=a&TagKey.2=b"));
  EXPECT_EQ(decoded.as<sqs::UntagQueueRequest>().tag_keys, (std::vector<std::string>{"a", "b"}));
}

TEST(SqsQuery, the_queue_may_be_told_by_the_path_alone) {
  protocol::Headers headers;
  headers.add("Host", "localhost:4566");
  auto decoded = decode(ops::SendMessage, Protocol::query,
                        http("POST", "/000000000000/orders", "MessageBody=x", headers));
  EXPECT_EQ(decoded.as<sqs::SendMessageRequest>().queue_url,
            "http://localhost:4566/000000000000/orders");
}

TEST(SqsQuery, a_get_request_has_its_parameters_in_the_query_string) {
  auto decoded = decode(ops::GetQueueUrl, Protocol::query,
                        http("GET", "/?Action=GetQueueUrl&QueueName=a%20b", ""));
  EXPECT_EQ(decoded.as<sqs::GetQueueUrlRequest>().queue_name, "a b");
}

TEST(SqsQuery, a_form_that_is_malformed_is_refused) {
  for (const char* body : {"QueueUrl=%", "QueueUrl=%zz", "QueueUrl=%ff"}) {
    try {
      decode(ops::SendMessage, Protocol::query, form(body));
      FAIL();
    } catch (const protocol::ServiceError& error) {
      EXPECT_EQ(error.code(), "MalformedQueryString");
    }
  }
}

std::string answer(const protocol::Operation& operation, const void* response) {
  return protocol::encode_response(operation, Protocol::query, response, "id-1").body.bytes;
}

constexpr std::string_view start = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
constexpr std::string_view metadata =
    "<ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata>";

TEST(SqsQuery, a_result_is_wrapped_twice) {
  sqs::SendMessageResponse response;
  response.md5_of_message_body = "5d41";
  response.message_id = "m";
  EXPECT_EQ(answer(ops::SendMessage, &response),
            std::string(start) +
                "<SendMessageResponse xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\">"
                "<SendMessageResult><MD5OfMessageBody>5d41</MD5OfMessageBody>"
                "<MessageId>m</MessageId></SendMessageResult>" +
                std::string(metadata) + "</SendMessageResponse>");
}

TEST(SqsQuery, an_operation_without_result_has_only_metadata) {
  const sqs::DeleteMessageResponse response{};
  EXPECT_EQ(answer(ops::DeleteMessage, &response),
            std::string(start) +
                "<DeleteMessageResponse xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\">" +
                std::string(metadata) + "</DeleteMessageResponse>");
}

TEST(SqsQuery, messages_and_their_attributes_are_repeated_elements) {
  sqs::ReceiveMessageResponse response;
  auto& message = response.messages.emplace().emplace_back();
  message.message_id = "m";
  message.body = "a<b>\"c\"";
  message.attributes = {{"SentTimestamp", "1"}, {"SenderId", "x"}};
  sqs::MessageAttributeValue value;
  value.data_type = "String";
  value.string_value = "v";
  message.message_attributes.emplace().emplace("k", value);
  EXPECT_EQ(answer(ops::ReceiveMessage, &response),
            std::string(start) +
                "<ReceiveMessageResponse xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\">"
                "<ReceiveMessageResult><Message><MessageId>m</MessageId>"
                "<Body>a&lt;b&gt;&quot;c&quot;</Body>"
                "<Attribute><Name>SenderId</Name><Value>x</Value></Attribute>"
                "<Attribute><Name>SentTimestamp</Name><Value>1</Value></Attribute>"
                "<MessageAttribute><Name>k</Name><Value><StringValue>v</StringValue>"
                "<DataType>String</DataType></Value></MessageAttribute>"
                "</Message></ReceiveMessageResult>" +
                std::string(metadata) + "</ReceiveMessageResponse>");
}

TEST(SqsQuery, queues_and_results_of_batches_are_repeated_elements) {
  sqs::ListQueuesResponse queues;
  queues.queue_urls = {"u1", "u2"};
  EXPECT_NE(answer(ops::ListQueues, &queues)
                .find("<ListQueuesResult><QueueUrl>u1</QueueUrl><QueueUrl>u2</QueueUrl>"
                      "</ListQueuesResult>"),
            std::string::npos);
  sqs::SendMessageBatchResponse batch;
  batch.successful.emplace_back().id = "a";
  auto& failed = batch.failed.emplace_back();
  failed.id = "b";
  failed.sender_fault = true;
  failed.code = "InvalidParameterValue";
  const std::string text = answer(ops::SendMessageBatch, &batch);
  EXPECT_NE(text.find("<SendMessageBatchResultEntry><Id>a</Id>"), std::string::npos);
  EXPECT_NE(text.find("<BatchResultErrorEntry><Id>b</Id><SenderFault>true</SenderFault>"
                      "<Code>InvalidParameterValue</Code></BatchResultErrorEntry>"),
            std::string::npos);
}

TEST(SqsQuery, an_error_has_the_older_code_and_words) {
  const sqs::QueueDoesNotExist error("The specified queue does not exist.");
  const auto message = protocol::encode_error(sqs::model, Protocol::query, error, "id-1");
  EXPECT_EQ(message.status, 400);
  EXPECT_EQ(message.body.bytes,
            std::string(start) +
                "<ErrorResponse xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\"><Error>"
                "<Type>Sender</Type><Code>AWS.SimpleQueueService.NonExistentQueue</Code>"
                "<Message>The specified queue does not exist for this wsdl version.</Message>"
                "<Detail/></Error><RequestId>id-1</RequestId></ErrorResponse>");
}

}  // namespace
}  // namespace matinee::vectors
