// JSON documents that clients hand over: policies of several kinds.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/logs/catalog/records.h"

namespace matinee::logs {

/// Whether the text is a JSON object.
bool is_json_object(std::string_view text);

/// As DescribeResourcePolicies tells a policy: with a version, the members of statements in their
/// order, and lists of one element as that element.
std::string normalize_policy(std::string_view document);

/// What an index policy names, or nothing where it is none: "Fields" and "FieldsV2". Each with
/// whether it is a facet.
struct IndexedField {
  std::string name;
  bool is_facet = false;
};
std::optional<std::vector<IndexedField>> read_index_policy(std::string_view document);
/// The names of what a group's policy indexes.
std::vector<std::string> indexed_fields(const GroupRecord& group);

/// A JSON list of texts, of which there is at least one; nothing where it is none.
std::optional<std::vector<std::string>> read_texts(std::string_view json);

/// Why a data protection policy is none; empty where it is one.
std::string find_data_protection_fault(std::string_view document);

/// Of an account policy.
struct RetentionPolicy {
  std::optional<std::int32_t> days;  // none for NEVER_EXPIRE
  bool only_new = false;
};
std::optional<RetentionPolicy> read_retention_policy(std::string_view document);

}  // namespace matinee::logs
