#include "cli/job_telling.h"

#include <fmt/format.h>

#include "cli/one_call.h"
#include "client/retry.h"
#include "protocol/utf8.h"
#include "runtime/movable_clock.h"

namespace matinee::cli {

namespace {

constexpr std::chrono::seconds tell_every(1);
/// For the last word, and for the question who is there.
constexpr std::chrono::seconds patience(1);
/// The server takes no more of each.
constexpr std::size_t longest_name = 512;
constexpr std::size_t longest_text = 4096;

/// Nobody there wants to know, and a question is a request that may be counted.
bool is_aws(std::string_view url) {
  return url.contains(".amazonaws.") || url.contains(".api.aws");
}

std::string_view to_text(JobState state) {
  switch (state) {
    case JobState::running:
      return "running";
    case JobState::done:
      return "done";
    case JobState::failed:
      return "failed";
    case JobState::stopped:
      return "stopped";
  }
  return "";
}

/// What the last word waits for: the answer, or the end of patience.
struct Ending {
  runtime::Promised<bool> over;
  bool is_over = false;

  void finish(bool is_told) {
    if (!std::exchange(is_over, true)) over.set(is_told);
  }
};

}  // namespace

JobTelling::JobTelling(Surroundings& surroundings, Connection& connection, Job job, Look look)
    : loop_(surroundings.runtime.loop),
      clock_(runtime::real_clock(surroundings.runtime.clock)),
      http_(surroundings.http),
      url_(connection.url()),
      client_(connection.channel()),
      job_(std::move(job)),
      look_(std::move(look)),
      id_(surroundings.runtime.random.uuid()),
      started_(clock_.now()) {
  while (url_.ends_with('/')) url_.pop_back();
  if (url_.empty() || is_aws(url_)) listener_ = Listener::none;
}

void JobTelling::begin() {
  if (listener_ == Listener::none) return;
  tasks_.emplace(1);
  // It catches what it throws.
  runtime::start(tasks_->spawn(go_on()), [](const std::exception_ptr&) {});
}

insight::ReportJobRequest JobTelling::request_for(const JobEnd& end) const {
  const JobProgress progress = look_(clock_.now() - started_);
  insight::ReportJobRequest request{.id = id_, .kind = job_.kind, .state{to_text(end.state)}};
  request.name = protocol::beginning(job_.name, longest_name);
  request.unit = job_.unit;
  request.done = static_cast<std::int64_t>(progress.done);
  if (progress.total) request.total = static_cast<std::int64_t>(*progress.total);
  request.share = progress.share;
  request.doing = protocol::beginning(progress.doing, longest_text);
  request.started_at = started_;
  if (!end.summary.empty()) request.summary = protocol::beginning(end.summary, longest_text);
  return request;
}

/// Leaves it unknown where nothing can be said now.
runtime::Task<> JobTelling::find_listener() {
  constexpr int unavailable = 503;
  const runtime::HttpResult reply = co_await http_.send({.method = "GET",
                                                         .url = url_ + "/_matinee/health",
                                                         .connect_timeout = patience,
                                                         .total_timeout = patience});
  if (!reply) co_return;
  if (reply->body.contains(R"("edition": "matinee")"))
    listener_ = Listener::there;
  else if (reply->status != unavailable)
    listener_ = Listener::none;
}

runtime::Task<bool> JobTelling::tell(JobEnd end) {
  if (listener_ == Listener::unknown) co_await find_listener();
  if (listener_ != Listener::there) co_return false;
  try {
    co_await client_.report_job(request_for(end));
    co_return true;
  } catch (const protocol::ServiceError& error) {
    // An older server does not know it, and a caller may have no right to it.
    if (!client::is_retryable(error)) listener_ = Listener::none;
  } catch (const std::exception&) {
    // Without credentials the job itself says so.
    listener_ = Listener::none;
  }
  co_return false;
}

runtime::Task<> JobTelling::go_on() {
  while (listener_ != Listener::none) {
    co_await tell({.state = JobState::running});
    co_await runtime::sleep_until(clock_, clock_.now() + tell_every);
  }
}

runtime::Task<bool> JobTelling::end(JobEnd end) {
  tasks_.reset();  // what is on its way is given up
  if (listener_ == Listener::none) co_return false;
  const auto ending = std::make_shared<Ending>();
  const runtime::TimerId timer =
      clock_.call_at(clock_.now() + patience, [ending] { ending->finish(false); });
  const auto last_word = [](JobTelling& self, JobEnd end,
                            std::shared_ptr<Ending> ending) -> runtime::Task<> {
    const bool is_told = co_await self.tell(std::move(end));
    // Not from within this task, which its end destroys.
    self.loop_.post([ending, is_told] { ending->finish(is_told); });
  };
  tasks_.emplace(1);
  runtime::start(tasks_->spawn(last_word(*this, std::move(end), ending)),
                 [](const std::exception_ptr&) {});
  const bool is_told = co_await ending->over;
  clock_.cancel(timer);
  tasks_.reset();
  co_return is_told;
}

void JobTelling::end_stopped() {
  wait_for<bool>(loop_, [this] { return end({.state = JobState::stopped}); });
}

}  // namespace matinee::cli
