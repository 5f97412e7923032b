// What policies call S3's operations, and what each operation is about.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "protocol/operation.h"

namespace matinee::s3 {

/// What an operation needs, and where its request says on what.
struct ActionRule {
  std::string action;          // "s3:GetObject"
  std::string version_action;  // "s3:GetObjectVersion" where the request names a version, or empty
  const protocol::Field* bucket = nullptr;       // null: the operation is about the account
  const protocol::Field* key = nullptr;          // null: about the bucket
  const protocol::Field* version = nullptr;      // versionId, where there is such a parameter
  const protocol::Field* copy_source = nullptr;  // what is read besides
  std::vector<const protocol::Field*> lists;     // x-amz-acl and -grant of an object that is made
  const protocol::Field* tagging = nullptr;      // x-amz-tagging, likewise
  bool reads_object = false;  // whether a missing object is told of only to who may list
};

/// Of every operation of the model.
std::unordered_map<const protocol::Operation*, ActionRule> make_action_rules();

/// An action that bucket policies may name.
struct Action {
  std::string_view name;
  bool of_object = false;  // its resource is an object, not the bucket
};
std::span<const Action> policy_actions();

}  // namespace matinee::s3
