// What operations need to be allowed: of every one that is modelled there is an entry, and the ARNs
// are those that AWS's documentation gives.
#include "services/needs.h"

#include <gtest/gtest.h>

#include "cloud/cloud.h"
#include "dynamodb/operations.h"
#include "dynamodb/shapes.h"
#include "iam/operations.h"
#include "kms/operations.h"
#include "logs/operations.h"
#include "runtime/simulated/simulation.h"
#include "s3/operations.h"
#include "secretsmanager/operations.h"
#include "sqs/operations.h"
#include "ssm/operations.h"
#include "sts/operations.h"

namespace matinee::cloud {
namespace {

class Needs : public testing::Test {
 protected:
  services::Context context{.account = "111122223333",
                            .region = "eu-west-1",
                            .caller_arn = "arn:aws:iam::111122223333:user/ann",
                            .principal = services::PrincipalKind::user};

  /// "ACTION RESOURCE" of each need, joined by ", ".
  template <class Request>
  std::string needs(const protocol::Operation& operation, const Request& request) {
    return needs_of(operation, &request);
  }
  std::string needs_of(const protocol::Operation& operation, const void* request) {
    std::vector<services::Need> found;
    services::add_needs_of_table(context, operation, request, found);
    std::string text;
    for (const services::Need& need : found) {
      if (!text.empty()) text += ", ";
      text += need.action;
      if (!need.resource.empty()) text += " " + need.resource;
    }
    return text;
  }
};

/// All texts of a request are "x".
void fill(const protocol::Structure& structure, void* object) {
  for (const protocol::Field& field : structure.fields)
    if (field.type->kind == protocol::Kind::string)
      *static_cast<std::string*>(field.emplace(object)) = "x";
}

TEST_F(Needs, every_operation_of_every_service_has_an_entry) {
  runtime::Simulation simulation;
  runtime::Runtime runtime = simulation.runtime();
  auto cloud = Cloud::open(runtime, {.directory = "/data", .disk = &simulation.disk});
  ASSERT_TRUE(cloud.has_value());
  // Who has no credentials yet, and who asks for what is anybody's; and statements, in which the
  // service itself reads what they need.
  const std::vector<std::string_view> free = {
      "AssumeRoleWithSAML",    "AssumeRoleWithWebIdentity", "GetCallerIdentity", "GetSessionToken",
      "BatchExecuteStatement", "ExecuteStatement",          "ExecuteTransaction"};
  std::size_t count = 0;
  for (const protocol::ServiceModel* model : (*cloud)->endpoint().models()) {
    EXPECT_FALSE(model->action_prefix.empty()) << model->id;
    for (const protocol::Operation* operation : model->operations) {
      if (!operation->input) continue;
      if (std::ranges::find(free, operation->name) != free.end()) continue;
      ++count;
      EXPECT_FALSE(operation->needs.empty()) << model->id << " " << operation->name;
      protocol::Object request(*operation->request);
      fill(*operation->input, request.get());
      std::vector<services::Need> found;
      services::add_needs_of_table(context, *operation, request.get(), found);
      for (const services::Need& need : found) {
        EXPECT_NE(need.action.find(':'), std::string_view::npos) << operation->name;
        EXPECT_TRUE(need.resource.empty() || need.resource == "*" || need.resource == "x" ||
                    need.resource == "task:x" || need.resource.starts_with("arn:aws:"))
            << operation->name << " " << need.resource;
        EXPECT_EQ(need.resource.find_first_of("{}[]|"), std::string::npos) << need.resource;
      }
    }
  }
  EXPECT_GT(count, 450U);
}

TEST_F(Needs, queues_are_named_by_their_urls) {
  EXPECT_EQ(needs(sqs::operations::SendMessage,
                  sqs::SendMessageRequest{.queue_url = "http://localhost:1/444455556666/films",
                                          .message_body = "x"}),
            "sqs:SendMessage arn:aws:sqs:eu-west-1:444455556666:films");
  EXPECT_EQ(needs(sqs::operations::DeleteMessageBatch,
                  sqs::DeleteMessageBatchRequest{.queue_url = "films"}),
            "sqs:DeleteMessage arn:aws:sqs:eu-west-1:111122223333:films");
  EXPECT_EQ(needs(sqs::operations::GetQueueUrl,
                  sqs::GetQueueUrlRequest{.queue_name = "films",
                                          .queue_owner_aws_account_id = "444455556666"}),
            "sqs:GetQueueUrl arn:aws:sqs:eu-west-1:444455556666:films");
  EXPECT_EQ(needs(sqs::operations::CreateQueue,
                  sqs::CreateQueueRequest{.queue_name = "films", .tags = {{{"a", "b"}}}}),
            "sqs:CreateQueue arn:aws:sqs:eu-west-1:111122223333:films, "
            "sqs:TagQueue arn:aws:sqs:eu-west-1:111122223333:films");
}

TEST_F(Needs, tables_are_named_alone_in_batches_and_in_transactions) {
  const std::string table = "arn:aws:dynamodb:eu-west-1:111122223333:table/";
  EXPECT_EQ(needs(dynamodb::operations::GetItem, dynamodb::GetItemRequest{.table_name = "films"}),
            "dynamodb:GetItem " + table + "films");
  EXPECT_EQ(needs(dynamodb::operations::GetItem,
                  dynamodb::GetItemRequest{
                      .table_name = "arn:aws:dynamodb:us-west-2:444455556666:table/other"}),
            "dynamodb:GetItem arn:aws:dynamodb:us-west-2:444455556666:table/other");
  EXPECT_EQ(needs(dynamodb::operations::Query,
                  dynamodb::QueryRequest{.table_name = "films", .index_name = "by-year"}),
            "dynamodb:Query " + table + "films/index/by-year");
  dynamodb::BatchGetItemRequest batch;
  batch.request_items["a"];
  batch.request_items["b"];
  EXPECT_EQ(needs(dynamodb::operations::BatchGetItem, batch),
            "dynamodb:BatchGetItem " + table + "a, dynamodb:BatchGetItem " + table + "b");
  dynamodb::TransactWriteItemsRequest transaction;
  transaction.transact_items.resize(3);
  transaction.transact_items[0].put.emplace().table_name = "a";
  transaction.transact_items[1].update.emplace().table_name = "b";
  transaction.transact_items[2].put.emplace().table_name = "a";
  EXPECT_EQ(needs(dynamodb::operations::TransactWriteItems, transaction),
            "dynamodb:PutItem " + table + "a, dynamodb:UpdateItem " + table + "b");
}

TEST_F(Needs, versions_and_sources_of_objects_have_actions_of_their_own) {
  EXPECT_EQ(needs(s3::operations::GetObject, s3::GetObjectRequest{.bucket = "films", .key = "a/b"}),
            "s3:GetObject arn:aws:s3:::films/a/b");
  EXPECT_EQ(needs(s3::operations::HeadObject,
                  s3::HeadObjectRequest{.bucket = "films", .key = "a", .version_id = "v"}),
            "s3:GetObjectVersion arn:aws:s3:::films/a");
  EXPECT_EQ(needs(s3::operations::ListObjectsV2, s3::ListObjectsV2Request{.bucket = "films"}),
            "s3:ListBucket arn:aws:s3:::films");
  EXPECT_EQ(needs(s3::operations::CopyObject,
                  s3::CopyObjectRequest{.bucket = "to", .copy_source = "/from/a%20b", .key = "k"}),
            "s3:PutObject arn:aws:s3:::to/k, s3:GetObject arn:aws:s3:::from/a b");
  EXPECT_EQ(needs(s3::operations::ListBuckets, s3::ListBucketsRequest()), "s3:ListAllMyBuckets");
}

TEST_F(Needs, identities_are_named_with_their_paths) {
  EXPECT_EQ(needs(iam::operations::CreateRole,
                  iam::CreateRoleRequest{.path = "/app/", .role_name = "reader"}),
            "iam:CreateRole arn:aws:iam::111122223333:role/app/reader");
  EXPECT_EQ(needs(iam::operations::GetUser, iam::GetUserRequest()),
            "iam:GetUser arn:aws:iam::111122223333:user/ann");
  EXPECT_EQ(needs(iam::operations::ListRoles, iam::ListRolesRequest()),
            "iam:ListRoles arn:aws:iam::111122223333:role/");
  EXPECT_EQ(needs(iam::operations::GetPolicy,
                  iam::GetPolicyRequest{.policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
            "iam:GetPolicy arn:aws:iam::aws:policy/ReadOnlyAccess");
  EXPECT_EQ(needs(sts::operations::GetCallerIdentity, sts::GetCallerIdentityRequest()), "");
}

TEST_F(Needs, keys_secrets_parameters_and_logs_are_named_in_every_way) {
  const std::string key = "arn:aws:kms:eu-west-1:111122223333:key/";
  EXPECT_EQ(needs(kms::operations::Encrypt, kms::EncryptRequest{.key_id = "1-2"}),
            "kms:Encrypt " + key + "1-2");
  EXPECT_EQ(needs(kms::operations::Encrypt, kms::EncryptRequest{.key_id = "alias/mine"}),
            "kms:Encrypt " + key + "alias/mine");
  EXPECT_EQ(needs(kms::operations::Encrypt,
                  kms::EncryptRequest{.key_id = "arn:aws:kms:us-east-1:444455556666:alias/mine"}),
            "kms:Encrypt arn:aws:kms:us-east-1:444455556666:key/alias/mine");
  EXPECT_EQ(needs(kms::operations::DeleteAlias, kms::DeleteAliasRequest{.alias_name = "alias/a"}),
            "kms:DeleteAlias arn:aws:kms:eu-west-1:111122223333:alias/a, kms:DeleteAlias " + key +
                "alias/a");
  EXPECT_EQ(needs(ssm::operations::GetParameter, ssm::GetParameterRequest{.name = "/app/url:3"}),
            "ssm:GetParameter arn:aws:ssm:eu-west-1:111122223333:parameter/app/url");
  EXPECT_EQ(needs(ssm::operations::GetParameters, ssm::GetParametersRequest{.names = {"b", "a"}}),
            "ssm:GetParameters arn:aws:ssm:eu-west-1:111122223333:parameter/a, "
            "ssm:GetParameters arn:aws:ssm:eu-west-1:111122223333:parameter/b");
  EXPECT_EQ(needs(secretsmanager::operations::CreateSecret,
                  secretsmanager::CreateSecretRequest{.name = "db"}),
            "secretsmanager:CreateSecret "
            "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-??????");
  const std::string group = "arn:aws:logs:eu-west-1:111122223333:log-group:/app:log-stream:";
  EXPECT_EQ(needs(logs::operations::PutLogEvents,
                  logs::PutLogEventsRequest{.log_group_name = "/app", .log_stream_name = "one"}),
            "logs:PutLogEvents " + group + "one");
  EXPECT_EQ(
      needs(logs::operations::FilterLogEvents,
            logs::FilterLogEventsRequest{
                .log_group_identifier = "arn:aws:logs:eu-west-1:111122223333:log-group:/app:*"}),
      "logs:FilterLogEvents " + group);
}

}  // namespace
}  // namespace matinee::cloud
