// What a person reads about the command line: its help pages, and one sentence where it is wrong.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

namespace matinee::cli {

/// Help pages of at most 80 columns, with the descriptions in a column of their own.
std::shared_ptr<CLI::FormatterBase> help_formatter();

/// An option that takes one of a few words. The words also stand in the help ("text|json") and are
/// what shell completion offers.
void take_one_of(CLI::Option& option, const std::vector<std::string>& words);

/// An option that takes a whole number of at least `least` and at most `most`.
void take_number(CLI::Option& option, std::uint64_t least, std::uint64_t most);

/// The words that an option takes, from its type name: those of "embedded|aws|URL" in lower case.
std::vector<std::string> words_of(const CLI::Option& option);

/// What is wrong with the command line, as a sentence that also names the help to read.
std::string explain_fault(const CLI::App& program, const CLI::ParseError& error);

}  // namespace matinee::cli
