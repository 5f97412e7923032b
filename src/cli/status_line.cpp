#include "cli/status_line.h"

#include <algorithm>

namespace matinee::cli {

namespace {

constexpr runtime::Duration redraw_every = std::chrono::milliseconds(80);
/// A screen shows "^C" after the line; were there no room, it would be redrawn on the next one.
constexpr int room_for_interruption = 3;
constexpr runtime::Duration report_every = std::chrono::seconds(5);  // where there is no screen

constexpr int longest_bar = 30;
constexpr int shortest_bar = 8;

std::string bar(double share, int width, BarStyle style) {
  const int filled = static_cast<int>(share * width);
  const bool blocks = style == BarStyle::blocks;
  std::string text;
  for (int i = 0; i < width; ++i) text += i < filled ? (blocks ? "█" : "#") : (blocks ? "░" : "-");
  return text;
}

}  // namespace

std::string bar_line(const std::string& head, double share, const std::string& tail,
                     const Screen& screen) {
  const int usable = std::max(0, screen.columns - room_for_interruption);
  const int room = usable - static_cast<int>(head.size() + tail.size());
  if (room >= shortest_bar && screen.bar != BarStyle::none)
    return head + bar(share, std::min(room, longest_bar), screen.bar) + tail;
  return (head + tail).substr(0, static_cast<std::size_t>(usable));
}

void StatusLine::clear() {
  if (drawn_) terminal_.error("\r\x1b[K");
  drawn_ = false;
}

Screen StatusLine::screen() const {
  if (!terminal_.is_interactive()) return {.columns = 100, .bar = BarStyle::none};
  return {.columns = terminal_.columns(),
          .bar = terminal_.shows_unicode() ? BarStyle::blocks : BarStyle::ascii};
}

bool StatusLine::is_due(int phase) const {
  if (quiet_) return false;
  const runtime::Time now = clock_.now();
  if (!terminal_.is_interactive()) return now - std::max(shown_at_, started_) >= report_every;
  return phase != shown_phase_ || now - shown_at_ >= redraw_every;
}

void StatusLine::show(int phase, const std::string& line) {
  const bool screen = terminal_.is_interactive();
  terminal_.error(screen ? "\r" + line + "\x1b[K" : line + "\n");
  drawn_ = screen;
  shown_at_ = clock_.now();
  shown_phase_ = phase;
}

void StatusLine::note(const std::string& sentence) {
  clear();
  terminal_.error(sentence + "\n");
}

void StatusLine::warn(const std::string& sentence) {
  clear();
  terminal_.error("warning: " + sentence + "\n");
}

}  // namespace matinee::cli
