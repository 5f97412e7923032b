// The movie job from its beginning to its end.
#include "jobs/movies/job.h"

#include <fmt/format.h>

#include "jobs/movies/exporter.h"
#include "jobs/movies/function_traffic.h"
#include "jobs/movies/queue_choice.h"
#include "jobs/movies/traffic.h"
#include "jobs/movies/verifier.h"

namespace matinee::jobs::movies {

namespace {

constexpr int final_looks = 5;

std::string format_date(runtime::Time time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(seconds - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

/// What a running job holds. One object a phase, in the order in which they come.
class Job {
 public:
  Job(const MovieOptions& options, const Clients& clients, runtime::Runtime& runtime,
      ProgressListener& listener)
      : options_(options),
        clients_(clients),
        runtime_(runtime),
        listener_(listener),
        backoff_(runtime.clock, runtime.random),
        ledger_(Layout(options.count, options.groups)) {}

  runtime::Task<MovieSummary> run();

 private:
  const MovieOptions& options_;
  const Clients& clients_;
  runtime::Runtime& runtime_;
  ProgressListener& listener_;
  client::Backoff backoff_;
  Ledger ledger_;
  Progress progress_;
  MovieSummary summary_;
  std::string bucket_region_;

  struct Move {
    const ChosenQueue& chosen;
    const JobQueue& queue;
    const JobTable& table;
    Strangers& strangers;
    bool fresh;
  };

  runtime::Task<> produce();
  runtime::Task<> consume();
  runtime::Task<Beginning> begin(const JobTable& table);
  runtime::Task<> move_messages(const Move& move);
  runtime::Task<> run_traffic(const Move& move, Collector& collector);
  runtime::Task<> run_function_traffic(const Move& move, Collector& collector);
  runtime::Task<> export_object(const JobTable& table);
  runtime::Task<> verify(const Move& move);
  runtime::Task<QueueCounts> count_left(const Move& move);
  runtime::Task<> leave(const Move& move, const QueueClaim& claim);
  void show(Phase phase);
  void add_places();
};

void Job::show(Phase phase) {
  progress_.phase = phase;
  progress_.stored = ledger_.stored();
  listener_.progress(progress_);
}

runtime::Task<MovieSummary> Job::run() {
  const runtime::Time started = runtime_.clock.now();
  summary_.role = progress_.role = options_.role;
  summary_.by_function = options_.by_function;
  summary_.job_id = options_.job_id;
  summary_.count = options_.count;
  progress_.count = options_.count;
  show(Phase::preparing);
  if (options_.role == Role::produce)
    co_await produce();
  else
    co_await consume();
  summary_.seconds = std::chrono::duration<double>(runtime_.clock.now() - started).count();
  add_places();
  co_return std::move(summary_);
}

runtime::Task<> Job::produce() {
  Setup setup(options_, clients_, runtime_.clock, listener_);
  QueueInfo shared = co_await setup.require_queue(options_.queue);
  QueueChoice choice(options_, setup, listener_);
  ChosenQueue chosen = co_await choice.choose(std::move(shared));
  const JobQueue queue(clients_.sqs, backoff_, std::move(chosen.info));
  QueueBacklog backlog(queue, runtime_.clock, listener_);
  Producer producer({options_, queue, ledger_, backlog});
  producer.on_sent = [&] {
    progress_.sent = producer.sent();
    show(Phase::moving);
  };
  co_await producer.send_missing();
  summary_.sent = producer.sent();
}

runtime::Task<> Job::consume() {
  Setup setup(options_, clients_, runtime_.clock, listener_);
  QueueInfo shared = co_await setup.require_queue(options_.queue);
  const KeyStyle style = co_await setup.require_table();
  const JobTable table(clients_.dynamodb, backoff_, options_.table,
                       ItemKeys(options_.job_id, style));
  bucket_region_ = co_await setup.require_bucket();
  const Beginning beginning = co_await begin(table);
  const QueueClaim claim(clients_.dynamodb, options_, style);
  QueueChoice choice(options_, setup, listener_);
  const ChosenQueue chosen = options_.role == Role::both
                                 ? co_await choice.choose(std::move(shared), claim, beginning)
                                 : co_await choice.choose(std::move(shared));
  const JobQueue queue(clients_.sqs, backoff_, chosen.info);
  Strangers strangers(queue, runtime_.clock, listener_);
  const Move move{chosen, queue, table, strangers, beginning.fresh};
  std::exception_ptr error;
  try {
    co_await move_messages(move);
    co_await export_object(table);
    co_await verify(move);
    if (summary_.verified()) {
      co_await table.complete_header();
      if (options_.by_function) co_await table.delete_notes(ledger_.layout().parts());
      co_await leave(move, claim);
    }
  } catch (...) {
    error = std::current_exception();
  }
  try {
    co_await strangers.release();
  } catch (const protocol::ServiceError& failure) {
    listener_.warn(
        fmt::format("Messages of other jobs stay hidden for a while: {}", failure.message()));
  }
  if (error) std::rethrow_exception(error);
}

/// Everything is where it should be: the queue is for whoever comes next.
runtime::Task<> Job::leave(const Move& move, const QueueClaim& claim) {
  if (move.chosen.own) co_await move.queue.delete_queue();
  if (options_.may_move_out()) co_await claim.release();
}

runtime::Task<> Job::move_messages(const Move& move) {
  Collector collector(move.table, ledger_);
  if (!move.fresh) co_await collector.load();
  summary_.stored_before = progress_.stored_before = ledger_.stored();
  if (!move.fresh)
    listener_.note(fmt::format("Going on with job {}: {} of {} movies are stored already.",
                               options_.job_id, grouped(ledger_.stored()),
                               grouped(options_.count)));
  if (move.chosen.closed && ledger_.all_assembled()) co_return;
  bool is_gone = false;
  try {
    if (options_.by_function)
      co_await run_function_traffic(move, collector);
    else
      co_await run_traffic(move, collector);
  } catch (const protocol::ServiceError& error) {
    if (!move.chosen.own || !error.is<sqs::QueueDoesNotExist>()) throw;
    is_gone = true;
  }
  if (!is_gone) co_return;
  // Another process has worked on the same job, has finished it, and has deleted its queue.
  const std::optional<Header> header = co_await move.table.find_header();
  if (!header || !header->complete)
    throw JobError(fmt::format("The queue {} has been deleted while the job was using it.",
                               move.chosen.info.name));
}

runtime::Task<> Job::run_traffic(const Move& move, Collector& collector) {
  Traffic traffic(
      {options_, move.queue, collector, move.strangers, ledger_, runtime_.clock, move.fresh});
  traffic.on_change = [&] {
    progress_.sent = traffic.producer().sent();
    show(Phase::moving);
  };
  co_await traffic.run();
  summary_.sent = traffic.producer().sent();
  summary_.received = traffic.consumer().received();
  summary_.duplicates = traffic.consumer().duplicates();
  summary_.foreign = move.strangers.foreign();
  summary_.unintelligible = move.strangers.buried();
}

runtime::Task<> Job::run_function_traffic(const Move& move, Collector& collector) {
  FunctionTraffic traffic({options_, move.queue, collector, ledger_, runtime_.clock, listener_});
  traffic.on_change = [&] {
    progress_.sent = traffic.producer().sent();
    show(Phase::moving);
  };
  co_await traffic.run();
  summary_.sent = traffic.producer().sent();
}

runtime::Task<Beginning> Job::begin(const JobTable& table) {
  const Header mine{.started_on = format_date(runtime_.clock.now()),
                    .count = options_.count,
                    .parts = ledger_.layout().parts(),
                    .seed = options_.seed};
  std::optional<Header> header = co_await table.find_header();
  if (!header) {
    if (co_await table.create_header(mine)) co_return Beginning{.fresh = true};
    header = co_await table.find_header();
  }
  if (header && header->count == mine.count && header->seed == mine.seed)
    co_return Beginning{.complete = header->complete};
  if (!header) throw JobError("The job's header has just been deleted by somebody.");
  throw JobError(
      fmt::format("The job {} was begun with --count {} --seed {}; go on with these, or "
                  "choose another --job-id.",
                  options_.job_id, header->count, header->seed));
}

runtime::Task<> Job::export_object(const JobTable& table) {
  show(Phase::exporting);
  Exporter exporter({options_, table, ledger_.layout(), clients_.s3});
  exporter.on_part = [&] {
    progress_.exported = exporter.movies();
    show(Phase::exporting);
  };
  co_await exporter.run();
  summary_.stored = exporter.movies();
  summary_.parts = exporter.parts();
  if (summary_.stored != options_.count)
    summary_.differences.push_back(fmt::format("The table holds {} of {} movies.",
                                               grouped(summary_.stored), grouped(options_.count)));
}

runtime::Task<> Job::verify(const Move& move) {
  show(Phase::verifying);
  Verifier verifier({options_, clients_.s3, runtime_.disk});
  verifier.on_piece = [&] {
    progress_.verified = verifier.movies();
    show(Phase::verifying);
  };
  co_await verifier.check_object(summary_);
  if (move.chosen.closed) co_return;
  QueueCounts counts = co_await count_left(move);
  // AWS's counts are late: it was seen to be empty, and may be counted so only a little later.
  for (int look = 1; look < final_looks && counts.total() > 0 && !move.strangers.any(); ++look) {
    co_await runtime::sleep_until(runtime_.clock, runtime_.clock.now() + std::chrono::seconds(1));
    counts = co_await count_left(move);
  }
  if (counts.total() > 0 && !move.strangers.any())
    summary_.differences.push_back(
        fmt::format("The queue still counts {} messages.", grouped(counts.total())));
}

/// Nothing where another process has finished the job, and deleted its queue.
runtime::Task<QueueCounts> Job::count_left(const Move& move) {
  try {
    co_return co_await move.queue.count();
  } catch (const protocol::ServiceError& error) {
    if (!move.chosen.own || !error.is<sqs::QueueDoesNotExist>()) throw;
  }
  co_return QueueCounts{};
}

void Job::add_places() {
  const auto where = [&](const std::string& region) {
    return fmt::format(" --region {}{}", region, options_.cli_arguments);
  };
  summary_.look_first = options_.look_first;
  auto& places = summary_.where_to_look;
  if (options_.role == Role::produce) {
    places.push_back("aws sqs list-queues" + where(options_.region));
    return;
  }
  places.push_back(fmt::format("aws s3 cp s3://{}/{} .{}", options_.bucket, options_.object_key(),
                               where(bucket_region_)));
  // Both kinds of tables have a job_id, and the header stands first.
  places.push_back(
      fmt::format("aws dynamodb query --table-name {} --key-condition-expression 'job_id = :j' "
                  "--expression-attribute-values '{{\":j\":{{\"S\":\"{}\"}}}}' --max-items 1{}",
                  options_.table, options_.job_id, where(options_.region)));
}

}  // namespace

runtime::Task<MovieSummary> run(MovieOptions options, Clients clients, runtime::Runtime& runtime,
                                ProgressListener& listener) {
  if (options.job_id.empty()) options.job_id = runtime.random.uuid();
  if (std::string fault = find_option_fault(options); !fault.empty()) throw JobError(fault);
  try {
    Job job(options, clients, runtime, listener);
    co_return co_await job.run();
  } catch (const protocol::ServiceError& error) {
    throw JobError(sentence_of(error, options.cloud));
  }
}

}  // namespace matinee::jobs::movies
