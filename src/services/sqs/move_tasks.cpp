// Message move tasks: what went to a dead-letter queue goes back to where it came from, or to
// another queue. A task is a record in the store and, while it runs, a timer; each of its steps
// moves messages and says so in one transaction, so that a task goes on after a crash where it
// stopped, and moves no message twice.
#include <fmt/format.h>
#include <simdjson.h>

#include "protocol/base64.h"
#include "runtime/assertion.h"
#include "runtime/timer_purpose.h"
#include "services/sqs/rules.h"
#include "services/sqs/service.h"
#include "storage/store.h"

namespace matinee::sqs {

namespace {

constexpr std::uint32_t max_rate = 500;
constexpr std::int32_t max_listed_tasks = 10;
/// Of one account.
constexpr std::ptrdiff_t max_running_tasks = 100;
constexpr runtime::Duration longest_task = std::chrono::hours(36);
/// A step is short, so that others are not kept waiting.
constexpr std::uint64_t messages_a_step = 100;
constexpr runtime::Duration shortest_pause = std::chrono::milliseconds(20);
constexpr runtime::Duration pause_after_failure = std::chrono::seconds(1);

constexpr runtime::TimerPurpose moving{.what = "SQS goes on with move tasks",
                                       .is_on_the_way = true};

std::string_view name_of(MoveStatus status) {
  switch (status) {
    case MoveStatus::running:
      return "RUNNING";
    case MoveStatus::completed:
      return "COMPLETED";
    case MoveStatus::cancelled:
      return "CANCELLED";
    case MoveStatus::failed:
      return "FAILED";
  }
  return "";
}

ListMessageMoveTasksResultEntry describe_task(const MoveTaskRecord& record) {
  ListMessageMoveTasksResultEntry entry;
  if (record.status == MoveStatus::running) entry.task_handle = record.handle;
  entry.status = name_of(record.status);
  entry.source_arn = record.source_arn;
  if (!record.destination_arn.empty()) entry.destination_arn = record.destination_arn;
  if (record.rate > 0) entry.max_number_of_messages_per_second = record.rate;
  entry.approximate_number_of_messages_moved = static_cast<std::int64_t>(record.moved);
  entry.approximate_number_of_messages_to_move = static_cast<std::int64_t>(record.to_move);
  if (!record.failure.empty()) entry.failure_reason = record.failure;
  entry.started_timestamp = runtime::to_milliseconds(record.started_at);
  return entry;
}

ResourceNotFoundException no_such_resource(std::string_view parameter) {
  return ResourceNotFoundException(fmt::format(
      "The resource that you specified for the {} parameter doesn't exist.", parameter));
}

/// Opaque to clients; AWS's are of this form.
std::string make_handle(const MessageId& id, const std::string& source_arn) {
  return protocol::base64_encode(
      fmt::format(R"({{"taskId":"{}","sourceArn":"{}"}})", to_string(id), source_arn));
}

std::uint32_t checked_rate(std::optional<std::int32_t> rate) {
  if (!rate) return 0;
  if (*rate < 1 || *rate > static_cast<std::int32_t>(max_rate))
    refuse_value("MaxNumberOfMessagesPerSecond", std::to_string(*rate),
                 fmt::format("Must be between 1 and {}, if provided.", max_rate));
  return static_cast<std::uint32_t>(*rate);
}

}  // namespace

std::optional<std::string> source_of_handle(const std::string& handle) {
  const std::optional<std::string> json = protocol::base64_decode(handle);
  simdjson::dom::parser parser;
  simdjson::dom::object members;
  std::string_view task;
  std::string_view source;
  if (!json || parser.parse(*json).get(members) || members["taskId"].get(task)) return std::nullopt;
  if (members["sourceArn"].get(source)) return "";
  return std::string(source);
}

Queue& Service::require_queue_of_arn(const Context& context, std::string_view parameter,
                                     const std::string& arn) {
  const std::optional<QueueKey> key = parse_arn(arn);
  if (!key) refuse_value(parameter, arn, "It must be the ARN of a queue.");
  const bool reachable = key->account == context.account && key->region == context.region;
  Queue* queue = reachable ? find_queue(*key) : nullptr;
  if (!queue) throw no_such_resource(parameter);
  return *queue;
}

void Service::require_dead_letter_queue(const Queue& queue) const {
  for (const auto& [key, other] : queues_)
    if (other->settings.redrive && other->settings.redrive->target == queue.key) return;
  throw InvalidParameterValueException("Source queue must be configured as a Dead Letter Queue.");
}

StartMessageMoveTaskResponse Service::start_message_move_task(
    const Context& context, const StartMessageMoveTaskRequest& request) {
  Queue& source = require_queue_of_arn(context, "SourceArn", request.source_arn);
  const std::uint32_t rate = checked_rate(request.max_number_of_messages_per_second);
  if (request.destination_arn) {
    const Queue& target = require_queue_of_arn(context, "DestinationArn", *request.destination_arn);
    if (&target == &source)
      throw InvalidParameterValueException(
          "Source queue arn and destination queue arn cannot be the same.");
    if (target.settings.fifo != source.settings.fifo)
      throw InvalidParameterValueException(
          "Source queue and destination queue must be of the same type.");
  }
  require_dead_letter_queue(source);
  for (const auto& [number, task] : move_tasks_)
    if (task.record.source_arn == source.arn && task.record.status == MoveStatus::running)
      throw InvalidParameterValueException(
          "There is already a task running. Only one active task is allowed for a source queue arn "
          "at a given time.");
  const auto is_running = [&](const auto& numbered) {
    const MoveTaskRecord& record = numbered.second.record;
    return record.status == MoveStatus::running &&
           parse_arn(record.source_arn)->account == context.account;
  };
  if (std::ranges::count_if(move_tasks_, is_running) >= max_running_tasks)
    throw OverLimit(fmt::format("{} message move tasks are active, maximum allowed is {}.",
                                max_running_tasks, max_running_tasks));
  forget_old_tasks(source.arn, max_listed_tasks - 1);
  const std::uint64_t number = counters_.find(Counter::next_move_task).value_or(1);
  counters_.put(Counter::next_move_task, number + 1);
  const MessageIndex& index = messages_of(source).index;
  expire(source);
  const std::string handle = make_handle(message_id(source.hash_key, number), source.arn);
  put_task(number, {.source_arn = source.arn,
                    .destination_arn = request.destination_arn.value_or(""),
                    .handle = handle,
                    .rate = rate,
                    .to_move = index.counts().visible,
                    .started_at = clock_.now(),
                    .failure = ""});
  store_.on_commit([this, number] { resume(number); });
  return {.task_handle = handle};
}

ListMessageMoveTasksResponse Service::list_message_move_tasks(
    const Context& context, const ListMessageMoveTasksRequest& request) {
  const Queue& source = require_queue_of_arn(context, "SourceArn", request.source_arn);
  const std::int32_t most = request.max_results.value_or(1);
  if (most < 1 || most > max_listed_tasks)
    refuse_value("MaxResults", std::to_string(most), "Must be between 1 and 10, if provided.");
  std::vector<ListMessageMoveTasksResultEntry> results;
  for (auto place = move_tasks_.rbegin();
       place != move_tasks_.rend() && results.size() < static_cast<std::size_t>(most); ++place)
    if (place->second.record.source_arn == source.arn)
      results.push_back(describe_task(place->second.record));
  return {.results = std::move(results)};
}

CancelMessageMoveTaskResponse Service::cancel_message_move_task(
    const Context& context, const CancelMessageMoveTaskRequest& request) {
  const std::optional<std::string> source_arn = source_of_handle(request.task_handle);
  if (!source_arn)
    throw InvalidParameterValueException("Value for parameter TaskHandle is invalid.");
  if (!parse_arn(*source_arn)) throw no_such_resource("SourceArn");
  require_queue_of_arn(context, "SourceArn", *source_arn);
  for (const auto& [number, task] : move_tasks_) {
    const MoveTaskRecord& record = task.record;
    const std::optional<QueueKey> source = parse_arn(record.source_arn);
    if (record.handle != request.task_handle || source->account != context.account) continue;
    if (record.status != MoveStatus::running)
      throw UnsupportedOperation("Only active tasks can be cancelled.");
    MoveTaskRecord cancelled = record;
    cancelled.status = MoveStatus::cancelled;
    put_task(number, cancelled);
    return {.approximate_number_of_messages_moved = static_cast<std::int64_t>(cancelled.moved)};
  }
  throw ResourceNotFoundException("Task does not exist.");
}

// Tasks in memory mirror the table.

void Service::load_move_tasks() {
  move_tasks_table_.scan(move_tasks_table_.all(), [&](std::uint64_t number, MoveTaskRecord record) {
    const bool running = record.status == MoveStatus::running;
    move_tasks_[number].record = std::move(record);
    if (running) resume(number);
    return true;
  });
}

void Service::stop_move_tasks() {
  for (const auto& [number, task] : move_tasks_) clock_.cancel(task.timer);
}

void Service::put_task(std::uint64_t number, MoveTaskRecord record) {
  move_tasks_table_.put(number, record);
  store_.on_commit([this, number, record = std::move(record)]() mutable {
    MoveTask& task = move_tasks_[number];
    task.record = std::move(record);
    if (task.record.status != MoveStatus::running) clock_.cancel(task.timer);
  });
}

/// Keeps the `most` newest tasks of a source queue.
void Service::forget_old_tasks(const std::string& source_arn, std::size_t most) {
  std::size_t kept = 0;
  for (auto place = move_tasks_.rbegin(); place != move_tasks_.rend(); ++place) {
    if (place->second.record.source_arn != source_arn || kept++ < most) continue;
    const std::uint64_t number = place->first;
    move_tasks_table_.erase(number);
    store_.on_commit([this, number] {
      clock_.cancel(move_tasks_.at(number).timer);
      move_tasks_.erase(number);
    });
  }
}

/// Starts a task, or goes on with it after a restart: the pause in between earns it no messages.
void Service::resume(std::uint64_t number) {
  MoveTask& task = move_tasks_.at(number);
  task.resumed_at = clock_.now();
  task.moved_before = task.record.moved;
  schedule(number, runtime::Duration(0));
}

void Service::schedule(std::uint64_t number, runtime::Duration pause) {
  move_tasks_.at(number).timer = runtime::call_for(clock_, moving, clock_.now() + pause,
                                                   [this, number] { move_some(number); });
}

void Service::move_some(std::uint64_t number) {
  const MoveTask& task = move_tasks_.at(number);
  try {
    storage::Transaction transaction(store_);
    put_task(number, move_batch(task));
    transaction.commit();
  } catch (const storage::StoreFailure&) {
    // Nothing has moved; the disk may have room again later.
    schedule(number, pause_after_failure);
    return;
  }
  if (task.record.status != MoveStatus::running) return;
  const std::uint32_t rate = task.record.rate;
  const runtime::Duration pause =
      rate == 0 ? runtime::Duration(0)
                : std::max(shortest_pause, runtime::Duration(std::chrono::seconds(1)) / rate);
  schedule(number, pause);
}

std::uint64_t Service::allowed_now(const MoveTask& task) const {
  const MoveTaskRecord& record = task.record;
  std::uint64_t allowed = messages_a_step;
  if (record.rate > 0) {
    constexpr std::uint64_t second = runtime::Duration(std::chrono::seconds(1)).count();
    const auto passed = static_cast<std::uint64_t>((clock_.now() - task.resumed_at).count());
    const std::uint64_t earned = task.moved_before + passed * record.rate / second;
    allowed = std::min(allowed, earned - std::min(earned, record.moved));
  }
  return std::min(allowed, record.to_move - record.moved);
}

MoveTaskRecord Service::move_batch(const MoveTask& task) {
  MoveTaskRecord record = task.record;
  if (clock_.now() >= record.started_at + longest_task) {
    record.status = MoveStatus::failed;
    record.failure = "TaskTimeLimitExceeded";
    return record;
  }
  Queue* source = find_queue(*parse_arn(record.source_arn));
  runtime::expect(source != nullptr, "a queue takes its tasks with it");
  const MessageIndex& index = messages_of(*source).index;
  expire(*source);
  PageChanges changes(store_, tables_, *source);
  for (std::uint64_t left = allowed_now(task); left > 0; --left) {
    const Slot slot = index.next(Receiving{});
    if (slot == no_slot) break;
    Queue* target = find_destination(*source, slot, record);
    if (!target) break;
    move_message(*source, slot, *target, {.kind = services::HopKind::moved});
    changes.remove(slot);
    ++record.moved;
  }
  changes.write();
  const bool done = record.moved == record.to_move || index.next(Receiving{}) == no_slot;
  if (done && record.status == MoveStatus::running) record.status = MoveStatus::completed;
  return record;
}

/// Where the message goes to. Without such a queue the task fails, and the message stays.
Queue* Service::find_destination(Queue& source, Slot slot, MoveTaskRecord& record) {
  std::string arn = record.destination_arn;
  if (arn.empty()) {
    const Entry& entry = source.messages->index[slot];
    arn = read_message(tables_.require_page(source.record.number, entry.page()), entry.offset)
              .dead_letter_source_arn;
  }
  const std::optional<QueueKey> key = parse_arn(arn);
  Queue* target = key ? find_queue(*key) : nullptr;
  if (target && target->settings.fifo == source.settings.fifo) return target;
  record.status = MoveStatus::failed;
  record.failure =
      arn.empty() ? "CouldNotDetermineMessageSource" : "AWS.SimpleQueueService.NonExistentQueue";
  return nullptr;
}

}  // namespace matinee::sqs
