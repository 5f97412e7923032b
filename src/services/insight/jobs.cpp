// Runs of jobs: what they say of themselves is checked, kept, and told.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "insight/errors.h"
#include "insight/operations.h"
#include "services/insight/service.h"
#include "services/insight/unusable.h"

namespace matinee::insight {

namespace {

constexpr std::size_t longest_word = 64;
constexpr std::size_t longest_name = 512;
constexpr std::size_t longest_text = 4096;

bool is_word(const std::string& text) {
  constexpr std::string_view others = "-_.";
  return !text.empty() && text.size() <= longest_word && std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           others.contains(c);
  });
}

void require_word(std::string_view member, const std::string& text) {
  if (!is_word(text))
    throw unusable(fmt::format("{} has 1 to {} letters, digits, dots, hyphens and underscores.",
                               member, longest_word));
}

void require_short(std::string_view member, const std::optional<std::string>& text,
                   std::size_t longest) {
  if (text && text->size() > longest)
    throw unusable(fmt::format("{} has no more than {} bytes.", member, longest));
}

void require_number(std::string_view member, const std::optional<std::int64_t>& number) {
  if (number && *number < 0) throw unusable(fmt::format("{} is at least 0.", member));
}

void require_usable(const ReportJobRequest& request) {
  constexpr std::array<std::string_view, 4> states = {"running", "done", "failed", "stopped"};
  require_word("Id", request.id);
  require_word("Kind", request.kind);
  if (std::ranges::find(states, request.state) == states.end())
    throw unusable("State is running, done, failed or stopped.");
  require_short("Name", request.name, longest_name);
  require_short("Unit", request.unit, longest_word);
  require_short("Doing", request.doing, longest_text);
  require_short("Summary", request.summary, longest_text);
  require_number("Done", request.done);
  require_number("Total", request.total);
  if (request.share && !(*request.share >= 0 && *request.share <= 1))
    throw unusable("Share is a number from 0 to 1.");
}

}  // namespace

ReportJobResponse Service::report_job(const Context& context, const ReportJobRequest& request) {
  require_usable(request);
  Job job{.id = request.id,
          .region = context.region,
          .kind = request.kind,
          .name = request.name,
          .state = request.state,
          .done = request.done,
          .total = request.total,
          .share = request.share,
          .unit = request.unit,
          .doing = request.doing,
          .started_at = request.started_at,
          .summary = request.summary};
  if (!job_runs_.tell(context.account, std::move(job), runtime::real_clock(clock_).now()))
    throw ConflictException(fmt::format("The run {} has ended.", request.id));
  return {};
}

ListJobsResponse Service::list_jobs(const Context& context, const ListJobsRequest&) {
  const runtime::Time now = runtime::real_clock(clock_).now();
  return {.jobs = job_runs_.runs_of(context.account, now), .now = now};
}

}  // namespace matinee::insight
