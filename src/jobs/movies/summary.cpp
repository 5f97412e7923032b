// The report of a movie job, for people and for programs.
#include "jobs/movies/summary.h"

#include <fmt/format.h>

namespace matinee::jobs::movies {

namespace {

std::string readable_bytes(std::uint64_t bytes) {
  if (bytes < 1024) return fmt::format("{} bytes", bytes);
  if (bytes < 1024 * 1024) return fmt::format("{:.1f} KiB", static_cast<double>(bytes) / 1024);
  if (bytes < 1024 * 1024 * 1024)
    return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / (1024 * 1024));
  return fmt::format("{:.1f} GiB", static_cast<double>(bytes) / (1024 * 1024 * 1024));
}

void add_consumed(const MovieSummary& summary, ReportLines& lines) {
  if (summary.by_function) {
    lines.add("stored by", "the function on the queue");
  } else {
    lines.add("received", summary.received);
    lines.add("duplicates dropped", summary.duplicates);
  }
  lines.add_if_any("stored before", summary.stored_before);
  lines.add("stored", fmt::format("{} of {}", grouped(summary.stored), grouped(summary.count)));
  lines.add("parts", summary.parts);
  lines.add_if_any("left to other jobs", summary.foreign);
  lines.add_if_any("to dead letters", summary.unintelligible);
  std::string size = readable_bytes(summary.object_bytes);
  if (summary.object_bytes >= 1024)
    size += fmt::format(" ({} bytes)", grouped(summary.object_bytes));
  lines.add("object", size);
  // With its 64 digits in the column of the others it would not fit a screen of 80.
  lines.add_line(fmt::format("  {:<13}{}", "SHA-256", summary.object_sha256));
  if (!summary.downloaded_to.empty()) lines.add("downloaded to", summary.downloaded_to);
}

std::string_view role_name(Role role) {
  if (role == Role::produce) return "produce";
  return role == Role::consume ? "consume" : "both";
}

}  // namespace

double MovieSummary::movies_per_second() const {
  const std::uint64_t moved = role == Role::produce ? sent : count - stored_before;
  return seconds > 0 ? static_cast<double>(moved) / seconds : 0;
}

std::string to_text(const MovieSummary& summary) {
  ReportLines lines;
  lines.add_line(fmt::format("Movie job {}", summary.job_id));
  if (summary.role != Role::consume) lines.add("sent", summary.sent);
  if (summary.role != Role::produce) add_consumed(summary, lines);
  lines.add("seconds", fmt::format("{:.2f}", summary.seconds));
  if (summary.count >= least_for_a_rate)
    lines.add("movies a second", static_cast<std::uint64_t>(summary.movies_per_second()));
  if (summary.role != Role::produce && summary.verified())
    lines.add_line("Verified: the queue, the table and the object hold what they should.");
  for (const std::string& difference : summary.differences)
    lines.add_line("DIFFERS: " + difference);
  if (summary.role == Role::produce)
    lines.add_line(
        fmt::format("Sent, and kept in the queue. To receive and store them: the same command with "
                    "--only consume --job-id {}",
                    summary.job_id));
  if (!summary.where_to_look.empty())
    lines.add_line(fmt::format("Look at it{}:", summary.look_first));
  for (const std::string& command : summary.where_to_look) lines.add_command(command);
  return lines.take();
}

std::string to_json(const MovieSummary& summary) {
  JsonObject json;
  json.add("job_id", summary.job_id);
  json.add("role", std::string(role_name(summary.role)));
  json.add("count", summary.count);
  json.add("sent", summary.sent);
  json.add("consumer", std::string(summary.by_function ? "function" : "process"));
  if (!summary.by_function) {
    json.add("received", summary.received);
    json.add("duplicates_dropped", summary.duplicates);
  }
  json.add("stored_before", summary.stored_before);
  json.add("stored", summary.stored);
  json.add("parts", summary.parts);
  json.add("foreign_messages", summary.foreign);
  json.add("dead_letters", summary.unintelligible);
  json.add("object_bytes", summary.object_bytes);
  json.add("object_sha256", summary.object_sha256);
  json.add("seconds", summary.seconds);
  json.add("movies_per_second", summary.movies_per_second());
  json.add("downloaded_to", summary.downloaded_to);
  json.add("verified", summary.role != Role::produce && summary.verified());
  json.add("differences", summary.differences);
  json.add("where_to_look", summary.where_to_look);
  return json.take();
}

}  // namespace matinee::jobs::movies
