// Queues come and go: CreateQueue, GetQueueUrl, ListQueues, DeleteQueue, PurgeQueue.
#include <fmt/format.h>

#include "protocol/base64.h"
#include "services/sqs/rules.h"
#include "services/sqs/service.h"
#include "storage/store.h"

namespace matinee::sqs {

namespace {

constexpr std::int32_t max_listed_queues = 1000;

bool asks_for_fifo(const Attributes& attributes) {
  const auto fifo = attributes.find("FifoQueue");
  return fifo != attributes.end() &&
         (fifo->second == "true" || fifo->second == "True" || fifo->second == "TRUE");
}

/// An existing queue may be created again with the attributes that it has.
void require_same(const Queue& queue, const Attributes& asked) {
  for (const auto& [name, value] : asked)
    if (find_attribute(queue.record.attributes, name, queue.settings.fifo).value_or("") != value)
      throw QueueNameExists(fmt::format(
          "A queue already exists with the same name and a different value for attribute {}",
          name));
}

}  // namespace

CreateQueueResponse Service::create_queue(const Context& context,
                                          const CreateQueueRequest& request) {
  const Attributes given = request.attributes.value_or(Attributes{});
  const bool fifo = asks_for_fifo(given);
  if (request.queue_name.empty()) refuse_missing("QueueName");
  require_queue_name(request.queue_name, fifo);
  const Attributes checked = checked_attributes(given, fifo);
  const QueueKey key{
      .account = context.account, .region = context.region, .name = request.queue_name};
  if (const Queue* existing = find_queue(key)) {
    require_same(*existing, checked);
    return {.queue_url = url_of(context, key)};
  }
  require_name_is_free(key);
  Attributes attributes;
  apply_attributes(attributes, checked);
  require_consistent(key, attributes);
  Attributes tags = request.tags.value_or(Attributes{});
  require_tags(tags, context);
  require_tag_count(tags.size(), request.queue_name);
  add_queue(key, std::move(attributes), std::move(tags));
  return {.queue_url = url_of(context, key)};
}

/// Throws QueueDeletedRecently.
void Service::require_name_is_free(const QueueKey& key) {
  const std::optional<runtime::Time> deleted_at = deleted_queues_.find(to_stored(key));
  if (!deleted_at) return;
  if (clock_.now() < *deleted_at + options_.name_reuse_wait)
    throw QueueDeletedRecently(fmt::format(
        "You must wait {} seconds after deleting a queue before you can create another with the "
        "same name.",
        options_.name_reuse_wait.count()));
  deleted_queues_.erase(to_stored(key));
}

Queue& Service::add_queue(const QueueKey& key, Attributes attributes, Attributes tags) {
  const runtime::Time now = clock_.now();
  QueueRecord record{.number = counters_.find(Counter::next_queue_number).value_or(1),
                     .hash_key_first = random_.next(),
                     .hash_key_second = random_.next(),
                     .created_at = now,
                     .modified_at = now,
                     .purged_at = std::nullopt,
                     .attributes = std::move(attributes),
                     .tags = std::move(tags)};
  counters_.put(Counter::next_queue_number, record.number + 1);
  queues_table_.put(to_stored(key), record);
  const std::uint64_t number = record.number;
  Queue& queue =
      *queues_.emplace(key, std::make_unique<Queue>(key, std::move(record))).first->second;
  queues_by_number_[number] = &queue;
  has_policies_ |= queue.settings.policy != nullptr;
  store_.on_rollback([this, &queue] { forget_queue(queue); });
  store_.on_commit([this, arn = queue.arn] { wake_missing(arn); });
  return queue;
}

void Service::forget_queue(Queue& queue) {
  queues_by_number_.erase(queue.record.number);
  queues_.erase(QueueKey(queue.key));
}

GetQueueUrlResponse Service::get_queue_url(const Context& context,
                                           const GetQueueUrlRequest& request) {
  if (request.queue_name.empty()) refuse_missing("QueueName");
  const QueueKey key{.account = request.queue_owner_aws_account_id.value_or(context.account),
                     .region = context.region,
                     .name = request.queue_name};
  if (!find_queue(key)) throw no_such_queue();
  return {.queue_url = url_of(context, key)};
}

Service::QueuePage Service::page_of_queues(const Context& context, const PageRequest& request,
                                           const std::function<bool(const Queue&)>& wanted) {
  const std::int32_t limit = request.max_results.value_or(max_listed_queues);
  if (limit < 1 || limit > max_listed_queues)
    refuse_value("MaxResults", std::to_string(limit), "Must be between 1 and 1000, if provided.");
  std::string last;  // of the page before
  if (request.next_token) {
    std::optional<std::string> decoded = protocol::base64_decode(*request.next_token);
    if (!decoded || !is_queue_name(*decoded))
      refuse_value("NextToken", *request.next_token, "Invalid or expired next token.");
    last = std::move(*decoded);
  }
  const QueueKey start{
      .account = context.account, .region = context.region, .name = std::max(request.prefix, last)};
  QueuePage page;
  for (auto place = last > request.prefix ? queues_.upper_bound(start) : queues_.lower_bound(start);
       place != queues_.end(); ++place) {
    const QueueKey& key = place->first;
    if (key.account != context.account || key.region != context.region ||
        !key.name.starts_with(request.prefix))
      break;
    if (!wanted(*place->second)) continue;
    if (page.urls.size() == static_cast<std::size_t>(limit)) {
      if (request.max_results) page.next_token = protocol::base64_encode(last);
      break;
    }
    page.urls.push_back(url_of(context, key));
    last = key.name;
  }
  return page;
}

ListQueuesResponse Service::list_queues(const Context& context, const ListQueuesRequest& request) {
  QueuePage page = page_of_queues(context,
                                  {.max_results = request.max_results,
                                   .next_token = request.next_token,
                                   .prefix = request.queue_name_prefix.value_or("")},
                                  [](const Queue&) { return true; });
  ListQueuesResponse response{.queue_urls = std::nullopt, .next_token = page.next_token};
  if (!page.urls.empty()) response.queue_urls = std::move(page.urls);
  return response;
}

ListDeadLetterSourceQueuesResponse Service::list_dead_letter_source_queues(
    const Context& context, const ListDeadLetterSourceQueuesRequest& request) {
  const Queue& target = require_queue(context, request.queue_url);
  QueuePage page = page_of_queues(
      context, {.max_results = request.max_results, .next_token = request.next_token, .prefix = ""},
      [&](const Queue& queue) {
        return queue.settings.redrive && queue.settings.redrive->target == target.key;
      });
  return {.queue_urls = std::move(page.urls), .next_token = std::move(page.next_token)};
}

DeleteQueueResponse Service::delete_queue(const Context& context,
                                          const DeleteQueueRequest& request) {
  Queue& queue = require_queue(context, request.queue_url);
  deleted_queues_.put(to_stored(queue.key), clock_.now());
  remove_queue(queue);
  return {};
}

void Service::remove_queue(Queue& queue) {
  queues_table_.erase(to_stored(queue.key));
  tables_.erase_all(queue.record.number);
  forget_old_tasks(queue.arn, 0);
  store_.on_commit([this, &queue] {
    const std::list<Waiter*> waiters = std::move(queue.waiters);
    wake(queue.watchers);
    clock_.cancel(queue.next_change);
    forget_queue(queue);
    for (Waiter* waiter : waiters) fail(*waiter, std::make_exception_ptr(no_such_queue()));
  });
}

/// Names are free at once: a test begins where another one has begun.
void Service::reset(const services::ResetScope& scope) {
  for (const auto& [key, queue] : queues_)
    if (scope.covers(key.account)) remove_queue(*queue);
  deleted_queues_.erase_range(scope.account ? deleted_queues_.prefix(*scope.account)
                                            : deleted_queues_.all());
}

PurgeQueueResponse Service::purge_queue(const Context& context, const PurgeQueueRequest& request) {
  Queue& queue = require_queue(context, request.queue_url);
  const runtime::Time now = clock_.now();
  if (queue.record.purged_at && now < *queue.record.purged_at + options_.purge_wait)
    throw PurgeQueueInProgress(
        fmt::format("Only one PurgeQueue operation on {} is allowed every {} seconds.",
                    queue.key.name, options_.purge_wait.count()));
  QueueRecord record = queue.record;
  record.purged_at = now;
  change_record(queue, std::move(record));
  undo_on_rollback(store_, queue);
  // The deduplication ids go too: what was sent before can be sent again.
  tables_.erase_all(queue.record.number);
  queue.messages.reset();
  if (telling_.has_journal())
    telling_.tell(queue,
                  {.kind = services::HopKind::deleted,
                   .caller = &context,
                   .reason = "all messages were purged"},
                  {});
  return {};
}

}  // namespace matinee::sqs
