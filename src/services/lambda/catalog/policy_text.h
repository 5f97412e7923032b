// Policies of functions and of layers, as AWS writes them.
#pragma once

#include <optional>
#include <string>

#include "services/lambda/catalog/records.h"

namespace matinee::lambda {

/// The whole document.
std::string text_of(const PolicyRecord& policy);
/// `"Principal"`'s value: a service by its name, everybody by a star, else an account or a
/// principal of one.
std::string principal_of(const std::string& principal);
bool has_statement(const PolicyRecord& policy, std::string_view id);
/// False where there is no such statement.
bool remove_statement(PolicyRecord& policy, std::string_view id);

}  // namespace matinee::lambda
