#include "services/lambda/running/response_stream.h"

#include <gmock/gmock.h>

#include <optional>

namespace matinee::lambda {
namespace {

using Kind = StreamOutcome::Kind;

/// Takes everything, and passes it on when the test says so.
class SlowReceiver final : public Receiver {
 public:
  std::string all;
  std::move_only_function<void()> taken;

  void begin(const std::string&) override {}
  void take(std::string piece, std::move_only_function<void()> when_taken) override {
    all += piece;
    taken = std::move(when_taken);
  }
};

class ResponseStreamTest : public testing::Test {
 protected:
  std::size_t released = 0;
  std::shared_ptr<services::LocalStream> body =
      std::make_shared<services::LocalStream>([this](std::size_t bytes) { released += bytes; });
  std::shared_ptr<SlowReceiver> receiver = std::make_shared<SlowReceiver>();
  std::optional<StreamOutcome> outcome;
  std::optional<ResponseStream> stream;

  void start(bool is_received) {
    stream.emplace(body, is_received ? receiver : nullptr,
                   [this](StreamOutcome told) { outcome = std::move(told); });
  }
  static services::StreamEnd whole(std::string_view type = {}, std::string_view text = {}) {
    services::StreamEnd end{.is_whole = true};
    if (!type.empty()) end.trailers.add("Lambda-Runtime-Function-Error-Type", type);
    if (!text.empty()) end.trailers.add("lambda-runtime-function-error-body", text);
    return end;
  }
};

TEST_F(ResponseStreamTest, lets_the_function_go_on_only_once_a_piece_was_taken) {
  start(true);
  body->deliver("hello");
  EXPECT_EQ(receiver->all, "hello");
  EXPECT_EQ(released, 0U);
  receiver->taken();
  EXPECT_EQ(released, 5U);
  body->end(whole());
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->kind, Kind::whole);
  EXPECT_EQ(outcome->payload, "");
}

TEST_F(ResponseStreamTest, is_gathered_for_those_who_want_it_whole) {
  start(false);
  body->deliver("hel");
  body->deliver("lo");
  EXPECT_EQ(released, 5U);
  body->end(whole());
  EXPECT_EQ(outcome->payload, "hello");
}

TEST_F(ResponseStreamTest, has_an_error_behind_it) {
  start(true);
  body->end(whole("Error", "eyJhIjoxfQ=="));
  EXPECT_EQ(outcome->error_type, "Error");
  EXPECT_EQ(outcome->error_body, R"({"a":1})");
}

TEST_F(ResponseStreamTest, may_be_cut) {
  start(true);
  body->deliver("half");
  body->end({});
  EXPECT_EQ(outcome->kind, Kind::cut);
}

TEST_F(ResponseStreamTest, may_have_six_megabytes_where_it_is_gathered) {
  start(false);
  body->deliver(std::string(6'291'556, 'x'));
  EXPECT_FALSE(outcome);
  body->deliver("x");
  EXPECT_EQ(outcome->kind, Kind::too_large);
  released = 0;
  body->deliver("more");
  EXPECT_EQ(released, 4U) << "what nobody wants is dropped";
}

TEST_F(ResponseStreamTest, may_have_200_megabytes_where_it_is_received) {
  start(true);
  for (int i = 0; i < 200; ++i) {
    body->deliver(std::string(std::size_t{1} << 20, 'x'));
    receiver->all.clear();
  }
  EXPECT_FALSE(outcome);
  body->deliver("x");
  EXPECT_EQ(outcome->kind, Kind::too_large);
}

}  // namespace
}  // namespace matinee::lambda
