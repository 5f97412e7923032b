// Asynchronous calls: kept when they are accepted, made one after the other as instances are free,
// repeated after one and two minutes where the function fails, and told to destinations in the end.
// AWS's guide, "Invoking a function asynchronously", has the rules.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "lambda/errors.h"
#include "protocol/json_writer.h"
#include "runtime/timer_purpose.h"
#include "services/lambda/service.h"
#include "services/lineage.h"

namespace matinee::lambda {

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::size_t most_under_way = 100;
constexpr std::int32_t usual_retries = 2;
constexpr runtime::Duration oldest = hours(6);
constexpr runtime::Duration first_retry = minutes(1);
constexpr runtime::Duration second_retry = minutes(2);
constexpr runtime::Duration longest_delay = minutes(5);
constexpr runtime::Duration wait_for_disk = seconds(1);

constexpr runtime::TimerPurpose calling{
    .what = "Lambda calls functions again", .is_told = true, .is_on_the_way = true};
constexpr runtime::TimerPurpose waiting_for_disk{
    .what = "Lambda tries again what the disk has refused"};

/// AWS: "the first 1 KB of the error message".
constexpr std::size_t longest_told_message = 1024;

FunctionKey function_of(const QueuedRecord& call) {
  return {call.account, call.region, call.function};
}

CallKey counted(const QueuedRecord& call) {
  return {function_of(call), call.qualifier, ""};
}

/// As the guide writes the time of a record.
std::string quoted(std::string_view text) {
  std::string out;
  protocol::json::append_string(out, text);
  return out;
}

}  // namespace

void Service::enqueue(QueuedRecord call) {
  note_call(call, services::HopKind::sent, "");
  ++measures_.of(counted(call)).events_received;
  const QueuedKey key{runtime_.clock.now(), runtime_.random.below(UINT64_MAX)};
  queued_.put(key, call);
  store_.on_commit([this] {
    runtime_.loop.post([this, lives = lives_] {
      if (*lives) look_at_queue();
    });
  });
}

/// Starts what is due, as much as may be under way, and sets a timer for what is due next.
void Service::look_at_queue() {
  if (!runner_) return;
  const runtime::Time now = runtime_.clock.now();
  std::vector<std::pair<QueuedKey, QueuedRecord>> due;
  std::optional<runtime::Time> next;
  queued_.first();  // what was removed before it is not stepped over again
  auto place = queued_.cursor(queued_.left());
  for (; place.valid(); place.next()) {
    const QueuedKey key = place.key();
    if (std::get<0>(key) > now) {
      next = std::get<0>(key);
      break;
    }
    if (under_way_.contains(key)) continue;
    if (under_way_.size() + due.size() >= most_under_way) break;
    due.emplace_back(key, place.record());
  }
  try {
    for (const auto& [key, call] : due) start_queued(key, call);
  } catch (const storage::StoreFailure& failure) {
    spdlog::error("Asynchronous calls wait for the disk: {}", failure.what());
    return look_at_queue_again();
  }
  if (!next || (queue_timer_ != runtime::TimerId::none && queue_timer_at_ <= *next)) return;
  runtime_.clock.cancel(queue_timer_);
  queue_timer_at_ = *next;
  queue_timer_ = runtime::call_for(runtime_.clock, calling, *next, [this] {
    queue_timer_ = runtime::TimerId::none;
    look_at_queue();
  });
}

/// The disk may have room then.
void Service::look_at_queue_again() {
  runtime::call_for(runtime_.clock, waiting_for_disk, runtime_.clock.now() + wait_for_disk,
                    [this, lives = lives_] {
                      if (*lives) look_at_queue();
                    });
}

void Service::start_queued(const QueuedKey& key, const QueuedRecord& call) {
  const FunctionKey function = function_of(call);
  try {
    const Target target = require_target({.key = function, .qualifier = call.qualifier});
    run_call(target, call.qualifier,
             {.id = call.id,
              .payload = call.payload,
              .client_context = call.client_context,
              .trace = call.trace,
              .done = [this, key, lives = lives_](const Result& result) {
                if (*lives) end_queued(key, result);
              }});
    under_way_.insert(key);
    const std::chrono::duration<double, std::milli> age = runtime_.clock.now() - call.since;
    measures_.of(counted(call)).event_age.add(age.count());
  } catch (const TooManyRequestsException& error) {
    // From one second to five minutes, doubled each time.
    const runtime::Duration wait = std::min<runtime::Duration>(
        seconds(std::uint64_t{1} << std::min(call.delays, 9U)), longest_delay);
    QueuedRecord later = call;
    ++later.delays;
    put_off(key, std::move(later), wait, why_not_called(error));
  } catch (const RecursiveInvocationException& error) {
    end_loop(key, call, error);
  } catch (const protocol::ServiceError& error) {
    // The function, or what it was called by, is gone; or it cannot be started at all.
    const Result result{.function_error = "Unhandled",
                        .error_type = error.code(),
                        .error_message = error.message()};
    const bool is_gone = error.is<ResourceNotFoundException>();
    storage::Transaction transaction(store_);
    if (is_gone) {
      queued_.erase(key);
      note_call(call, services::HopKind::dropped, error.message());
    } else {
      fail_queued(key, call, result);
    }
    transaction.commit();
  }
}

