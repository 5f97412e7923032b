// One line about a running job that redraws itself, or, where there is no screen, a line now and
// then; and the sentences in between.
#pragma once

#include <string>

#include "runtime/clock.h"
#include "runtime/terminal.h"

namespace matinee::cli {

/// How a bar is drawn: not at all in a log, of blocks or, where there are none, of "#" and "-".
enum class BarStyle : std::uint8_t { none, ascii, blocks };

/// What a line is drawn for.
struct Screen {
  int columns = 80;
  BarStyle bar = BarStyle::blocks;
};

/// `head`, a bar for `share` (0 to 1), and `tail`; without the bar where there is no room for it.
/// At most so many columns, less those of a "^C".
std::string bar_line(const std::string& head, double share, const std::string& tail,
                     const Screen& screen);

class StatusLine {
 public:
  /// `quiet` shows sentences only.
  StatusLine(runtime::Terminal& terminal, const runtime::Clock& clock, bool quiet)
      : terminal_(terminal), clock_(clock), quiet_(quiet), started_(clock.now()) {}
  /// Ends the line.
  ~StatusLine() { clear(); }
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;

  /// Whether it is time for another line: on a screen at once where `phase` is another than that of
  /// the line before.
  bool is_due(int phase) const;
  void show(int phase, const std::string& line);
  void note(const std::string& sentence);
  void warn(const std::string& sentence);

  runtime::Duration elapsed() const { return clock_.now() - started_; }
  Screen screen() const;

 private:
  runtime::Terminal& terminal_;
  const runtime::Clock& clock_;
  bool quiet_;
  bool drawn_ = false;
  runtime::Time started_;
  runtime::Time shown_at_{};
  int shown_phase_ = -1;

  void clear();
};

}  // namespace matinee::cli
