// Calls through the whole cloud where policies decide: who may what, in AWS's words.
#include <gtest/gtest.h>

#include <map>

#include "client/in_process_channel.h"
#include "cloud/cloud.h"
#include "dynamodb/client.h"
#include "dynamodbstreams/client.h"
#include "runtime/simulated/simulation.h"
#include "s3/client.h"
#include "services/authorizer.h"
#include "sqs/client.h"
#include "sts/client.h"

namespace matinee::cloud {
namespace {

using identity::Identity;
using services::IamMode;

/// Users and roles that a test makes up.
class People : public identity::Directory {
 public:
  std::map<std::string, std::shared_ptr<const Identity>, std::less<>> users;
  std::map<std::string, std::shared_ptr<const Identity>, std::less<>> roles;

  std::shared_ptr<const Identity> find_user(std::string_view,
                                            std::string_view name) const override {
    const auto found = users.find(name);
    return found == users.end() ? nullptr : found->second;
  }
  std::shared_ptr<const Identity> find_role(std::string_view,
                                            std::string_view name) const override {
    const auto found = roles.find(name);
    return found == roles.end() ? nullptr : found->second;
  }
  std::shared_ptr<const identity::AttachedPolicy> find_policy(std::string_view) const override {
    return nullptr;
  }
};

identity::AttachedPolicy policy_of(const std::string& statement) {
  identity::AttachedPolicy attached{.name = "p"};
  attached.text = R"({"Version":"2012-10-17","Statement":[)" + statement + "]}";
  attached.document = std::make_shared<const policy::Document>(
      policy::parse(attached.text, policy::Kind::identity).value());
  return attached;
}

std::string allow(const std::string& action, const std::string& resource,
                  const std::string& more = "") {
  return R"({"Effect":"Allow","Action":")" + action + R"(","Resource":")" + resource + "\"" + more +
         "}";
}

class Authorization : public testing::Test {
 protected:
  Authorization() {
    auto opened = Cloud::open(runtime, {.directory = "/data", .disk = &simulation.disk});
    if (!opened) throw std::runtime_error(opened.error().message);
    cloud = std::move(*opened);
    decide(IamMode::enforce);
    call(root, &sqs::Client::create_queue, sqs::CreateQueueRequest{.queue_name = "films"});
    call(root, &s3::Client::create_bucket, s3::CreateBucketRequest{.bucket = "films"});
  }

  runtime::Simulation simulation;
  runtime::Runtime runtime = simulation.runtime();
  std::unique_ptr<Cloud> cloud;
  People people;
  std::optional<services::ActivityLog> activity;
  std::optional<services::Authorizer> authorizer;
  const std::string url = "http://localhost/111122223333/films";
  const std::string queue = "arn:aws:sqs:us-east-1:111122223333:films";
  services::Context root{.account = "111122223333",
                         .access_key = "111122223333",
                         .caller_arn = "arn:aws:iam::111122223333:root"};
  services::Context ann{.account = "111122223333",
                        .access_key = "AKIAANN",
                        .caller_arn = "arn:aws:iam::111122223333:user/ann",
                        .principal = services::PrincipalKind::user,
                        .caller_id = "AIDAANN"};

  void decide(IamMode mode) {
    authorizer.reset();
    activity.emplace(cloud->store(), runtime.clock);
    authorizer.emplace(mode, runtime.clock, &people, &*activity);
    cloud->endpoint().use(*authorizer);
  }
  void give_ann(const std::string& statements) {
    auto user = std::make_shared<Identity>();
    user->arn = ann.caller_arn;
    user->account = ann.account;
    user->name = "ann";
    user->policies = {policy_of(statements)};
    people.users["ann"] = user;
  }

