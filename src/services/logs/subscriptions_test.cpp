// What subscriptions hand to the outbox, as functions will see it.
#include <zlib.h>

#include "protocol/base64.h"
#include "services/logs/service_fixture.h"

namespace matinee::logs {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

namespace {

constexpr const char* function = "arn:aws:lambda:us-east-1:000000000000:function:f";

/// Keeps what is handed over, and lets in whom the test lets in.
class OutboxNotes final : public services::Outbox {
 public:
  std::vector<services::Delivery> deliveries;
  std::set<std::string> principals;
  std::vector<services::Delivery> trials;

  void provide(const std::string&, services::DeliveryTarget&) override {}
  void add(const services::Delivery& delivery) override { deliveries.push_back(delivery); }
  runtime::Task<> deliver_now(services::Delivery delivery) override {
    trials.push_back(delivery);
    if (!principals.contains(delivery.service_principal))
      throw protocol::ServiceError("AccessDeniedException", 403, "no");
    co_return;
  }
  bool serves(const std::string&) const override { return true; }
  void listen(const std::string&, services::DeliveryListener&) override {}
};

std::string unzip(const std::string& zipped) {
  z_stream stream{};
  constexpr int of_gzip = 15 + 16;
  EXPECT_EQ(inflateInit2(&stream, of_gzip), Z_OK);
  std::string out(std::size_t{4} << 20, '\0');
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

std::string record_of(const services::Delivery& delivery) {
  constexpr std::string_view before = "{\"awslogs\":{\"data\":\"";
  EXPECT_THAT(delivery.body, StartsWith(std::string(before)));
  const std::string_view data = std::string_view(delivery.body).substr(before.size());
  return unzip(protocol::base64_decode(data.substr(0, data.size() - 3)).value());
}

}  // namespace

class SubscriptionTest : public LogsTest {
 protected:
  OutboxNotes outbox;

