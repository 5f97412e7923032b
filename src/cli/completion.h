// Shell completion for bash, zsh and fish, made from the commands and options that the program
// really has.
#pragma once

#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace matinee::cli {

/// The script to be sourced by `shell`, which is "bash", "zsh" or "fish".
std::string completion_script(const CLI::App& program, std::string_view shell);

}  // namespace matinee::cli
