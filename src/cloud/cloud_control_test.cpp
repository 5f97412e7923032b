// Cloud Control, on a whole cloud: resources by one set of operations, also over a restart.
#include <gtest/gtest.h>

#include "client/in_process_channel.h"
#include "cloud/cloud.h"
#include "cloudcontrol/client.h"
#include "cloudcontrol/errors.h"
#include "runtime/simulated/run_task.h"
#include "runtime/simulated/simulation.h"
#include "sqs/client.h"

namespace matinee::cloud {
namespace {

using namespace cloudcontrol;  // NOLINT: all of it is about these operations

class CloudControl : public testing::Test {
 protected:
  CloudControl() { open(); }

  void open() {
    auto opened = Cloud::open(runtime, {.directory = "/data",
                                        .durability = storage::Durability::process,
                                        .disk = &simulation.disk});
    if (!opened) throw std::runtime_error(opened.error().message);
    cloud = std::move(*opened);
    channel.emplace(cloud->endpoint(), simulation.random, caller);
  }
  void kill_and_restart() {
    simulation.crash(runtime::SimulatedDisk::Crash::process);
    channel.reset();
    cloud.reset();
    simulation.restart();
    open();
  }

  struct Stop {};
  /// Nothing goes on after that many rounds.
  void stop_after(int rounds) {
    simulation.loop.post([this, rounds] {
      if (rounds == 0) throw Stop();
      stop_after(rounds - 1);
    });
  }
  template <class T>
  T run(runtime::Task<T> task) {
    return runtime::run_task(simulation.loop, std::move(task));
  }
  cloudcontrol::Client client() { return cloudcontrol::Client(*channel); }

  ProgressEvent create(const std::string& type, const std::string& state,
                       std::optional<std::string> token = std::nullopt) {
    return run(client().create_resource(
                   {.type_name = type, .client_token = std::move(token), .desired_state = state}))
        .progress_event.value();
  }
  ProgressEvent update(const std::string& type, const std::string& identifier,
                       const std::string& patch) {
    return run(client().update_resource(
                   {.type_name = type, .identifier = identifier, .patch_document = patch}))
        .progress_event.value();
  }
  ProgressEvent remove(const std::string& type, const std::string& identifier) {
    return run(client().delete_resource({.type_name = type, .identifier = identifier}))
        .progress_event.value();
  }
  /// The last event of a request.
  ProgressEvent ended(const ProgressEvent& event) {
    for (;;) {
      simulation.loop.run_until_idle();
      ProgressEvent now =
          run(client().get_resource_request_status({.request_token = *event.request_token}))
              .progress_event.value();
      if (now.operation_status != "IN_PROGRESS") return now;
      if (!simulation.loop.advance_to_next_timer()) return now;
    }
  }
  std::string properties(const std::string& type, const std::string& identifier) {
    return run(client().get_resource({.type_name = type, .identifier = identifier}))
        .resource_description->properties.value();
  }
  template <class Work>
  static std::string failure_of(Work work) {
    try {
      work();
    } catch (const protocol::ServiceError& error) {
      return error.name() + ": " + error.message();
    }
    return "none";
  }

