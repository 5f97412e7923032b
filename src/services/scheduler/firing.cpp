// The one timer of all schedules, and what happens when they are due.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "protocol/json_writer.h"
#include "runtime/timer_purpose.h"
#include "services/schedule_tries.h"
#include "services/scheduler/definition.h"
#include "services/scheduler/names.h"
#include "services/scheduler/service.h"

namespace matinee::scheduler {

namespace {

/// Of one transaction: what is due beyond goes on in the loop's next round.
constexpr std::size_t most_at_once = 1000;
/// A schedule that is so late has missed its time: the program did not run.
constexpr runtime::Duration missed = std::chrono::minutes(1);
constexpr runtime::Duration wait_for_disk = std::chrono::seconds(1);

constexpr runtime::TimerPurpose firing_schedules{.what = "EventBridge Scheduler fires schedules",
                                                 .is_told = true};

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

/// What targets get where the schedule has no input.
std::string default_notification(const Firing& firing, const std::string& execution) {
  const auto& [account, region, group, name] = firing.key;
  return fmt::format(
      R"({{"version":"0","id":"{}","detail-type":"Scheduled Event","source":"aws.scheduler",)"
      R"("account":"{}","time":"{}","region":"{}","resources":["{}"],"detail":"{{}}"}})",
      execution, account, text_of(firing.scheduled), region, arn_of_schedule(firing.key));
}

/// The request of PutEvents for an event bus.
std::string events_request(const TargetRecord& target, const std::string& arn,
                           const std::string& detail) {
  using protocol::json::append_string;
  std::string body = R"({"Entries":[{"Source":)";
  append_string(body, target.source.value_or(""));
  body += R"(,"DetailType":)";
  append_string(body, target.detail_type.value_or(""));
  body += R"(,"Detail":)";
  append_string(body, detail);
  body += R"(,"Resources":[)";
  append_string(body, arn);
  body += R"(],"EventBusName":)";
  append_string(body, target.arn);
  body += "}]}";
  return body;
}

services::MessageAttribute text_attribute(std::string name, std::string value) {
  return {.name = std::move(name), .type = "String", .value = std::move(value)};
}

/// Deliveries that have all of this in common share a lane.
std::string way_of(const TargetRecord& target) {
  return fmt::format("{} {} {} {}", target.role, target.dead_letters.value_or(""),
                     target.most_retries.value_or(-1), target.oldest_seconds.value_or(-1));
}

}  // namespace

void Service::look_after_commit() {
  if (looks_after_commit_) return;
  looks_after_commit_ = true;
  store_.on_rollback([this] { looks_after_commit_ = false; });
  store_.on_commit([this] {
    looks_after_commit_ = false;
    set_timer();
  });
}

void Service::set_timer() {
  // From where it was last: what has been removed before costs nothing then.
  auto place = due_.cursor(due_.from(due_.all(), position_));
  const std::optional<runtime::Time> first =
      place.valid() ? std::optional(std::get<0>(place.key())) : std::nullopt;
  if (timer_ != runtime::TimerId::none) {
    if (first == timer_at_) return;
    runtime_.clock.cancel(std::exchange(timer_, runtime::TimerId::none));
  }
  if (!first) return;
  timer_at_ = *first;
  timer_ = runtime::call_for(runtime_.clock, firing_schedules, timer_at_, [this] {
    timer_ = runtime::TimerId::none;
    fire_due();
  });
}

void Service::fire_due() {
  try {
    if (fire_some()) {
      post(&Service::fire_due);
      return;
    }
  } catch (const storage::StoreFailure& failure) {
    spdlog::error("Schedules that are due cannot be stored: {}", failure.what());
    runtime::call_for(runtime_.clock, firing_schedules, now() + wait_for_disk,
                      [this, lives = lives_] {
                        if (*lives) fire_due();
                      });
    return;
  }
  set_timer();
}

/// True where more may be due.
bool Service::fire_some() {
  const runtime::Time time = now();
  storage::Transaction transaction(store_);
  // Only `fire_due` knows when to look again.
  looks_after_commit_ = true;
  store_.on_rollback([this] { looks_after_commit_ = false; });
  store_.on_commit([this] { looks_after_commit_ = false; });
  std::vector<services::Delivery> deliveries;
  std::size_t count = 0;
  DueKey position = position_;
  auto place = due_.cursor(due_.from(due_.all(), position_));
  for (; place.valid() && count < most_at_once; place.next(), ++count) {
    const DueKey due = place.key();
    if (std::get<0>(due) > time) break;
    position = due;
    Firing firing{.key = schedule_of(due), .schedule = {}, .scheduled = place.record().scheduled};
    std::optional<ScheduleRecord> record = schedules_.find(firing.key);
    due_.erase(due);
    next_.erase(firing.key);
    if (!record) continue;
    firing.schedule = *std::move(record);
    if (time - std::get<0>(due) >= missed)
      firing.scheduled = latest_time(firing.schedule, firing.scheduled);
    fire(std::move(firing), deliveries);
  }
  if (neighbours_.outbox)
    for (const services::Delivery& delivery : deliveries) neighbours_.outbox->add(delivery);
  transaction.commit();
  if (count == most_at_once) {
    if (!pass_began_) pass_began_ = time;
    position_ = position;
    return true;
  }
  // What was made due since the pass began may stand before its last one: it is looked for again
  // from there.
  const bool had_pieces = pass_began_.has_value();
  position_ = {pass_began_.value_or(time), "", "", "", ""};
  pass_began_.reset();
  return had_pieces;
}

void Service::fire(Firing firing, std::vector<services::Delivery>& deliveries) {
  constexpr std::size_t execution_letters = 16;
  const std::string execution = runtime_.random.text(execution_letters, "0123456789abcdef");
  const ScheduleRecord& schedule = firing.schedule;
  const std::optional<runtime::Time> next = time_after(schedule, firing.scheduled);
  if (next) {
    plan(firing.key, schedule, next);
  } else if (schedule.definition.deletes_itself) {
    schedules_.erase(firing.key);
  }
  try {
    deliveries.push_back(delivery_of(firing, execution));
    tell(firing, deliveries.back());
  } catch (const protocol::ServiceError& error) {
    // Its input cannot be decrypted any more.
    tell_lost(firing, execution, fmt::format("{}: {}", error.code(), error.message()));
  }
}

services::Delivery Service::delivery_of(const Firing& firing, const std::string& execution) {
  const auto& [account, region, group, name] = firing.key;
  const TargetRecord& target = firing.schedule.definition.target;
  const std::string arn = arn_of_schedule(firing.key);
  const std::string scheduled = text_of(firing.scheduled);
  Context scheduler{.account = account, .region = region};
  scheduler.service_principal = service_principal;
  scheduler.source_arn = arn;
  scheduler.source_account = account;
  std::optional<std::string> input = input_of(firing.key, scheduler, firing.schedule.definition);
  if (input && input->find("<aws.scheduler.") != std::string::npos) {
    replace_all(*input, "<aws.scheduler.schedule-arn>", arn);
    replace_all(*input, "<aws.scheduler.scheduled-time>", scheduled);
  }
  services::Delivery delivery{.target = target.arn,
                              .body = {},
                              .service_principal = std::string(service_principal),
                              .source_arn = arn_of_group(group_of(firing.key)),
                              .source_account = account,
                              .role = target.role,
                              .id = execution,
                              .via = way_of(target)};
  if (target.detail_type) {
    delivery.target = put_events_target;
    delivery.body = events_request(target, arn, input.value_or("{}"));
  } else if (target.arn.starts_with("arn:aws:scheduler:::")) {
    delivery.body = input.value_or("{}");
  } else {
    delivery.body = input ? *std::move(input) : default_notification(firing, execution);
  }
  if (services::tells_tries(delivery.body)) {
    delivery.told_of_tries = delivery.body;
    delivery.body = services::input_of_try(std::move(delivery.body), execution, 1);
  }
  delivery.group = target.message_group.value_or("");
  delivery.in_order = target.arn.ends_with(".fifo");
  delivery.retries.kind = services::RetryPolicy::Kind::event;
  if (target.most_retries)
    delivery.retries.most_retries = static_cast<std::uint32_t>(*target.most_retries);
  if (target.oldest_seconds) delivery.retries.oldest = std::chrono::seconds(*target.oldest_seconds);
  if (!target.dead_letters) return delivery;
  delivery.dead_letter.queue = *target.dead_letters;
  delivery.dead_letter.tells_reasons = true;
  delivery.dead_letter.attributes = {
      text_attribute("EXECUTION_ID", execution), text_attribute("IS_PAYLOAD_TRUNCATED", "false"),
      text_attribute("SCHEDULED_TIME", scheduled), text_attribute("SCHEDULE_ARN", arn),
      text_attribute("TARGET_ARN", target.arn)};
  return delivery;
}

void Service::tell(const Firing& firing, const services::Delivery& delivery) {
  services::Journal* journal = neighbours_.journal;
  if (!journal) return;
  const bool is_encrypted = firing.schedule.definition.key.has_value();
  // Also where nothing is told of it now: when it is delivered there may be less to tell.
  if (is_encrypted) journal->withhold(delivery.id);
  if (!journal->keeps_all() && !journal->wants({}, delivery.id)) return;
  services::HopMessage message{.id = delivery.id, .bytes = delivery.body.size()};
  if (!is_encrypted) message.body = delivery.body;
  journal->note({.kind = services::HopKind::fired,
                 .account = std::get<0>(firing.key),
                 .region = std::get<1>(firing.key),
                 .resource = arn_of_schedule(firing.key),
                 .peer = firing.schedule.definition.target.arn,
                 .caller = service_principal,
                 .messages = {&message, 1}});
}

void Service::tell_lost(const Firing& firing, const std::string& execution,
                        const std::string& reason) {
  const std::string arn = arn_of_schedule(firing.key);
  spdlog::warn("{} has fired for nobody: {}", arn, reason);
  if (!neighbours_.journal) return;
  const services::HopMessage message{.id = execution};
  neighbours_.journal->note({.kind = services::HopKind::dropped,
                             .account = std::get<0>(firing.key),
                             .region = std::get<1>(firing.key),
                             .resource = arn,
                             .peer = firing.schedule.definition.target.arn,
                             .reason = reason,
                             .caller = service_principal,
                             .messages = {&message, 1}});
}

}  // namespace matinee::scheduler
