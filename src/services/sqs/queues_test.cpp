// Queues themselves: their names, URLs, attributes and tags.
#include <gmock/gmock.h>

#include "services/sqs/service_fixture.h"
#include "sqs/operations.h"

namespace matinee::sqs {

using testing::ElementsAre;

class Queues : public SqsTest {};

TEST_F(Queues, a_queue_is_created_once_and_found_by_name) {
  const std::string url = create("films", {{"VisibilityTimeout", "60"}});
  EXPECT_EQ(url, "http://localhost:4566/000000000000/films");
  EXPECT_EQ(create("films", {{"VisibilityTimeout", "60"}}), url);
  EXPECT_EQ(create("films"), url);
  EXPECT_EQ(call(&Service::get_queue_url, GetQueueUrlRequest{.queue_name = "films"}).queue_url,
            url);
  EXPECT_EQ(error_of([&] { create("films", {{"VisibilityTimeout", "61"}}); }),
            "QueueAlreadyExists: A queue already exists with the same name and a different value "
            "for attribute VisibilityTimeout");
}

TEST_F(Queues, the_url_follows_the_host_that_the_client_used) {
  create("films");
  context.host = "cloud.test:8443";
  context.secure = true;
  EXPECT_EQ(create("films"), "https://cloud.test:8443/000000000000/films");
}

TEST_F(Queues, any_host_and_the_old_path_find_the_queue) {
  create("films");
  for (const char* url :
       {"http://localhost:4576/queue/films",
        "https://sqs.us-east-1.amazonaws.com/000000000000/films",
        "http://elsewhere:1/queue/us-east-1/000000000000/films", "/000000000000/films", "films"})
    EXPECT_TRUE(send(url, "Metropolis").message_id.has_value()) << url;
  EXPECT_EQ(counts("http://localhost:4566/000000000000/films"), "5/0/0");
  EXPECT_EQ(error_of([&] { send("http://localhost/films", "x"); }),
            "InvalidAddress: The address http://localhost/films is not valid for this endpoint.");
  for (const char* url : {"http://localhost/000000000000/none", "none", "http://films",
                          "http://some-host-without-a-path", "films.fifo"})
    EXPECT_EQ(error_of([&] { send(url, "x"); }),
              "AWS.SimpleQueueService.NonExistentQueue: The specified queue does not exist.");
}

TEST_F(Queues, regions_and_accounts_have_queues_of_their_own) {
  const std::string url = create("films");
  context.region = "eu-west-1";
  EXPECT_EQ(error_of([&] { send(url, "x"); }),
            "AWS.SimpleQueueService.NonExistentQueue: The specified queue does not exist.");
  create("films");
  context.account = "111111111111";
  EXPECT_EQ(create("films"), "http://localhost:4566/111111111111/films");
  const auto other =
      call(&Service::get_queue_url,
           GetQueueUrlRequest{.queue_name = "films", .queue_owner_aws_account_id = "000000000000"});
  EXPECT_EQ(other.queue_url, url);
  EXPECT_EQ(call(&Service::list_queues, ListQueuesRequest{}).queue_urls->size(), 1u);
}

TEST_F(Queues, names_that_aws_refuses_are_refused) {
  const std::string standard =
      "InvalidParameterValue: Can only include alphanumeric characters, hyphens, or underscores. "
      "1 to 80 in length";
  EXPECT_EQ(error_of([&] { create("with space"); }), standard);
  EXPECT_EQ(error_of([&] { create("films.fifo"); }), standard);
  EXPECT_EQ(error_of([&] { create(std::string(81, 'x')); }), standard);
  create(std::string(80, 'x'));
  EXPECT_EQ(error_of([&] { create_fifo("films"); }),
            "InvalidParameterValue: The name of a FIFO queue can only include alphanumeric "
            "characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in "
            "length.");
}

TEST_F(Queues, attributes_are_checked) {
  EXPECT_EQ(error_of([&] { create("q", {{"Colour", "red"}}); }),
            "InvalidAttributeName: Unknown Attribute Colour.");
  EXPECT_EQ(error_of([&] { create("q", {{"ContentBasedDeduplication", "true"}}); }),
            "InvalidAttributeName: Unknown Attribute ContentBasedDeduplication.");
  EXPECT_EQ(error_of([&] { create("q", {{"DeduplicationScope", "queue"}}); }),
            "InvalidAttributeName: You can specify the DeduplicationScope only when FifoQueue is "
            "set to true.");
  EXPECT_EQ(error_of([&] { create("q", {{"VisibilityTimeout", "43201"}}); }),
            "InvalidAttributeValue: Invalid value for the parameter VisibilityTimeout.");
  EXPECT_EQ(error_of([&] { create("q", {{"MessageRetentionPeriod", "59"}}); }),
            "InvalidAttributeValue: Invalid value for the parameter MessageRetentionPeriod.");
  EXPECT_EQ(error_of([&] { create("q", {{"DelaySeconds", "1.5"}}); }),
            "InvalidAttributeValue: Invalid value for the parameter DelaySeconds.");
  EXPECT_EQ(error_of([&] { create("q", {{"ApproximateNumberOfMessages", "1"}}); }),
            "InvalidAttributeName: Unknown Attribute ApproximateNumberOfMessages.");
}

TEST_F(Queues, all_attributes_are_told_with_their_defaults) {
  const std::string url = create_fifo("films.fifo");
  const auto attributes =
      *call(&Service::get_queue_attributes,
            GetQueueAttributesRequest{.queue_url = url, .attribute_names = {{"All"}}})
           .attributes;
  const std::map<std::string, std::string> expected = {
      {"ApproximateNumberOfMessages", "0"},
      {"ApproximateNumberOfMessagesDelayed", "0"},
      {"ApproximateNumberOfMessagesNotVisible", "0"},
      {"ContentBasedDeduplication", "true"},
      {"CreatedTimestamp", "1704067200"},
      {"DeduplicationScope", "queue"},
      {"DelaySeconds", "0"},
      {"FifoQueue", "true"},
      {"FifoThroughputLimit", "perQueue"},
      {"LastModifiedTimestamp", "1704067200"},
      {"MaximumMessageSize", "1048576"},
      {"MessageRetentionPeriod", "345600"},
      {"QueueArn", "arn:aws:sqs:us-east-1:000000000000:films.fifo"},
      {"ReceiveMessageWaitTimeSeconds", "0"},
      {"SqsManagedSseEnabled", "true"},
      {"VisibilityTimeout", "30"}};
  EXPECT_EQ(attributes, expected);
}

TEST_F(Queues, set_attributes_last_and_change_only_what_they_name) {
  const std::string url = create("films", {{"DelaySeconds", "5"}});
  advance(seconds(7));
  set(url, "VisibilityTimeout", "99");
  kill_and_restart();
  EXPECT_EQ(attribute(url, "VisibilityTimeout"), "99");
  EXPECT_EQ(attribute(url, "DelaySeconds"), "5");
  EXPECT_EQ(attribute(url, "CreatedTimestamp"), "1704067200");
  EXPECT_EQ(attribute(url, "LastModifiedTimestamp"), "1704067207");
}

TEST_F(Queues, tags_are_kept) {
  const std::string url =
      *call(&Service::create_queue,
            CreateQueueRequest{.queue_name = "films", .tags = {{{"team", "projection"}}}})
           .queue_url;
  call(&Service::tag_queue, TagQueueRequest{.queue_url = url, .tags = {{"city", "Berlin"}}});
  call(&Service::untag_queue, UntagQueueRequest{.queue_url = url, .tag_keys = {"team"}});
  kill_and_restart();
  const auto tags = call(&Service::list_queue_tags, ListQueueTagsRequest{.queue_url = url}).tags;
  EXPECT_EQ(tags, (std::map<std::string, std::string>{{"city", "Berlin"}}));
}

TEST_F(Queues, lists_come_by_prefix_and_page) {
  for (const char* name : {"b1", "a2", "a1", "a3"}) create(name);
  const auto names = [](const ListQueuesResponse& response) {
    std::vector<std::string> names;
    for (const std::string& url : response.queue_urls.value_or(std::vector<std::string>{}))
      names.push_back(url.substr(url.rfind('/') + 1));
    return names;
  };
  ListQueuesRequest request{.queue_name_prefix = "a", .max_results = 2};
  const auto first = call(&Service::list_queues, request);
  EXPECT_THAT(names(first), ElementsAre("a1", "a2"));
  request.next_token = first.next_token;
  const auto second = call(&Service::list_queues, request);
  EXPECT_THAT(names(second), ElementsAre("a3"));
  EXPECT_FALSE(second.next_token.has_value());
  EXPECT_THAT(names(call(&Service::list_queues, ListQueuesRequest{})),
              ElementsAre("a1", "a2", "a3", "b1"));
}

TEST_F(Queues, a_deleted_queue_is_gone_and_its_name_is_free_after_a_minute) {
  const std::string url = create("films");
  send(url, "Metropolis");
  call(&Service::delete_queue, DeleteQueueRequest{.queue_url = url});
  EXPECT_EQ(error_of([&] { send(url, "x"); }),
            "AWS.SimpleQueueService.NonExistentQueue: The specified queue does not exist.");
  kill_and_restart();
  EXPECT_EQ(error_of([&] { create("films"); }),
            "AWS.SimpleQueueService.QueueDeletedRecently: You must wait 60 seconds after deleting "
            "a queue before you can create another with the same name.");
  advance(seconds(60));
  create("films");
  EXPECT_EQ(counts(url), "0/0/0");
}

TEST_F(Queues, a_queue_of_a_rolled_back_transaction_never_was) {
  {
    storage::Transaction transaction(*store);
    service->create_queue(context, {.queue_name = "films"});
  }
  EXPECT_FALSE(call(&Service::list_queues, ListQueuesRequest{}).queue_urls.has_value());
  create("films");
}

TEST_F(Queues, batches_are_checked_as_a_whole_first) {
  const std::string url = create("films");
  const auto refusal = [&](std::vector<SendMessageBatchRequestEntry> entries) {
    return error_of([&] {
      call(&Service::send_message_batch,
           SendMessageBatchRequest{.queue_url = url, .entries = std::move(entries)});
    });
  };
  EXPECT_EQ(refusal({}),
            "AWS.SimpleQueueService.EmptyBatchRequest: There should be at least one "
            "SendMessageBatchRequestEntry in the request.");
  std::vector<SendMessageBatchRequestEntry> eleven(11);
  EXPECT_EQ(refusal(eleven),
            "AWS.SimpleQueueService.TooManyEntriesInBatchRequest: Maximum number of entries per "
            "request are 10. You have sent 11.");
  EXPECT_EQ(refusal({{.id = "a", .message_body = "x"}, {.id = "a", .message_body = "y"}}),
            "AWS.SimpleQueueService.BatchEntryIdsNotDistinct: Id a repeated.");
  EXPECT_EQ(refusal({{.id = "a b", .message_body = "x"}}),
            "AWS.SimpleQueueService.InvalidBatchEntryId: A batch entry id can only contain "
            "alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.");
  const std::string half(600'000, 'x');
  EXPECT_EQ(refusal({{.id = "a", .message_body = half}, {.id = "b", .message_body = half}}),
            "AWS.SimpleQueueService.BatchRequestTooLong: Batch requests cannot be longer than "
            "1048576 bytes. You have sent 1200000 bytes.");
}

TEST_F(Queues, bodies_are_checked) {
  const std::string url = create("films", {{"MaximumMessageSize", "1024"}});
  EXPECT_EQ(error_of([&] { send(url, ""); }),
            "MissingParameter: The request must contain the parameter MessageBody.");
  EXPECT_EQ(error_of([&] { send(url, std::string(1025, 'x')); }),
            "InvalidParameterValue: One or more parameters are invalid. Reason: Message must be "
            "shorter than 1024 bytes.");
  EXPECT_EQ(error_of([&] { send(url, "a\x01"); }),
            "InvalidMessageContents: Invalid binary character '#x1' was found in the message body, "
            "the set of allowed characters is #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD "
            "| #x10000 to #x10FFFF");
  EXPECT_EQ(error_of([&] { send(url, "\xEF\xBF\xBF"); }).substr(0, 22), "InvalidMessageContents");
  send(url, "tab\tand \xF0\x9F\x8E\xAC\r\n");
}

TEST_F(Queues, missing_parameters_are_named_as_aws_names_them) {
  const auto refusal = [&](const protocol::Operation& operation, const std::string& path) {
    const auto error =
        service->invalid(operation, {{.rule = protocol::Rule::required, .path = path}});
    return error.query_code() + ": " + error.message();
  };
  EXPECT_EQ(refusal(operations::SendMessage, "QueueUrl"),
            "MissingParameter: The request must contain the parameter QueueUrl.");
  EXPECT_EQ(refusal(operations::SendMessageBatch, "Entries.2.member.MessageBody"),
            "MissingParameter: The request must contain the parameter "
            "SendMessageBatchRequestEntry.2.MessageBody.");
  EXPECT_EQ(refusal(operations::DeleteMessageBatch, "Entries"),
            "AWS.SimpleQueueService.EmptyBatchRequest: There should be at least one "
            "DeleteMessageBatchRequestEntry in the request.");
}

}  // namespace matinee::sqs
