// Decisions compared with a second opinion, over random policies and requests. The same seeds give
// the same cases everywhere.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "identity/decide.h"
#include "identity/naive_fixture.h"

namespace matinee::identity {

namespace {

using naive::Case;
using naive::Texts;

#ifndef MATINEE_ORACLE_CASES
#define MATINEE_ORACLE_CASES 8'000
#endif

/// Small vocabularies, so that policies and requests meet often.
const Texts actions = {"s3:GetObject", "s3:PutObject", "sqs:SendMessage", "kms:Decrypt"};
const Texts action_patterns = {"*",           "s3:*",       "S3:get*", "sqs:Send?essage",
                               "kms:Decrypt", "s3:?utObj*", "*:*e*",   "sqs:sendmessage"};
const Texts resources = {"arn:aws:s3:::films/bob/a.txt",
                         "arn:aws:s3:::films/a:b",
                         "arn:aws:sqs:us-east-1:111122223333:tickets",
                         "arn:aws:sqs:eu-west-1:444455556666:bob",
                         "arn:aws:kms:us-east-1:111122223333:key/k*y",
                         "arn:aws:kms:us-east-1:111122223333:key/kzy",
                         "*"};
const Texts resource_patterns = {"*",
                                 "arn:aws:s3:::films/*",
                                 "arn:aws:s3:::films/${aws:username}/*",
                                 "arn:aws:s3:::films/${aws:username, 'bob'}/?.txt",
                                 "arn:aws:sqs:*:*:*",
                                 "arn:aws:sqs",
                                 "arn:aws:s3:::f*",
                                 "arn:aws:sqs:*:bob",
                                 "arn:aws:sqs:${aws:RequestedRegion}:*:${aws:username}",
                                 "arn:aws:kms:*:111122223333:key/k${*}y",
                                 "arn:aws:kms:*:*:key/k?y",
                                 "arn:aws:sqs:us-east-1:111122223333:ticket?",
                                 "arn:*:*:*:*:*b"};
const Texts keys = {"aws:username",          "aws:RequestedRegion", "aws:TagKeys",
                    "aws:PrincipalTag/team", "s3:max-keys",         "aws:PrincipalArn",
                    "aws:SecureTransport"};
const Texts values = {"bob",
                      "BOB",
                      "b*",
                      "us-east-1",
                      "red",
                      "10",
                      "9.5",
                      "true",
                      "false",
                      "eu-*",
                      "*",
                      "arn:aws:iam::111122223333:user/bob",
                      "arn:aws:iam::*:user/*",
                      "${aws:username}",
                      "${aws:PrincipalTag/team, 'red'}",
                      "x${?}"};
const Texts found_values = {"bob", "Bob", "us-east-1", "eu-west-1",
                            "red", "10",  "9",         "true",
                            "",    "x?",  "b*",        "arn:aws:iam::111122223333:user/bob"};
const Texts comparisons = {"StringEquals",
                           "StringNotEquals",
                           "StringEqualsIgnoreCase",
                           "StringNotEqualsIgnoreCase",
                           "StringLike",
                           "StringNotLike",
                           "NumericEquals",
                           "NumericNotEquals",
                           "NumericLessThan",
                           "NumericLessThanEquals",
                           "NumericGreaterThan",
                           "NumericGreaterThanEquals",
                           "Bool",
                           "ArnLike",
                           "ArnEquals",
                           "ArnNotLike",
                           "ArnNotEquals"};
const Texts principals = {"*",
                          "111122223333",
                          "arn:aws:iam::444455556666:root",
                          "arn:aws:iam::111122223333:user/bob",
                          "arn:aws:iam::111122223333:role/shop/clerk",
                          "arn:aws:iam::111122223333:role/clerk",
                          "arn:aws:sts::111122223333:assumed-role/clerk/monday",
                          "arn:aws:sts::111122223333:federated-user/eve"};

const std::vector<naive::Caller> callers = {
    {.kind = naive::Kind::anonymous},
    {.kind = naive::Kind::root, .account = "111122223333", .arn = "arn:aws:iam::111122223333:root"},
    {.kind = naive::Kind::user,
     .account = "111122223333",
     .arn = "arn:aws:iam::111122223333:user/bob"},
    {.kind = naive::Kind::session,
     .account = "111122223333",
     .arn = "arn:aws:sts::111122223333:assumed-role/clerk/monday",
     .behind = "arn:aws:iam::111122223333:role/shop/clerk"},
    {.kind = naive::Kind::federated,
     .account = "111122223333",
     .arn = "arn:aws:sts::111122223333:federated-user/eve",
     .behind = "arn:aws:iam::111122223333:user/bob"},
    {.kind = naive::Kind::service, .service = "s3.amazonaws.com"}};

/// Cases by their number.
class Generator {
 public:
  explicit Generator(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15ULL + 1) {}

  Case make_case() {
    Case made{.caller = pick(callers),
              .owner = chance(4) ? "444455556666" : "111122223333",
              .policy_rules = chance(4),
              .action = pick(actions),
              .resource = pick(resources)};
    for (std::size_t i = below(4); i > 0; --i) made.identity.push_back(document(false));
    if (chance(3)) made.boundary = document(false);
    if (chance(3)) made.session.push_back(document(false));
    if (chance(8)) made.session.push_back(document(false));
    if (!chance(3)) made.resource_policy = document(true);
    for (const std::string& key : keys)
      if (!chance(3)) made.values[lower(key)] = some(found_values, chance(4) ? 3 : 1);
    return made;
  }

 private:
  std::uint64_t state_;

