// The command `matinee snapshot`: a cloud as it is, under a name.
#pragma once

#include "cli/commands.h"

namespace matinee::cli {

void add_snapshot(CLI::App& parent, Surroundings& surroundings, Command& command);

}  // namespace matinee::cli
