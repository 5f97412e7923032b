// Who may use a queue: its policy, evaluated.
#include <gmock/gmock.h>

#include "services/sqs/service_fixture.h"
#include "sqs/operations.h"

namespace matinee::sqs {

using testing::HasSubstr;

class Access : public SqsTest {
 protected:
  std::string url = create("films");
  std::string arn = attribute(url, "QueueArn");
  Context stranger{.account = "111122223333",
                   .caller_arn = "arn:aws:iam::111122223333:root",
                   .host = "localhost:4566"};
  Context owner{.caller_arn = "arn:aws:iam::000000000000:root", .host = "localhost:4566"};

  /// The error, or nothing where the caller may.
  template <class Request>
  std::string refusal(const Context& caller, const protocol::Operation& operation,
                      const Request& request) {
    const std::string error = error_of([&] { service->authorize(caller, operation, &request); });
    return error == "no error" ? "" : error;
  }
  std::string send_refusal(const Context& caller) {
    return refusal(caller, operations::SendMessage,
                   SendMessageRequest{.queue_url = url, .message_body = "x"});
  }
  void set_policy(const std::string& effect, const std::string& rest) {
    set(url, "Policy",
        R"({"Version":"2012-10-17","Statement":{"Sid":"s","Effect":")" + effect +
            R"(","Resource":")" + arn + R"(",)" + rest + "}}");
  }
};

TEST_F(Access, the_owners_account_needs_no_policy_and_others_do) {
  EXPECT_EQ(send_refusal(owner), "");
  EXPECT_EQ(send_refusal(stranger),
            "AccessDenied: User: arn:aws:iam::111122223333:root is not authorized to perform: "
            "sqs:sendmessage on resource: " +
                arn + " because no resource-based policy allows the sqs:sendmessage action");
}

TEST_F(Access, a_permission_lets_an_account_do_what_it_names_and_its_batches) {
  call(&Service::add_permission, AddPermissionRequest{.queue_url = url,
                                                      .label = "one",
                                                      .aws_account_ids = {"111122223333"},
                                                      .actions = {"SendMessage"}});
  EXPECT_EQ(send_refusal(stranger), "");
  EXPECT_EQ(
      refusal(stranger, operations::SendMessageBatch, SendMessageBatchRequest{.queue_url = url}),
      "");
  EXPECT_THAT(
      refusal(stranger, operations::ReceiveMessage, ReceiveMessageRequest{.queue_url = url}),
      HasSubstr("sqs:receivemessage"));
  call(&Service::remove_permission, RemovePermissionRequest{.queue_url = url, .label = "one"});
  EXPECT_THAT(send_refusal(stranger), HasSubstr("AccessDenied"));
}

TEST_F(Access, what_is_the_owners_alone_no_policy_gives_to_others) {
  set_policy("Allow", R"("Principal":"*","Action":"sqs:*")");
  EXPECT_EQ(send_refusal(stranger), "");
  EXPECT_THAT(refusal(stranger, operations::DeleteQueue, DeleteQueueRequest{.queue_url = url}),
              HasSubstr("sqs:deletequeue"));
  EXPECT_THAT(refusal(stranger, operations::StartMessageMoveTask,
                      StartMessageMoveTaskRequest{.source_arn = arn}),
              HasSubstr("sqs:startmessagemovetask"));
  EXPECT_THAT(refusal(stranger, operations::SetQueueAttributes,
                      SetQueueAttributesRequest{.queue_url = url}),
              HasSubstr("sqs:setqueueattributes"));
}

TEST_F(Access, a_denial_is_for_the_owners_account_too) {
  set_policy("Deny", R"("Principal":"*","Action":"sqs:SendMessage")");
  EXPECT_THAT(send_refusal(owner), HasSubstr("with an explicit deny in a resource-based policy"));
  EXPECT_EQ(refusal(owner, operations::ReceiveMessage, ReceiveMessageRequest{.queue_url = url}),
            "");
}

