// Checks of what a movie job is told, before anything is touched.
#include "jobs/movies/options.h"

#include <fmt/format.h>

#include "jobs/movies/layout.h"
#include "jobs/report.h"

namespace matinee::jobs::movies {

namespace {

bool is_upper_case(char c) {
  return c >= 'A' && c <= 'Z';
}

bool consists_of(std::string_view text, std::string_view punctuation) {
  return std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || is_upper_case(c) || (c >= '0' && c <= '9') ||
           punctuation.contains(c);
  });
}

std::string find_range_fault(std::string_view option, std::uint64_t value, Range allowed) {
  if (value >= allowed.begin && value < allowed.end) return "";
  return fmt::format("--{} must be between {} and {}, and {} is not.", option, allowed.begin,
                     allowed.end - 1, value);
}

std::string find_name_fault(const MovieOptions& options) {
  // AWS: 80 characters of letters, digits, hyphens and underscores; ".fifo" counts.
  std::string_view queue = options.queue;
  if (options.is_fifo()) queue.remove_suffix(std::string_view(".fifo").size());
  if (queue.empty() || options.queue.size() > 75 || !consists_of(queue, "-_"))
    return fmt::format(
        "--queue must be a name of up to 75 letters, digits, '-' and '_', with or "
        "without .fifo at its end, and \"{}\" is not.",
        shortened(options.queue));
  if (options.table.size() < 3 || options.table.size() > 255 || !consists_of(options.table, "-_."))
    return fmt::format(
        "--table must be a name of 3 to 255 letters, digits, '-', '_' and '.', "
        "and \"{}\" is not.",
        shortened(options.table));
  if (options.bucket.size() < 3 || options.bucket.size() > 63 ||
      !consists_of(options.bucket, "-.") || std::ranges::any_of(options.bucket, is_upper_case))
    return fmt::format(
        "--bucket must be a name of 3 to 63 lower-case letters, digits, '-' and "
        "'.', and \"{}\" is not.",
        shortened(options.bucket));
  return "";
}

}  // namespace

std::string MovieOptions::own_queue() const {
  std::string id = job_id;
  // A queue's name has no periods.
  std::ranges::replace(id, '.', '_');
  return fmt::format("movie-load-{}.fifo", id);
}

std::string find_option_fault(const MovieOptions& options) {
  if (options.job_id.size() > 60 || !consists_of(options.job_id, "-_."))
    return fmt::format(
        "--job-id must have up to 60 letters, digits, '-', '_' and '.', and \"{}\" "
        "does not.",
        shortened(options.job_id));
  if (std::string fault = find_range_fault("count", options.count, {1, max_count + 1});
      !fault.empty())
    return fault;
  if (std::string fault = find_range_fault("groups", options.groups, {1, 1001}); !fault.empty())
    return fault;
  return find_name_fault(options);
}

std::optional<Role> find_role(std::string_view name) {
  if (name == "produce") return Role::produce;
  if (name == "consume") return Role::consume;
  return std::nullopt;
}

}  // namespace matinee::jobs::movies
