// The publisher from its beginning to its end.
#include "jobs/publish/job.h"

#include <fmt/format.h>

#include "jobs/publish/lane_sync.h"
#include "jobs/publish/publisher.h"

namespace matinee::jobs::publish {

namespace {

class Job {
 public:
  Job(const PublishOptions& options, const Clients& clients, const Publication& around)
      : options_(options),
        around_(around),
        lister_(options, clients.s3),
        sender_(options, clients.sqs,
                client::Backoff(around.runtime.clock, around.runtime.random,
                                {.cap = std::chrono::seconds(5)})) {}

  runtime::Task<PublishSummary> run();

 private:
  const PublishOptions& options_;
  const Publication& around_;
  Lister lister_;
  Sender sender_;
  std::optional<Ledger> ledger_;
  std::optional<Publisher> publisher_;
  Progress progress_;

  std::string directory() const;
  void begin();
  runtime::Task<> publish();
  void show(Phase phase);
  PublishSummary summarize(double seconds) const;
};

/// The same whether the cloud is asked in process or through a server, whatever that one's port.
std::string Job::directory() const {
  const std::string& url = sender_.queue_url();
  const std::size_t name = url.rfind('/');
  const std::size_t account = name == std::string::npos ? 0 : url.rfind('/', name - 1) + 1;
  return ledger_directory(options_.ledger_base,
                          fmt::format("{}-{}", options_.bucket, options_.queue_name()),
                          fmt::format("{}\n{}\n{}\n{}", options_.cloud_id, options_.region,
                                      url.substr(account), options_.bucket));
}

void Job::show(Phase phase) {
  progress_.phase = phase;
  progress_.pages = lister_.pages();
  progress_.published = sender_.published();
  progress_.failed = sender_.failed();
  if (publisher_) {
    progress_.seen = publisher_->counts().seen;
    progress_.skipped = publisher_->counts().skipped;
    progress_.share = publisher_->share();
    if (options_.dry_run) progress_.published = publisher_->counts().to_send;
  }
  around_.listener.progress(progress_);
}

/// A run that was not finished goes on; any other is a new one.
void Job::begin() {
  LedgerState state = ledger_->state();
  const bool goes_on =
      !state.finished && state.again == options_.again && state.selection == options_.selection();
  if (goes_on) {
    around_.listener.note(fmt::format("Going on with run {}.", state.run_id));
  } else {
    state.run_id = around_.runtime.random.uuid();
    state.again = options_.again;
    state.selection = options_.selection();
    if (options_.again) ++state.edition;
  }
  state.finished = false;
  ledger_->write_state(state);
}

runtime::Task<> Job::publish() {
  sender_.on_batch = [this] { show(Phase::publishing); };
  publisher_->on_page = [this] { show(Phase::publishing); };
  if (!options_.dry_run) co_await publisher_->settle(ledger_->read_doubts());
  co_await ledger_->merge();
  const LaneSync sync(around_.runtime, *ledger_, around_.listener);
  co_await publisher_->publish();
}

runtime::Task<PublishSummary> Job::run() {
  runtime::Clock& clock = around_.runtime.clock;
  const runtime::Time started = clock.now();
  show(Phase::preparing);
  co_await lister_.require_bucket();
  co_await sender_.require_queue();
  ledger_.emplace(around_.runtime, directory());
  publisher_.emplace(PublisherParts{.options = options_,
                                    .ledger = *ledger_,
                                    .lister = lister_,
                                    .sender = sender_,
                                    .clock = clock,
                                    .stop = around_.stop});
  if (!options_.dry_run) begin();
  co_await publish();
  PublishSummary summary = summarize(std::chrono::duration<double>(clock.now() - started).count());
  if (!options_.dry_run && summary.succeeded() && !summary.limited) {
    LedgerState state = ledger_->state();
    state.finished = true;
    ledger_->write_state(state);
  }
  co_return summary;
}

PublishSummary Job::summarize(double seconds) const {
  const Counts& counts = publisher_->counts();
  PublishSummary summary;
  summary.bucket = options_.bucket;
  summary.queue_url = sender_.queue_url();
  summary.run_id = options_.dry_run ? "" : ledger_->state().run_id;
  summary.ledger = directory();
  summary.dry_run = options_.dry_run;
  summary.stopped = publisher_->is_stopped();
  summary.limited = publisher_->is_limited();
  summary.in_doubt_are = options_.in_doubt;
  summary.pages = lister_.pages();
  summary.seen = counts.seen;
  summary.not_selected = counts.not_selected;
  summary.published = options_.dry_run ? counts.to_send : sender_.published();
  summary.skipped = counts.skipped;
  summary.in_doubt = counts.in_doubt + sender_.late();
  summary.failed = sender_.failed();
  summary.failures = sender_.failures();
  summary.seconds = seconds;
  return summary;
}

}  // namespace

runtime::Task<PublishSummary> run(PublishOptions options, Clients clients, Publication around) {
  if (std::string fault = find_option_fault(options); !fault.empty()) throw JobError(fault);
  try {
    Job job(options, clients, around);
    co_return co_await job.run();
  } catch (const protocol::ServiceError& error) {
    throw JobError(sentence_of(error, options.cloud));
  }
}

}  // namespace matinee::jobs::publish
