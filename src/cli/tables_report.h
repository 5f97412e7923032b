// What a running import or export of a table shows on standard error.
#pragma once

#include "cli/status_line.h"
#include "jobs/tables/summary.h"

namespace matinee::cli {

/// One line without its end. `doing` is "Importing" or "Exporting".
std::string table_line(std::string_view doing, const jobs::tables::Progress& progress,
                       runtime::Duration elapsed, const Screen& screen);

class TableBar final : public jobs::tables::Listener {
 public:
  /// `doing` must outlive it. `quiet` shows sentences only.
  TableBar(runtime::Terminal& terminal, const runtime::Clock& clock, std::string_view doing,
           bool quiet)
      : line_(terminal, clock, quiet), doing_(doing) {}

  void progress(const jobs::tables::Progress& progress) override;
  void note(const std::string& sentence) override { line_.note(sentence); }
  void warn(const std::string& sentence) override { line_.warn(sentence); }

 private:
  StatusLine line_;
  std::string_view doing_;
};

}  // namespace matinee::cli
