// The staging labels of a secret's versions, and how they move. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "services/secretsmanager/records.h"

namespace matinee::secretsmanager {

inline constexpr std::string_view current_stage = "AWSCURRENT";
inline constexpr std::string_view previous_stage = "AWSPREVIOUS";
inline constexpr std::string_view pending_stage = "AWSPENDING";

/// Null where there is none.
VersionRecord* find_version(SecretRecord& secret, std::string_view id);
const VersionRecord* find_version(const SecretRecord& secret, std::string_view id);
const VersionRecord* find_stage(const SecretRecord& secret, std::string_view stage);

/// Takes the label away from whoever has it.
void remove_stage(SecretRecord& secret, std::string_view stage);

/// Gives the label to a version that the secret has. Where AWSCURRENT goes from one version to
/// another, AWSPREVIOUS goes to the first of them.
void move_stage(SecretRecord& secret, const std::string& stage, std::string_view version);

}  // namespace matinee::secretsmanager
