#include "client/http_channel.h"

#include <gtest/gtest.h>

#include "client/fake_http.h"
#include "runtime/simulated/simulation.h"
#include "runtime/task_group.h"
#include "s3/client.h"
#include "sqs/client.h"

namespace matinee::client {
namespace {

class HttpChannelTest : public testing::Test {
 protected:
  runtime::Simulation machine;
  FakeHttp http{machine.loop};
  StaticCredentials credentials{{"AKID", "secret", ""}};
  HttpChannel channel{{http, credentials, machine.loop, machine.random},
                      Endpoints("eu-west-1"),
                      {.max_attempts = 4}};
  sqs::Client sqs{channel};

  runtime::Time start = machine.loop.now();

  /// The queue's URL, or the code of the error.
  std::string create_queue() {
    try {
      return wait_for(machine.loop, sqs.create_queue({.queue_name = "q"})).queue_url.value_or("-");
    } catch (const protocol::ServiceError& error) {
      return error.code();
    }
  }
  runtime::Duration waited() const { return machine.loop.now() - start; }
};

constexpr const char* created = R"({"QueueUrl":"https://x/q"})";
constexpr const char* throttled = R"({"__type":"com.amazonaws.sqs#RequestThrottled"})";

TEST_F(HttpChannelTest, a_call_is_signed_and_goes_to_the_services_endpoint) {
  http.answer(200, created);
  EXPECT_EQ(create_queue(), "https://x/q");
  ASSERT_EQ(http.calls.size(), 1U);
  EXPECT_EQ(http.calls[0].method, "POST");
  EXPECT_EQ(http.calls[0].url, "https://sqs.eu-west-1.amazonaws.com/");
  EXPECT_EQ(http.calls[0].body, R"({"QueueName":"q"})");
  EXPECT_EQ(http.header(0, "X-Amz-Target"), "AmazonSQS.CreateQueue");
  EXPECT_TRUE(http.header(0, "Authorization")
                  .starts_with("AWS4-HMAC-SHA256 Credential=AKID/20240101/eu-west-1/sqs/"));
}

TEST_F(HttpChannelTest, this_machine_is_not_called_through_a_proxy) {
  http.answer(200, created);
  create_queue();
  EXPECT_TRUE(http.calls[0].use_proxy);
  Endpoints local("eu-west-1");
  local.set_url("http://localhost:4566");
  HttpChannel beside({http, credentials, machine.loop, machine.random}, local);
  wait_for(machine.loop, sqs::Client(beside).create_queue({.queue_name = "q"}));
  EXPECT_FALSE(http.calls[1].use_proxy);
}

TEST_F(HttpChannelTest, throttling_is_tried_again_until_it_passes) {
  http.answer(400, throttled);
  http.answer(503, "");
  http.fail(runtime::HttpFailure::Kind::broken);
  http.answer(200, created);
  EXPECT_EQ(create_queue(), "https://x/q");
  EXPECT_EQ(http.calls.size(), 4U);
  EXPECT_GT(waited(), std::chrono::milliseconds(0));
  EXPECT_LE(waited(), std::chrono::milliseconds(50 + 100 + 200));
}

TEST_F(HttpChannelTest, it_gives_up_with_the_last_error_after_the_last_attempt) {
  http.answer(400, throttled);
  EXPECT_EQ(create_queue(), "RequestThrottled");
  EXPECT_EQ(http.calls.size(), 4U);
}

TEST_F(HttpChannelTest, what_the_caller_did_wrong_is_not_tried_again) {
  http.answer(400, R"({"__type":"com.amazonaws.sqs#QueueNameExists","message":"There."})");
  EXPECT_EQ(create_queue(), "QueueNameExists");
  EXPECT_EQ(http.calls.size(), 1U);
}

TEST_F(HttpChannelTest, an_operation_that_is_not_served_is_not_tried_again) {
  http.answer(501, R"({"__type":"NotImplemented"})");
  EXPECT_EQ(create_queue(), "NotImplemented");
  EXPECT_EQ(http.calls.size(), 1U);
}

TEST_F(HttpChannelTest, a_network_that_fails_until_the_end_is_an_error_of_its_own) {
  http.fail(runtime::HttpFailure::Kind::not_reached);
  EXPECT_EQ(create_queue(), "ConnectionFailed");
  EXPECT_EQ(http.calls.size(), 4U);
}

TEST_F(HttpChannelTest, a_server_without_a_trusted_certificate_is_not_asked_twice) {
  http.fail(runtime::HttpFailure::Kind::not_trusted);
  EXPECT_EQ(create_queue(), "CertificateNotTrusted");
  EXPECT_EQ(http.calls.size(), 1U);
}

TEST_F(HttpChannelTest, retry_after_is_the_least_that_it_waits) {
  http.answer(503, "", {{"Retry-After", "7"}});
  http.answer(200, created);
  EXPECT_EQ(create_queue(), "https://x/q");
  EXPECT_EQ(waited(), std::chrono::seconds(7));
}

TEST_F(HttpChannelTest, a_wrong_clock_is_corrected_by_the_servers) {
  http.answer(403, R"({"__type":"InvalidSignatureException","message":"Signature expired"})",
              {{"Date", "Mon, 01 Jan 2024 02:00:00 GMT"}});
  http.answer(200, created);
  EXPECT_EQ(create_queue(), "https://x/q");
  ASSERT_EQ(http.calls.size(), 2U);
  EXPECT_EQ(http.header(0, "X-Amz-Date").substr(0, 11), "20240101T00");
  EXPECT_EQ(http.header(1, "X-Amz-Date").substr(0, 11), "20240101T02");
}

TEST_F(HttpChannelTest, a_bad_signature_with_a_right_clock_is_an_error) {
  http.answer(403, R"({"__type":"InvalidSignatureException","message":"No."})",
              {{"Date", "Mon, 01 Jan 2024 00:00:30 GMT"}});
  EXPECT_EQ(create_queue(), "InvalidSignatureException");
  EXPECT_EQ(http.calls.size(), 1U);
}

TEST_F(HttpChannelTest, a_success_of_s3_that_turns_out_to_be_an_error_is_tried_again) {
  http.answer(200, "<?xml version=\"1.0\"?>\n<Error><Code>InternalError</Code></Error>");
  http.answer(200,
              "<CompleteMultipartUploadResult><ETag>&quot;e&quot;</ETag>"
              "</CompleteMultipartUploadResult>");
  s3::CompleteMultipartUploadRequest request{.bucket = "bucket"};
  request.key = "key";
  request.upload_id = "u";
  const s3::Client s3(channel);
  EXPECT_EQ(wait_for(machine.loop, s3.complete_multipart_upload(std::move(request))).etag, "\"e\"");
  EXPECT_EQ(http.calls.size(), 2U);
  EXPECT_EQ(http.calls[0].url, "https://bucket.s3.eu-west-1.amazonaws.com/key?uploadId=u");
}

TEST_F(HttpChannelTest, giving_a_call_up_gives_the_request_up) {
  http.answer([](const runtime::HttpCall&) { return runtime::HttpReply{.status = 200}; });
  {
    std::optional<runtime::TaskGroup> group(std::in_place, 1);
    const auto call = [&]() -> runtime::Task<> { co_await sqs.create_queue({.queue_name = "q"}); };
    runtime::start(group->spawn(call()), [](const std::exception_ptr&) {});
    ASSERT_EQ(http.calls.size(), 1U);
    group.reset();
  }
  EXPECT_EQ(http.cancelled, 1);
}

TEST(Backoff, waiting_times_grow_and_have_an_upper_end) {
  runtime::Simulation machine;
  const Backoff backoff(machine.loop, machine.random,
                        {.base = std::chrono::milliseconds(50), .cap = std::chrono::seconds(1)});
  for (int attempt = 1; attempt <= 40; ++attempt) {
    const runtime::Duration longest = std::min<runtime::Duration>(
        std::chrono::milliseconds(50) * (1LL << std::min(attempt - 1, 20)),
        std::chrono::seconds(1));
    runtime::Duration most{};
    for (int i = 0; i < 200; ++i) {
      const runtime::Duration delay = backoff.delay(attempt);
      EXPECT_LE(delay, longest);
      most = std::max(most, delay);
    }
    EXPECT_GT(most, longest / 2) << "full jitter reaches into the upper half";
  }
}

TEST(SendAll, only_what_was_left_over_is_sent_again) {
  runtime::Simulation machine;
  std::vector<std::vector<int>> batches;
  const auto send = [&](std::vector<int> entries) -> runtime::Task<Leftover<int>> {
    batches.push_back(entries);
    Leftover<int> left{.code = "Busy", .message = "Later."};
    if (batches.size() == 1) left.entries = {entries[1], entries[2]};
    if (batches.size() == 2) left.entries = {entries[1]};
    co_return left;
  };
  const auto run = [&]() -> runtime::Task<bool> {
    co_await send_all(Backoff(machine.loop, machine.random), std::vector<int>{1, 2, 3}, send);
    co_return true;
  };
  EXPECT_TRUE(wait_for(machine.loop, run()));
  EXPECT_EQ(batches, (std::vector<std::vector<int>>{{1, 2, 3}, {2, 3}, {3}}));
}

TEST(SendAll, it_gives_up_when_nothing_is_taken_any_more) {
  runtime::Simulation machine;
  int calls = 0;
  const auto send = [&](std::vector<int> entries) -> runtime::Task<Leftover<int>> {
    ++calls;
    co_return Leftover<int>{.entries = std::move(entries), .code = "Busy", .message = "Later."};
  };
  const auto run = [&]() -> runtime::Task<bool> {
    co_await send_all(Backoff(machine.loop, machine.random, {.max_attempts = 3}),
                      std::vector<int>{1}, send);
    co_return true;
  };
  try {
    wait_for(machine.loop, run());
    ADD_FAILURE() << "it should have given up";
  } catch (const protocol::ServiceError& error) {
    EXPECT_EQ(error.code(), "Busy");
  }
  EXPECT_EQ(calls, 3);
}

}  // namespace
}  // namespace matinee::client
