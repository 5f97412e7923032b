// For tests of policies: a caller, keys and a document in few words.
#pragma once

#include <gtest/gtest.h>

#include <map>

#include "policy/evaluate.h"

namespace matinee::policy {

class PolicyTest : public testing::Test {
 protected:
  Caller caller{.account = "111122223333", .arn = "arn:aws:iam::111122223333:root"};
  std::string action = "s3:GetObject";
  std::string resource = "arn:aws:s3:::films/new/a.txt";
  std::map<std::string, std::vector<std::string>, std::less<>> values;
  Document document;

  static Document read(const std::string& json) {
    auto parsed = parse(json);
    if (!parsed) throw std::runtime_error(parsed.error().message);
    return std::move(*parsed);
  }
  /// Why a text is refused; empty where it is not.
  static std::string fault_of(const std::string& json) {
    const auto parsed = parse(json);
    return parsed ? "" : parsed.error().message;
  }
  /// A document of one statement, which lacks nothing but what `members` says.
  static std::string statement(const std::string& members) {
    return R"({"Version":"2012-10-17","Statement":{"Sid":"one",)" + members + "}}";
  }
  static std::string allow(const std::string& members) {
    return statement(R"("Effect":"Allow",)" + members);
  }
  /// Everything for everyone under this condition.
  static std::string on_condition(const std::string& condition) {
    return allow(R"("Principal":"*","Action":"*","Resource":"*","Condition":)" + condition);
  }

  /// "allow one", "deny one" or "none": what the document says, and which statement.
  std::string verdict(const std::string& json) {
    document = read(json);
    const Keys keys = find_values();
    const Verdict found = evaluate(document, request(keys));
    if (found.effect == Effect::none) return "none";
    return (found.effect == Effect::allow ? "allow " : "deny ") + found.statement->sid;
  }
  bool allows(const std::string& json) { return verdict(json) == "allow one"; }
  bool holds(const std::string& condition) { return allows(on_condition(condition)); }

  Keys find_values() {
    return [this](std::string_view key) -> std::optional<std::vector<std::string>> {
      const auto found = values.find(key);
      if (found == values.end()) return std::nullopt;
      return found->second;
    };
  }
  Request request(const Keys& keys) {
    return {.caller = caller, .action = action, .resource = resource, .keys = keys};
  }
};

}  // namespace matinee::policy