  SubscriptionTest() {
    service.reset();
    service = std::make_unique<Service>(*store, *runtime,
                                        Neighbours{.metrics = &metrics, .outbox = &outbox});
    outbox.principals = {"logs.amazonaws.com"};
    create_group("g");
    create_stream("g", "s");
  }
  void subscribe(const std::string& pattern, const std::string& name = "all") {
    call(&Service::put_subscription_filter,
         PutSubscriptionFilterRequest{.log_group_name = "g",
                                      .filter_name = name,
                                      .filter_pattern = pattern,
                                      .destination_arn = function});
  }
  void say(const std::vector<std::string>& texts) {
    std::vector<InputLogEvent> events;
    for (const std::string& text : texts) events.push_back({.timestamp = now(), .message = text});
    put("g", "s", std::move(events));
  }
};

TEST_F(SubscriptionTest, events_that_match_go_out_as_one_record) {
  subscribe("ERROR");
  say({"ERROR \"one\"", "fine", "an ERROR"});
  ASSERT_THAT(outbox.deliveries, SizeIs(1));
  const services::Delivery& delivery = outbox.deliveries.front();
  EXPECT_EQ(delivery.target, function);
  EXPECT_EQ(delivery.service_principal, "logs.amazonaws.com");
  EXPECT_EQ(delivery.source_arn, "arn:aws:logs:us-east-1:000000000000:log-group:g:*");
  const std::string record = record_of(delivery);
  EXPECT_THAT(record, StartsWith(R"({"messageType":"DATA_MESSAGE","owner":"000000000000",)"
                                 R"("logGroup":"g","logStream":"s","subscriptionFilters":["all"],)"
                                 R"("logEvents":[{"id":")"));
  EXPECT_THAT(record,
              AllOf(HasSubstr(R"("message":"ERROR \"one\"")"), HasSubstr(R"("message":"an ERROR")"),
                    Not(HasSubstr("fine")), Not(HasSubstr("policyLevel"))));
  for (const FilteredLogEvent& event : *filter({.filter_pattern = "ERROR"}).events)
    EXPECT_THAT(record, HasSubstr("\"id\":\"" + *event.event_id + "\""));
}

TEST_F(SubscriptionTest, each_filter_delivers_for_itself_and_none_that_is_gone) {
  subscribe("a", "first");
  subscribe("b", "second");
  say({"a", "b", "a b"});
  ASSERT_THAT(outbox.deliveries, SizeIs(2));
  EXPECT_NE(outbox.deliveries[0].via, outbox.deliveries[1].via);
  call(&Service::delete_subscription_filter,
       DeleteSubscriptionFilterRequest{.log_group_name = "g", .filter_name = "first"});
  say({"a"});
  EXPECT_THAT(outbox.deliveries, SizeIs(2));
}

TEST_F(SubscriptionTest, much_text_goes_out_in_pieces) {
  subscribe("");
  const std::string large(200'000, 'x');
  say({large, large, large, "small"});
  ASSERT_THAT(outbox.deliveries, SizeIs(3));
  EXPECT_THAT(record_of(outbox.deliveries[2]), HasSubstr("small"));
}

TEST_F(SubscriptionTest, what_services_log_is_delivered_with_their_trace) {
  subscribe("two");
  storage::Transaction transaction(*store);
  const std::string trace = "Root=1-5759e988-bd862e3fe1be46a994272793";
  service->put({.account = "000000000000",
                .region = "us-east-1",
                .group = "g",
                .stream = "t",
                .trace = trace},
               std::vector<services::LogLine>{{.time = machine.loop.now(), .text = "one"},
                                              {.time = machine.loop.now(), .text = "two"}});
  transaction.commit();
  ASSERT_THAT(outbox.deliveries, SizeIs(1));
  EXPECT_EQ(outbox.deliveries[0].trace_header, trace);
  EXPECT_THAT(record_of(outbox.deliveries[0]), HasSubstr(R"("logStream":"t")"));
}

TEST_F(SubscriptionTest, the_account_subscribes_to_all_groups_but_those_it_leaves_out) {
  create_group("other");
  create_stream("other", "s");
  call(&Service::put_account_policy,
       PutAccountPolicyRequest{.policy_name = "p",
                               .policy_document = std::string(R"({"DestinationArn":")") + function +
                                                  R"(","FilterPattern":""})",
                               .policy_type = "SUBSCRIPTION_FILTER_POLICY",
                               .selection_criteria = R"(LogGroupName NOT IN ["g"])"});
  say({"nobody"});
  EXPECT_THAT(outbox.deliveries, IsEmpty());
  put("other", "s", {{.timestamp = now(), .message = "x"}});
  ASSERT_THAT(outbox.deliveries, SizeIs(1));
  EXPECT_THAT(record_of(outbox.deliveries[0]),
              AllOf(HasSubstr(R"("subscriptionFilters":["p"])"),
                    HasSubstr(R"("policyLevel":"ACCOUNT_LEVEL_POLICY")")));
  call(&Service::delete_account_policy,
       DeleteAccountPolicyRequest{.policy_name = "p", .policy_type = "SUBSCRIPTION_FILTER_POLICY"});
  put("other", "s", {{.timestamp = now(), .message = "x"}});
  EXPECT_THAT(outbox.deliveries, SizeIs(1));
}

TEST_F(SubscriptionTest, a_function_that_may_not_be_called_is_refused) {
  outbox.principals.clear();
  EXPECT_THAT(error_of([&] { subscribe(""); }),
              StartsWith("InvalidParameterException: Could not execute the lambda function."));
  outbox.principals = {"logs.us-east-1.amazonaws.com"};
  subscribe("");
  say({"x"});
  ASSERT_THAT(outbox.deliveries, SizeIs(1));
  EXPECT_EQ(outbox.deliveries[0].service_principal, "logs.us-east-1.amazonaws.com");
}

TEST_F(SubscriptionTest, documents_of_accounts_are_read_strictly) {
  const std::string good = R"({"DestinationArn":"d","FilterPattern":"f","RoleArn":"r"})";
  EXPECT_EQ(read_account_subscription(good, std::nullopt)->role, "r");
  EXPECT_THAT(read_account_subscription(good, "LogGroupName NOT IN [\"a\", \"b\"]")->left_out,
              ElementsAre("a", "b"));
  EXPECT_THAT(read_account_subscription(good, "LogGroupName NOT IN []")->left_out, IsEmpty());
  for (const char* wrong : {"", "[]", "{}", R"({"DestinationArn":"d"})", R"({"FilterPattern":"f"})",
                            R"({"DestinationArn":1,"FilterPattern":"f"})"})
    EXPECT_FALSE(read_account_subscription(wrong, std::nullopt)) << wrong;
  for (const char* wrong :
       {"LogGroupName IN [\"a\"]", "LogGroupName NOT IN", "x", "LogGroupName NOT IN [1]"})
    EXPECT_FALSE(read_account_subscription(good, wrong)) << wrong;
}

}  // namespace matinee::logs
