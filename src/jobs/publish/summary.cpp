// The report of a publisher, for people and for programs.
#include "jobs/publish/summary.h"

#include <fmt/format.h>

namespace matinee::jobs::publish {

namespace {

std::string headline(const PublishSummary& summary) {
  return fmt::format("{} {} to {}", summary.dry_run ? "What would be published from" : "Published",
                     summary.bucket, summary.queue_url);
}

std::string explain_doubt(const PublishSummary& summary) {
  const std::string count = grouped(summary.in_doubt);
  if (summary.in_doubt_are == InDoubt::skip)
    return fmt::format(
        "{} objects were being sent when a run was killed, and are not sent again: their messages "
        "may be missing. --in-doubt send sends them.",
        count);
  return fmt::format(
      "{} of the objects were being sent when a run was killed, too long ago for the queue to drop "
      "a repetition: their messages may be there twice.",
      count);
}

}  // namespace

double PublishSummary::objects_per_second() const {
  return seconds > 0 ? static_cast<double>(seen) / seconds : 0;
}

std::string to_text(const PublishSummary& summary) {
  ReportLines lines;
  lines.add_line(headline(summary));
  lines.add("pages listed", summary.pages);
  lines.add("objects seen", summary.seen);
  lines.add_if_any("not selected", summary.not_selected);
  lines.add(summary.dry_run ? "to be published" : "published", summary.published);
  lines.add("published before", summary.skipped);
  lines.add_if_any("in doubt", summary.in_doubt);
  lines.add("failed", summary.failed);
  lines.add("seconds", fmt::format("{:.2f}", summary.seconds));
  if (summary.seen >= least_for_a_rate)
    lines.add("objects a second", static_cast<std::uint64_t>(summary.objects_per_second()));
  lines.add("run", summary.run_id);
  lines.add("ledger", summary.ledger);
  for (const std::string& failure : summary.failures) lines.add_line("FAILED: " + failure);
  if (summary.failed > summary.failures.size())
    lines.add_line(
        fmt::format("... and {} more.", grouped(summary.failed - summary.failures.size())));
  if (summary.in_doubt > 0 && !summary.dry_run) lines.add_line(explain_doubt(summary));
  if (summary.limited) lines.add_line("--limit is reached; the same command publishes more.");
  if (summary.failed > 0 && !summary.stopped)
    lines.add_line("The same command tries those again that failed.");
  return lines.take();
}

std::string to_json(const PublishSummary& summary) {
  JsonObject json;
  json.add("bucket", summary.bucket);
  json.add("queue_url", summary.queue_url);
  json.add("run_id", summary.run_id);
  json.add("ledger", summary.ledger);
  json.add("dry_run", summary.dry_run);
  json.add("complete", !summary.stopped && !summary.limited && summary.failed == 0);
  json.add("pages_listed", summary.pages);
  json.add("objects_seen", summary.seen);
  json.add("not_selected", summary.not_selected);
  json.add(summary.dry_run ? "to_be_published" : "published", summary.published);
  json.add("published_before", summary.skipped);
  json.add("in_doubt", summary.in_doubt);
  json.add("failed", summary.failed);
  json.add("failures", summary.failures);
  json.add("seconds", summary.seconds);
  json.add("objects_per_second", summary.objects_per_second());
  return json.take();
}

}  // namespace matinee::jobs::publish
