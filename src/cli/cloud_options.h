// The options with which every pipeline is told where its cloud is.
#pragma once

#include <string>

#include "cli/connection.h"

namespace CLI {
class App;
}

namespace matinee::cli {

void add_cloud_options(CLI::App& app, CloudChoice& cloud);

/// What is wrong with the choice, as a sentence; empty where nothing is.
std::string find_cloud_fault(const CloudChoice& choice);

}  // namespace matinee::cli
