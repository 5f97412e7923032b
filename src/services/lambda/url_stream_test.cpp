#include "services/lambda/url_stream.h"

#include <gmock/gmock.h>

#include "runtime/simulated/simulation.h"

namespace matinee::lambda {
namespace {

using testing::ElementsAre;

constexpr const char* integration = "application/vnd.awslambda.http-integration-response";

class UrlStreamTest : public testing::Test {
 protected:
  runtime::Simulation simulation;
  std::optional<protocol::HttpResponse> reply;
  int taken = 0;
  UrlStream stream{simulation.loop,
                   [this](protocol::HttpResponse head) { reply = std::move(head); }};

  void take(std::string piece) {
    stream.take(std::move(piece), [this] { ++taken; });
  }
  /// What a client would have got by now.
  std::string received() const {
    std::string all;
    const auto source = protocol::find_live_source(reply->body);
    while (const auto piece = source->take()) all += *piece;
    return all;
  }
};

TEST_F(UrlStreamTest, passes_on_what_is_no_response_of_its_own) {
  stream.begin("text/event-stream");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 200);
  EXPECT_EQ(reply->headers.find("content-type"), "text/event-stream");
  take("one");
  take("two");
  EXPECT_EQ(received(), "onetwo");
  EXPECT_TRUE(stream.finish({}));
  EXPECT_TRUE(protocol::find_live_source(reply->body)->has_ended());
  EXPECT_FALSE(protocol::find_live_source(reply->body)->was_cut());
}

TEST_F(UrlStreamTest, makes_a_head_of_a_prelude_however_it_is_cut) {
  const std::string whole =
      std::string(R"({"statusCode":201,"headers":{"X-Mine":"yes"},"cookies":["a=1"]})") +
      std::string(8, '\0') + "body";
  for (std::size_t cut = 1; cut < whole.size(); ++cut) {
    reply.reset();
    UrlStream one(simulation.loop,
                  [this](protocol::HttpResponse head) { reply = std::move(head); });
    one.begin(integration);
    EXPECT_FALSE(reply);
    one.take(whole.substr(0, cut), [] {});
    one.take(whole.substr(cut), [] {});
    ASSERT_TRUE(reply) << cut;
    EXPECT_EQ(reply->status, 201);
    EXPECT_EQ(reply->headers.find("X-Mine"), "yes");
    EXPECT_EQ(reply->headers.find("Set-Cookie"), "a=1");
    EXPECT_EQ(reply->headers.find("Content-Type"), "application/octet-stream");
    EXPECT_EQ(received(), "body") << cut;
  }
}

TEST_F(UrlStreamTest, has_no_reply_for_a_prelude_that_is_none) {
  stream.begin(integration);
  take("no JSON" + std::string(8, '\0') + "body");
  EXPECT_EQ(taken, 1);
  EXPECT_FALSE(stream.finish({}));
  EXPECT_FALSE(reply);
}

TEST_F(UrlStreamTest, has_no_reply_for_a_function_that_fails_before_its_head) {
  stream.begin(integration);
  take("{\"statusCode\"");
  EXPECT_FALSE(stream.finish({.function_error = "Unhandled"}));
  EXPECT_FALSE(reply);
}

TEST_F(UrlStreamTest, is_cut_where_the_function_fails_later) {
  stream.begin("text/plain");
  take("half");
  EXPECT_TRUE(stream.finish({.function_error = "Unhandled"}));
  EXPECT_EQ(received(), "half");
  EXPECT_TRUE(protocol::find_live_source(reply->body)->was_cut());
}

TEST_F(UrlStreamTest, lets_a_function_wait_for_a_client_that_does_not_read) {
  stream.begin("text/plain");
  const std::string piece(std::size_t{1} << 20, 'x');
  take(piece);
  take(piece);
  EXPECT_EQ(taken, 1);
  EXPECT_TRUE(stream.finish({}));
  const auto source = protocol::find_live_source(reply->body);
  EXPECT_FALSE(source->has_ended());
  EXPECT_EQ(source->take()->size(), piece.size());
  simulation.loop.run_until_idle();
  EXPECT_EQ(taken, 2);
  EXPECT_EQ(source->take()->size(), piece.size());
  EXPECT_TRUE(source->has_ended());
}

TEST_F(UrlStreamTest, does_not_wait_for_a_client_that_has_gone) {
  stream.begin("text/plain");
  const std::string piece(std::size_t{1} << 20, 'x');
  take(piece);
  take(piece);
  reply.reset();
  simulation.loop.run_until_idle();
  EXPECT_EQ(taken, 2);
}

}  // namespace
}  // namespace matinee::lambda