/// The function has been called by its own doing, again and again: this call is not made.
void Service::end_loop(const QueuedKey& key, const QueuedRecord& call,
                       const protocol::ServiceError& error) {
  storage::Transaction transaction(store_);
  give_up_queued(key, call,
                 {.payload = "null", .error_type = error.code(), .error_message = error.message()},
                 error.code());
  transaction.commit();
}

/// Beyond its age a call is given up instead.
void Service::put_off(const QueuedKey& key, QueuedRecord call, runtime::Duration wait,
                      std::string_view reason) {
  const InvokeConfigRecord config = invoke_config_of(call);
  const runtime::Duration age = config.oldest_seconds ? seconds(*config.oldest_seconds) : oldest;
  const runtime::Time due = runtime_.clock.now() + wait;
  storage::Transaction transaction(store_);
  if (due - call.since >= age) {
    give_up_queued(key, call, {.payload = "null", .error_message = "The event has become too old."},
                   "EventAgeExceeded");
  } else {
    queued_.erase(key);
    queued_.put({due, std::get<1>(key)}, call);
    note_call(call, services::HopKind::put_off, reason);
  }
  transaction.commit();
  runtime_.loop.post([this, lives = lives_] {
    if (*lives) look_at_queue();
  });
}

InvokeConfigRecord Service::invoke_config_of(const QueuedRecord& call) const {
  const std::string qualifier = call.qualifier.empty() ? std::string(latest) : call.qualifier;
  return invoke_configs_.find(qualified(function_of(call), qualifier))
      .value_or(InvokeConfigRecord{});
}

void Service::end_queued(const QueuedKey& key, const Result& result) {
  under_way_.erase(key);
  try {
    storage::Transaction transaction(store_);
    if (const std::optional<QueuedRecord> call = queued_.find(key)) {
      if (!result.function_error.empty()) {
        fail_queued(key, *call, result);
      } else {
        queued_.erase(key);
        note_answered(*call, services::HopKind::invoked, "", result);
        const InvokeConfigRecord config = invoke_config_of(*call);
        if (!config.on_success.empty()) send_record(*call, result, "Success", config.on_success);
      }
    }
    transaction.commit();
  } catch (const storage::StoreFailure& failure) {
    spdlog::error("An asynchronous call is made again, because its end cannot be kept: {}",
                  failure.what());
    return look_at_queue_again();
  }
  look_at_queue();
}

/// Inside a transaction.
void Service::fail_queued(const QueuedKey& key, QueuedRecord call, const Result& result) {
  const InvokeConfigRecord config = invoke_config_of(call);
  ++call.failures;
  const auto retries = static_cast<std::uint32_t>(config.most_retries.value_or(usual_retries));
  const runtime::Duration age = config.oldest_seconds ? seconds(*config.oldest_seconds) : oldest;
  const runtime::Time due =
      runtime_.clock.now() + (call.failures == 1 ? first_retry : second_retry);
  if (call.failures > retries) return give_up_queued(key, call, result, "RetriesExhausted");
  if (due - call.since >= age) return give_up_queued(key, call, result, "EventAgeExceeded");
  queued_.erase(key);
  queued_.put({due, std::get<1>(key)}, call);
  note_answered(call, services::HopKind::put_off, reason_of(result), result);
  store_.on_commit([this] {
    runtime_.loop.post([this, lives = lives_] {
      if (*lives) look_at_queue();
    });
  });
}

/// Inside a transaction: the dead-letter queue and the destination for failures get it.
void Service::give_up_queued(const QueuedKey& key, const QueuedRecord& call, const Result& result,
                             std::string_view condition) {
  queued_.erase(key);
  ++measures_.of(counted(call)).events_dropped;
  const InvokeConfigRecord config = invoke_config_of(call);
  if (!config.on_failure.empty()) send_record(call, result, condition, config.on_failure);
  send_dead_letter(call, result);
  const std::string reason = reason_of(result);
  note_answered(call, services::HopKind::dropped,
                reason.empty() ? std::string(condition) : fmt::format("{}; {}", condition, reason),
                result);
}

