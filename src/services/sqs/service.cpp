// What the operations share: finding queues, their messages in memory, sequences, retention.
#include "services/sqs/service.h"

#include <fmt/format.h>

#include "runtime/movable_clock.h"
#include "services/sqs/expiry.h"
#include "services/sqs/queue_url.h"
#include "services/sqs/rules.h"
#include "sqs/operations.h"
#include "storage/store.h"

namespace matinee::sqs {

namespace {

/// Sequences are reserved in the store for so long ahead, by a small write now and then. After a
/// crash the next ones may be that much ahead of the clock; what is sent in that time is remembered
/// for so much longer by the deduplication.
constexpr runtime::Duration sequence_reserve = std::chrono::milliseconds(10);

QueueKey to_key(const StoredKey& stored) {
  return {
      .account = std::get<0>(stored), .region = std::get<1>(stored), .name = std::get<2>(stored)};
}

/// As AWS spells it: "SendMessageBatchRequestEntry.1.Id" for "Entries.1.member.Id".
std::string parameter_name(const protocol::Operation& operation, std::string_view path) {
  if (path == "Attributes") return "Attribute.Name";
  constexpr std::string_view entries = "Entries.";
  constexpr std::string_view member = ".member";
  if (!path.starts_with(entries)) return std::string(path);
  path.remove_prefix(entries.size());
  const std::size_t end = std::min(path.find(member), path.size());
  const std::string_view rest = path.substr(end);
  return fmt::format("{}RequestEntry.{}{}", operation.name, path.substr(0, end),
                     rest.substr(std::min(rest.size(), member.size())));
}

}  // namespace

Service::Service(storage::Store& store, runtime::Loop& loop, runtime::Random& random,
                 ServiceOptions options)
    : ServiceBase(sqs::model),
      store_(store),
      loop_(loop),
      clock_(loop.clock()),
      real_clock_(runtime::real_clock(clock_)),
      timers_(clock_),
      random_(random),
      options_(options),
      queues_table_(store, queues_table),
      deleted_queues_(store, deleted_queues_table),
      counters_(store, counters_table),
      tables_(store),
      move_tasks_table_(store, move_tasks_table) {
  load_queues();
  load_move_tasks();
}

Service::~Service() {
  stop_waiting();
  for (const auto& [key, queue] : queues_) clock_.cancel(queue->next_change);
  stop_move_tasks();
}

void Service::load_queues() {
  queues_table_.scan(queues_table_.all(), [&](const StoredKey& stored, QueueRecord record) {
    const QueueKey key = to_key(stored);
    const std::uint64_t number = record.number;
    auto queue = std::make_unique<Queue>(key, std::move(record));
    has_policies_ |= queue->settings.policy != nullptr;
    queues_by_number_[number] = queue.get();
    queues_.emplace(key, std::move(queue));
    return true;
  });
  reserved_sequence_ = counters_.find(Counter::reserved_sequence).value_or(0);
  last_sequence_ = reserved_sequence_;
}

Queue* Service::find_queue(const QueueKey& key) {
  const auto found = queues_.find(key);
  return found == queues_.end() ? nullptr : found->second.get();
}

const Queue* Service::find_queue(const QueueKey& key) const {
  const auto found = queues_.find(key);
  return found == queues_.end() ? nullptr : found->second.get();
}

Queue& Service::require_queue(const Context& context, const std::string& url) {
  if (url.empty()) refuse_missing("QueueUrl");
  const std::optional<QueueUrl> parts = parse_queue_url(url);
  if (!parts)
    throw InvalidAddress(fmt::format("The address {} is not valid for this endpoint.", url));
  Queue* queue =
      find_queue({.account = parts->account.empty() ? context.account : std::string(parts->account),
                  .region = context.region,
                  .name = std::string(parts->name)});
  if (!queue) throw no_such_queue();
  return *queue;
}

std::string Service::url_of(const Context& context, const QueueKey& key) const {
  return fmt::format("{}://{}/{}/{}", context.secure ? "https" : "http",
                     context.host.empty() ? "localhost:4566" : context.host, key.account, key.name);
}

QueueDoesNotExist Service::no_such_queue() {
  return QueueDoesNotExist("The specified queue does not exist.");
}

Messages& Service::messages_of(Queue& queue) {
  if (!queue.messages) load_messages(queue);
  queue.messages->index.advance(clock_.now());
  return *queue.messages;
}

void Service::load_messages(Queue& queue) {
  const runtime::Time now = clock_.now();
  auto messages = std::make_unique<Messages>(queue.settings.fifo);
  StateRules rules{.fifo_delay = std::nullopt, .now = now};
  if (queue.settings.fifo) rules.fifo_delay = queue.settings.delay;
  const Sequence recent = DeduplicationWindow::oldest(now);
  ChangeLogReader changes(tables_, queue.record.number);
  tables_.each_states(queue.record.number, [&](Sequence page, std::string_view states) {
    const PageUpdate* update = changes.find(page);
    const Slot first =
        place_states(messages->index, {.page = page, .bytes = states, .update = update}, rules);
    if (update) changes.placed(page, first);
    if (page >= recent) messages->sent_recently += messages->index[first].page_size;
  });
  messages->changes = changes.finish();
  queue.messages = std::move(messages);
}

DeduplicationWindow& Service::deduplication_of(Queue& queue) {
  if (!queue.messages->deduplication) load_deduplication(queue);
  return *queue.messages->deduplication;
}

void Service::load_deduplication(Queue& queue) {
  const runtime::Time now = clock_.now();
  DeduplicationWindow window;
  // Most ids that are remembered are of messages that are still there.
  window.reserve(queue.messages->sent_recently);
  // Each is added a few later than it is read, when its place has come from memory.
  std::array<std::pair<Hash96, Sequence>, 16> ahead{};
  std::size_t at = 0;
  const auto add = [&](const std::pair<Hash96, Sequence>& entry) {
    if (!entry.first.none()) window.add(entry.first, entry.second, now);
  };
  tables_.each_deduplication(queue.record.number, DeduplicationWindow::oldest(now),
                             [&](Sequence sequence, const Hash96& hash) {
                               add(std::exchange(ahead[at % ahead.size()], {hash, sequence}));
                               window.prefetch(hash);
                               ++at;
                             });
  for (std::size_t i = 0; i < ahead.size(); ++i) add(ahead[(at + i) % ahead.size()]);
  queue.messages->deduplication_swept = now;
  queue.messages->deduplication = std::move(window);
}

void Service::change_record(Queue& queue, QueueRecord record) {
  queues_table_.put(to_stored(queue.key), record);
  store_.on_rollback([&queue, before = queue.record]() mutable {
    queue.settings = read_settings(before.attributes);
    queue.record = std::move(before);
  });
  queue.settings = read_settings(record.attributes);
  has_policies_ |= queue.settings.policy != nullptr;
  queue.record = std::move(record);
}

Sequence Service::next_sequence(unsigned count) {
  const Sequence first = std::max(last_sequence_ + 1, sequence_at(clock_.now()));
  last_sequence_ = first + count - 1;
  if (last_sequence_ >= reserved_sequence_) {
    store_.on_rollback([this] { reserved_sequence_ = 0; });
    reserved_sequence_ = last_sequence_ + (static_cast<Sequence>(sequence_reserve.count()) << 10);
    counters_.put(Counter::reserved_sequence, reserved_sequence_);
  }
  return first;
}

void Service::expire(Queue& queue) {
  constexpr std::size_t most_told = 100;
  std::vector<ToldMessage> told;
  remove_expired(store_, tables_, queue,
                 {.now = clock_.now(), .most = SIZE_MAX, .before = [&](Slot slot) {
                    if (!telling_.has_journal() || told.size() == most_told) return;
                    if (auto message = told_of(queue, slot)) told.push_back(*std::move(message));
                  }});
  if (told.empty()) return;
  const std::string reason = reason_of_expiry(queue);
  telling_.tell(queue, {.kind = services::HopKind::expired, .reason = reason}, told);
}

protocol::ServiceError Service::invalid(const protocol::Operation& operation,
                                        const protocol::Violations& violations) const {
  const protocol::Violation& violation = violations.front();
  if (violation.rule != protocol::Rule::required)
    return InvalidParameterValueException(
        fmt::format("Value {} for parameter {} is invalid.", violation.value, violation.path));
  if (violation.path == "Entries")
    return EmptyBatchRequest(
        fmt::format("There should be at least one {}RequestEntry in the request.", operation.name));
  return MissingRequiredParameterException(fmt::format("The request must contain the parameter {}.",
                                                       parameter_name(operation, violation.path)));
}

}  // namespace matinee::sqs
