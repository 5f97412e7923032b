// Rotations at work: which calls a function gets, when, and what comes of them.
#include <simdjson.h>

#include "services/secretsmanager/service_fixture.h"

namespace matinee::secretsmanager {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using namespace std::chrono_literals;

constexpr std::string_view function = "arn:aws:lambda:us-east-1:111122223333:function:rotate";

/// A function that notes its steps, and does what the test says.
class Functions final : public services::FunctionCaller {
 public:
  std::vector<std::string> steps;
  std::vector<services::FunctionCall> calls;
  int failures = 0;
  bool is_refused = false;
  std::function<void(const std::string& step, const std::string& version)> act;

  runtime::Task<services::FunctionAnswer> call(services::FunctionCall call) override {
    if (is_refused) throw protocol::ServiceError("AccessDeniedException", 403, "no");
    if (call.is_try) co_return services::FunctionAnswer{};
    const std::string step = member(call.payload, "Step");
    steps.push_back(step);
    calls.push_back(call);
    if (failures > 0) {
      --failures;
      co_return services::FunctionAnswer{.payload = "{}", .function_error = "Unhandled"};
    }
    if (act) act(step, member(call.payload, "ClientRequestToken"));
    co_return services::FunctionAnswer{};
  }

  static std::string member(const std::string& payload, const char* name) {
    simdjson::dom::parser parser;
    return std::string(std::string_view(parser.parse(payload)[name]));
  }
};

class RotationRuns : public SecretsTest {
 protected:
  Functions functions;

