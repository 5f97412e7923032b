// For tests: a gateway on a loopback port, with services that only tell what they were asked.
#pragma once

#include <gtest/gtest.h>

#include <future>

#include "gateway/aws_handler.h"
#include "gateway/server.h"
#include "gateway/test_client.h"
#include "runtime/real/real_loop.h"
#include "runtime/real/system_random.h"
#include "runtime/real/worker_pool.h"
#include "runtime/thread.h"
#include "s3/handlers.h"
#include "sqs/errors.h"
#include "sqs/handlers.h"
#include "storage/store.h"
#include "sts/handlers.h"

namespace matinee::gateway {

using services::Context;

class FakeQueues final : public services::ServiceBase {
 public:
  FakeQueues() : ServiceBase(sqs::model) {}

  std::promise<void> waiting;
  std::promise<void> cancelled;
  std::atomic<int> calls = 0;

  sqs::GetQueueUrlResponse get_queue_url(const Context& context,
                                         const sqs::GetQueueUrlRequest& request) {
    ++calls;
    if (request.queue_name == "missing") throw sqs::QueueDoesNotExist("There is no such queue.");
    if (request.queue_name == "broken") throw std::runtime_error("a bug");
    return {.queue_url = "http://" + context.host + "/" + context.account + "/" + context.region};
  }
  runtime::Task<sqs::ReceiveMessageResponse> receive_message(const Context& context,
                                                             const sqs::ReceiveMessageRequest&) {
    runtime::Promised<int> end;
    context.cancellation->on_cancel([&end] { end.set(0); });
    waiting.set_value();
    co_await end;
    cancelled.set_value();
    co_return sqs::ReceiveMessageResponse();
  }
};

class FakeIdentity final : public services::ServiceBase {
 public:
  FakeIdentity() : ServiceBase(sts::model) {}
  sts::GetCallerIdentityResponse get_caller_identity(const Context& context,
                                                     const sts::GetCallerIdentityRequest&) {
    return {.user_id = context.access_key, .account = context.account, .arn = context.caller_arn};
  }
};

class CollectingSink final : public services::BodySink {
 public:
  void write(std::span<const char> bytes) override { body_.append(bytes.data(), bytes.size()); }
  protocol::Body finish() override { return std::move(body_); }

 private:
  std::string body_;
};

class FakeBuckets final : public services::ServiceBase {
 public:
  FakeBuckets() : ServiceBase(s3::model) {}

  std::atomic<int> puts = 0;

  std::unique_ptr<services::BodySink> open_sink(const protocol::Operation&,
                                                const protocol::HttpRequest&) override {
    return std::make_unique<CollectingSink>();
  }
  void check_body(const protocol::Operation&, const protocol::HttpRequest& request) const override {
    if (request.headers.find("content-md5") == "wrong")
      throw protocol::ServiceError("BadDigest", 400, "The body is not of that digest.");
  }
  /// The bucket "open" is for the pages of https://films.example too.
  services::BrowserAnswer answer_browser(const services::BrowserQuestion& question) const override {
    services::BrowserAnswer answer;
    answer.is_permitted =
        question.path.starts_with("/open/") && question.origin == "https://films.example";
    if (answer.is_permitted) answer.headers.add("Access-Control-Allow-Origin", question.origin);
    return answer;
  }
  s3::PutObjectResponse put_object(const Context&, const s3::PutObjectRequest& request) {
    ++puts;
    stored_[request.bucket + "/" + request.key] = request.body;
    return {.etag = "\"etag\""};
  }
  s3::GetObjectResponse get_object(const Context&, const s3::GetObjectRequest& request) {
    s3::GetObjectResponse response;
    response.body = stored_.at(request.bucket + "/" + request.key);
    response.content_length = static_cast<std::int64_t>(response.body.size());
    return response;
  }
  s3::HeadObjectResponse head_object(const Context&, const s3::HeadObjectRequest& request) {
    const auto found = stored_.find(request.bucket + "/" + request.key);
    if (found == stored_.end())
      throw protocol::ServiceError("NoSuchKey", 404, "The specified key does not exist.");
    return {.content_length = static_cast<std::int64_t>(found->second.size())};
  }

 private:
  std::map<std::string, protocol::Body> stored_;
};

class AwsHandlerTest : public testing::Test {
 protected:
  AwsHandlerTest() {
    endpoint.add(queues, sqs::handlers<FakeQueues>);
    endpoint.add(identity, sts::handlers<FakeIdentity>);
    endpoint.add(buckets, s3::handlers<FakeBuckets>);
    start({});
  }
  ~AwsHandlerTest() override {
    server.reset();
    loop.stop();
  }

  static std::unique_ptr<storage::Store> open_store() {
    return *storage::Store::open({.directory = "", .durability = storage::Durability::memory});
  }

  void start(AuthenticationOptions authentication, BrowserOptions browsers = {}) {
    server.reset();
    gateway.emplace(endpoint, AwsGateway::Machine{loop.clock(), random, workers},
                    GatewayOptions{.authentication = std::move(authentication),
                                   .browsers = std::move(browsers),
                                   .version = "1.2"});
    server.emplace(loop.clock(), workers, ServerOptions{.listen = {ListenAddress{}}});
    ASSERT_TRUE(server->start(gateway->handler_factory()));
  }

  TestClient connect() { return TestClient(server->ports().at(0)); }
  TestReply request(std::string_view head, std::string_view body = "") {
    return connect().request(with_length(head, body));
  }
  static std::string with_length(std::string_view head, std::string_view body) {
    return std::string(head) +
           "\r\nHost: localhost:4566\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + std::string(body);
  }

  runtime::RealLoop loop;
  runtime::SystemRandom random;
  runtime::WorkerPool workers{2};
  std::unique_ptr<storage::Store> store = open_store();
  services::Endpoint endpoint{loop, *store};
  FakeQueues queues;
  FakeIdentity identity;
  FakeBuckets buckets;
  std::optional<AwsGateway> gateway;
  std::optional<Server> server;
  runtime::Thread state_thread{"state", [this] { loop.run(); }};
};

inline constexpr std::string_view get_url =
    "POST / HTTP/1.1\r\nContent-Type: application/x-amz-json-1.0\r\n"
    "X-Amz-Target: AmazonSQS.GetQueueUrl";
inline constexpr std::string_view credentials =
    "\r\nX-Amz-Date: 20240101T000000Z\r\nAuthorization: AWS4-HMAC-SHA256 "
    "Credential=123456789012/20240101/eu-west-1/sqs/aws4_request, SignedHeaders=host, "
    "Signature=abc";

}  // namespace matinee::gateway
