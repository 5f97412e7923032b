// Decisions that are explained.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "insight/operations.h"
#include "policy/document.h"
#include "runtime/simulated/simulation.h"
#include "services/insight/no_activity.h"
#include "services/insight/service.h"

namespace matinee::insight {

using identity::AttachedPolicy;
using identity::Identity;
using testing::ElementsAre;

namespace {

class People final : public identity::Directory {
 public:
  std::map<std::string, std::shared_ptr<const Identity>, std::less<>> users;
  std::map<std::string, std::shared_ptr<const Identity>, std::less<>> roles;

  std::shared_ptr<const Identity> find_user(std::string_view,
                                            std::string_view name) const override {
    const auto found = users.find(name);
    return found == users.end() ? nullptr : found->second;
  }
  std::shared_ptr<const Identity> find_role(std::string_view,
                                            std::string_view name) const override {
    const auto found = roles.find(name);
    return found == roles.end() ? nullptr : found->second;
  }
  std::shared_ptr<const AttachedPolicy> find_policy(std::string_view) const override {
    return nullptr;
  }
};

const protocol::ServiceModel& queues() {
  static const protocol::ServiceModel model = [] {
    protocol::ServiceModel copy = insight::model;
    copy.name = "sqs";
    return copy;
  }();
  return model;
}

/// A service all of whose resources have one policy.
class Guard final : public services::ServiceBase {
 public:
  Guard() : ServiceBase(queues()) {}
  std::shared_ptr<const policy::Document> policy;

  void reset(const services::ResetScope&) override {}
  services::Guarded guard_of(const services::Inquiry&) const override {
    return {.account = "111122223333", .policy = policy};
  }
};

std::string document(const std::string& statement) {
  return R"({"Version":"2012-10-17","Statement":[)" + statement + "]}";
}

std::shared_ptr<const policy::Document> read(const std::string& statement, policy::Kind kind) {
  return std::make_shared<const policy::Document>(policy::parse(document(statement), kind).value());
}

}  // namespace

class PolicyCheck : public testing::Test {
 protected:
  PolicyCheck() {
    service.add(guard);
    auto user = std::make_shared<Identity>();
    user->arn = bob;
    user->account = account;
    user->name = "bob";
    user->id = "AIDABOB";
    user->tags = {{"Team", "red"}};
    AttachedPolicy policy{.name = "p"};
    policy.document = read(R"({"Sid":"a","Effect":"Allow","Action":"sqs:Send*","Resource":"*"},)"
                           R"({"Effect":"Deny","Action":"*","Resource":"*","Condition":)"
                           R"({"StringNotEquals":{"aws:PrincipalTag/team":"red"},)"
                           R"("StringEquals":{"aws:SourceIp":"1.2.3.4"}}})",
                           policy::Kind::identity);
    user->policies = {policy};
    people.users["bob"] = user;
    auto role = std::make_shared<Identity>();
    role->arn = "arn:aws:iam::111122223333:role/shop/clerk";
    role->account = account;
    role->name = "clerk";
    role->id = "AROACLERK";
    role->trust_document =
        read(R"({"Effect":"Allow","Principal":{"AWS":")" + bob + R"("},"Action":"sts:AssumeRole"})",
             policy::Kind::trust);
    people.roles["clerk"] = role;
  }

  const std::string account = "111122223333";
  const std::string bob = "arn:aws:iam::111122223333:user/bob";
  const std::string queue = "arn:aws:sqs:us-east-1:111122223333:tickets";
  runtime::Simulation machine;
  People people;
  NoActivity activity;
  Guard guard;
  Service service{{.activity = activity, .directory = &people, .clock = machine.loop.clock()}};
  const Context caller{.account = "111122223333", .access_key = "111122223333"};

