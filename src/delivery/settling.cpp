// What becomes of deliveries: taken, tried again, dead letters, or nothing.
#include <fmt/format.h>

#include <algorithm>

#include "delivery/ends.h"
#include "delivery/outbox.h"
#include "delivery/retry_times.h"
#include "runtime/log.h"

namespace matinee::delivery {

namespace {

using services::DeliveryResult;
using services::Refusal;
using Outcome = DeliveryResult::Outcome;

constexpr std::string_view schedules = "scheduler.amazonaws.com";

services::HopKind hop_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::delivered:
      return services::HopKind::delivered;
    case Outcome::put_off:
      return services::HopKind::put_off;
    case Outcome::dead_lettered:
      return services::HopKind::dead_lettered;
    case Outcome::dropped:
      return services::HopKind::dropped;
  }
  return services::HopKind::dropped;
}

bool is_word_of_events(std::string_view code) {
  return std::ranges::all_of(code, [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; });
}

/// SQS tells EventBridge that there is no such queue also where its policy does not let it in. A
/// role is told what it may not.
bool is_closed_queue(const services::Delivery& delivery, const Refusal& refusal) {
  if (!delivery.target.starts_with("arn:aws:sqs:")) return false;
  if (refusal.code.contains("NonExistentQueue") || refusal.code == "QueueDoesNotExist") return true;
  return refusal.code.contains("AccessDenied") && delivery.role.empty();
}

/// The words of EventBridge for why a target has not taken an event: those that its documentation
/// lists.
std::string reason_code(const services::Delivery& delivery, const Refusal& refusal) {
  const std::string& code = refusal.code;
  if (code.empty()) return "SDK_CLIENT_ERROR";
  if (is_word_of_events(code)) return code;
  // An endpoint that was called by HTTP has answered so.
  if (code == fmt::to_string(refusal.status)) return "ERROR_FROM_TARGET";
  if (is_closed_queue(delivery, refusal)) return "NO_RESOURCE";
  if (code.find("AccessDenied") != std::string::npos || code == "AuthorizationError" ||
      code == "KMS.AccessDeniedException" || refusal.status == 403)
    return "NO_PERMISSIONS";
  if (code.find("NonExistentQueue") != std::string::npos ||
      code.find("NotFound") != std::string::npos ||
      code.find("DoesNotExist") != std::string::npos || refusal.status == 404)
    return "NO_RESOURCE";
  if (code.find("Throttl") != std::string::npos) return "THROTTLING";
  if (code.starts_with("Invalid") || code.starts_with("Validation")) return "INVALID_PARAMETER";
  if (code.find("LimitExceeded") != std::string::npos) return "RESOURCE_LIMIT_EXCEEDED";
  return refusal.status >= 500 ? "INTERNAL_ERROR" : "SDK_CLIENT_ERROR";
}

std::string reason_text(const services::Delivery& delivery, const Refusal& refusal) {
  if (!is_closed_queue(delivery, refusal)) return refusal.reason;
  return "The specified queue does not exist or you do not have access to it. "
         "(Error Code: AWS.SimpleQueueService.NonExistentQueue)";
}

void add_text(std::vector<services::MessageAttribute>& attributes, std::string name,
              std::string value) {
  if (value.empty()) return;
  attributes.push_back({.name = std::move(name), .type = "String", .value = std::move(value)});
}

