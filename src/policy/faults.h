// What can be wrong with a policy, and how AWS says so: S3 (and what reads policies as it does) in
// one way, IAM in another.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "policy/document.h"

namespace matinee::policy {

enum class Flaw : std::uint8_t {
  not_json,
  unknown_field,  // detail: its name
  wrong_syntax,   // detail: the field that is of another type, or given twice
  wrong_version,
  wrong_effect,  // detail: the effect
  wrong_operator,
  wrong_principal,  // detail: "AWS":"bob"
  empty_principal,
  empty_action,
  empty_resource,
  principal_given,
  resource_given,  // detail: the field's name
  no_statement,
  no_effect,
  no_principal,
  no_action,
  no_resource
};

std::string words_of_resources(Kind kind, Flaw flaw, std::string_view detail);
std::string words_of_iam(Kind kind, Flaw flaw, std::string_view detail);

/// What IAM refuses of a document whose syntax is right: actions without a service, resources that
/// are no ARNs, names of statements that are used twice.
std::optional<Fault> find_iam_fault(const Document& document, Kind kind);

}  // namespace matinee::policy
