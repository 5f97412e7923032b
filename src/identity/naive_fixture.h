// A second opinion on policies: as plain as AWS's documentation puts it, as slow as it likes, and
// sharing nothing with policy/ and identity/ but the text of documents, which it writes itself.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace matinee::naive {

using Texts = std::vector<std::string>;
using Values = std::map<std::string, Texts>;  // keys in lower case

struct Condition {
  std::string operation;
  std::string key;
  Texts values;
};

struct Statement {
  bool allows = true;
  bool not_action = false;
  Texts actions;
  bool not_resource = false;
  Texts resources;
  bool not_principal = false;
  std::vector<std::pair<std::string, std::string>> principals;  // {"AWS", "*"}; none: no element
  std::vector<Condition> conditions;
};

struct Document {
  bool new_version = true;
  std::vector<Statement> statements;
};

enum class Kind { anonymous, root, user, session, federated, service };

struct Caller {
  Kind kind = Kind::user;
  std::string account;
  std::string arn;
  std::string behind;  // the role of a session, the user of a federated one
  std::string service;
};

struct Case {
  Caller caller;
  std::vector<Document> identity;
  std::vector<Document> session;
  std::optional<Document> boundary;
  std::optional<Document> resource_policy;
  std::string owner;
  bool policy_rules = false;
  std::string action;
  std::string resource;
  Values values;
};

struct Answer {
  bool allowed = false;
  bool denied = false;  // by a statement
};

std::string to_json(const Document& document);
/// All of it, for somebody who looks for the reason of a difference.
std::string describe(const Case& question);
Answer answer(const Case& question);

}  // namespace matinee::naive