/// What goes to the queue for dead letters instead.
services::Delivery dead_letter_of(services::Delivery delivery, const Refusal& refusal,
                                  const DeliveryResult& result) {
  services::DeadLetter& dead = delivery.dead_letter;
  services::Delivery letter{.target = dead.queue,
                            .body = dead.body ? *std::move(dead.body) : std::move(delivery.body),
                            .service_principal = delivery.service_principal,
                            .source_arn = delivery.source_arn,
                            .source_account = delivery.source_account,
                            .trace_header = std::move(delivery.trace_header),
                            .id = delivery.id,
                            .via = std::string(services::via_dead_letters),
                            .group = std::move(delivery.group),
                            .deduplication_id = std::move(delivery.deduplication_id)};
  if (!dead.body) letter.attributes = std::move(delivery.attributes);
  for (services::MessageAttribute& attribute : dead.attributes)
    letter.attributes.push_back(std::move(attribute));
  if (dead.tells_reasons) {
    const bool by_schedule = delivery.service_principal == schedules;
    add_text(letter.attributes, "ERROR_CODE",
             by_schedule ? refusal.code : reason_code(delivery, refusal));
    add_text(letter.attributes, "ERROR_MESSAGE",
             by_schedule ? refusal.reason : reason_text(delivery, refusal));
    add_text(letter.attributes, "EXHAUSTED_RETRY_CONDITION", result.code);
    add_text(letter.attributes, "RETRY_ATTEMPTS", fmt::to_string(result.tries - 1));
  }
  // Schedules send with their role, and tell the target's own code.
  if (delivery.service_principal == schedules) letter.role = std::move(delivery.role);
  letter.in_order = letter.target.ends_with(".fifo");
  if (letter.in_order && letter.group.empty()) letter.group = letter.id.empty() ? "1" : letter.id;
  letter.retries.kind = services::RetryPolicy::Kind::topic;
  return letter;
}

/// All others keep what they take: queues, topics, buses and functions tell the journal themselves.
bool is_called_by_http(std::string_view target) {
  return target.starts_with("http://") || target.starts_with("https://") ||
         (target.starts_with("arn:aws:events:") && target.contains(":api-destination/"));
}

}  // namespace

/// What an endpoint is sent, once: it is the same in all tries. Without what a connection adds to
/// it, which may be a secret.
void Outbox::keep_payloads(const Lane& lane, const Batch& batch) {
  if (!journal_ || !is_called_by_http(lane.record.target)) return;
  for (const Underway& underway : batch.underway) {
    if (underway.tries > 0) continue;
    if (!journal_->keeps_all() && !journal_->wants(underway.trace_header, underway.id)) continue;
    if (const std::optional<DeliveryRecord> record = table_.find(underway.key))
      journal_->keep({.id = underway.id,
                      .account = lane.record.source_account,
                      .resource = lane.record.target,
                      .body = record->body});
  }
}

void Outbox::settle(Lane& lane, const Batch& batch, Attempt& attempt) {
  storage::Transaction transaction(store_);
  keep_payloads(lane, batch);
  const auto listener = listeners_.find(lane.record.service_principal);
  bool some_were_taken = false;
  std::size_t dropped = 0;
  std::string why;
  for (std::size_t index = 0; index < batch.underway.size(); ++index) {
    const Underway& underway = batch.underway[index];
    const std::optional<Refusal>& refusal = attempt.refusals.at(index);
    DeliveryResult result{.tries = underway.tries + 1, .took = attempt.took};
    if (refusal) {
      result.reason = refusal->reason;
      result.status = refusal->status;
      result.response = refusal->response;
      // A target that as a whole refuses may be mended; what it will never take is given up.
      Refusal judged = *refusal;
      if (attempt.by_target && judged.for_ever &&
          clock_.now() - underway.created < lane.record.patience_when_refused)
        judged.for_ever = false;
      settle_one(lane, underway, judged, result);
    } else {
      table_.erase(underway.key);
      some_were_taken = true;
      if (index < attempt.refusals.taken.size()) {
        result.status = attempt.refusals.taken[index].status;
        result.response = attempt.refusals.taken[index].response;
        result.id = attempt.refusals.taken[index].id;
      }
    }
    if (result.outcome == Outcome::dropped && dropped++ == 0) why = result.reason;
    if (listener != listeners_.end() && index < attempt.kept.size())
      listener->second->settled(attempt.kept[index], result);
  }
  if (some_were_taken && journal_)
    tell_taken({.account = lane.record.source_account,
                .target = lane.record.target,
                .source = lane.record.source_arn,
                .principal = lane.record.service_principal},
               batch.underway, attempt.refusals);
  transaction.commit();
  if (dropped > 0)
    spdlog::warn("{} deliveries from {} to {} are dropped: {}", dropped, lane.record.source_arn,
                 lane.record.target, why);
}

