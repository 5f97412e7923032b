// Export tasks: the events of a group, as gzip files in a bucket, one directory for each stream.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/log.h"
#include "runtime/timer_purpose.h"
#include "services/logs/gzip.h"
#include "services/logs/service.h"

namespace matinee::logs {

namespace {

/// AWS begins some time after a task was made. So it can be cancelled, and seen to be pending.
constexpr std::chrono::seconds wait_before_start{1};

constexpr runtime::TimerPurpose beginning{.what = "CloudWatch Logs begins an export"};
/// What is zipped into one file.
constexpr std::size_t most_file_bytes = std::size_t{16} << 20;
constexpr std::size_t default_page = 50;
constexpr std::string_view default_prefix = "exportedlogs";
constexpr std::string_view pending = "PENDING";
constexpr std::string_view running = "RUNNING";

/// "2014-04-09T23:00:00.000Z".
std::string show_time(Milliseconds time) {
  const auto point =
      std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(time));
  const auto day = std::chrono::floor<std::chrono::days>(point);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(point - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", int(date.year()),
                     unsigned(date.month()), unsigned(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

ExportTask describe(const std::string& id, const ExportTaskRecord& record) {
  ExportTaskStatus status{.code = record.status};
  if (!record.message.empty()) status.message = record.message;
  return {.task_id = id,
          .task_name = record.name,
          .log_group_name = record.group,
          .from = record.from,
          .to = record.to,
          .destination = record.destination,
          .destination_prefix = record.prefix,
          .status = std::move(status),
          .execution_info = ExportTaskExecutionInfo{.creation_time = record.created,
                                                    .completion_time = record.completed}};
}

bool is_active(const ExportTaskRecord& record) {
  return record.status == pending || record.status == running;
}

services::ObjectToWrite object_of(const NameKey& key, const ExportTaskRecord& task,
                                  std::string name, std::string body) {
  return {.account = std::get<0>(key),
          .region = std::get<1>(key),
          .bucket = task.destination,
          .key = task.prefix + "/" + std::move(name),
          .body = std::move(body),
          .content_type = "application/octet-stream"};
}

}  // namespace

struct Service::Export {
  NameKey key;
  ExportTaskRecord task;
  Group group;
};

runtime::Task<CreateExportTaskResponse> Service::create_export_task(
    const Context& context, const CreateExportTaskRequest& request) {
  const Group group = require_group(context, request.log_group_name);
  if (request.from >= request.to || request.to < group.record.created)
    throw InvalidParameterException("The specified time range is not valid.");
  if (neighbours_.objects == nullptr)
    throw protocol::ServiceError("NotImplemented", 501, "There is no S3 to export to here.");
  const auto require_free = [&] {
    if (!catalog_.running_exports.is_empty(
            catalog_.running_exports.prefix(context.account, context.region)))
      throw LimitExceededException("Resource limit exceeded.");
  };
  require_free();
  const NameKey key = key_of(context, runtime_.random.uuid());
  const ExportTaskRecord record{
      .name = request.task_name,
      .group = request.log_group_name,
      .stream_prefix = request.log_stream_name_prefix,
      .from = request.from,
      .to = request.to,
      .destination = request.destination,
      .prefix = request.destination_prefix.value_or(std::string(default_prefix)),
      .status = std::string(pending),
      .created = now()};
  try {
    co_await neighbours_.objects->write(
        object_of(key, record, "aws-logs-write-test", "Permission Check Successful"));
  } catch (const protocol::ServiceError& error) {
    throw InvalidParameterException(
        error.code() == "NoSuchBucket"
            ? "The given bucket does not exist. Please provide a valid bucket."
            : "PutObject call on the given bucket failed. Please check if CloudWatch Logs has been "
              "granted permission to perform this operation.");
  }
  storage::Transaction transaction(store_);
  require_free();
  catalog_.export_tasks.put(key, record);
  catalog_.running_exports.put(key, true);
  transaction.commit();
  start_export(key);
  co_return CreateExportTaskResponse{.task_id = std::get<2>(key)};
}

CancelExportTaskResponse Service::cancel_export_task(const Context& context,
                                                     const CancelExportTaskRequest& request) {
  const NameKey key = key_of(context, request.task_id);
  std::optional<ExportTaskRecord> record = catalog_.export_tasks.find(key);
  if (!record) throw ResourceNotFoundException("The specified export task does not exist.");
  if (!is_active(*record))
    throw InvalidOperationException("The specified export task has already finished.");
  record->status = "CANCELLED";
  record->message = "Cancelled by user";
  record->completed = now();
  catalog_.export_tasks.put(key, *record);
  catalog_.running_exports.erase(key);
  return {};
}

DescribeExportTasksResponse Service::describe_export_tasks(
    const Context& context, const DescribeExportTasksRequest& request) {
  constexpr std::string_view kind = "exports";
  DescribeExportTasksResponse response;
  std::vector<ExportTask>& tasks = response.export_tasks.emplace();
  if (request.task_id) {
    if (const auto record = catalog_.export_tasks.find(key_of(context, *request.task_id)))
      tasks.push_back(describe(*request.task_id, *record));
    return response;
  }
  PageQuery page{.limit =
                     static_cast<std::size_t>(request.limit.value_or(std::int32_t{default_page}))};
  if (request.next_token) page.after = read_page_token(kind, *request.next_token);
  const auto last = visit_page(catalog_.export_tasks, std::tuple(context.account, context.region),
                               page, [&](const std::string& id, const ExportTaskRecord& record) {
                                 const bool is_wanted =
                                     !request.status_code || record.status == *request.status_code;
                                 if (is_wanted) tasks.push_back(describe(id, record));
                                 return is_wanted;
                               });
  if (last) response.next_token = page_token(kind, *last);
  return response;
}

/// What an earlier run has begun is begun again: the same files are written.
void Service::resume_exports() {
  catalog_.running_exports.scan(catalog_.running_exports.all(), [&](NameKey key, bool) {
    runtime_.loop.post([this, key = std::move(key), alive = std::weak_ptr(alive_)]() mutable {
      if (!alive.expired()) start_export(std::move(key));
    });
    return true;
  });
}

void Service::start_export(NameKey key) {
  runtime::start(tasks_.spawn(run_export(std::move(key))), [](const std::exception_ptr&) {});
}

runtime::Task<> Service::run_export(NameKey key) {
  std::string failure;
  try {
    std::optional<ExportTaskRecord> task = catalog_.export_tasks.find(key);
    if (!task) co_return;
    const runtime::Time begin =
        runtime::Time(std::chrono::milliseconds(task->created)) + wait_before_start;
    co_await runtime::sleep_for(runtime_.clock, beginning, begin);
    task = catalog_.export_tasks.find(key);
    if (!task || !is_active(*task)) co_return;
    {
      storage::Transaction transaction(store_);
      task->status = running;
      catalog_.export_tasks.put(key, *task);
      transaction.commit();
    }
    co_await export_streams(key, *task);
  } catch (const std::exception& error) {
    failure = error.what();
    spdlog::error("The export task {} has failed: {}", std::get<2>(key), failure);
  }
  try {
    end_export(key, failure.empty() ? "COMPLETED" : "FAILED",
               failure.empty() ? "Completed successfully" : failure);
  } catch (const std::exception& error) {
    spdlog::error("The end of an export task could not be stored: {}", error.what());
  }
}

void Service::end_export(const NameKey& key, const std::string& status,
                         const std::string& message) {
  std::optional<ExportTaskRecord> task = catalog_.export_tasks.find(key);
  if (!task || !is_active(*task)) return;
  storage::Transaction transaction(store_);
  task->status = status;
  task->message = message;
  task->completed = now();
  catalog_.export_tasks.put(key, *task);
  catalog_.running_exports.erase(key);
  transaction.commit();
}

runtime::Task<> Service::export_streams(const NameKey& key, const ExportTaskRecord& task) {
  std::optional<Group> group =
      catalog_.find_group(NameKey{std::get<0>(key), std::get<1>(key), task.group});
  if (!group) throw std::runtime_error("The log group was deleted");
  const Export exported{.key = key, .task = task, .group = std::move(*group)};
  const GroupNumber number = exported.group.record.number;
  const std::string prefix = task.stream_prefix.value_or("");
  auto place = catalog_.streams.cursor(catalog_.streams.prefix(number));
  for (place.seek(std::tuple(number, prefix)); place.valid(); place.next()) {
    if (runtime_.loop.turns().is_over()) co_await runtime_.loop.turns().next();
    const Stream stream{.name = std::get<1>(place.key()), .record = place.record()};
    if (!stream.name.starts_with(prefix)) break;
    if (!co_await export_stream(exported, stream)) break;
  }
}

/// False where the task was cancelled.
runtime::Task<bool> Service::export_stream(const Export& exported, const Stream& stream) {
  std::string directory = std::get<2>(exported.key) + "/" + stream.name;
  // A stream is one directory, whatever its name.
  std::ranges::replace(directory.begin() + std::get<2>(exported.key).size() + 1, directory.end(),
                       '/', '-');
  EventQuery query{.from = std::max(exported.task.from, horizon_of(exported.group)),
                   .to = exported.task.to,
                   .longest_block = stream.record.longest_block};
  const auto source = blocks_of_streams(catalog_, exported.group.record.number,
                                        {stream.record.number}, query.direction);
  int file = 0;
  std::string text;
  for (bool has_more = true; has_more;) {
    EventPage page = co_await read_events(*source, query, runtime_.loop);
    for (const FoundEvent& event : page.events)
      text.append(show_time(event.position.time)).append(" ").append(event.text).append("\n");
    has_more = page.has_more;
    query.beyond = page.beyond;
    query.resume = page.resume;
    if (text.empty() || (has_more && text.size() < most_file_bytes)) continue;
    std::string zipped = co_await zip_aside(std::exchange(text, {}), runtime_);
    const std::optional<ExportTaskRecord> task = catalog_.export_tasks.find(exported.key);
    if (!task || !is_active(*task)) co_return false;
    co_await neighbours_.objects->write(object_of(exported.key, exported.task,
                                                  fmt::format("{}/{:06}.gz", directory, file++),
                                                  std::move(zipped)));
  }
  co_return true;
}

}  // namespace matinee::logs
