// The options of commands that serve a cloud.
#pragma once

#include <string>

#include "cli/serve.h"

namespace CLI {
class App;
}

namespace matinee::cli {

void add_up_options(CLI::App& up, UpOptions& options);

/// What options say to each other, as a sentence; empty where they agree.
std::string find_conflict(const UpOptions& options);

}  // namespace matinee::cli
