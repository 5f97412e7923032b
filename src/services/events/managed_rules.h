// Rules that EventBridge itself makes: who uses the API may not change them.
#pragma once

#include <optional>
#include <string>

#include "services/events/records.h"

namespace matinee::events {

/// Throw ManagedRuleException, in AWS's words for what was tried.
void require_unmanaged(const std::string& name, const RuleRecord& rule);
void require_unmanaged_or_force(const std::string& name, const RuleRecord& rule,
                                std::optional<bool> force);
void require_unmanaged_for_tags(const std::string& name, const RuleRecord& rule);

/// The archive that a rule of this name feeds; empty where it feeds none.
std::string archive_of(const std::string& rule, const RuleRecord& record);

}  // namespace matinee::events
