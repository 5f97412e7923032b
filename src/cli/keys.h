// The keys that clients may sign with, and the ways in which a server is told them: a secret on the
// command line can be read by everybody on the machine.
#pragma once

#include <expected>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cli/surroundings.h"

namespace matinee::cli {

/// Secrets by access key.
using Keys = std::map<std::string, std::string, std::less<>>;

struct KeySources {
  std::vector<std::string> given;  // "ID:SECRET", or "ID", whose secret is a line of the input
  std::string file;                // "ID:SECRET" a line; "-" for the input; empty for none
};

/// Where keys come from besides: $MATINEE_KEYS, as in a file, or with white space between them.
inline constexpr const char* keys_variable = "MATINEE_KEYS";

/// The error is a sentence.
std::expected<Keys, std::string> read_keys(const KeySources& sources, Surroundings& surroundings);

/// "ID:SECRET" a line, as a file has them.
std::string to_text(const Keys& keys);

/// Adds the keys of a text: one a word; what follows a "#" at the beginning of a word, to the end
/// of its line, is a comment. False where a word is no "ID:SECRET".
bool add_keys(std::string_view text, Keys& keys);

}  // namespace matinee::cli