void Outbox::settle_one(Lane& lane, const Underway& underway, const Refusal& refusal,
                        DeliveryResult& result) {
  result.code = refusal.code;
  if (!put_off(lane, underway, refusal, result)) end(lane, underway, refusal, result);
  if (journal_) tell(lane, underway, result);
}

/// False where it is not tried again; `result.code` then says which limit was reached, if one was.
bool Outbox::put_off(Lane& lane, const Underway& underway, const Refusal& refusal,
                     DeliveryResult& result) {
  result.code.clear();
  if (refusal.for_ever) return false;
  const services::RetryPolicy policy = retries_of(lane.record);
  const std::optional<runtime::Duration> wait = wait_after(policy, result.tries, random_);
  if (!wait) {
    result.code = "MaximumRetryAttempts";
    return false;
  }
  const runtime::Time now = clock_.now();
  runtime::Time due = now + std::max(*wait, refusal.not_before);
  if (const auto patience = patience_of(policy)) {
    const runtime::Time last = underway.created + *patience;
    if (now >= last) {
      result.code = "MaximumEventAgeInSeconds";
      return false;
    }
    due = std::min(due, last);
  }
  std::optional<DeliveryRecord> record = table_.find(underway.key);
  if (!record) return true;
  record->tries = result.tries;
  result.outcome = Outcome::put_off;
  if (lane.record.in_order) {
    record->due = due;
    table_.put(underway.key, *record);
    lane.position = std::min(lane.position, underway.key);
  } else {
    table_.erase(underway.key);
    table_.put({lane.number, due, next_number()}, *record);
  }
  return true;
}

void Outbox::end(Lane& lane, const Underway& underway, const Refusal& refusal,
                 DeliveryResult& result) {
  const bool has_queue = !lane.record.dead_letters.empty();
  result.outcome = has_queue ? Outcome::dead_lettered : Outcome::dropped;
  std::optional<DeliveryRecord> record = table_.find(underway.key);
  table_.erase(underway.key);
  if (has_queue && record)
    add(dead_letter_of(to_delivery(lane.record, *std::move(record)), refusal, result));
  result.code = refusal.code;
}

/// One hop for those of a batch that have a trace in common.
void Outbox::tell_taken(const Ends& ends, std::span<const Underway> underway,
                        const services::Refusals& refusals) {
  std::vector<services::HopMessage> messages;
  std::size_t first = 0;
  const auto note = [&] {
    if (messages.empty()) return;
    journal_->note({.kind = services::HopKind::delivered,
                    .account = ends.account,
                    .region = {},
                    .trace = underway[first].trace_header,
                    .resource = ends.target,
                    .peer = ends.source,
                    .caller = ends.principal,
                    .messages = messages});
    messages.clear();
  };
  for (std::size_t index = 0; index < underway.size(); ++index) {
    const Underway& one = underway[index];
    if (refusals.at(index)) continue;
    if (!journal_->keeps_all() && !journal_->wants(one.trace_header, one.id)) continue;
    if (!messages.empty() && one.trace_header != underway[first].trace_header) note();
    if (messages.empty()) first = index;
    const bool is_known = index < refusals.taken.size() && !refusals.taken[index].id.empty();
    messages.push_back({.id = is_known ? refusals.taken[index].id : one.id,
                        .cause = is_known ? one.id : std::string_view(),
                        .bytes = one.bytes});
  }
  note();
}

void Outbox::tell(const Lane& lane, const Underway& underway, const DeliveryResult& result) {
  const services::HopMessage message{.id = underway.id, .bytes = underway.bytes};
  const bool is_dead = result.outcome == Outcome::dead_lettered;
  journal_->note({.kind = hop_of(result.outcome),
                  .account = lane.record.source_account,
                  .region = {},
                  .trace = underway.trace_header,
                  .resource = lane.record.target,
                  .peer = is_dead ? lane.record.dead_letters : lane.record.source_arn,
                  .reason = result.reason,
                  .caller = lane.record.service_principal,
                  .messages = {&message, 1}});
}

}  // namespace matinee::delivery
