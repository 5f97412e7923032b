// `matinee faults`, as commands.h has the others.
#pragma once

#include "cli/commands.h"

namespace matinee::cli {

void add_faults(CLI::App& parent, Surroundings& surroundings, Command& command);

}  // namespace matinee::cli
