// The policy that allows what was called and little more.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "identity/activity.h"

namespace matinee::identity {

/// A policy document for these uses, as people write it: a statement for all actions of a service
/// on the same resources; where several objects, parameters or the like of one place were used, the
/// place with a star. Without any use, a document that allows nothing.
std::string suggest_policy(std::span<const ActionUse> uses);

/// The resource as uses tell it: log streams as their group, a secret without its six letters.
std::string noted_resource(std::string_view arn);
/// The next wider pattern, that a person would write: "bucket/a/*" for "bucket/a/b", "bucket/*" for
/// "bucket/a/*". Empty where there is none.
std::string wider_pattern(std::string_view resource);

}  // namespace matinee::identity
