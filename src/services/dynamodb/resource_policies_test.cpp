// Policies of tables: kept, changed by their revision, and what decisions are told of them.
#include "services/dynamodb/service_fixture.h"

namespace matinee::dynamodb {
namespace {

constexpr std::string_view readers =
    R"({\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":)"
    R"(\"111122223333\"},\"Action\":\"dynamodb:GetItem\",\"Resource\":\"*\"}]})";

class ResourcePolicies : public DynamoDbTest {
 protected:
  ResourcePolicies() {
    context.account = "000000000000";
    context.region = "us-east-1";
  }
  static std::string arn(std::string_view rest = "table/films") {
    return fmt::format("arn:aws:dynamodb:us-east-1:000000000000:{}", rest);
  }
  std::string put_policy(std::string_view policy, std::string_view more = "") {
    return call("PutResourcePolicy",
                fmt::format(R"({{"ResourceArn":"{}","Policy":"{}"{}}})", arn(), policy, more));
  }
  std::string of(std::string_view operation, std::string_view more = "") {
    return call(operation, fmt::format(R"({{"ResourceArn":"{}"{}}})", arn(), more));
  }
  // What stands after "RevisionId":" in a reply.
  static std::string revision(const std::string& reply) {
    constexpr std::string_view mark = R"("RevisionId":")";
    const std::size_t at = reply.find(mark);
    if (at == reply.npos) return "";
    const std::size_t from = at + mark.size();
    return reply.substr(from, reply.find('"', from) - from);
  }
  services::Guarded guard(const std::string& resource,
                          const protocol::Operation& operation = operations::GetItem) {
    return service->guard_of({.context = context,
                              .operation = operation,
                              .request = nullptr,
                              .action = "dynamodb:GetItem",
                              .resource = resource});
  }
};

constexpr std::string_view not_found = "PolicyNotFoundException: Resource-based policy not found";

TEST_F(ResourcePolicies, are_kept_with_a_revision_and_survive_a_kill) {
  create_table("films", false);
  EXPECT_TRUE(of("GetResourcePolicy").starts_with(not_found));
  const std::string first = revision(put_policy(readers));
  EXPECT_NE(first, "");
  EXPECT_EQ(revision(put_policy(readers)), first);
  kill_and_restart();
  const std::string told = of("GetResourcePolicy");
  EXPECT_EQ(revision(told), first);
  EXPECT_NE(told.find("111122223333"), told.npos);
  EXPECT_EQ(revision(of("DeleteResourcePolicy")), first);
  EXPECT_EQ(of("DeleteResourcePolicy"), "{}");
  EXPECT_TRUE(of("GetResourcePolicy").starts_with(not_found));
  EXPECT_NE(revision(put_policy(readers)), first);
}

TEST_F(ResourcePolicies, change_only_where_the_expected_revision_is_theirs) {
  create_table("films", false);
  EXPECT_TRUE(put_policy(readers, R"(,"ExpectedRevisionId":"17")").starts_with(not_found));
  EXPECT_TRUE(of("DeleteResourcePolicy", R"(,"ExpectedRevisionId":"17")").starts_with(not_found));
  const std::string first = revision(put_policy(readers, R"(,"ExpectedRevisionId":"NO_POLICY")"));
  ASSERT_NE(first, "");
  EXPECT_TRUE(put_policy(readers, R"(,"ExpectedRevisionId":"NO_POLICY")").starts_with(not_found));
  const std::string expected = fmt::format(R"(,"ExpectedRevisionId":"{}")", first);
  std::string other(readers);
  other.replace(other.find("GetItem"), 7, "PutItem");
  const std::string second = revision(put_policy(other, expected));
  EXPECT_NE(second, first);
  EXPECT_TRUE(put_policy(readers, expected).starts_with(not_found));
  EXPECT_TRUE(of("DeleteResourcePolicy", expected).starts_with(not_found));
  EXPECT_EQ(revision(of("GetResourcePolicy")), second);
}

TEST_F(ResourcePolicies, what_is_no_policy_or_too_large_or_of_no_table_is_refused) {
  EXPECT_EQ(put_policy(readers), "ResourceNotFoundException: Requested resource not found");
  create_table("films", false);
  EXPECT_TRUE(put_policy("{}").starts_with("ValidationException: Invalid policy document"));
  EXPECT_TRUE(put_policy(std::string(20'481, ' ')).starts_with("ValidationException: Resource-"));
  EXPECT_NE(revision(put_policy(std::string(readers) + std::string(20'000, ' '))), "");
  EXPECT_TRUE(call("GetResourcePolicy",
                   fmt::format(R"({{"ResourceArn":"{}"}})", arn("table/films/index/idx")))
                  .starts_with("ValidationException: Invalid ResourceArn"));
  EXPECT_TRUE(call("GetResourcePolicy",
                   fmt::format(R"({{"ResourceArn":"{}"}})", arn("table/films/stream/2026")))
                  .starts_with("ResourceNotFoundException"));
}

TEST_F(ResourcePolicies, may_come_with_the_table_and_are_told_to_decisions) {
  const std::string reply = call(
      "CreateTable",
      fmt::format(R"({{"TableName":"films","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":)"
                  R"([{{"AttributeName":"p","AttributeType":"S"}}],"KeySchema":[{{)"
                  R"("AttributeName":"p","KeyType":"HASH"}}],"ResourcePolicy":"{}"}})",
                  readers));
  ASSERT_NE(reply.find("CREATING"), reply.npos) << reply;
  EXPECT_NE(revision(of("GetResourcePolicy")), "");
  ASSERT_NE(guard(arn()).policy, nullptr);
  EXPECT_EQ(guard(arn()).policy->statements.size(), 1U);
  EXPECT_EQ(guard(arn()).account, "000000000000");
  EXPECT_NE(guard(arn("table/films/index/idx")).policy, nullptr);
  EXPECT_EQ(guard(arn("table/films/backup/1")).policy, nullptr);
  EXPECT_EQ(guard(arn("table/seats")).policy, nullptr);
  call("DeleteTable", R"({"TableName":"films"})");
  create_table("films", false);
  EXPECT_EQ(guard(arn()).policy, nullptr);
}

}  // namespace
}  // namespace matinee::dynamodb
