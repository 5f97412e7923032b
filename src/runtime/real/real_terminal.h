// The terminal that the program was started from.
#pragma once

#include "runtime/terminal.h"

namespace matinee::runtime {

class RealTerminal final : public Terminal {
 public:
  void out(std::string_view text) override;
  void error(std::string_view text) override;
  bool has_lost_output() const override { return has_lost_output_; }
  std::string input() override;
  bool is_interactive() const override;
  bool shows_colours() const override;
  bool shows_unicode() const override;
  int columns() const override;

 private:
  bool has_lost_output_ = false;
};

}  // namespace matinee::runtime