  template <class Client, class Response, class Request>
  Response call(const services::Context& caller,
                runtime::Task<Response> (Client::*method)(Request) const, Request request) {
    client::InProcessChannel channel(cloud->endpoint(), simulation.random, caller);
    const Client client(channel);
    std::optional<Response> response;
    std::exception_ptr failure;
    runtime::start((client.*method)(std::move(request)),
                   [&](std::optional<Response> result, std::exception_ptr error) {
                     response = std::move(result);
                     failure = error;
                   });
    simulation.loop.run_until_idle();
    if (failure) std::rethrow_exception(failure);
    return std::move(response.value());
  }
  /// "CODE STATUS: message", and "" where the call is let through.
  template <class Client, class Response, class Request>
  std::string refusal(const services::Context& caller,
                      runtime::Task<Response> (Client::*method)(Request) const, Request request) {
    try {
      call(caller, method, std::move(request));
      return "";
    } catch (const protocol::ServiceError& error) {
      return error.code() + " " + std::to_string(error.status()) + ": " + error.message();
    }
  }
  std::string refusal_of_send(const services::Context& caller) {
    return refusal(caller, &sqs::Client::send_message,
                   sqs::SendMessageRequest{.queue_url = url, .message_body = "x"});
  }
  std::string refusal_of_get(const services::Context& caller) {
    return refusal(caller, &s3::Client::get_object,
                   s3::GetObjectRequest{.bucket = "films", .key = "a"});
  }
};

TEST_F(Authorization, tags_of_a_stream_decide_about_it_and_those_of_its_table_do_not) {
  const std::vector<dynamodb::Tag> tags = {{.key = "team", .value = "films"}};
  const auto table =
      call(root, &dynamodb::Client::create_table,
           dynamodb::CreateTableRequest{
               .attribute_definitions = {{{.attribute_name = "p", .attribute_type = "S"}}},
               .table_name = "films",
               .key_schema = {{{.attribute_name = "p", .key_type = "HASH"}}},
               .billing_mode = "PAY_PER_REQUEST",
               .stream_specification = {{.stream_enabled = true, .stream_view_type = "NEW_IMAGE"}},
               .tags = tags});
  const std::string stream = table.table_description->latest_stream_arn.value();
  give_ann(allow("dynamodb:*", "*",
                 R"(,"Condition":{"StringEquals":{"aws:ResourceTag/team":"films"}})"));
  const auto refusal_of_reading = [&] {
    return refusal(ann, &dynamodbstreams::Client::describe_stream,
                   dynamodbstreams::DescribeStreamRequest{.stream_arn = stream});
  };
  const auto refusal_of_listing = [&] {
    return refusal(ann, &dynamodb::Client::list_tags_of_resource,
                   dynamodb::ListTagsOfResourceRequest{.resource_arn = stream});
  };
  EXPECT_EQ(refusal(ann, &dynamodb::Client::describe_table,
                    dynamodb::DescribeTableRequest{.table_name = "films"}),
            "");
  EXPECT_TRUE(refusal_of_reading().starts_with("AccessDeniedException 400"))
      << refusal_of_reading();
  EXPECT_TRUE(refusal_of_listing().starts_with("AccessDeniedException 400"));
  call(root, &dynamodb::Client::tag_resource,
       dynamodb::TagResourceRequest{.resource_arn = stream, .tags = tags});
  EXPECT_EQ(refusal_of_reading(), "");
  EXPECT_EQ(refusal_of_listing(), "");
}

TEST_F(Authorization, whoever_has_no_policy_may_do_nothing) {
  EXPECT_EQ(refusal_of_send(ann),
            "AccessDenied 403: User: arn:aws:iam::111122223333:user/ann is not authorized to "
            "perform: sqs:sendmessage on resource: " +
                queue + " because no identity-based policy allows the sqs:sendmessage action");
  EXPECT_EQ(refusal(ann, &dynamodb::Client::list_tables, dynamodb::ListTablesRequest()),
            "AccessDeniedException 400: User: arn:aws:iam::111122223333:user/ann is not authorized "
            "to perform: dynamodb:ListTables on resource: "
            "arn:aws:dynamodb:us-east-1:111122223333:table/* because no identity-based policy "
            "allows the dynamodb:ListTables action");
  EXPECT_EQ(refusal(ann, &s3::Client::list_objects_v2, s3::ListObjectsV2Request{.bucket = "films"}),
            "AccessDenied 403: User: arn:aws:iam::111122223333:user/ann is not authorized to "
            "perform: s3:ListBucket on resource: \"arn:aws:s3:::films\" because no identity-based "
            "policy allows the s3:ListBucket action");
}

TEST_F(Authorization, the_root_user_may_do_all_and_everybody_may_ask_who_they_are) {
  EXPECT_EQ(refusal_of_send(root), "");
  EXPECT_EQ(call(ann, &sts::Client::get_caller_identity, sts::GetCallerIdentityRequest()).arn,
            ann.caller_arn);
}

TEST_F(Authorization, a_policy_allows_and_a_denial_goes_before_it) {
  give_ann(allow("sqs:*", "*"));
  EXPECT_EQ(refusal_of_send(ann), "");
  EXPECT_EQ(refusal_of_send(ann), "");  // remembered
  give_ann(allow("sqs:*", "*") + R"(,{"Effect":"Deny","Action":"sqs:SendMessage","Resource":")" +
           queue + "\"}");
  EXPECT_NE(refusal_of_send(ann).find("with an explicit deny in an identity-based policy"),
            std::string::npos);
}