  std::uint64_t next() {
    std::uint64_t mixed = (state_ += 0x9e3779b97f4a7c15ULL);
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
    return mixed ^ (mixed >> 31);
  }
  std::size_t below(std::size_t limit) { return next() % limit; }
  bool chance(std::size_t one_in) { return below(one_in) == 0; }
  template <class Item>
  const Item& pick(const std::vector<Item>& items) {
    return items[below(items.size())];
  }
  static std::string lower(std::string text) {
    for (char& c : text)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return text;
  }
  /// One to `most`.
  Texts some(const Texts& items, std::size_t most) {
    Texts chosen;
    for (std::size_t i = below(most) + 1; i > 0; --i) chosen.push_back(pick(items));
    return chosen;
  }
  naive::Condition condition() {
    if (chance(10))
      return {.operation = "Null", .key = pick(keys), .values = {chance(2) ? "true" : "false"}};
    std::string operation = pick(comparisons);
    if (chance(4)) operation = (chance(2) ? "ForAllValues:" : "ForAnyValue:") + operation;
    if (chance(4)) operation += "IfExists";
    return {.operation = operation, .key = pick(keys), .values = some(values, 3)};
  }
  naive::Document document(bool of_resource) {
    naive::Document made{.new_version = !chance(5)};
    for (std::size_t i = below(3) + 1; i > 0; --i) {
      naive::Statement statement{.allows = !chance(5),
                                 .not_action = chance(8),
                                 .actions = some(action_patterns, 3),
                                 .not_resource = chance(8),
                                 .resources = some(resource_patterns, 3)};
      if (chance(3)) statement.conditions.push_back(condition());
      // A second one must not be of the same key and operator: JSON has each name once.
      if (chance(6)) {
        naive::Condition second = condition();
        if (statement.conditions.empty() || second.operation != statement.conditions[0].operation)
          statement.conditions.push_back(std::move(second));
      }
      if (of_resource) {
        statement.not_principal = chance(8);
        for (const std::string& name : some(principals, 2))
          statement.principals.emplace_back("AWS", name);
        if (chance(4)) statement.principals.emplace_back("Service", "s3.amazonaws.com");
      }
      made.statements.push_back(std::move(statement));
    }
    return made;
  }
};

AttachedPolicy attached(const naive::Document& document) {
  auto read = policy::parse(naive::to_json(document), policy::Kind::identity);
  EXPECT_TRUE(read) << (read ? "" : read.error().message) << naive::to_json(document);
  AttachedPolicy policy;
  if (read) policy.document = std::make_shared<const policy::Document>(std::move(*read));
  return policy;
}

std::vector<AttachedPolicy> attached(const std::vector<naive::Document>& documents) {
  std::vector<AttachedPolicy> policies;
  for (const naive::Document& document : documents) policies.push_back(attached(document));
  return policies;
}

PrincipalKind kind_of(naive::Kind kind) {
  switch (kind) {
    case naive::Kind::anonymous:
      return PrincipalKind::anonymous;
    case naive::Kind::root:
      return PrincipalKind::root;
    case naive::Kind::user:
      return PrincipalKind::user;
    case naive::Kind::session:
      return PrincipalKind::role_session;
    case naive::Kind::federated:
      return PrincipalKind::federated_user;
    case naive::Kind::service:
      break;
  }
  return PrincipalKind::service;
}

Decision decide_case(const Case& question) {
  const auto policies = attached(question.identity);
  const auto session = attached(question.session);
  std::optional<AttachedPolicy> boundary;
  if (question.boundary) boundary = attached(*question.boundary);
  std::optional<policy::Document> resource;
  if (question.resource_policy) {
    auto read = policy::parse(naive::to_json(*question.resource_policy));
    EXPECT_TRUE(read) << naive::to_json(*question.resource_policy);
    if (read) resource = std::move(*read);
  }
  const naive::Caller& caller = question.caller;
  const Principal principal{.kind = kind_of(caller.kind),
                            .caller = {.account = caller.account,
                                       .arn = caller.arn,
                                       .role = caller.behind,
                                       .service = caller.service},
                            .policies = policies,
                            .boundary = boundary ? &*boundary : nullptr,
                            .session_policies = session};
  const Target target{.account = question.owner,
                      .arn = question.resource,
                      .policy = resource ? &*resource : nullptr,
                      .policy_rules = question.policy_rules};
  const policy::Keys lookup = [&](std::string_view key) -> std::optional<Texts> {
    const auto found = question.values.find(std::string(key));
    if (found == question.values.end()) return std::nullopt;
    return found->second;
  };
  Decision decision =
      decide({.principal = principal, .action = question.action, .target = target, .keys = lookup});
  // They point to what ends here.
  decision.policy = nullptr;
  decision.statement = nullptr;
  return decision;
}

}  // namespace

TEST(Oracle, decisions_are_those_of_a_second_opinion) {
  int allowed = 0;
  int denied = 0;
  for (std::uint64_t seed = 1; seed <= MATINEE_ORACLE_CASES; ++seed) {
    const Case question = Generator(seed).make_case();
    const naive::Answer expected = naive::answer(question);
    const Decision found = decide_case(question);
    ASSERT_EQ(found.allowed, expected.allowed) << "seed " << seed << ": " << describe(question);
    ASSERT_EQ(found.explicit_deny, expected.denied)
        << "seed " << seed << ": " << describe(question);
    allowed += found.allowed ? 1 : 0;
    denied += found.explicit_deny ? 1 : 0;
  }
  // A comparison in which everything is refused would compare nothing.
  EXPECT_GT(allowed, MATINEE_ORACLE_CASES / 10);
  EXPECT_GT(denied, MATINEE_ORACLE_CASES / 10);
  EXPECT_LT(allowed + denied, MATINEE_ORACLE_CASES * 9 / 10);
}

}  // namespace matinee::identity
