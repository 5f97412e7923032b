#include "cli/tables_report.h"

#include <fmt/format.h>

#include <cmath>

#include "jobs/report.h"

namespace matinee::cli {

std::string table_line(std::string_view doing, const jobs::tables::Progress& progress,
                       runtime::Duration elapsed, const Screen& screen) {
  const double seconds = std::chrono::duration<double>(elapsed).count();
  const double rate = seconds > 0 ? static_cast<double>(progress.items) / seconds : 0;
  std::string tail = fmt::format(" {:3.0f}%  {} items", std::floor(progress.share * 100),
                                 jobs::grouped(progress.items));
  if (progress.failed > 0) tail += fmt::format(", {} failed", jobs::grouped(progress.failed));
  tail += fmt::format(", {}/s", jobs::grouped(static_cast<std::uint64_t>(rate)));
  return bar_line(fmt::format("{} ", doing), progress.share, tail, screen);
}

void TableBar::progress(const jobs::tables::Progress& progress) {
  constexpr int phase = 0;
  if (line_.is_due(phase))
    line_.show(phase, table_line(doing_, progress, line_.elapsed(), line_.screen()));
}

}  // namespace matinee::cli
