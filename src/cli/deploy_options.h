// What commands that deploy and remove stacks have in common.
#pragma once

#include <expected>
#include <map>
#include <string>
#include <vector>

#include "cli/connection.h"
#include "jobs/deploy/stack_reader.h"

namespace matinee::cli {

/// Pairs such as "Name=value"; the value may have anything in it. The error is a sentence that
/// names the option.
std::expected<std::map<std::string, std::string>, std::string> read_pairs(
    const std::vector<std::string>& given, const std::string& option);

/// Whether a cloud is this machine's, where nothing costs anything: not AWS.
bool is_local(const CloudChoice& choice);

/// How often to ask a cloud what goes on there.
jobs::deploy::Pace pace_for(const CloudChoice& choice);

/// An absolute path, from the current directory.
std::string absolute_path(const Surroundings& surroundings, const std::string& path);

/// What to do about a refusal, in a sentence after it; empty where nobody can tell.
std::string remedy_for(std::string_view failure);

}  // namespace matinee::cli
