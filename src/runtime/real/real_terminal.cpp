#include "runtime/real/real_terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string>

namespace matinee::runtime {
namespace {

/// Writes all of it; false if that fails for another reason than that the reader has gone.
bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return errno == EPIPE;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

std::string_view find_variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// What decides about characters, as the C library reads it: the first that is set and not empty.
std::string_view locale_name() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"})
    if (const std::string_view value = find_variable(name); !value.empty()) return value;
  return "C";
}

}  // namespace

void RealTerminal::out(std::string_view text) {
  if (!write_all(STDOUT_FILENO, text)) has_lost_output_ = true;
}

void RealTerminal::error(std::string_view text) {
  write_all(STDERR_FILENO, text);
}

std::string RealTerminal::input() {
  std::string text;
  std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

bool RealTerminal::is_interactive() const {
  const std::string_view kind = find_variable("TERM");
  return ::isatty(STDERR_FILENO) == 1 && !kind.empty() && kind != "dumb";
}

bool RealTerminal::shows_colours() const {
  const std::string_view kind = find_variable("TERM");
  return ::isatty(STDOUT_FILENO) == 1 && !kind.empty() && kind != "dumb" &&
         find_variable("NO_COLOR").empty();
}

bool RealTerminal::shows_unicode() const {
  std::string name(locale_name());
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return name.contains("utf-8") || name.contains("utf8");
}

int RealTerminal::columns() const {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

}  // namespace matinee::runtime
