// What the values of options may be, and one sentence where they are something else.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace matinee::cli {

/// An option that takes one of a few words. The words also stand in the help ("text|json") and are
/// what shell completion offers.
void take_one_of(CLI::Option& option, const std::vector<std::string>& words);

/// An option that takes a whole number of at least `least` and at most `most`.
void take_number(CLI::Option& option, std::uint64_t least, std::uint64_t most);
/// As above, without an end.
void take_number(CLI::Option& option, std::uint64_t least);

/// An option that takes a share of all: a decimal number above 0 and at most 1.
void take_share(CLI::Option& option);

/// An option that takes a seed: a number that JSON clients can send too.
void take_seed(CLI::Option& option);

/// An option that takes one of AWS's regions.
void take_region(CLI::Option& option);

/// An option that takes an IP address of this machine, or "localhost".
void take_address(CLI::Option& option);

/// No option of the command, nor of those below it, takes an empty value: that is what a script
/// gives whose variable is not set, and it must not mean the default.
void refuse_empty_values(CLI::App& app);

/// The words that an option takes, from its type name: those of "embedded|aws|URL" in lower case.
std::vector<std::string> words_of(const CLI::Option& option);

/// "bash, zsh or fish"
std::string alternatives(const std::vector<std::string>& words);

}  // namespace matinee::cli
