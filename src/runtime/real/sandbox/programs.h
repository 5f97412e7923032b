// Interpreters on this machine: where they are, and which folders they need.
#pragma once

#include <string>
#include <vector>

namespace matinee::runtime {

struct ProgramPlaces {
  std::string path;            // as of the environment: folders with colons between them
  std::string home_directory;  // empty without one
};

/// The first that is there of these names, newest versions first: not the scripts and stand-ins
/// that version managers put into the path, but the interpreter that they would start. Empty
/// without.
std::string find_interpreter(const std::vector<std::string>& names, const ProgramPlaces& places);

/// The folders that a program which lies at the path needs, besides those of the system: its own
/// tree ("/home/user/.pyenv/versions/3.12.1"), and those of what it is a link to. `kept` are
/// folders that are too much to show: rather a part of them is taken that holds the program.
std::vector<std::string> folders_of_program(const std::string& path,
                                            const std::vector<std::string>& kept);

}  // namespace matinee::runtime
