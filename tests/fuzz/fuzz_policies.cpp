// Policies that strangers put on queues, buckets, users and roles: read, evaluated, judged, and
// looked at as the simulator does.
#include <cstdint>
#include <string_view>

#include "identity/decide.h"
#include "policy/places.h"
#include "policy/publicity.h"

namespace {

using matinee::identity::AttachedPolicy;
using matinee::policy::Document;
using matinee::policy::Kind;

/// Some keys are there, some are not, and some have several values.
std::optional<std::vector<std::string>> find_value(std::string_view key) {
  if (key.size() % 3 == 0) return std::nullopt;
  if (key.size() % 3 == 1) return std::vector<std::string>{std::string(key)};
  return std::vector<std::string>{std::string(key), "2024-02-29T12:00:00Z", "10.0.0.1"};
}

void evaluate(const Document& document, const matinee::policy::Keys& keys) {
  namespace policy = matinee::policy;
  const policy::Request request{
      .caller = {.account = "111122223333", .arn = "arn:aws:iam::111122223333:root"},
      .action = "s3:GetObject",
      .resource = "arn:aws:s3:::films/new",
      .keys = keys};
  const policy::Verdict verdict = policy::evaluate(document, request);
  if ((verdict.effect == policy::Effect::none) != (verdict.statement == nullptr)) __builtin_trap();
  policy::is_public(document);
}

/// As every part of a decision at once.
void decide(const std::shared_ptr<const Document>& document, const matinee::policy::Keys& keys) {
  namespace identity = matinee::identity;
  AttachedPolicy policy;
  policy.document = document;
  const identity::Principal principal{
      .kind = identity::PrincipalKind::role_session,
      .caller = {.account = "111122223333",
                 .arn = "arn:aws:sts::111122223333:assumed-role/clerk/monday",
                 .role = "arn:aws:iam::111122223333:role/clerk"},
      .policies = {&policy, 1},
      .boundary = &policy,
      .session_policies = {&policy, 1}};
  const identity::Target target{.account = "111122223333",
                                .arn = "arn:aws:sqs:us-east-1:111122223333:tickets",
                                .policy = document.get()};
  const identity::Question question{
      .principal = principal, .action = "sqs:SendMessage", .target = target, .keys = keys};
  const identity::Decision decision = identity::decide(question);
  if (decision.allowed && decision.explicit_deny) __builtin_trap();
  if (decision.allowed && identity::find_matches(question).empty()) __builtin_trap();
  if (identity::refusal_of(question, decision).empty()) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace policy = matinee::policy;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const policy::Keys keys = find_value;
  for (const Kind kind : {Kind::resource, Kind::identity, Kind::managed, Kind::trust}) {
    auto read = policy::parse(text, kind);
    if (!read) {
      if (read.error().message.empty()) __builtin_trap();
      continue;
    }
    const auto document = std::make_shared<const Document>(std::move(*read));
    evaluate(*document, keys);
    decide(document, keys);
    policy::context_keys(*document);
    for (const policy::StatementPlace& place : policy::find_places(text))
      if (place.begin.offset >= place.end.offset || text[place.end.offset] != '}') __builtin_trap();
  }
  return 0;
}