void Service::send_record(const QueuedRecord& call, const Result& result,
                          std::string_view condition, const std::string& destination) {
  if (!neighbours_.outbox) return;
  const FunctionKey function = function_of(call);
  const std::string qualifier = call.qualifier.empty() ? std::string(latest) : call.qualifier;
  const std::string arn = arn_of(function, qualifier);
  const std::uint32_t count = call.failures + (condition == "Success" ? 1 : 0);
  std::string record = fmt::format(
      R"({{"version":"1.0","timestamp":"{}","requestContext":{{"requestId":"{}",)"
      R"("functionArn":"{}","condition":"{}","approximateInvokeCount":{}}},"requestPayload":{})",
      time_text(runtime_.clock.now()), call.id, arn, condition, count, call.payload);
  if (!result.version.empty()) {
    record += fmt::format(
        R"(,"responseContext":{{"statusCode":200,"executedVersion":"{}"{}}})", result.version,
        result.function_error.empty() ? std::string()
                                      : R"(,"functionError":)" + quoted(result.function_error));
    record += ",\"responsePayload\":" + (result.payload.empty() ? "null" : result.payload);
  }
  record += "}";
  services::Delivery delivery = delivery_to(function, destination, record);
  delivery.trace_header = services::pass_through(call.trace, arn_of(function)).header;
  delivery.id = call.id;
  if (destination.starts_with("arn:aws:events:")) {
    delivery.id = runtime_.random.uuid();
    if (neighbours_.journal && neighbours_.journal->is_withheld(call.id))
      neighbours_.journal->withhold(delivery.id);
    delivery.body = fmt::format(
        R"({{"version":"0","id":"{}","detail-type":"Lambda Function Invocation Result - {}",)"
        R"("source":"lambda","account":"{}","time":"{:.19}Z","region":"{}",)"
        R"("resources":["{}","{}"],"detail":{}}})",
        delivery.id, condition == "Success" ? "Success" : "Failure", call.account,
        time_text(runtime_.clock.now()), call.region, arn, destination, record);
  }
  if (destination.starts_with("arn:aws:s3:"))
    delivery.parameters = object_parameters("async/" + call.function);
  neighbours_.outbox->add(delivery);
}

services::Delivery Service::delivery_to(const FunctionKey& function, std::string target,
                                        std::string body) const {
  services::Delivery delivery{.target = std::move(target),
                              .body = std::move(body),
                              .service_principal = std::string(service_principal),
                              .source_arn = arn_of(function),
                              .source_account = std::get<0>(function)};
  delivery.role = role_of(function);
  delivery.via = via_destination;
  delivery.in_order = false;
  return delivery;
}

std::string Service::object_parameters(std::string_view folder) {
  const std::string time = time_text(runtime_.clock.now());  // "2026-01-31T12:00:00.000Z"
  return fmt::format(R"({{"Key":"aws/lambda/{}/{}/{}/{}/{}T{}.{}.{}-{}"}})", folder,
                     time.substr(0, 4), time.substr(5, 2), time.substr(8, 2), time.substr(0, 10),
                     time.substr(11, 2), time.substr(14, 2), time.substr(17, 2),
                     runtime_.random.uuid());
}

void Service::settled(const services::Delivery& delivery, const services::DeliveryResult& result) {
  const bool is_of_mapping = delivery.via.starts_with(via_mapping);
  if (result.outcome != services::DeliveryResult::Outcome::dropped && !is_of_mapping) return;
  const std::optional<Named> function = find_named(delivery.source_arn);
  if (!function) return;
  if (is_of_mapping) return settled_batch(function->key, delivery, result);
  CallCounts& counts = measures_.of({function->key, function->qualifier, ""});
  ++(delivery.via == via_destination ? counts.failed_destinations : counts.failed_dead_letters);
}

/// The event as it was, with what has happened as attributes.
void Service::send_dead_letter(const QueuedRecord& call, const Result& result) {
  const FunctionKey function = function_of(call);
  const std::optional<VersionRecord> version = versions_.find(versioned(function, 0));
  if (!neighbours_.outbox || !version || version->settings.dead_letters.empty()) return;
  services::Delivery delivery{.target = version->settings.dead_letters,
                              .body = call.payload,
                              .service_principal = std::string(service_principal),
                              .source_arn = arn_of(function),
                              .source_account = call.account,
                              .trace_header = call.trace};
  delivery.role = version->settings.role;
  delivery.id = call.id;
  delivery.in_order = false;
  delivery.attributes = {
      {"RequestID", "String", call.id},
      // An error of the function is a call that has succeeded.
      {"ErrorCode", "Number", result.function_error.empty() ? "400" : "200"},
      {"ErrorMessage", "String",
       result.error_message.empty() ? "Unhandled"
                                    : shortened(result.error_message, longest_told_message)}};
  neighbours_.outbox->add(delivery);
}

void Service::note_call(const QueuedRecord& call, services::HopKind kind, std::string_view reason) {
  if (!neighbours_.journal) return;
  const std::string arn = arn_of(function_of(call), call.qualifier);
  const services::HopMessage message{
      .id = call.id, .bytes = call.payload.size(), .body = call.payload};
  neighbours_.journal->note({.kind = kind,
                             .account = call.account,
                             .region = call.region,
                             .trace = call.trace,
                             .resource = arn,
                             .reason = reason,
                             .messages = {&message, 1}});
}

/// Where the call was made at all, and is told of.
void Service::note_answered(const QueuedRecord& call, services::HopKind kind,
                            std::string_view reason, const Result& result) {
  note_call(call, kind, reason);
  if (!result.version.empty()) keep_answer(function_of(call), call.qualifier, call.id, result);
}

}  // namespace matinee::lambda
