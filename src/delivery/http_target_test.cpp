// HTTP subscribers: what they are sent, and what their answers mean.
#include "client/fake_http.h"
#include "delivery/outbox_fixture.h"

namespace matinee::delivery {
namespace {

using Outcome = services::DeliveryResult::Outcome;
using std::chrono::seconds;

class HttpSubscribers : public OutboxTest {
 protected:
  HttpSubscribers() {
    outbox.reset();
    outbox.emplace(*store, *endpoint, simulation.runtime(), &http);
    outbox->listen("sns.amazonaws.com", listener);
  }
  ~HttpSubscribers() override { outbox.reset(); }

  static services::Delivery message(const std::string& url = "http://localhost:1/hook") {
    services::Delivery made = delivery("hello", url);
    made.parameters = R"({"headers":{"x-amz-sns-message-type":"Notification"}})";
    made.retries = {.kind = services::RetryPolicy::Kind::phases,
                    .phases = {{.count = 3, .first = seconds(20), .last = seconds(20)}}};
    return made;
  }

  client::FakeHttp http{simulation.loop};
};

TEST_F(HttpSubscribers, get_a_post_with_the_headers_of_the_source) {
  http.answer(200, "thanks");
  add(message());
  run();
  ASSERT_EQ(http.calls.size(), 1u);
  EXPECT_EQ(http.calls[0].method, "POST");
  EXPECT_EQ(http.calls[0].url, "http://localhost:1/hook");
  EXPECT_EQ(http.calls[0].body, "hello");
  EXPECT_EQ(http.header(0, "x-amz-sns-message-type"), "Notification");
  EXPECT_EQ(http.calls[0].total_timeout, seconds(15));
  ASSERT_EQ(listener.results.size(), 1u);
  EXPECT_EQ(listener.results[0].second.status, 200);
  EXPECT_EQ(listener.results[0].second.response, "thanks");
  EXPECT_TRUE(is_empty());
}

TEST_F(HttpSubscribers, that_fail_are_tried_again_three_times_every_twenty_seconds) {
  http.answer(503, "");
  add(message());
  simulation.loop.advance(seconds(59));
  EXPECT_EQ(http.calls.size(), 3u);
  simulation.loop.advance(seconds(1000));
  EXPECT_EQ(http.calls.size(), 4u);
  EXPECT_EQ(listener.count(Outcome::dropped), 1u);
  EXPECT_TRUE(is_empty());
}

TEST_F(HttpSubscribers, that_say_it_is_the_senders_fault_are_given_up_at_once) {
  http.answer(403, "no");
  add(message());
  run();
  EXPECT_EQ(http.calls.size(), 1u);
  EXPECT_EQ(listener.count(Outcome::dropped), 1u);
}

TEST_F(HttpSubscribers, that_ask_for_patience_or_are_not_there_get_it) {
  http.answer(429, "");
  http.fail(runtime::HttpFailure::Kind::not_reached);
  http.answer(204, "");
  add(message());
  simulation.loop.advance(seconds(100));
  EXPECT_EQ(http.calls.size(), 3u);
  EXPECT_EQ(listener.count(Outcome::delivered), 1u);
}

TEST_F(HttpSubscribers, that_redirect_lead_nowhere) {
  http.answer(302, "", {{"Location", "http://169.254.169.254/"}});
  add(message());
  simulation.loop.advance(seconds(1000));
  EXPECT_EQ(http.calls.size(), 4u);
  for (const runtime::HttpCall& call : http.calls) EXPECT_EQ(call.url, "http://localhost:1/hook");
  EXPECT_EQ(listener.count(Outcome::dropped), 1u);
}

TEST_F(HttpSubscribers, have_limits_of_what_is_read_of_them) {
  http.answer(200, "");
  add(message());
  run();
  EXPECT_LE(http.calls.at(0).most_body_bytes, std::size_t{64} << 10);
  EXPECT_LE(http.calls.at(0).most_head_bytes, std::size_t{64} << 10);
}

}  // namespace
}  // namespace matinee::delivery