TEST_F(Authorization, conditions_are_looked_at_each_time) {
  give_ann(allow("sqs:*", "*",
                 R"(,"Condition":{"StringEquals":{"aws:RequestedRegion":"us-east-1",)"
                 R"("aws:username":"ann"}})"));
  EXPECT_EQ(refusal_of_send(ann), "");
  services::Context elsewhere = ann;
  elsewhere.region = "eu-west-1";
  EXPECT_NE(refusal_of_send(elsewhere), "");
}

TEST_F(Authorization, in_the_same_account_the_policy_of_the_queue_is_enough) {
  call(root, &sqs::Client::set_queue_attributes,
       sqs::SetQueueAttributesRequest{
           .queue_url = url,
           .attributes = {{"Policy", R"({"Version":"2012-10-17","Statement":{"Effect":"Allow",)"
                                     R"("Principal":{"AWS":")" +
                                         ann.caller_arn + R"("},"Action":"sqs:SendMessage",)" +
                                         R"("Resource":")" + queue + R"("}})"}}});
  EXPECT_EQ(refusal_of_send(ann), "");
  services::Context other = ann;
  other.account = "444455556666";
  other.caller_arn = "arn:aws:iam::444455556666:user/ann";
  give_ann(allow("sqs:*", "*"));
  EXPECT_NE(refusal_of_send(other).find(
                "because no resource-based policy allows the sqs:sendmessage action"),
            std::string::npos);
}

TEST_F(Authorization, whoever_may_not_list_a_bucket_is_not_told_what_is_missing) {
  give_ann(allow("s3:GetObject", "arn:aws:s3:::films/*"));
  EXPECT_NE(refusal_of_get(ann).find("s3:ListBucket"), std::string::npos);
  give_ann(allow("s3:*", "*"));
  EXPECT_TRUE(refusal_of_get(ann).starts_with("NoSuchKey 404"));
}

TEST_F(Authorization, while_observing_everything_passes_and_is_noted) {
  decide(IamMode::observe);
  EXPECT_EQ(refusal_of_send(ann), "");
  EXPECT_TRUE(refusal_of_get(ann).starts_with("NoSuchKey 404"));
  const auto uses = activity->uses_of(ann.caller_arn);
  ASSERT_EQ(uses.size(), 2U);
  EXPECT_EQ(uses[0].action, "s3:GetObject");
  EXPECT_EQ(uses[0].refused, 1U);
  EXPECT_EQ(uses[1].action, "sqs:SendMessage");
  EXPECT_EQ(uses[1].count, 1U);
  EXPECT_EQ(uses[1].refused, 1U);
}

TEST_F(Authorization, what_was_called_is_kept) {
  decide(IamMode::off);
  EXPECT_EQ(refusal_of_send(ann), "");
  EXPECT_EQ(refusal_of_send(ann), "");
  activity->store_now();
  activity.emplace(cloud->store(), runtime.clock);
  const auto uses = activity->uses_of(ann.caller_arn);
  ASSERT_EQ(uses.size(), 1U);
  EXPECT_EQ(uses[0].resource, queue);
  EXPECT_EQ(uses[0].count, 2U);
  EXPECT_EQ(activity->last_use_of_key("AKIAANN")->service, "sqs");
  authorizer.reset();
  decide(IamMode::off);
}

TEST_F(Authorization, many_objects_become_a_pattern) {
  decide(IamMode::off);
  for (int i = 0; i < 500; ++i)
    refusal(ann, &s3::Client::get_object,
            s3::GetObjectRequest{.bucket = "films", .key = "new/" + std::to_string(i)});
  const auto uses = activity->uses_of(ann.caller_arn);
  ASSERT_EQ(uses.size(), 1U);
  EXPECT_EQ(uses[0].resource, "arn:aws:s3:::films/new/*");
  EXPECT_EQ(uses[0].count, 500U);
}

}  // namespace
}  // namespace matinee::cloud
