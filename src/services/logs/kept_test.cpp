// What CloudWatch Logs keeps beside events: subscriptions, destinations, policies, queries,
// exports.
#include <zlib.h>

#include "logs/operations.h"
#include "policy/document.h"
#include "services/logs/service_fixture.h"

namespace matinee::logs {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

namespace {

std::string unzip(const std::string& zipped) {
  constexpr int window_of_gzip = 15 + 16;
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, window_of_gzip), Z_OK);
  std::string out(1 << 20, '\0');
  std::string in = zipped;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

}  // namespace

class KeptTest : public LogsTest {
 protected:
  std::string subscribe(const std::string& name, const std::string& destination,
                        std::optional<std::string> role = std::nullopt) {
    return error_of([&] {
      call(&Service::put_subscription_filter,
           PutSubscriptionFilterRequest{.log_group_name = "g",
                                        .filter_name = name,
                                        .destination_arn = destination,
                                        .role_arn = std::move(role)});
    });
  }
  std::vector<ExportTask> tasks() {
    return *call(&Service::describe_export_tasks, DescribeExportTasksRequest{}).export_tasks;
  }
  CreateExportTaskResponse export_all() {
    return call(&Service::create_export_task, CreateExportTaskRequest{.log_group_name = "g",
                                                                      .from = now() - 100'000,
                                                                      .to = now() + 1,
                                                                      .destination = "bucket"});
  }
};

constexpr const char* function = "arn:aws:lambda:us-east-1:000000000000:function:f";
constexpr const char* stream = "arn:aws:kinesis:us-east-1:000000000000:stream/s";
constexpr const char* role = "arn:aws:iam::000000000000:role/r";

TEST_F(KeptTest, a_group_has_two_subscriptions) {
  create_group("g");
  EXPECT_EQ(subscribe("a", function), "no error");
  EXPECT_EQ(subscribe("a", function), "no error");
  EXPECT_EQ(subscribe("b", stream, role), "no error");
  EXPECT_EQ(subscribe("c", function), "LimitExceededException: Resource limit exceeded.");
  const auto filters = *call(&Service::describe_subscription_filters,
                             DescribeSubscriptionFiltersRequest{.log_group_name = "g"})
                            .subscription_filters;
  ASSERT_THAT(filters, SizeIs(2));
  EXPECT_EQ(filters[0].distribution, "ByLogStream");
  EXPECT_EQ(filters[0].role_arn, std::nullopt);
  EXPECT_EQ(filters[1].role_arn, role);
  const DeleteSubscriptionFilterRequest remove{.log_group_name = "g", .filter_name = "a"};
  call(&Service::delete_subscription_filter, remove);
  EXPECT_EQ(error_of([&] { call(&Service::delete_subscription_filter, remove); }),
            "ResourceNotFoundException: The specified subscription filter does not exist.");
}

TEST_F(KeptTest, the_destination_of_a_subscription_comes_before_the_group) {
  EXPECT_EQ(subscribe("a", "arn:aws:lambda:us-east-1:111111111111:function:f"),
            "AccessDeniedException: Cross-account lambda invocation passing is not allowed. You "
            "must use DestinationPolicies to create cross account lambda triggers.");
  EXPECT_EQ(subscribe("a", stream),
            "InvalidParameterException: destinationArn for vendor kinesis cannot be used without "
            "roleArn");
  EXPECT_EQ(subscribe("a", "arn:aws:sns:us-east-1:000000000000:t"),
            "InvalidParameterException: PutSubscriptionFilter operation cannot work with "
            "destinationArn for vendor sns");
  EXPECT_EQ(subscribe("a", function),
            "ResourceNotFoundException: The specified log group does not exist.");
}

TEST_F(KeptTest, destinations_have_policies_and_tags) {
  const auto made =
      *call(&Service::put_destination,
            PutDestinationRequest{.destination_name = "d", .target_arn = stream, .role_arn = role})
           .destination;
  EXPECT_EQ(made.arn, "arn:aws:logs:us-east-1:000000000000:destination:d");
  EXPECT_EQ(made.access_policy, std::nullopt);
  call(&Service::put_destination_policy,
       PutDestinationPolicyRequest{.destination_name = "d", .access_policy = "{}"});
  call(&Service::tag_resource, TagResourceRequest{.resource_arn = *made.arn, .tags = {{"a", "1"}}});
  const auto described =
      *call(&Service::describe_destinations, DescribeDestinationsRequest{}).destinations;
  ASSERT_THAT(described, SizeIs(1));
  EXPECT_EQ(described[0].access_policy, "{}");
  EXPECT_EQ(
      call(&Service::list_tags_for_resource, ListTagsForResourceRequest{.resource_arn = *made.arn})
          .tags->at("a"),
      "1");
  create_group("g");
  EXPECT_EQ(subscribe("a", *made.arn), "no error");
  call(&Service::delete_destination, DeleteDestinationRequest{.destination_name = "d"});
  EXPECT_EQ(subscribe("b", *made.arn),
            "ResourceNotFoundException: The specified destination does not exist.");
}

