// Readers, one a file, hand blocks to one task that sends them in batches.
#include "jobs/tables/import.h"

#include <fmt/format.h>

#include "jobs/report.h"
#include "jobs/tables/batch_writer.h"
#include "jobs/tables/import_state.h"
#include "jobs/tables/source.h"
#include "runtime/channel.h"
#include "runtime/elsewhere.h"
#include "runtime/task_group.h"
#include "table_files/md5.h"

namespace matinee::jobs::tables {
namespace {

using table_files::BlockReader;
using table_files::Mark;

/// Files that are read at the same time, and blocks that wait to be sent.
constexpr std::size_t most_readers = 2;
constexpr std::size_t most_waiting = 4;
/// A mark is kept only once it is older than that: by then also the disk has what it speaks of.
constexpr std::chrono::milliseconds keep_every(500);

/// What a worker makes of the next piece of a file.
struct Step {
  std::optional<table_files::Block> block;
  std::string failure;
  bool is_the_same = true;
};

/// A file while it is read; shared with the worker that does so.
struct OpenFile {
  BlockReader blocks;
  table_files::Md5 md5;

  explicit OpenFile(const table_files::FileForm& form) : blocks(form) {}

  Step step(std::optional<std::string> piece) {
    if (piece && !piece->empty()) {
      md5.add(*piece);
      blocks.add(*std::move(piece));
    } else if (piece) {
      blocks.end();
    }
    Step result;
    try {
      result.block = blocks.next();
    } catch (const table_files::FileError& error) {
      result.failure = error.what();
    }
    result.is_the_same = blocks.is_the_same();
    return result;
  }
};

/// Blocks of a file that are read, in order, and up to where all of them are written.
class Marks {
 public:
  std::size_t begin(const Mark& end) {
    blocks_.push_back({.end = end});
    return first_ + blocks_.size() - 1;
  }
  /// True where the mark moves on.
  bool finish(std::size_t number, std::uint64_t failed) {
    Begun& done = blocks_[number - first_];
    done.is_done = true;
    done.failed = failed;
    const std::size_t before = first_;
    for (; !blocks_.empty() && blocks_.front().is_done; ++first_) {
      mark_ = blocks_.front().end;
      failed_ += blocks_.front().failed;
      blocks_.pop_front();
    }
    return first_ != before;
  }
  void go_on_from(const Mark& mark) { mark_ = mark; }

  const Mark& mark() const { return mark_; }
  /// Records before the mark that failed in this run.
  std::uint64_t failed() const { return failed_; }

 private:
  struct Begun {
    Mark end;
    bool is_done = false;
    std::uint64_t failed = 0;
  };

  Mark mark_;
  std::uint64_t failed_ = 0;
  std::size_t first_ = 0;
  std::deque<Begun> blocks_;
};

class Importer {
 public:
  Importer(const ImportOptions& options, ImportParts& parts)
      : options_(options),
        parts_(parts),
        runtime_(parts.files.runtime),
        backoff_(runtime_.clock, runtime_.random, {.cap = std::chrono::seconds(5)}),
        waiting_(most_waiting),
        sends_(options.concurrency) {}

  runtime::Task<ImportSummary> run();

 private:
  struct Waiting {
    std::shared_ptr<PendingBlock> block;
    std::size_t number = 0;  // in its file's marks
  };

  const ImportOptions& options_;
  ImportParts& parts_;
  runtime::Runtime& runtime_;
  client::Backoff backoff_;
  Source source_;
  TableKeys table_;
  std::optional<BatchWriter> writer_;
  runtime::Channel<Waiting> waiting_;
  runtime::TaskGroup sends_;
  std::vector<Marks> marks_;
  std::uint64_t read_bytes_ = 0;
  std::string state_path_;
  ImportState earlier_;
  ImportState next_state_;  // to be kept when it is old enough
  runtime::Time kept_at_;
  bool is_created_ = false;
  bool has_given_up_ = false;
  bool is_keeping_ = false;

