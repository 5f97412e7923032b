#include "runtime/real/real_terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>

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

}  // namespace

void RealTerminal::out(std::string_view text) {
  if (!write_all(STDOUT_FILENO, text)) has_lost_output_ = true;
}

void RealTerminal::error(std::string_view text) {
  write_all(STDERR_FILENO, text);
}

bool RealTerminal::is_interactive() const {
  return ::isatty(STDERR_FILENO) == 1;
}

int RealTerminal::columns() const {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

}  // namespace matinee::runtime
