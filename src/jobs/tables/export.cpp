// Segments of a table, scanned side by side; workers turn their pages into lines.
#include "jobs/tables/export.h"

#include <fmt/format.h>

#include "jobs/report.h"
#include "jobs/tables/export_target.h"
#include "runtime/task_group.h"

namespace matinee::jobs::tables {
namespace {

constexpr int most_attempts = 40;

class Exporter {
 public:
  Exporter(const ExportOptions& options, ExportParts& parts)
      : options_(options),
        parts_(parts),
        backoff_(parts.files.runtime.clock, parts.files.runtime.random,
                 {.cap = std::chrono::seconds(5)}),
        target_(is_folder() ? make_folder_target(options, parts)
                            : make_file_target(options, parts)) {}

  runtime::Task<ExportSummary> run();

 private:
  const ExportOptions& options_;
  ExportParts& parts_;
  client::Backoff backoff_;
  TableKeys table_;
  std::unique_ptr<ExportTarget> target_;
  std::uint64_t items_ = 0;
  bool has_given_up_ = false;

  bool is_folder() const {
    const Place& target = options_.target;
    if (target.kind == Place::Kind::standard_output) return false;
    return target.kind == Place::Kind::bucket || !is_file_name(target.path);
  }
  bool has_ended() const { return parts_.stop.is_made || has_given_up_; }
  runtime::Task<> read_segment(std::size_t segment);
  runtime::Task<> read_pages(std::size_t segment);
  runtime::Task<dynamodb::ScanResponse> scan(dynamodb::ScanRequest request);
};

runtime::Task<dynamodb::ScanResponse> Exporter::scan(dynamodb::ScanRequest request) {
  for (int attempt = 1;; ++attempt) {
    try {
      co_return co_await parts_.dynamodb.scan(request);
    } catch (const protocol::ServiceError& error) {
      if (error.status() == 403 || error.code().contains("AccessDenied"))
        throw JobError(fmt::format("The table {} may not be read, which needs dynamodb:Scan: {}",
                                   table_.name, sentence_of(error, options_.cloud)));
      if (!client::is_throttling(error) || attempt >= most_attempts)
        throw JobError(
            fmt::format("The table {}: {}", table_.name, sentence_of(error, options_.cloud)));
    }
    co_await backoff_.pause(attempt);
  }
}

runtime::Task<> Exporter::read_pages(std::size_t segment) {
  dynamodb::ScanRequest request;
  request.table_name = table_.name;
  request.total_segments = static_cast<std::int32_t>(options_.segments);
  request.segment = static_cast<std::int32_t>(segment);
  while (!has_ended()) {
    dynamodb::ScanResponse page = co_await scan(request);
    if (page.items && !page.items->empty()) {
      const std::uint64_t count = page.items->size();
      co_await target_->add(segment, *std::move(page.items));
      items_ += count;
      const double total = static_cast<double>(std::max<std::uint64_t>(table_.items, 1));
      parts_.listener.progress(
          {.items = items_, .share = std::min(static_cast<double>(items_) / total, 1.0)});
    }
    if (!page.last_evaluated_key || page.last_evaluated_key->empty()) co_return;
    request.exclusive_start_key = std::move(page.last_evaluated_key);
  }
}

runtime::Task<> Exporter::read_segment(std::size_t segment) {
  std::exception_ptr error;
  try {
    co_await read_pages(segment);
  } catch (...) {
    error = std::current_exception();
    has_given_up_ = true;
  }
  if (error) std::rethrow_exception(error);
}

runtime::Task<ExportSummary> Exporter::run() {
  const runtime::Clock& clock = parts_.files.runtime.clock;
  const runtime::Time started = clock.now();
  auto found = co_await find_table(parts_.dynamodb, options_.table, options_.cloud);
  if (!found)
    throw JobError(fmt::format("There is no table {} in {} ({}).", options_.table, options_.cloud,
                               options_.region));
  table_ = *std::move(found);
  co_await target_->begin();
  runtime::TaskGroup segments(options_.segments);
  for (std::size_t i = 0; i < options_.segments; ++i) co_await segments.spawn(read_segment(i));
  co_await segments.join();
  if (!parts_.stop.is_made) co_await target_->end(table_, items_);
  ExportSummary summary{.table = table_.name, .target = options_.target.name()};
  summary.items = items_;
  summary.files = target_->files();
  summary.bytes = target_->bytes();
  summary.stopped = parts_.stop.is_made;
  summary.seconds = std::chrono::duration<double>(clock.now() - started).count();
  co_return summary;
}

}  // namespace

runtime::Task<ExportSummary> run_export(ExportOptions options, ExportParts parts) {
  Exporter exporter(options, parts);
  co_return co_await exporter.run();
}

}  // namespace matinee::jobs::tables
