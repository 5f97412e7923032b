// Requests of AWS clients from the socket to a service and back.
#include "gateway/aws_handler_fixture.h"
#include "gateway/health.h"

namespace matinee::gateway {
namespace {

TEST_F(AwsHandlerTest, json_is_answered_in_json) {
  const TestReply reply =
      request(std::string(get_url) + std::string(credentials), "{\"QueueName\":\"movies\"}");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "{\"QueueUrl\":\"http://localhost:4566/123456789012/eu-west-1\"}");
  EXPECT_EQ(reply.header("content-type"), "application/x-amz-json-1.0");
  EXPECT_EQ(reply.header("x-amzn-requestid").size(), 36U);
}

TEST_F(AwsHandlerTest, queries_are_answered_in_xml) {
  const TestReply reply =
      request("POST / HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded",
              "Action=GetQueueUrl&Version=2012-11-05&QueueName=movies");
  EXPECT_EQ(reply.status, 200);
  EXPECT_TRUE(
      reply.body.contains("<QueueUrl>http://localhost:4566/000000000000/us-east-1</QueueUrl>"))
      << reply.body;
  const TestReply caller =
      request("POST / HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded",
              "Action=GetCallerIdentity&Version=2011-06-15");
  EXPECT_TRUE(caller.body.contains("<Arn>arn:aws:iam::000000000000:root</Arn>")) << caller.body;
}

TEST_F(AwsHandlerTest, errors_of_a_service_come_in_the_protocol_of_the_request) {
  const TestReply json = request(get_url, "{\"QueueName\":\"missing\"}");
  EXPECT_EQ(json.status, 400);
  EXPECT_TRUE(json.body.contains("QueueDoesNotExist")) << json.body;
  EXPECT_TRUE(json.header("x-amzn-query-error").contains("NonExistentQueue"));
  const TestReply query =
      request("GET /?Action=GetQueueUrl&Version=2012-11-05&QueueName=missing HTTP/1.1");
  EXPECT_EQ(query.status, 400);
  EXPECT_TRUE(query.body.contains("queue does not exist for this wsdl version.</Message>"))
      << query.body;
}

TEST_F(AwsHandlerTest, malformed_requests_get_an_error_of_aws) {
  const TestReply truncated = request(get_url, "{\"QueueName\":");
  EXPECT_EQ(truncated.status, 400);
  EXPECT_TRUE(truncated.body.contains("SerializationException")) << truncated.body;
  const TestReply not_utf8 = request(get_url, "{\"QueueName\":\"\xff\xfe\"}");
  EXPECT_EQ(not_utf8.status, 400);
  const TestReply incomplete = request(get_url, "{}");
  EXPECT_EQ(incomplete.status, 400);
  const TestReply wrong_type = request(get_url, "{\"QueueName\":7}");
  EXPECT_EQ(wrong_type.status, 400);
}

TEST_F(AwsHandlerTest, a_bug_in_a_service_is_an_internal_failure) {
  const TestReply reply = request(get_url, "{\"QueueName\":\"broken\"}");
  EXPECT_EQ(reply.status, 500);
  EXPECT_TRUE(reply.body.contains("InternalFailure")) << reply.body;
  EXPECT_FALSE(reply.body.contains("a bug")) << reply.body;
}

TEST_F(AwsHandlerTest, an_operation_without_a_method_is_named) {
  const TestReply known = request("POST / HTTP/1.1\r\nX-Amz-Target: AmazonSQS.AddPermission", "{}");
  EXPECT_EQ(known.status, 501);
  EXPECT_TRUE(known.body.contains("AddPermission")) << known.body;
  const TestReply acl = request("GET /bucket?acl HTTP/1.1");
  EXPECT_EQ(acl.status, 501);
  EXPECT_TRUE(acl.body.contains("<Code>NotImplemented</Code>")) << acl.body;
  EXPECT_TRUE(acl.body.contains("GetBucketAcl")) << acl.body;
}

TEST_F(AwsHandlerTest, bodies_beyond_the_limit_are_refused_by_each_service_in_its_way) {
  TestClient json = connect();
  const TestReply reply =
      json.request(std::string(get_url) + "\r\nHost: x\r\nContent-Length: 5368709120\r\n\r\n");
  EXPECT_EQ(reply.status, 413);
  TestClient object = connect();
  const TestReply too_large =
      object.request("PUT /bucket/key HTTP/1.1\r\nHost: x\r\nContent-Length: 6000000000\r\n\r\n");
  EXPECT_EQ(too_large.status, 400);
  EXPECT_TRUE(too_large.body.contains("<Code>EntityTooLarge</Code>")) << too_large.body;
}

TEST_F(AwsHandlerTest, objects_go_in_and_come_out) {
  for (const std::size_t size : {0UL, 4096UL, 3'000'000UL}) {
    const std::string content(size, 'x');
    const TestReply put = request("PUT /bucket/key HTTP/1.1", content);
    EXPECT_EQ(put.status, 200);
    EXPECT_EQ(put.header("etag"), "\"etag\"");
    EXPECT_EQ(put.header("x-amz-request-id").size(), 36U);
    const TestReply got = request("GET /bucket/key HTTP/1.1");
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.body, content);
    TestClient client = connect();
    client.send("HEAD /bucket/key HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(client.receive(false).header("content-length"), std::to_string(size));
    EXPECT_EQ(client.request("GET /bucket/key HTTP/1.1\r\nHost: x\r\n\r\n").status, 200);
  }
}

TEST_F(AwsHandlerTest, a_service_may_refuse_a_body_for_what_its_headers_say) {
  const TestReply got = request("GET /bucket/key HTTP/1.1\r\nContent-MD5: wrong");
  EXPECT_EQ(got.status, 400);
  EXPECT_TRUE(got.body.contains("<Code>BadDigest</Code>")) << got.body;
}

TEST_F(AwsHandlerTest, an_error_to_head_has_no_body) {
  TestClient client = connect();
  ASSERT_TRUE(client.send("HEAD /bucket/missing HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_EQ(client.receive(false).status, 404);
  EXPECT_EQ(client.request("GET /_matinee/health HTTP/1.1\r\nHost: x\r\n\r\n").status, 200);
}

TEST_F(AwsHandlerTest, pipelined_requests_are_answered_in_order) {
  TestClient client = connect();
  std::string requests;
  for (int i = 0; i < 20; ++i) {
    requests += with_length(get_url, "{\"QueueName\":\"movies\"}");
    requests += with_length(get_url, "{\"QueueName\":\"missing\"}");
  }
  ASSERT_TRUE(client.send(requests));
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(client.receive().status, 200);
    EXPECT_EQ(client.receive().status, 400);
  }
}

TEST_F(AwsHandlerTest, a_long_poll_ends_when_its_client_goes_away) {
  std::future<void> waiting = queues.waiting.get_future();
  std::future<void> cancelled = queues.cancelled.get_future();
  TestClient client = connect();
  ASSERT_TRUE(client.send(
      with_length("POST / HTTP/1.1\r\nX-Amz-Target: AmazonSQS.ReceiveMessage",
                  "{\"QueueUrl\":\"http://localhost/000000000000/q\",\"WaitTimeSeconds\":20}")));
  ASSERT_EQ(waiting.wait_for(std::chrono::seconds(20)), std::future_status::ready);
  client.close();
  EXPECT_EQ(cancelled.wait_for(std::chrono::seconds(20)), std::future_status::ready);
}

TEST_F(AwsHandlerTest, a_long_poll_is_answered_when_the_server_stops) {
  std::future<void> waiting = queues.waiting.get_future();
  TestClient client = connect();
  ASSERT_TRUE(client.send(
      with_length("POST / HTTP/1.1\r\nX-Amz-Target: AmazonSQS.ReceiveMessage",
                  "{\"QueueUrl\":\"http://localhost/000000000000/q\",\"WaitTimeSeconds\":20}")));
  ASSERT_EQ(waiting.wait_for(std::chrono::seconds(20)), std::future_status::ready);
  std::promise<void> stopped;
  server->stop(std::chrono::seconds(60), [&] { stopped.set_value(); });
  EXPECT_EQ(client.receive().status, 200);
  EXPECT_TRUE(client.is_closed());
  EXPECT_EQ(stopped.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
}

TEST_F(AwsHandlerTest, signatures_are_checked_where_they_must_be) {
  start({.check_signatures = true, .secrets = {{"AKIDEXAMPLE", "secret"}}});
  EXPECT_TRUE(request(get_url, "{\"QueueName\":\"movies\"}")
                  .body.contains("MissingAuthenticationTokenException"));

  const auto send_signed = [this](std::string secret) {
    protocol::HttpRequest signed_request;
    signed_request.method = "POST";
    EXPECT_TRUE(signed_request.set_target("/"));
    signed_request.headers.add("Host", "localhost:4566");
    signed_request.headers.add("X-Amz-Target", "AmazonSQS.GetQueueUrl");
    signed_request.body.bytes = "{\"QueueName\":\"movies\"}";
    protocol::sigv4::sign(signed_request,
                          {.access_key = "AKIDEXAMPLE", .secret_key = std::move(secret)},
                          {{.region = "eu-west-1", .service = "sqs"}, loop.clock().now()});
    std::string head = "POST / HTTP/1.1";
    for (const auto& [name, value] : signed_request.headers)
      if (name != "Host") head.append("\r\n").append(name).append(": ").append(value);
    return request(head, signed_request.body.bytes);
  };
  EXPECT_EQ(send_signed("secret").status, 200);
  const TestReply refused = send_signed("guess");
  EXPECT_EQ(refused.status, 400);
  EXPECT_TRUE(refused.body.contains("InvalidSignatureException")) << refused.body;
}

TEST(Health, tells_what_is_wrong_with_status_503) {
  protocol::HttpRequest request;
  request.path = "/_matinee/health";
  const std::vector<const protocol::ServiceModel*> services = {&sqs::model};
  const protocol::HttpResponse reply =
      health_reply(request, services, "1.2", "Writes fail: \"the disk\" fails");
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.body.bytes,
            "{\"status\": \"failing\", \"trouble\": \"Writes fail: 'the disk' fails.\", "
            "\"services\": {\"sqs\": \"error\"}, \"edition\": \"matinee\", "
            "\"version\": \"1.2\"}\n");
}

TEST_F(AwsHandlerTest, health_names_the_services_and_the_version) {
  const TestReply ours = request("GET /_matinee/health HTTP/1.1");
  EXPECT_EQ(ours.body,
            "{\"status\": \"running\", \"services\": {\"sqs\": \"running\", \"sts\": \"running\", "
            "\"s3\": \"running\"}, \"edition\": \"matinee\", \"version\": \"1.2\"}\n");
  const TestReply localstack = request("GET /_localstack/health HTTP/1.1");
  EXPECT_TRUE(localstack.body.starts_with("{\"services\": {\"sqs\": \"running\""))
      << localstack.body;
}

}  // namespace
}  // namespace matinee::gateway