TEST_F(KeptTest, resource_policies_are_described_in_their_normal_form) {
  const std::string document =
      R"({"Statement":[{"Resource":["*"],"Effect":"Allow","Sid":"s",)"
      R"("Action":["logs:PutLogEvents"],"Principal":{"Service":["es.amazonaws.com"]}}]})";
  const auto made = *call(&Service::put_resource_policy,
                          PutResourcePolicyRequest{.policy_name = "p", .policy_document = document})
                         .resource_policy;
  EXPECT_EQ(made.policy_document, document);
  const auto described =
      *call(&Service::describe_resource_policies, DescribeResourcePoliciesRequest{})
           .resource_policies;
  EXPECT_EQ(described[0].policy_document,
            R"({"Version":"2008-10-17","Statement":[{"Sid":"s","Effect":"Allow","Principal":)"
            R"({"Service":"es.amazonaws.com"},"Action":"logs:PutLogEvents","Resource":"*"}]})");
  EXPECT_EQ(described[0].policy_scope, "ACCOUNT");
  for (int i = 0; i < 9; ++i)
    call(&Service::put_resource_policy,
         PutResourcePolicyRequest{.policy_name = std::to_string(i), .policy_document = "{}"});
  EXPECT_EQ(error_of([&] {
              call(&Service::put_resource_policy,
                   PutResourcePolicyRequest{.policy_name = "x", .policy_document = "{}"});
            }),
            "LimitExceededException: Resource limit exceeded.");
  call(&Service::put_resource_policy,
       PutResourcePolicyRequest{.policy_name = "p", .policy_document = "{}"});
  EXPECT_EQ(error_of([&] {
              call(&Service::delete_resource_policy,
                   DeleteResourcePolicyRequest{.policy_name = "none"});
            }),
            "ResourceNotFoundException: Policy with name [none] does not exist.");
}

TEST_F(KeptTest, queries_are_saved) {
  const auto id = *call(&Service::put_query_definition,
                        PutQueryDefinitionRequest{.name = "q", .query_string = "fields @message"})
                       .query_definition_id;
  call(&Service::put_query_definition,
       PutQueryDefinitionRequest{
           .name = "q2", .query_definition_id = id, .query_string = "fields @log"});
  const auto saved = *call(&Service::describe_query_definitions, DescribeQueryDefinitionsRequest{})
                          .query_definitions;
  ASSERT_THAT(saved, SizeIs(1));
  EXPECT_EQ(saved[0].name, "q2");
  EXPECT_EQ(call(&Service::delete_query_definition,
                 DeleteQueryDefinitionRequest{.query_definition_id = id})
                .success,
            true);
}

TEST_F(KeptTest, index_policies_name_fields) {
  create_group("g");
  EXPECT_THAT(error_of([&] {
                call(&Service::put_index_policy,
                     PutIndexPolicyRequest{.log_group_identifier = "g", .policy_document = "{}"});
              }),
              StartsWith("InvalidParameterException"));
  call(&Service::put_index_policy,
       PutIndexPolicyRequest{.log_group_identifier = "g",
                             .policy_document = R"({"Fields": ["RequestId"]})"});
  const auto indexes = *call(&Service::describe_field_indexes,
                             DescribeFieldIndexesRequest{.log_group_identifiers = {"g"},
                                                         .index_categories = {{"CUSTOM"}}})
                            .field_indexes;
  ASSERT_THAT(indexes, SizeIs(1));
  EXPECT_EQ(indexes[0].field_index_name, "RequestId");
}

TEST_F(KeptTest, data_protection_needs_both_statements) {
  create_group("g");
  const std::string document =
      R"({"Name":"n","Version":"2021-06-01","Statement":[)"
      R"({"Sid":"a","DataIdentifier":["x"],"Operation":{"Audit":{"FindingsDestination":{}}}},)"
      R"({"Sid":"b","DataIdentifier":["x"],"Operation":{"Deidentify":{"MaskConfig":{}}}}]})";
  const auto put_policy = [&](const std::string& text) {
    return error_of([&] {
      call(&Service::put_data_protection_policy,
           PutDataProtectionPolicyRequest{.log_group_identifier = "g", .policy_document = text});
    });
  };
  EXPECT_EQ(put_policy(document), "no error");
  EXPECT_THAT(put_policy("{}"), StartsWith("InvalidParameterException"));
  EXPECT_EQ(call(&Service::get_data_protection_policy,
                 GetDataProtectionPolicyRequest{.log_group_identifier = "g"})
                .policy_document,
            document);
}

