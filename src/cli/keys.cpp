#include "cli/keys.h"

#include <fmt/format.h>

#include <filesystem>

namespace matinee::cli {

namespace {

constexpr std::string_view white_space = " \t\r\n";

bool add_key(std::string_view word, Keys& keys) {
  const std::size_t colon = word.find(':');
  if (colon == 0 || colon == std::string_view::npos || colon + 1 == word.size()) return false;
  keys[std::string(word.substr(0, colon))] = word.substr(colon + 1);
  return true;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.emplace_back(line);
  }
  return lines;
}

std::unexpected<std::string> no_keys_in(std::string_view place) {
  return std::unexpected(fmt::format(
      "{} must have an ACCESS_KEY:SECRET on each line, and has something else.", place));
}

/// Those whose secrets are not on the command line get a line of the input each.
std::expected<Keys, std::string> read_given(const std::vector<std::string>& given,
                                            Surroundings& surroundings) {
  Keys keys;
  std::vector<std::string> without_secret;
  for (const std::string& key : given) {
    if (add_key(key, keys)) continue;
    if (key.contains(':')) return std::unexpected("--key takes ACCESS_KEY or ACCESS_KEY:SECRET.");
    without_secret.push_back(key);
  }
  if (without_secret.empty()) return keys;
  const std::vector<std::string> secrets = lines_of(surroundings.terminal.input());
  for (std::size_t i = 0; i < without_secret.size(); ++i) {
    if (i >= secrets.size() || secrets[i].empty())
      return std::unexpected(fmt::format("The secret of --key {} must be line {} of the input.",
                                         without_secret[i], i + 1));
    keys[without_secret[i]] = secrets[i];
  }
  return keys;
}

}  // namespace

bool add_keys(std::string_view text, Keys& keys) {
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(white_space), text.size()));
    if (text.empty()) return true;
    const char end = text.starts_with('#') ? '\n' : ' ';
    const std::size_t size = end == '\n' ? text.find('\n') : text.find_first_of(white_space);
    const std::string_view word = text.substr(0, size);
    text.remove_prefix(word.size());
    if (!word.starts_with('#') && !add_key(word, keys)) return false;
  }
}

std::expected<Keys, std::string> read_keys(const KeySources& sources, Surroundings& surroundings) {
  auto keys = read_given(sources.given, surroundings);
  if (!keys) return keys;
  const runtime::Environment& environment = surroundings.runtime.environment;
  if (const auto text = environment.find(keys_variable); text && !add_keys(*text, *keys))
    return no_keys_in(fmt::format("${}", keys_variable));
  if (sources.file == "-") {
    if (!add_keys(surroundings.terminal.input(), *keys)) return no_keys_in("The input");
  } else if (!sources.file.empty()) {
    const auto path = std::filesystem::path(environment.current_directory()) / sources.file;
    const auto text = surroundings.runtime.disk.read(path);
    if (!text) return std::unexpected(fmt::format("--key-file: {}.", text.error().message));
    if (!add_keys(*text, *keys)) return no_keys_in(sources.file);
  }
  return keys;
}

std::string to_text(const Keys& keys) {
  std::string text;
  for (const auto& [key, secret] : keys) text += fmt::format("{}:{}\n", key, secret);
  return text;
}

}  // namespace matinee::cli
