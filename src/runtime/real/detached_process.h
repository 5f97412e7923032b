// Starting a server in the background, as `matinee up --detach` does.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "runtime/processes.h"

namespace matinee::runtime {

/// The path of the running program.
std::string own_executable();

/// Starts a program in a session of its own, with `arguments` (the first is its path) and the
/// environment of this one, and waits for its first line of output: the sign that it is ready. Its
/// errors are appended to the file `log`. If it ends before, the error says so in one sentence.
std::expected<DetachedProcess, std::string> start_detached(
    const std::vector<std::string>& arguments, const std::string& log);

}  // namespace matinee::runtime