  RotationRuns() {
    service->use_functions(functions);
    functions.act = [this](const std::string& step, const std::string& version) {
      if (step != "finishSecret") return;
      // As the function's own call does it.
      storage::Transaction transaction(*store);
      UpdateSecretVersionStageRequest move{
          .secret_id = "s", .version_stage = "AWSCURRENT", .move_to_version_id = version};
      for (const auto& [id, stages] : *describe_now().version_ids_to_stages)
        if (std::ranges::count(stages, "AWSCURRENT") > 0) move.remove_from_version_id = id;
      service->update_secret_version_stage(context, move);
      transaction.commit();
    };
  }
  DescribeSecretResponse describe_now() {
    return service->describe_secret(context, {.secret_id = "s"});
  }
  RotateSecretResponse rotate(RotateSecretRequest request = {}) {
    request.secret_id = "s";
    if (!request.client_request_token) request.client_request_token = token();
    request.rotation_lambda_arn = function;
    return call(&Service::rotate_secret, request);
  }
  void expect_steps(int rounds) {
    std::vector<std::string> expected;
    for (int i = 0; i < rounds; ++i)
      for (const char* step : {"createSecret", "setSecret", "testSecret", "finishSecret"})
        expected.emplace_back(step);
    EXPECT_EQ(functions.steps, expected);
  }
};

TEST_F(RotationRuns, four_steps_are_called_in_the_name_of_the_service) {
  create("s");
  const RotateSecretResponse answer = rotate();
  expect_steps(1);
  const services::FunctionCall& first = functions.calls.front();
  EXPECT_EQ(first.function, function);
  EXPECT_EQ(first.service_principal, "secretsmanager.amazonaws.com");
  EXPECT_EQ(first.source_arn, *answer.arn);
  EXPECT_EQ(first.source_account, "111122223333");
  EXPECT_THAT(first.payload, StartsWith("{\"Step\":\"createSecret\",\"SecretId\":\"" + *answer.arn +
                                        "\",\"ClientRequestToken\":\"" + *answer.version_id +
                                        "\",\"RotationToken\":\""));
  EXPECT_EQ(stages_of("s", *answer.version_id), "AWSCURRENT,AWSPENDING");
  EXPECT_TRUE(describe("s").last_rotated_date.has_value());
}

TEST_F(RotationRuns, the_schedule_makes_the_next_one_with_a_version_of_its_own) {
  create("s");
  const RotateSecretResponse first =
      rotate({.rotation_rules = RotationRulesType{.automatically_after_days = 1}});
  const auto today = std::chrono::floor<std::chrono::days>(machine.loop.now());
  advance(today + std::chrono::days(1) - 1s - machine.loop.now());
  expect_steps(1);
  advance(1s);
  expect_steps(2);
  EXPECT_NE(Functions::member(functions.calls.back().payload, "ClientRequestToken"),
            *first.version_id);
  EXPECT_EQ(stages_of("s", *first.version_id), "AWSPREVIOUS");
  advance(std::chrono::days(1));
  expect_steps(3);
  remove("s");
  advance(std::chrono::days(5));
  expect_steps(3);
  call(&Service::restore_secret, RestoreSecretRequest{.secret_id = "s"});
  advance(1s);
  expect_steps(4);
}

TEST_F(RotationRuns, what_fails_is_begun_anew_after_growing_waits) {
  create("s");
  functions.failures = 4;
  const RotateSecretResponse answer = rotate();
  EXPECT_THAT(functions.steps, ElementsAre("createSecret"));
  for (const auto wait : {60s, 120s, 240s}) {
    const std::size_t before = functions.steps.size();
    advance(wait - 1s);
    EXPECT_EQ(functions.steps.size(), before);
    advance(1s);
    EXPECT_EQ(functions.steps.size(), before + 1);
  }
  kill_and_restart();
  service->use_functions(functions);
  advance(480s);
  EXPECT_EQ(functions.steps.size(), 8U);
  EXPECT_EQ(stages_of("s", *answer.version_id), "AWSCURRENT,AWSPENDING");
}

TEST_F(RotationRuns, in_the_end_it_is_given_up_until_the_schedule_asks_for_it) {
  create("s");
  functions.failures = 5;
  const RotateSecretResponse answer =
      rotate({.rotation_rules = RotationRulesType{.schedule_expression = "rate(10 days)"}});
  advance(5h);
  EXPECT_EQ(functions.steps.size(), 5U);
  EXPECT_EQ(stages_of("s", *answer.version_id), "AWSPENDING");
  EXPECT_THAT(error_of([&] { rotate({.client_request_token = *answer.version_id + "x"}); }),
              HasSubstr("will be reattempted"));
  EXPECT_EQ(functions.steps.size(), 9U);
  EXPECT_EQ(stages_of("s", *answer.version_id), "AWSCURRENT,AWSPENDING");
}

TEST_F(RotationRuns, finishing_without_moving_the_label_is_a_failure) {
  create("s");
  functions.act = nullptr;
  const RotateSecretResponse answer = rotate();
  expect_steps(1);
  EXPECT_FALSE(describe("s").last_rotated_date.has_value());
  advance(60s);
  expect_steps(2);
}

TEST_F(RotationRuns, a_cancelled_one_is_not_tried_again) {
  create("s");
  functions.failures = 1;
  const RotateSecretResponse answer = rotate();
  const auto cancelled =
      call(&Service::cancel_rotate_secret, CancelRotateSecretRequest{.secret_id = "s"});
  EXPECT_EQ(cancelled.version_id, answer.version_id);
  advance(24h);
  EXPECT_THAT(functions.steps, ElementsAre("createSecret"));
}

TEST_F(RotationRuns, a_function_that_may_not_be_called_is_refused_and_nothing_kept) {
  create("s");
  functions.is_refused = true;
  EXPECT_EQ(error_of([&] { rotate(); }),
            "AccessDeniedException: Secrets Manager cannot invoke the specified Lambda function. "
            "Ensure that the function policy grants access to the principal "
            "secretsmanager.amazonaws.com.");
  EXPECT_FALSE(describe("s").rotation_enabled.has_value());
}

TEST_F(RotationRuns, one_without_a_function_never_begins) {
  create("s", "value", {.type = "partner"});
  EXPECT_THAT(error_of([&] {
                call(&Service::rotate_secret,
                     RotateSecretRequest{
                         .secret_id = "s",
                         .client_request_token = token(),
                         .rotation_rules = RotationRulesType{.automatically_after_days = 1}});
              }),
              StartsWith("NotImplemented"));
  put("s", "by hand");
  EXPECT_TRUE(describe("s").next_rotation_date.has_value());
  const std::size_t versions = describe("s").version_ids_to_stages->size();
  advance(std::chrono::days(3));
  EXPECT_THAT(functions.steps, IsEmpty());
  EXPECT_EQ(describe("s").version_ids_to_stages->size(), versions);
}

TEST_F(RotationRuns, one_for_later_is_tested_and_leaves_nothing) {
  create("s");
  rotate({.rotation_rules = RotationRulesType{.automatically_after_days = 3},
          .rotate_immediately = false});
  EXPECT_THAT(functions.steps, ElementsAre("testSecret"));
  EXPECT_EQ(describe("s").version_ids_to_stages->size(), 1U);
  EXPECT_FALSE(describe("s").last_rotated_date.has_value());
  advance(std::chrono::days(3));
  EXPECT_EQ(functions.steps.size(), 5U);
}

}  // namespace
}  // namespace matinee::secretsmanager