  runtime::Task<> require_table();
  std::vector<table_files::KeyDefinition> wanted_keys() const;
  void read_earlier();
  runtime::Task<> read_files();
  runtime::Task<> read_in_turn(std::size_t& next);
  runtime::Task<> read_file(std::size_t number);
  runtime::Task<bool> read_blocks(std::size_t number, Mark earlier);
  void check_end(std::size_t number, OpenFile& file, std::uint64_t records);
  void fail_file(std::size_t number, const std::string& reason);
  runtime::Task<> send_blocks();
  runtime::Task<> send_batch(Waiting waiting, std::vector<std::size_t> places);
  runtime::Task<> finish_block(const Waiting& waiting);
  runtime::Task<> move_all();
  ImportState state() const;
  runtime::Task<> keep(ImportState state);
  runtime::Task<> keep_now_and_then();
  runtime::Task<> end_state();
  void show();
  bool has_ended() const { return parts_.stop.is_made || has_given_up_; }
  ImportSummary summarize(double seconds) const;
};

std::vector<table_files::KeyDefinition> Importer::wanted_keys() const {
  if (!options_.keys.empty()) return options_.keys;
  if (source_.summary) return source_.summary->keys;
  return {};
}

runtime::Task<> Importer::require_table() {
  auto found = co_await find_table(parts_.dynamodb, options_.table, options_.cloud);
  if (!found && !options_.creates)
    throw JobError(fmt::format(
        "There is no table {} in {} ({}); make it, or add --create with --partition-key NAME:S.",
        options_.table, options_.cloud, options_.region));
  if (!found) {
    TableKeys wanted{.name = options_.table, .keys = wanted_keys()};
    if (wanted.keys.empty())
      throw JobError(
          "To make the table its keys have to be known, and these files do not tell them; add "
          "--partition-key NAME:S and, if it has one, --sort-key NAME:S.");
    found = co_await make_table(parts_.dynamodb, backoff_, std::move(wanted), options_.cloud);
    is_created_ = true;
  }
  table_ = *std::move(found);
  writer_.emplace(parts_.dynamodb, backoff_, table_, options_.cloud);
  writer_->on_failure = [this](const std::string& sentence) { parts_.listener.warn(sentence); };
}

void Importer::read_earlier() {
  state_path_ = state_path(options_.state_directory,
                           fmt::format("{}\n{}\n{}\n{}", options_.cloud_id, table_.arn, table_.id,
                                       source_.root->full_name("") + options_.source.name()));
  if (options_.from_start) return;
  earlier_ = read_state(runtime_.disk, state_path_);
  std::uint64_t before = 0;
  for (const auto& [name, mark] : earlier_.marks) before += mark.records;
  if (before > 0)
    parts_.listener.note(
        fmt::format("An earlier run was ended before it was done; going on behind "
                    "the {} records that it has written.",
                    grouped(before)));
}

void Importer::show() {
  const std::uint64_t total = source_.bytes();
  const double share =
      total == 0 ? 1 : static_cast<double>(read_bytes_) / static_cast<double>(total);
  parts_.listener.progress({.items = writer_->put() + writer_->removed(),
                            .failed = writer_->failed(),
                            .share = std::min(share, 1.0)});
}

void Importer::fail_file(std::size_t number, const std::string& reason) {
  writer_->fail(
      fmt::format("{}: {}", source_.root->full_name(source_.files[number].file.name), reason));
}

/// One file to its end. False where it is not what an earlier run has read.
runtime::Task<bool> Importer::read_blocks(std::size_t number, Mark earlier) {
  const SourceFile& source = source_.files[number];
  table_files::FileForm form = options_.form;
  form.keys = table_.typed_names;
  const auto file = std::make_shared<OpenFile>(form);
  file->blocks.pass_over(earlier);
  const std::unique_ptr<FileBytes> bytes = co_await source_.root->open(source.file);
  std::optional<std::string> piece;
  bool is_last = false;
  Mark end;
  while (!has_ended()) {
    Step step = co_await runtime::elsewhere<Step>(
        runtime_, [file, piece = std::exchange(piece, std::nullopt)]() mutable {
          return file->step(std::move(piece));
        });
    if (!step.is_the_same) co_return false;
    if (!step.failure.empty()) {
      fail_file(number, step.failure);
      co_return true;
    }
    if (!step.block) {
      if (is_last) break;
      piece = co_await bytes->next();
      is_last = piece->empty();
      read_bytes_ += piece->size();
      show();
      continue;
    }
    end = step.block->end;
    if (end.lines <= earlier.lines) continue;
    auto block = std::make_shared<PendingBlock>(
        PendingBlock{.file = number,
                     .name = source_.root->full_name(source.file.name),
                     .form = file->blocks.form(),
                     .block = *std::move(step.block)});
    const std::size_t place = marks_[number].begin(end);
    if (!co_await waiting_.send({std::move(block), place})) co_return true;
  }
  if (!has_ended()) check_end(number, *file, end.records);
  co_return true;
}

/// Whether it was what the export's manifest says.
void Importer::check_end(std::size_t number, OpenFile& file, std::uint64_t records) {
  const auto& expected = source_.files[number].expected;
  if (!expected) return;
  if (!expected->md5.empty() && file.md5.finish() != expected->md5)
    fail_file(number, "its MD5 is not the one that the export's manifest has");
  if (records != expected->items)
    fail_file(number, fmt::format("it has {} items, and the export's manifest says {}", records,
                                  expected->items));
}

runtime::Task<> Importer::read_file(std::size_t number) {
  const std::string& name = source_.files[number].file.name;
  const auto mark = earlier_.marks.find(name);
  if (mark != earlier_.marks.end()) {
    marks_[number].go_on_from(mark->second);
    const std::uint64_t before = read_bytes_;
    if (co_await read_blocks(number, mark->second)) co_return;
    earlier_.marks.erase(mark);
    parts_.listener.note(fmt::format("{} has changed since the earlier run; all of it is written.",
                                     source_.root->full_name(name)));
    marks_[number] = {};
    read_bytes_ = before;
  }
  co_await read_blocks(number, {});
}

runtime::Task<> Importer::read_in_turn(std::size_t& next) {
  while (next < source_.files.size() && !has_ended()) co_await read_file(next++);
}

runtime::Task<> Importer::read_files() {
  std::exception_ptr error;
  std::size_t next = 0;
  runtime::TaskGroup readers(most_readers);
  try {
    for (std::size_t i = 0; i < most_readers; ++i) co_await readers.spawn(read_in_turn(next));
    co_await readers.join();
  } catch (...) {
    error = std::current_exception();
    has_given_up_ = true;
  }
  waiting_.close();
  if (error) std::rethrow_exception(error);
}

runtime::Task<> Importer::finish_block(const Waiting& waiting) {
  PendingBlock& block = *waiting.block;
  if (--block.unsent > 0) co_return;
  if (!marks_[block.file].finish(waiting.number, block.failed)) co_return;
  show();
  co_await keep_now_and_then();
}

runtime::Task<> Importer::send_batch(Waiting waiting, std::vector<std::size_t> places) {
  co_await writer_->write(waiting.block, std::move(places));
  co_await finish_block(waiting);
}

runtime::Task<> Importer::send_blocks() {
  std::exception_ptr error;
  try {
    while (auto waiting = co_await waiting_.receive()) {
      PendingBlock& block = *waiting->block;
      for (const table_files::BadRecord& bad : block.block.bad)
        writer_->fail(block, bad.line, bad.reason);
      auto batches = writer_->divide(block.block);
      block.unsent = batches.size() + 1;
      for (auto& batch : batches) co_await sends_.spawn(send_batch(*waiting, std::move(batch)));
      co_await finish_block(*waiting);
    }
    co_await sends_.join();
  } catch (...) {
    error = std::current_exception();
    has_given_up_ = true;
    waiting_.close();
  }
  if (error) std::rethrow_exception(error);
}

ImportState Importer::state() const {
  ImportState now{.failed = earlier_.failed, .failures = earlier_.failures};
  for (std::size_t i = 0; i < marks_.size(); ++i) {
    now.failed += marks_[i].failed();
    if (marks_[i].mark().lines > 0) now.marks[source_.files[i].file.name] = marks_[i].mark();
  }
  if (now.failed > earlier_.failed)
    now.failures.insert(now.failures.end(), writer_->failures().begin(), writer_->failures().end());
  return now;
}

/// Where that cannot be, the next run begins at the start.
runtime::Task<> Importer::keep(ImportState state) {
  co_await runtime::elsewhere<bool>(
      runtime_, [&disk = runtime_.disk, directory = options_.state_directory, path = state_path_,
                 text = to_text(state)] {
        return disk.create_directories(directory) && disk.write_atomically(path, text);
      });
}

/// What was all written at the last look is kept now: a crash of the machine takes nothing back of
/// what the file speaks of.
runtime::Task<> Importer::keep_now_and_then() {
  if (is_keeping_ || runtime_.clock.now() - kept_at_ < keep_every) co_return;
  kept_at_ = runtime_.clock.now();
  ImportState older = std::exchange(next_state_, state());
  if (older.marks.empty()) co_return;
  is_keeping_ = true;
  co_await keep(std::move(older));
  is_keeping_ = false;
}

runtime::Task<> Importer::end_state() {
  if (parts_.stop.is_made) {
    co_await keep(state());
    co_return;
  }
  co_await runtime::elsewhere<bool>(runtime_, [&disk = runtime_.disk, path = state_path_] {
    return disk.remove(path).has_value();
  });
}

runtime::Task<> Importer::move_all() {
  runtime::TaskGroup both(2);
  co_await both.spawn(send_blocks());
  co_await both.spawn(read_files());
  co_await both.join();
}

runtime::Task<ImportSummary> Importer::run() {
  source_ = co_await find_source(parts_.files, options_.source);
  co_await require_table();
  read_earlier();
  marks_.resize(source_.files.size());
  kept_at_ = runtime_.clock.now();
  const runtime::Time started = kept_at_;
  co_await move_all();
  co_await end_state();
  const double seconds = std::chrono::duration<double>(runtime_.clock.now() - started).count();
  ImportSummary summary = summarize(seconds);
  co_return summary;
}

ImportSummary Importer::summarize(double seconds) const {
  ImportSummary summary{.table = table_.name, .source = options_.source.name()};
  summary.files = source_.files.size();
  summary.bytes = source_.bytes();
  summary.put = writer_->put();
  summary.removed = writer_->removed();
  summary.repeated = writer_->repeated();
  for (const auto& [name, mark] : earlier_.marks) summary.before += mark.records;
  summary.failed = earlier_.failed + writer_->failed();
  summary.failures = earlier_.failures;
  summary.failures.insert(summary.failures.end(), writer_->failures().begin(),
                          writer_->failures().end());
  summary.created = is_created_;
  summary.stopped = parts_.stop.is_made;
  summary.seconds = seconds;
  return summary;
}

}  // namespace

runtime::Task<ImportSummary> run_import(ImportOptions options, ImportParts parts) {
  Importer importer(options, parts);
  co_return co_await importer.run();
}

}  // namespace matinee::jobs::tables
