// What happened to messages, and what they had in them, as the journal has it.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "insight/errors.h"
#include "runtime/movable_clock.h"
#include "services/insight/hops.h"
#include "services/insight/service.h"
#include "services/insight/unusable.h"
#include "services/kept_answer.h"

namespace matinee::insight {

namespace {

constexpr std::size_t most_hops = 1000;
constexpr std::size_t hops_a_piece = 64;
constexpr std::int32_t longest_wait = 20;
/// A reply ends with the payload that goes beyond it.
constexpr std::size_t most_payload_bytes = std::size_t{4} << 20;

std::string resource_of(const services::Context& caller, const TraceRequest& request) {
  if (request.queue) return queue_arn(caller, *request.queue);
  if (request.topic) return topic_arn(caller, *request.topic);
  const std::string resource = request.resource.value_or("");
  const bool is_url = resource.starts_with("http://") || resource.starts_with("https://");
  return is_url ? queue_arn(caller, resource) : resource;
}

template <class Request>
std::size_t read_most(const Request& request) {
  const std::int32_t most = request.max_items.value_or(200);
  if (most < 1 || most > static_cast<std::int32_t>(most_hops))
    throw unusable("max-items is between 1 and 1000.");
  return static_cast<std::size_t>(most);
}

/// Which payloads a story leads to: ids, with the hop of those that are of one hop alone.
std::vector<std::pair<std::string, std::optional<std::int64_t>>> payload_ids(
    const services::Context& caller, const std::vector<services::NumberedHop>& story) {
  std::vector<std::pair<std::string, std::optional<std::int64_t>>> ids;
  std::set<std::string_view> seen;
  for (const services::NumberedHop& kept : story) {
    if (!may_know(caller, kept.hop)) continue;
    for (std::size_t index = 0; index < kept.hop.messages.size(); ++index) {
      const services::KeptMessage& message = kept.hop.messages[index];
      if (kept.hop.by_trace_alone)
        ids.emplace_back(services::payload_id(kept.number, index),
                         static_cast<std::int64_t>(kept.number));
      else if (seen.insert(message.id).second)
        ids.emplace_back(message.id, std::nullopt);
    }
  }
  return ids;
}

Payload to_payload(std::string id, services::KeptPayload kept) {
  Payload payload{.id = std::move(id),
                  .resource = std::move(kept.resource),
                  .body = std::move(kept.body),
                  .bytes = static_cast<std::int64_t>(kept.bytes)};
  payload.whole = payload.body->size() == kept.bytes;
  if (!kept.settings.empty()) payload.settings = std::move(kept.settings);
  if (auto function = services::function_of_answer(*payload.resource)) {
    payload.resource = *std::move(function);
    payload.answer = true;
  }
  return payload;
}

}  // namespace

/// Until there are hops after `after`, for a while, or until the caller has gone.
runtime::Task<> Service::wait_for_hops(const Context& context, std::uint64_t after,
                                       std::int32_t seconds) const {
  if (seconds < 0 || seconds > longest_wait)
    throw unusable(fmt::format("wait-seconds is between 0 and {}.", longest_wait));
  if (seconds == 0 || journal().last_number() > after) co_return;
  runtime::Promised<bool> ended;
  bool has_ended = false;
  const auto end = [&] {
    if (!std::exchange(has_ended, true)) ended.set(true);
  };
  const std::uint64_t watcher = journal().watch(end);
  runtime::Clock& real = runtime::real_clock(clock_);
  const runtime::TimerId limit = real.call_at(real.now() + std::chrono::seconds(seconds), end);
  if (context.cancellation) context.cancellation->on_cancel(end);
  co_await ended;
  if (context.cancellation) context.cancellation->on_cancel(nullptr);
  real.cancel(limit);
  journal().unwatch(watcher);
}

runtime::Task<TraceResponse> Service::trace(const Context& context, const TraceRequest& request) {
  const std::size_t most = read_most(request);
  const std::string resource = resource_of(context, request);
  TraceResponse response{.last = 0, .complete = true};
  std::vector<Hop>& hops = response.hops.emplace();
  const auto add = [&](services::NumberedHop& kept) {
    if (!may_know(context, kept.hop)) return;
    if (!resource.empty() && !is_about(kept.hop, resource)) return;
    if (request.since && kept.hop.time < *request.since) return;
    hops.push_back(to_hop(std::move(kept)));
  };
  if (request.id) {
    std::vector<services::NumberedHop> story = journal().story(*request.id, most);
    response.complete = story.size() < most;
    for (services::NumberedHop& kept : story) add(kept);
  } else if (request.after) {
    auto place = static_cast<std::uint64_t>(std::max<std::int64_t>(*request.after, 0));
    co_await wait_for_hops(context, place, request.wait_seconds.value_or(0));
    while (hops.size() < most) {
      std::vector<services::NumberedHop> piece = journal().after(place, hops_a_piece);
      if (piece.empty()) break;
      place = piece.back().number;
      for (services::NumberedHop& kept : piece) add(kept);
      if (loop_->turns().is_over()) co_await loop_->turns().next();
    }
    response.last = static_cast<std::int64_t>(place);
    response.complete = place >= journal().last_number();
    co_return response;
  } else {
    std::uint64_t place = UINT64_MAX;
    while (hops.size() < most) {
      std::vector<services::NumberedHop> piece = journal().before(place, hops_a_piece);
      if (piece.empty()) break;
      place = piece.back().number;
      const bool is_over = request.since && piece.back().hop.time < *request.since;
      for (services::NumberedHop& kept : piece)
        if (hops.size() < most) add(kept);
      if (is_over) break;
      if (loop_->turns().is_over()) co_await loop_->turns().next();
    }
    std::ranges::reverse(hops);
  }
  response.last = static_cast<std::int64_t>(journal().last_number());
  co_return response;
}

runtime::Task<GetPayloadsResponse> Service::get_payloads(const Context& context,
                                                         const GetPayloadsRequest& request) {
  const std::size_t most = read_most(request);
  if (!request.id) throw unusable("Give the id of a message, an event, a call or a trace.");
  const std::vector<services::NumberedHop> story = journal().story(*request.id, most);
  GetPayloadsResponse response{.complete = story.size() < most};
  std::vector<Payload>& payloads = response.payloads.emplace();
  std::size_t bytes = 0;
  for (auto& [id, hop] : payload_ids(context, story)) {
    if (bytes > most_payload_bytes) {
      response.complete = false;
      break;
    }
    for (services::KeptPayload& kept : journal().payloads(id)) {
      if (!is_in_process(context) && kept.account != context.account) continue;
      if (queues_ && !queues_->may_read(context, kept.resource)) continue;
      bytes += kept.body.size() + kept.settings.size();
      payloads.push_back(to_payload(id, std::move(kept)));
      payloads.back().hop = hop;
    }
    if (loop_->turns().is_over()) co_await loop_->turns().next();
  }
  co_return response;
}

services::JournalReader& Service::journal() const {
  if (!journal_) throw protocol::ServiceError("NotImplemented", 501, "There is no journal here.");
  return *journal_;
}

}  // namespace matinee::insight
