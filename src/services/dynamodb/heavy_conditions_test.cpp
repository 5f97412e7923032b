// Conditions that take long are looked at elsewhere, and mean the same.
#include "services/dynamodb/heavy_conditions.h"

#include "services/dynamodb/service_fixture.h"
#include "services/endpoint.h"

namespace matinee::dynamodb {
namespace {

/// Calls through an endpoint, which calls again what a worker has had to look at.
class HeavyCondition : public DynamoDbTest {
 protected:
  HeavyCondition() {
    create_table("texts", false);
    endpoint.add(*service, Service::handlers());
    store_text("y");
  }

  services::Endpoint endpoint{machine.loop, *store, &machine.workers};

  void store_text(std::string_view letter) {
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += letter;
    put("texts", fmt::format(R"({{"p":{{"S":"a"}},"v":{{"S":"{}"}}}})", text));
  }
  /// A condition or filter of a hundred searches, all of which fail unless `last` is found.
  static std::string hundred_searches(std::string_view parameter, std::string_view last) {
    std::string terms;
    std::string values;
    for (int i = 0; i < 100; ++i) {
      terms += fmt::format("{}contains(v, :c{})", i == 0 ? "" : " OR ", i);
      values += fmt::format(R"({}":c{}":{{"S":"{}"}})", i == 0 ? "" : ",", i,
                            i == 99 ? std::string(last) : std::string(1000, 'y') + "z");
    }
    return fmt::format(R"("{}":"{}","ExpressionAttributeValues":{{{}}})", parameter, terms, values);
  }

  /// The reply, once it has come; `meanwhile` runs while a worker is at it.
  std::string invoke(std::string_view operation, const std::string& json) {
    const protocol::Operation& found = **std::ranges::find(
        dynamodb::model.operations, operation, [](const auto* each) { return each->name; });
    protocol::HttpRequest request{.method = "POST", .target = "/"};
    request.body = json;
    services::Input input{.request = protocol::Object(*found.request)};
    input.violations =
        protocol::decode_request(found, protocol::Protocol::json, request, input.request.get());
    std::string reply;
    machine.loop.post([&, input = std::move(input)]() mutable {
      endpoint.invoke(context, found, std::move(input), [&](services::Outcome outcome) {
        if (const auto* error = std::get_if<std::shared_ptr<protocol::ServiceError>>(&outcome))
          reply = (*error)->code();
        else
          reply = protocol::encode_response(found, protocol::Protocol::json,
                                            std::get<protocol::Object>(outcome).get(), "id")
                      .body.bytes;
      });
      if (meanwhile) std::exchange(meanwhile, nullptr)();
    });
    machine.loop.run_until_idle();
    return reply;
  }
  std::string remove_if_found(std::string_view text) {
    return invoke("DeleteItem",
                  fmt::format(R"({{"TableName":"texts","Key":{{"p":{{"S":"a"}}}},{}}})",
                              hundred_searches("ConditionExpression", text)));
  }
  bool is_there() { return get("texts", R"({"p":{"S":"a"}})") != "{}"; }
};

TEST_F(HeavyCondition, is_one_of_many_operands_and_a_large_item) {
  const AttributeValue value("x");
  expressions::Condition condition{.op = expressions::Operator::any_of};
  for (int i = 0; i < 100; ++i)
    condition.children.push_back(
        {.op = expressions::Operator::contains, .operands = {{.literal = &value}, {}}});
  EXPECT_TRUE(HeavyConditions::is_heavy(condition, 100'000));
  EXPECT_FALSE(HeavyConditions::is_heavy(condition, 4'000));
  condition.children.resize(2);
  EXPECT_FALSE(HeavyConditions::is_heavy(condition, 400'000));
}

TEST_F(HeavyCondition, decides_about_a_write_as_any_other_does) {
  EXPECT_EQ(remove_if_found("x"), "ConditionalCheckFailedException");
  EXPECT_TRUE(is_there());
  EXPECT_EQ(remove_if_found("yy"), "{}");
  EXPECT_FALSE(is_there());
}

TEST_F(HeavyCondition, is_looked_at_without_the_state_thread) {
  bool was_there = false;
  meanwhile = [&] {
    was_there = is_there();
    put("texts", R"({"p":{"S":"b"}})");
  };
  EXPECT_EQ(remove_if_found("yy"), "{}");
  EXPECT_TRUE(was_there);
  EXPECT_FALSE(is_there());
}

TEST_F(HeavyCondition, counts_for_the_item_as_it_is_when_the_write_happens) {
  meanwhile = [&] { store_text("x"); };
  EXPECT_EQ(remove_if_found("yy"), "ConditionalCheckFailedException");
  EXPECT_TRUE(is_there());
  meanwhile = [&] { store_text("y"); };
  EXPECT_EQ(remove_if_found("yy"), "{}");
}

TEST_F(HeavyCondition, filters_a_scan_as_any_other_does) {
  const auto scan = [&](std::string_view last) {
    return invoke("Scan", fmt::format(R"({{"TableName":"texts","Select":"COUNT",{}}})",
                                      hundred_searches("FilterExpression", last)));
  };
  EXPECT_EQ(scan("yy"), R"({"Count":1,"ScannedCount":1})");
  EXPECT_EQ(scan("x"), R"({"Count":0,"ScannedCount":1})");
}

TEST_F(HeavyCondition, decides_about_a_transaction_as_any_other_does) {
  const auto transact = [&](std::string_view last) {
    return invoke(
        "TransactWriteItems",
        fmt::format(
            R"({{"TransactItems":[{{"Put":{{"TableName":"texts","Item":{{"p":{{"S":"c"}}}}}}}},)"
            R"({{"ConditionCheck":{{"TableName":"texts","Key":{{"p":{{"S":"a"}}}},{}}}}}]}})",
            hundred_searches("ConditionExpression", last)));
  };
  EXPECT_EQ(transact("x"), "TransactionCanceledException");
  EXPECT_EQ(transact("yy"), "{}");
  EXPECT_EQ(get("texts", R"({"p":{"S":"c"}})"), R"({"Item":{"p":{"S":"c"}}})");
}

}  // namespace
}  // namespace matinee::dynamodb
