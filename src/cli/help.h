// What a person reads about the command line: its help pages, and one sentence where it is wrong.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

namespace matinee::cli {

/// Help pages of at most 80 columns, with the descriptions in a column of their own.
std::shared_ptr<CLI::FormatterBase> help_formatter();

/// The names of the commands right below `app`, in their order.
std::vector<std::string> command_names(const CLI::App& app);

/// The last of the commands that a command line names; the program itself where it names none.
const CLI::App& last_command(const CLI::App& program);

/// What is wrong with the command line, as a sentence that also names the help to read.
std::string explain_fault(const CLI::App& program, const CLI::ParseError& error);

}  // namespace matinee::cli