  runtime::Simulation simulation;
  runtime::Runtime runtime = simulation.runtime();
  services::Context caller{.caller_arn = "arn:aws:iam::000000000000:root",
                           .host = "localhost:4566"};
  std::unique_ptr<Cloud> cloud;
  std::optional<client::InProcessChannel> channel;
};

TEST_F(CloudControl, a_resource_is_made_read_changed_and_deleted) {
  const ProgressEvent begun =
      create("AWS::SSM::Parameter", R"({"Name": "p", "Type": "String", "Value": "a"})");
  EXPECT_EQ(begun.operation_status, "IN_PROGRESS");
  EXPECT_EQ(begun.operation, "CREATE");
  EXPECT_EQ(begun.identifier, "p") << "it follows from the desired state";
  const ProgressEvent made = ended(begun);
  EXPECT_EQ(made.operation_status, "SUCCESS") << made.status_message.value_or("");
  EXPECT_NE(properties("AWS::SSM::Parameter", "p").find(R"("Value":"a")"), std::string::npos);
  const ProgressEvent changed = ended(
      update("AWS::SSM::Parameter", "p", R"([{"op": "replace", "path": "/Value", "value": "b"}])"));
  EXPECT_EQ(changed.operation_status, "SUCCESS") << changed.status_message.value_or("");
  EXPECT_NE(properties("AWS::SSM::Parameter", "p").find(R"("Value":"b")"), std::string::npos);
  EXPECT_EQ(ended(remove("AWS::SSM::Parameter", "p")).operation_status, "SUCCESS");
  EXPECT_TRUE(failure_of([&] { properties("AWS::SSM::Parameter", "p"); })
                  .starts_with("ResourceNotFoundException: AWS::SSM::Parameter Handler returned "
                               "status FAILED: "));
}

TEST_F(CloudControl, a_generated_identifier_is_told_when_it_is_known) {
  const ProgressEvent begun = create("AWS::SQS::Queue", "{}");
  EXPECT_FALSE(begun.identifier.has_value());
  const ProgressEvent made = ended(begun);
  ASSERT_EQ(made.operation_status, "SUCCESS") << made.status_message.value_or("");
  const auto listed = run(client().list_resources({.type_name = "AWS::SQS::Queue"}));
  ASSERT_EQ(listed.resource_descriptions->size(), 1u);
  EXPECT_EQ(listed.resource_descriptions->front().identifier, made.identifier);
  EXPECT_EQ(listed.resource_descriptions->front().properties,
            R"({"QueueUrl":")" + *made.identifier + R"("})");
}

TEST_F(CloudControl, resources_with_several_parts_are_identified_by_all) {
  ended(create("AWS::Logs::LogGroup", R"({"LogGroupName": "/films"})"));
  const ProgressEvent made = ended(
      create("AWS::Logs::LogStream", R"({"LogGroupName": "/films", "LogStreamName": "one"})"));
  EXPECT_EQ(made.identifier, "/films|one");
  EXPECT_EQ(properties("AWS::Logs::LogStream", "/films|one"),
            R"({"LogGroupName":"/films","LogStreamName":"one"})");
  EXPECT_EQ(run(client().list_resources({.type_name = "AWS::Logs::LogStream",
                                         .resource_model = R"({"LogGroupName": "/films"})"}))
                .resource_descriptions->front()
                .identifier,
            "/films|one");
  EXPECT_EQ(ended(remove("AWS::Logs::LogStream", "/films|one")).operation_status, "SUCCESS");
  const ProgressEvent rule = ended(
      create("AWS::Events::Rule", R"({"Name": "r", "ScheduleExpression": "rate(1 day\u0029"})"));
  EXPECT_EQ(rule.identifier, "arn:aws:events:us-east-1:000000000000:rule/r");
  EXPECT_EQ(ended(update("AWS::Events::Rule", *rule.identifier,
                         R"([{"op": "add", "path": "/Description", "value": "d"}])"))
                .operation_status,
            "SUCCESS");
}

TEST_F(CloudControl, what_cannot_be_said_is_refused_at_once_and_the_rest_fails) {
  EXPECT_EQ(failure_of([&] { create("AWS::SQS::Nothing", "{}"); }),
            "TypeNotFoundException: The type 'AWS::SQS::Nothing' cannot be found.");
  EXPECT_EQ(failure_of([&] { create("AWS::SQS::Queue", R"({"Colour": "red"})"); }),
            "ValidationException: Model validation failed (#: extraneous key [Colour] is not "
            "permitted)");
  EXPECT_EQ(failure_of([&] { create("AWS::SQS::Queue", "{"); }),
            "InvalidRequestException: DesiredState is not valid JSON.");
  const ProgressEvent failed = ended(create("AWS::SSM::Parameter", R"({"Value": "a"})"));
  EXPECT_EQ(failed.operation_status, "FAILED");
  EXPECT_EQ(failed.error_code, "InvalidRequest");
  EXPECT_EQ(failed.status_message, "Model validation failed (#: required key [Type] not found)");
  ended(create("AWS::SQS::Queue", R"({"QueueName": "q"})"));
  const ProgressEvent again = ended(create("AWS::SQS::Queue", R"({"QueueName": "q"})"));
  EXPECT_EQ(again.error_code, "AlreadyExists");
  const ProgressEvent gone = ended(remove("AWS::SSM::Parameter", "nothing"));
  EXPECT_EQ(gone.operation_status, "FAILED");
  EXPECT_EQ(gone.error_code, "NotFound");
}

TEST_F(CloudControl, patches_that_cannot_be_carried_out_are_refused) {
  ended(create("AWS::SSM::Parameter", R"({"Name": "p", "Type": "String", "Value": "a"})"));
  EXPECT_EQ(failure_of([&] {
              update("AWS::SSM::Parameter", "p",
                     R"([{"op": "replace", "path": "/Name", "value": "q"}])");
            }),
            "NotUpdatableException: Invalid patch update: createOnlyProperties "
            "[/properties/Name] cannot be updated");
  EXPECT_TRUE(failure_of([&] {
                update("AWS::SSM::Parameter", "p", R"([{"op": "remove", "path": "/Nothing"}])");
              }).starts_with("ValidationException: Invalid patch update: "));
  EXPECT_TRUE(failure_of([&] {
                update("AWS::SSM::Parameter", "q", "[]");
              }).starts_with("ResourceNotFoundException: "));
  EXPECT_TRUE(failure_of([&] {
                update("AWS::SSM::Nothing", "q", "[]");
              }).starts_with("TypeNotFoundException: "));
}

TEST_F(CloudControl, a_client_token_stands_for_one_request) {
  const std::string state = R"({"Name": "p", "Type": "String", "Value": "a"})";
  const ProgressEvent first = create("AWS::SSM::Parameter", state, "token");
  EXPECT_EQ(create("AWS::SSM::Parameter", state, "token").request_token, first.request_token);
  EXPECT_EQ(failure_of([&] {
              create("AWS::SSM::Parameter", R"({"Name": "q", "Type": "String", "Value": "a"})",
                     "token");
            }),
            "ClientTokenConflictException: ClientToken token is already associated with an "
            "existing operation with RequestToken " +
                *first.request_token);
}

TEST_F(CloudControl, requests_are_listed_and_can_be_cancelled_before_their_end) {
  const auto begin_and_cancel =
      [](cloudcontrol::Client control) -> runtime::Task<CancelResourceRequestResponse> {
    const CreateResourceResponse begun = co_await control.create_resource(
        {.type_name = "AWS::SQS::Queue", .desired_state = R"({"QueueName": "q"})"});
    co_return co_await control.cancel_resource_request(
        {.request_token = begun.progress_event.value().request_token.value()});
  };
  const ProgressEvent cancelled = run(begin_and_cancel(client())).progress_event.value();
  const ProgressEvent& one = cancelled;
  EXPECT_EQ(cancelled.operation_status, "CANCEL_COMPLETE");
  EXPECT_EQ(ended(one).operation_status, "CANCEL_COMPLETE");
  run(client().cancel_resource_request({.request_token = *one.request_token}));
  simulation.loop.advance(std::chrono::seconds(1));
  const ProgressEvent two = ended(create("AWS::SQS::Queue", "{}"));
  EXPECT_EQ(failure_of([&] {
              run(client().cancel_resource_request({.request_token = *two.request_token}));
            }),
            "ValidationException: Request " + *two.request_token + " is already in status SUCCESS");
  const auto all = run(client().list_resource_requests({.max_results = 1}));
  ASSERT_EQ(all.resource_request_status_summaries->size(), 1u);
  EXPECT_EQ(all.resource_request_status_summaries->front().request_token, two.request_token);
  const auto rest = run(client().list_resource_requests({.next_token = all.next_token}));
  ASSERT_EQ(rest.resource_request_status_summaries->size(), 1u);
  EXPECT_EQ(rest.resource_request_status_summaries->front().request_token, one.request_token);
  const auto succeeded = run(client().list_resource_requests(
      {.resource_request_status_filter = {{.operation_statuses = {{"SUCCESS"}}}}}));
  EXPECT_EQ(succeeded.resource_request_status_summaries->size(), 1u);
}

TEST_F(CloudControl, a_request_goes_on_after_the_program_was_killed) {
  // The queue is made in another round than its name is noted, and each may be the last.
  for (int rounds = 0; rounds < 8; ++rounds) {
    ProgressEvent begun;
    const cloudcontrol::Client control = client();
    runtime::start(control.create_resource(
                       {.type_name = "AWS::SQS::Queue", .desired_state = R"({"DelaySeconds": 5})"}),
                   [&](std::optional<CreateResourceResponse> response, std::exception_ptr) {
                     begun = response.value().progress_event.value();
                     stop_after(rounds);
                   });
    EXPECT_THROW(simulation.loop.run_until_idle(), Stop);
    kill_and_restart();
    const ProgressEvent made = ended(begun);
    EXPECT_EQ(made.operation_status, "SUCCESS") << made.status_message.value_or("");
    const sqs::Client queues(*channel);
    const auto there = run(queues.list_queues({})).queue_urls.value();
    EXPECT_EQ(there.size(), static_cast<std::size_t>(rounds) + 1) << "none twice";
    EXPECT_NE(std::ranges::find(there, made.identifier.value()), there.end());
  }
}

}  // namespace
}  // namespace matinee::cloud
