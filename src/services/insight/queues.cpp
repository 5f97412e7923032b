// What queues have, and what is done with single messages, for the console.
#include <fmt/format.h>

#include "insight/errors.h"
#include "services/arn.h"
#include "services/insight/hops.h"
#include "services/insight/service.h"
#include "services/insight/unusable.h"

namespace matinee::insight {

using services::QueuedState;

namespace {

constexpr std::int32_t most_messages = 500;
constexpr std::int32_t usual_messages = 50;
constexpr std::size_t most_handles = 1000;

std::optional<std::string> unless_empty(std::string text) {
  if (text.empty()) return std::nullopt;
  return text;
}

std::string_view to_text(QueuedState state) {
  switch (state) {
    case QueuedState::visible:
      return "visible";
    case QueuedState::delayed:
      return "delayed";
    case QueuedState::in_flight:
      return "in flight";
    case QueuedState::behind:
      return "behind its group";
  }
  return "";
}

QueueState to_state(services::QueueSummary summary) {
  QueueState state{.name = std::move(summary.name),
                   .arn = std::move(summary.arn),
                   .fifo = summary.fifo,
                   .visible = static_cast<std::int64_t>(summary.visible),
                   .in_flight = static_cast<std::int64_t>(summary.in_flight),
                   .delayed = static_cast<std::int64_t>(summary.delayed),
                   .oldest_sent = summary.oldest_sent,
                   .dead_letter_target = unless_empty(std::move(summary.dead_letter_target))};
  if (state.dead_letter_target)
    state.max_receives = static_cast<std::int64_t>(summary.max_receives);
  return state;
}

QueuedMessage to_message(services::SeenMessage seen) {
  QueuedMessage message{.handle = std::move(seen.handle),
                        .message_id = std::move(seen.id),
                        .body = std::move(seen.body),
                        .state = std::string(to_text(seen.state)),
                        .reason = std::move(seen.reason),
                        .blocker = unless_empty(std::move(seen.blocker)),
                        .sent_at = seen.sent_at,
                        .visible_at = seen.visible_at,
                        .expires_at = seen.expires_at,
                        .receives = static_cast<std::int64_t>(seen.receives),
                        .group = unless_empty(std::move(seen.group)),
                        .deduplication_id = unless_empty(std::move(seen.deduplication_id)),
                        .sender = unless_empty(std::move(seen.sender)),
                        .sequence_number = unless_empty(std::move(seen.sequence_number)),
                        .trace = unless_empty(std::move(seen.trace_header)),
                        .dead_letter_source = unless_empty(std::move(seen.dead_letter_source))};
  for (services::SeenAttribute& attribute : seen.attributes) {
    if (!message.attributes) message.attributes.emplace();
    message.attributes->push_back({.name = std::move(attribute.name),
                                   .type = std::move(attribute.type),
                                   .value = std::move(attribute.value)});
  }
  return message;
}

/// Its ARN. Throws where the queue is another account's.
std::string own_queue(const Context& context, const std::string& queue) {
  std::string arn = queue_arn(context, queue);
  const std::optional<services::Arn> parts = services::parse_arn(arn);
  if (!parts || parts->service != "sqs") throw unusable(fmt::format("{} is no queue.", queue));
  if (parts->account != context.account && !is_in_process(context))
    throw protocol::ServiceError("AccessDeniedException", 403,
                                 "Only queues of one's own account are shown.");
  return arn;
}

}  // namespace

services::QueueView& Service::queues() const {
  if (!queues_) throw protocol::ServiceError("NotImplemented", 501, "There are no queues here.");
  return *queues_;
}

runtime::Task<ListQueueStatesResponse> Service::list_queue_states(const Context& context,
                                                                  const ListQueueStatesRequest&) {
  std::vector<services::QueueSummary> summaries = co_await queues().summaries(context);
  ListQueueStatesResponse response{.now = clock_.now()};
  std::vector<QueueState>& states = response.queues.emplace();
  for (services::QueueSummary& summary : summaries) states.push_back(to_state(std::move(summary)));
  co_return response;
}

runtime::Task<PeekQueueResponse> Service::peek_queue(const Context& context,
                                                     const PeekQueueRequest& request) {
  const std::int32_t most = request.max_items.value_or(usual_messages);
  if (most < 1 || most > most_messages)
    throw unusable(fmt::format("max-items is between 1 and {}.", most_messages));
  services::QueueView::PageQuery query{.queue_arn = own_queue(context, request.queue),
                                       .after = request.after.value_or(""),
                                       .most = static_cast<std::size_t>(most)};
  services::QueuePage page = co_await queues().look(context, std::move(query));
  PeekQueueResponse response{.state = to_state(std::move(page.summary)),
                             .next = std::move(page.next),
                             .now = clock_.now()};
  std::vector<QueuedMessage>& messages = response.messages.emplace();
  for (services::SeenMessage& seen : page.messages) messages.push_back(to_message(std::move(seen)));
  co_return response;
}

ChangeQueuedResponse Service::change_queued(const Context& context,
                                            const ChangeQueuedRequest& request) {
  const std::vector<std::string> handles = request.handles.value_or(std::vector<std::string>());
  if (handles.empty() || handles.size() > most_handles)
    throw unusable(fmt::format("Give between 1 and {} handles of messages.", most_handles));
  const std::string arn = own_queue(context, request.queue);
  std::vector<std::string> gone;
  if (request.action == "delete") {
    gone = queues().delete_queued(context, arn, handles);
  } else if (request.action == "move") {
    const std::string target = request.target ? own_queue(context, *request.target) : "";
    gone =
        queues().move_queued(context, {.queue_arn = arn, .target_arn = target, .handles = handles});
  } else {
    throw unusable("The action is delete or move.");
  }
  return {.done = static_cast<std::int64_t>(handles.size() - gone.size()), .gone = std::move(gone)};
}

runtime::Task<StreamEventsResponse> Service::stream_events(const Context& context,
                                                           const StreamEventsRequest&) {
  if (!events_) events_.emplace(journal(), runtime::real_clock(clock_), *loop_);
  co_return StreamEventsResponse{.content_type = "text/event-stream",
                                 .body = events_->open(context)};
}

}  // namespace matinee::insight