TEST_F(Access, the_root_user_can_always_mend_the_policy) {
  set_policy("Deny", R"("Principal":"*","Action":"sqs:*")");
  EXPECT_EQ(
      refusal(owner, operations::SetQueueAttributes, SetQueueAttributesRequest{.queue_url = url}),
      "");
  EXPECT_THAT(refusal(owner, operations::DeleteQueue, DeleteQueueRequest{.queue_url = url}),
              HasSubstr("AccessDenied"));
}

TEST_F(Access, a_service_is_let_in_for_the_source_that_the_policy_names) {
  Context bucket{.service_principal = "s3.amazonaws.com",
                 .source_arn = "arn:aws:s3:::films",
                 .source_account = "000000000000"};
  EXPECT_THAT(send_refusal(bucket), HasSubstr("User: s3.amazonaws.com is not authorized"));
  set_policy("Allow", R"("Principal":{"Service":"s3.amazonaws.com"},"Action":"sqs:SendMessage",)"
                      R"("Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:s3:*:*:films"},)"
                      R"("StringEquals":{"aws:SourceAccount":"000000000000"}})");
  EXPECT_EQ(send_refusal(bucket), "");
  bucket.source_arn = "arn:aws:s3:::books";
  EXPECT_THAT(send_refusal(bucket), HasSubstr("AccessDenied"));
}

TEST_F(Access, conditions_see_the_request_and_the_queues_tags) {
  call(&Service::tag_queue, TagQueueRequest{.queue_url = url, .tags = {{"Team", "red"}}});
  set_policy("Allow",
             R"("Principal":"*","Action":"sqs:*","Condition":{"IpAddress":{"aws:SourceIp":)"
             R"("10.0.0.0/8"},"StringEquals":{"aws:ResourceTag/Team":"red"}})");
  EXPECT_THAT(send_refusal(stranger), HasSubstr("AccessDenied"));
  stranger.source_ip = "10.1.2.3";
  EXPECT_EQ(send_refusal(stranger), "");
}

TEST_F(Access, policies_are_enforced_after_a_restart) {
  set_policy("Deny", R"("Principal":"*","Action":"sqs:SendMessage")");
  kill_and_restart();
  EXPECT_THAT(send_refusal(owner), HasSubstr("AccessDenied"));
}

TEST_F(Access, a_queue_of_another_account_is_found_only_by_whom_its_policy_lets) {
  const GetQueueUrlRequest request{.queue_name = "films",
                                   .queue_owner_aws_account_id = "000000000000"};
  EXPECT_THAT(refusal(stranger, operations::GetQueueUrl, request), HasSubstr("sqs:getqueueurl"));
  set_policy("Allow", R"("Principal":{"AWS":"111122223333"},"Action":"sqs:GetQueueUrl")");
  EXPECT_EQ(refusal(stranger, operations::GetQueueUrl, request), "");
}

TEST_F(Access, a_policy_must_be_one_and_about_queues) {
  const auto refusal_of = [&](const std::string& json) {
    return error_of([&] { set(url, "Policy", json); });
  };
  EXPECT_EQ(refusal_of("{}"), "InvalidAttributeValue: Invalid value for the parameter Policy.");
  EXPECT_THAT(refusal_of(R"({"Statement":{"Effect":"Allow","Principal":{"AWS":"bob"},)"
                         R"("Action":"sqs:*"}})"),
              HasSubstr("InvalidAttributeValue"));
  EXPECT_THAT(
      refusal_of(R"({"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject"}})"),
      HasSubstr("Reason: Policy statement action out of service scope!"));
  std::string statements;
  for (int i = 0; i < 21; ++i)
    statements +=
        std::string(i == 0 ? "" : ",") + R"({"Effect":"Allow","Principal":"*","Action":"sqs:*"})";
  EXPECT_EQ(refusal_of(R"({"Statement":[)" + statements + "]}"),
            "OverLimit: 21 Statements were found, maximum allowed is 20.");
}

}  // namespace matinee::sqs