TEST_F(KeptTest, an_export_writes_a_file_for_each_stream) {
  create_group("g");
  for (const char* name : {"a/b", "c"}) {
    create_stream("g", name);
    put("g", name, {{now() - 1, std::string("first of ") + name}, {now(), "second"}});
  }
  const std::string id = *export_all().task_id;
  EXPECT_EQ(tasks()[0].status->code, "PENDING");
  EXPECT_EQ(tasks()[0].destination_prefix, "exportedlogs");
  EXPECT_EQ(error_of([&] { export_all(); }), "LimitExceededException: Resource limit exceeded.");
  advance(seconds(2));
  EXPECT_EQ(tasks()[0].status->code, "COMPLETED");
  ASSERT_THAT(bucket.objects, SizeIs(3));
  EXPECT_EQ(bucket.objects[0].key, "exportedlogs/aws-logs-write-test");
  EXPECT_EQ(bucket.objects[1].key, "exportedlogs/" + id + "/a-b/000000.gz");
  EXPECT_EQ(bucket.objects[2].key, "exportedlogs/" + id + "/c/000000.gz");
  EXPECT_THAT(unzip(bucket.objects[1].body), testing::MatchesRegex("....-..-..T.*Z first of "
                                                                   "a/b\n....-..-..T.*Z second\n"));
}

TEST_F(KeptTest, an_export_can_be_cancelled_and_goes_on_after_a_kill) {
  fill({"a"});
  const std::string id = *export_all().task_id;
  call(&Service::cancel_export_task, CancelExportTaskRequest{.task_id = id});
  EXPECT_EQ(tasks()[0].status->code, "CANCELLED");
  EXPECT_THAT(
      error_of([&] { call(&Service::cancel_export_task, CancelExportTaskRequest{.task_id = id}); }),
      StartsWith("InvalidOperationException"));
  EXPECT_EQ(error_of([&] {
              call(&Service::cancel_export_task, CancelExportTaskRequest{.task_id = "none"});
            }),
            "ResourceNotFoundException: The specified export task does not exist.");
  export_all();
  kill_and_restart();
  advance(seconds(2));
  const auto all = tasks();
  EXPECT_EQ(
      std::ranges::count_if(all, [](const auto& task) { return task.status->code == "COMPLETED"; }),
      1);
}

TEST_F(KeptTest, a_bucket_that_cannot_be_written_refuses_the_export) {
  fill({"a"});
  bucket.refusal = "NoSuchBucket";
  EXPECT_EQ(error_of([&] { export_all(); }),
            "InvalidParameterException: The given bucket does not exist. Please provide a valid "
            "bucket.");
  EXPECT_THAT(tasks(), IsEmpty());
}

TEST_F(KeptTest, resource_policies_are_for_services_that_write) {
  create_group("g");
  const std::string arn = "arn:aws:logs:us-east-1:000000000000:log-group:g";
  call(&Service::put_resource_policy,
       PutResourcePolicyRequest{.policy_name = "dns",
                                .policy_document =
                                    R"({"Statement":[{"Effect":"Allow","Principal":{"Service":)"
                                    R"("route53.amazonaws.com"},"Action":"logs:PutLogEvents",)"
                                    R"("Resource":"*"}]})"});
  call(&Service::put_resource_policy,
       PutResourcePolicyRequest{.policy_name = "bus",
                                .policy_document =
                                    R"({"Version":"2012-10-17","Statement":{"Effect":"Allow",)"
                                    R"("Principal":{"Service":"events.amazonaws.com"},)"
                                    R"("Action":"logs:CreateLogStream","Resource":"*"}})",
                                .resource_arn = arn});
  const auto statements = [&](const Context& caller, const protocol::Operation& operation,
                              const std::string& group) {
    const auto guarded = service->guard_of({.context = caller,
                                            .operation = operation,
                                            .request = nullptr,
                                            .action = "logs:PutLogEvents",
                                            .resource = group + ":log-stream:s"});
    return guarded.policy ? guarded.policy->statements.size() : 100;
  };
  Context a_service = context;
  a_service.service_principal = "route53.amazonaws.com";
  EXPECT_EQ(statements(a_service, operations::PutLogEvents, arn), 2u);
  EXPECT_EQ(statements(a_service, operations::CreateLogStream, arn), 2u);
  EXPECT_EQ(statements(a_service, operations::PutLogEvents, arn + "2"), 1u);
  EXPECT_EQ(statements(a_service, operations::CreateLogGroup, arn), 100u);
  // Documented: they mean nothing for users, roles and other accounts.
  EXPECT_EQ(statements(context, operations::PutLogEvents, arn), 100u);
}

}  // namespace matinee::logs
