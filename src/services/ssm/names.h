// The names of parameters: which ones may be given, and how requests name a version of one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "services/context.h"

namespace matinee::ssm {

/// Whose parameter it is.
struct Place {
  std::string account;
  std::string region;
};

/// "name", "name:3", "name:label" or the ARN of one of them, taken apart.
struct Reference {
  Place place;
  std::string name;      // as it was asked for; of an ARN without what names the resource's kind
  std::string selector;  // with its colon; empty without
  bool by_arn = false;
};

/// Spaces at both ends do not count.
std::string trim(std::string_view text);

std::string parameter_arn(const Place& place, std::string_view name);

/// What a new parameter may be called. Throws ValidationException, AccessDeniedException for names
/// that AWS keeps for itself, and HierarchyLevelLimitExceededException.
void require_new_name(const Place& place, const std::string& name);

/// Of a request that reads. Throws ValidationException.
Reference parse_reference(const services::Context& context, std::string_view text);

/// Of GetParametersByPath and of filters by path, without the slash at its end ("" for "/").
/// Throws ValidationException.
std::string parse_path(std::string_view path);

/// Whether a name is one of those that AWS publishes: "/aws/service/...".
bool is_public(std::string_view name);

}  // namespace matinee::ssm
