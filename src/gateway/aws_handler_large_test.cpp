// Requests that a worker takes in hand are answered as all others are.
#include "gateway/aws_handler_fixture.h"

namespace matinee::gateway {
namespace {

class LargeRequests : public AwsHandlerTest {
 protected:
  /// JSON of so many bytes that says no more than `members`.
  static std::string padded(std::string_view members, std::size_t size) {
    std::string json = "{" + std::string(members);
    json.resize(size - 1, ' ');
    return json + "}";
  }
  static constexpr std::size_t large = 2 * HeavyWork::threshold;
};

TEST_F(LargeRequests, mean_what_small_ones_mean) {
  const TestReply reply = request(std::string(get_url) + std::string(credentials),
                                  padded(R"("QueueName":"movies")", large));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, R"({"QueueUrl":"http://localhost:4566/123456789012/eu-west-1"})");
  EXPECT_EQ(reply.header("x-amzn-requestid").size(), 36U);
}

TEST_F(LargeRequests, are_refused_like_small_ones) {
  const std::string missing = padded(R"("QueueName":"missing")", large);
  EXPECT_TRUE(request(get_url, missing).body.contains("QueueDoesNotExist"));
  const std::string malformed = padded(R"("QueueName":)", large);
  EXPECT_TRUE(request(get_url, malformed).body.contains("SerializationException"));
  const TestReply invalid = request(get_url, padded("", large));
  EXPECT_EQ(invalid.status, 400);
  EXPECT_EQ(request(get_url, "{}").status, 400);
  EXPECT_EQ(invalid.header("x-amzn-errortype"), request(get_url, "{}").header("x-amzn-errortype"));
}

TEST_F(LargeRequests, are_answered_one_after_the_other_on_their_connection) {
  const std::string one = with_length(get_url, padded(R"("QueueName":"movies")", large)) +
                          with_length(get_url, R"({"QueueName":"missing"})") +
                          with_length(get_url, padded(R"("QueueName":"movies")", large));
  TestClient client = connect();
  ASSERT_TRUE(client.send(one));
  EXPECT_EQ(client.receive().status, 200);
  EXPECT_EQ(client.receive().status, 400);
  EXPECT_EQ(client.receive().status, 200);
}

TEST_F(LargeRequests, are_given_up_with_their_client) {
  {
    TestClient client = connect();
    ASSERT_TRUE(client.send(
        with_length("POST / HTTP/1.1\r\nX-Amz-Target: AmazonSQS.ReceiveMessage",
                    padded(R"("QueueUrl":"http://localhost:4566/000000000000/q")", large))));
    queues.waiting.get_future().wait();
  }
  EXPECT_EQ(queues.cancelled.get_future().wait_for(std::chrono::seconds(20)),
            std::future_status::ready);
}

TEST_F(LargeRequests, beyond_the_limit_of_their_service_are_refused) {
  TestClient client = connect();
  const TestReply reply = client.request(
      std::string(get_url) + "\r\nHost: localhost:4566\r\nContent-Length: 4194305\r\n\r\n");
  EXPECT_EQ(reply.status, 413);
  EXPECT_TRUE(reply.body.contains("4 MiB")) << reply.body;
}

}  // namespace
}  // namespace matinee::gateway
