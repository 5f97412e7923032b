// Where a command's output goes: results to standard output, everything else to standard error.
#pragma once

#include <string>
#include <string_view>

namespace matinee::runtime {

class Terminal {
 public:
  virtual ~Terminal() = default;

  /// Results, for people and programs. Written at once.
  virtual void out(std::string_view text) = 0;
  /// Progress, explanations and errors.
  virtual void error(std::string_view text) = 0;
  /// Whether results could not be written, to a full disk for example. A reader that has gone
  /// (`matinee ... | head`) has read what it wanted: nothing is lost.
  virtual bool has_lost_output() const = 0;
  /// All of standard input, to its end.
  virtual std::string input() = 0;
  /// Whether standard error is a screen that can redraw a line.
  virtual bool is_interactive() const = 0;
  /// Whether standard output is a screen that shows colours, and $NO_COLOR does not forbid them.
  virtual bool shows_colours() const { return false; }
  /// Whether it shows more characters than those of ASCII.
  virtual bool shows_unicode() const = 0;
  /// Of the screen; 80 where there is none.
  virtual int columns() const = 0;
};

}  // namespace matinee::runtime
