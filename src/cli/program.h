// The command line: which commands and options there are. What they do is in files of their own.
#pragma once

#include <string>
#include <vector>

#include "cli/surroundings.h"

namespace matinee::cli {

/// Runs one command; `arguments` are those after the program's name. Returns the exit code.
int run(Surroundings& surroundings, const std::vector<std::string>& arguments);

}  // namespace matinee::cli