  CheckPolicyResponse check(CheckPolicyRequest request) {
    return service.check_policy(caller, request);
  }
  CheckPolicyResponse check_bob(const std::string& action) {
    return check({.principal = bob, .action = action, .resource = queue});
  }
  std::string refusal_of(CheckPolicyRequest request) {
    try {
      check(std::move(request));
    } catch (const protocol::ServiceError& error) {
      return error.message();
    }
    return "";
  }
};

TEST_F(PolicyCheck, says_what_each_statement_has_to_do_with_it) {
  const CheckPolicyResponse found = check_bob("sqs:SendMessage");
  EXPECT_EQ(found.allowed, true);
  EXPECT_EQ(found.reason, "because an identity-based policy allows it");
  ASSERT_EQ(found.statements->size(), 2);
  const CheckedStatement& first = found.statements->front();
  EXPECT_EQ(first.policy, "p");
  EXPECT_EQ(first.number, 1);
  EXPECT_EQ(first.sid, "a");
  EXPECT_EQ(first.effect, "Allow");
  EXPECT_EQ(first.applies, true);
  EXPECT_EQ(first.decides, true);
  EXPECT_FALSE(first.mismatch);
  const CheckedStatement& second = found.statements->back();
  EXPECT_EQ(second.applies, false);
  EXPECT_EQ(second.mismatch,
            "its condition StringNotEquals of aws:PrincipalTag/team does not hold");
}

TEST_F(PolicyCheck, knows_the_tags_of_users_and_the_keys_that_are_given) {
  const CheckPolicyResponse denied =
      check({.principal = bob,
             .action = "sqs:SendMessage",
             .context = {{{.key = "aws:principalTag/TEAM", .values = {{"blue"}}},
                          {.key = "aws:SourceIp", .values = {{"1.2.3.4"}}}}}});
  EXPECT_EQ(denied.allowed, false);
  EXPECT_EQ(denied.reason,
            "User: " + bob +
                " is not authorized to perform: sqs:SendMessage with an explicit deny "
                "in an identity-based policy");
  const CheckPolicyResponse open =
      check({.principal = bob,
             .action = "sqs:SendMessage",
             .context = {{{.key = "aws:PrincipalTag/team", .values = {{"blue"}}}}}});
  EXPECT_EQ(open.allowed, true);
  EXPECT_THAT(*open.absent_keys, ElementsAre("aws:sourceip"));
}

TEST_F(PolicyCheck, asks_the_policy_of_the_resource) {
  guard.policy = read(R"({"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"})",
                      policy::Kind::resource);
  const CheckPolicyResponse found = check_bob("sqs:SendMessage");
  EXPECT_EQ(found.allowed, false);
  EXPECT_TRUE(found.reason->ends_with("with an explicit deny in a resource-based policy"));
  EXPECT_EQ(found.statements->back().policy_type, "resource-based policy");
  EXPECT_EQ(found.statements->back().decides, true);
}

TEST_F(PolicyCheck, takes_roles_for_their_sessions_and_knows_whom_they_trust) {
  const std::string role = "arn:aws:iam::111122223333:role/shop/clerk";
  const CheckPolicyResponse found =
      check({.principal = bob, .action = "sts:AssumeRole", .resource = role});
  EXPECT_EQ(found.allowed, true);
  EXPECT_EQ(found.statements->back().policy_type, "role trust policy");
  const CheckPolicyResponse session = check({.principal = role, .action = "sqs:SendMessage"});
  EXPECT_EQ(session.principal, "arn:aws:sts::111122223333:assumed-role/clerk/check");
  EXPECT_EQ(session.allowed, false);
  EXPECT_EQ(
      check({.principal = "arn:aws:iam::111122223333:root", .action = "s3:ListBucket"}).allowed,
      true);
}

TEST_F(PolicyCheck, refuses_what_it_cannot_check) {
  EXPECT_EQ(refusal_of({.principal = "arn:aws:iam::111122223333:user/eve", .action = "a:b"}),
            "The user with name eve cannot be found.");
  EXPECT_TRUE(refusal_of({.principal = "bob", .action = "a:b"}).starts_with("\"bob\" is neither"));
  EXPECT_TRUE(
      refusal_of({.principal = bob, .action = "send"}).starts_with("\"send\" is no action"));
  EXPECT_NE(refusal_of({.principal = "arn:aws:iam::444455556666:root", .action = "a:b"})
                .find("444455556666"),
            std::string::npos);
}

}  // namespace matinee::insight
