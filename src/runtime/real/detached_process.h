// Starting a server in the background, as `matinee up --detach` does.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "runtime/processes.h"

namespace matinee::runtime {

/// The path of the running program.
std::string own_executable();

/// See Processes::start_detached.
std::expected<DetachedProcess, std::string> start_detached(const DetachedProgram& program);

}  // namespace matinee::runtime
