// For tests of decisions: a caller with policies, and a question, in few words.
#pragma once

#include <gtest/gtest.h>

#include <map>

#include "identity/decide.h"

namespace matinee::identity {

class DecideTest : public testing::Test {
 protected:
  std::string action = "sqs:SendMessage";
  std::string resource = "arn:aws:sqs:us-east-1:111122223333:tickets";
  std::map<std::string, std::vector<std::string>, std::less<>> values;
  std::vector<AttachedPolicy> policies;
  std::vector<AttachedPolicy> session;
  std::optional<AttachedPolicy> boundary;
  std::optional<policy::Document> resource_policy;
  Principal principal;
  Target target{.account = "111122223333"};

  /// A document with one statement of these members.
  static std::string one(const std::string& members) {
    return R"({"Version":"2012-10-17","Statement":{)" + members + "}}";
  }
  static std::string allow(const std::string& pattern) {
    return one(R"("Effect":"Allow","Action":")" + pattern + R"(","Resource":"*")");
  }
  static std::string deny(const std::string& pattern) {
    return one(R"("Effect":"Deny","Action":")" + pattern + R"(","Resource":"*")");
  }
  /// A resource's policy for this principal: `"*"` or `{"AWS":"..."}`.
  static std::string resource_allows(const std::string& who) {
    return one(R"("Effect":"Allow","Principal":)" + who + R"(,"Action":"*","Resource":"*")");
  }
  static std::string resource_denies(const std::string& who) {
    return one(R"("Effect":"Deny","Principal":)" + who + R"(,"Action":"*","Resource":"*")");
  }

  static policy::Document read(const std::string& json, policy::Kind kind) {
    auto document = policy::parse(json, kind);
    if (!document) throw std::runtime_error(document.error().message);
    return std::move(*document);
  }
  static AttachedPolicy attached(const std::string& json, const std::string& arn = "") {
    AttachedPolicy policy;
    policy.name = "p";
    policy.arn = arn;
    policy.text = json;
    policy.document = std::make_shared<const policy::Document>(read(json, policy::Kind::identity));
    return policy;
  }

  void be_user() {
    principal = {
        .kind = PrincipalKind::user,
        .caller = {.account = "111122223333", .arn = "arn:aws:iam::111122223333:user/bob"}};
  }
  void be_session() {
    principal = {.kind = PrincipalKind::role_session,
                 .caller = {.account = "111122223333",
                            .arn = "arn:aws:sts::111122223333:assumed-role/clerk/monday",
                            .role = "arn:aws:iam::111122223333:role/shop/clerk"}};
  }
  void be_federated() {
    principal = {.kind = PrincipalKind::federated_user,
                 .caller = {.account = "111122223333",
                            .arn = "arn:aws:sts::111122223333:federated-user/eve",
                            .role = "arn:aws:iam::111122223333:user/bob"}};
  }
  void be_root() {
    principal = {.kind = PrincipalKind::root,
                 .caller = {.account = "111122223333", .arn = "arn:aws:iam::111122223333:root"}};
  }
  void be_service() {
    principal = {.kind = PrincipalKind::service, .caller = {.service = "s3.amazonaws.com"}};
  }
  void resource_says(const std::string& json) {
    resource_policy = read(json, policy::Kind::resource);
  }

  /// "allowed", or the reason why not.
  std::string outcome() {
    const Decision decision = ask();
    return decision.allowed ? "allowed" : reason_of(decision, action);
  }
  std::string refusal() {
    const policy::Keys keys = find_values();
    const Question question = ask_with(keys);
    return refusal_of(question, decide(question));
  }
  Decision ask() {
    const policy::Keys keys = find_values();
    return decide(ask_with(keys));
  }
  /// Points into this fixture.
  Question ask_with(const policy::Keys& keys) {
    principal.policies = policies;
    principal.session_policies = session;
    principal.boundary = boundary ? &*boundary : nullptr;
    target.arn = resource;
    target.policy = resource_policy ? &*resource_policy : nullptr;
    return {.principal = principal, .action = action, .target = target, .keys = keys};
  }
  policy::Keys find_values() {
    return [this](std::string_view key) -> std::optional<std::vector<std::string>> {
      const auto found = values.find(key);
      if (found == values.end()) return std::nullopt;
      return found->second;
    };
  }
};

}  // namespace matinee::identity
