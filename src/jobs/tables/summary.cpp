#include "jobs/tables/summary.h"

#include <fmt/format.h>

#include "jobs/report.h"

namespace matinee::jobs::tables {
namespace {

std::string rate_of(std::uint64_t items, double seconds) {
  if (items < least_for_a_rate || seconds <= 0) return fmt::format("{:.1f} s", seconds);
  return fmt::format("{:.1f} s, {} items/s", seconds,
                     grouped(static_cast<std::uint64_t>(static_cast<double>(items) / seconds)));
}

}  // namespace

std::string to_text(const ImportSummary& summary) {
  ReportLines lines;
  lines.add_line(fmt::format("{} {} into {}", summary.stopped ? "Stopped importing" : "Imported",
                             summary.source, summary.table));
  lines.add("files", summary.files);
  lines.add("items written", summary.put);
  lines.add_if_any("items removed", summary.removed);
  lines.add_if_any("keys that came again", summary.repeated);
  lines.add_if_any("written before", summary.before);
  lines.add("failed", summary.failed);
  for (const std::string& failure : summary.failures) lines.add_line("    " + failure);
  if (summary.failed > summary.failures.size())
    lines.add_line(
        fmt::format("    ... and {} more", grouped(summary.failed - summary.failures.size())));
  lines.add("time", rate_of(summary.put + summary.removed, summary.seconds));
  return lines.take();
}

std::string to_json(const ImportSummary& summary) {
  JsonObject json;
  json.add("table", summary.table);
  json.add("source", summary.source);
  json.add("complete", !summary.stopped);
  json.add("table_created", summary.created);
  json.add("files", summary.files);
  json.add("bytes", summary.bytes);
  json.add("items_written", summary.put);
  json.add("items_removed", summary.removed);
  json.add("keys_that_came_again", summary.repeated);
  json.add("written_before", summary.before);
  json.add("failed", summary.failed);
  json.add("failures", summary.failures);
  json.add("seconds", summary.seconds);
  return json.take();
}

std::string to_text(const ExportSummary& summary) {
  ReportLines lines;
  lines.add_line(fmt::format("{} {} to {}", summary.stopped ? "Stopped exporting" : "Exported",
                             summary.table, summary.target));
  lines.add("items", summary.items);
  lines.add("files", summary.files);
  lines.add("bytes", summary.bytes);
  lines.add("time", rate_of(summary.items, summary.seconds));
  return lines.take();
}

std::string to_json(const ExportSummary& summary) {
  JsonObject json;
  json.add("table", summary.table);
  json.add("target", summary.target);
  json.add("complete", !summary.stopped);
  json.add("items", summary.items);
  json.add("files", summary.files);
  json.add("bytes", summary.bytes);
  json.add("seconds", summary.seconds);
  return json.take();
}

}  // namespace matinee::jobs::tables
