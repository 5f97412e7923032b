#include "services/cloudformation/special/wait_conditions.h"

#include <fmt/format.h>

#include <cctype>

namespace matinee::cloudformation {

using resources::HandlerError;
using resources::Made;
using resources::Subject;

namespace {

constexpr std::int64_t most_seconds = 43200;
constexpr std::int64_t default_policy_seconds = 300;

[[noreturn]] void refuse(std::string message) {
  throw HandlerError("", std::move(message));
}

std::int64_t number_of(const Value& properties, std::string_view name, std::int64_t otherwise) {
  const Value* given = properties.find(name);
  if (!given) return otherwise;
  const std::optional<std::int64_t> number = given->integer();
  if (!number || *number < 0) refuse(fmt::format("{} must be a whole number.", name));
  return *number;
}

void note(storage::Store& store, Subject& subject, const std::string& id) {
  if (!subject.made) return;
  storage::Transaction transaction(store);
  subject.made(id);
  transaction.commit();
}

}  // namespace

std::optional<std::int64_t> seconds_of_period(std::string_view text) {
  if (!text.starts_with("PT") || text.size() == 2) return std::nullopt;
  std::int64_t seconds = 0;
  std::int64_t number = 0;
  bool has_digits = false;
  std::string_view units = "HMS";
  for (const char c : text.substr(2)) {
    if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
      if (number > most_seconds * 10) return std::nullopt;
      number = number * 10 + (c - '0');
      has_digits = true;
      continue;
    }
    const std::size_t place = units.find(c);
    if (!has_digits || place == std::string_view::npos) return std::nullopt;
    seconds += number * (c == 'H' ? 3600 : c == 'M' ? 60 : 1);
    units.remove_prefix(place + 1);
    number = 0;
    has_digits = false;
  }
  if (has_digits) return std::nullopt;
  return seconds;
}

WaitConditionHandle::WaitConditionHandle(Answers& answers, storage::Store& store)
    : answers_(answers), store_(store), schema_(name) {}

runtime::Task<Made> WaitConditionHandle::create(Subject& subject, const Value&) const {
  std::string url = answers_.url_of(subject.token);
  storage::Transaction transaction(store_);
  answers_.open(subject.token, {.account = subject.account, .takes_signals = true}, std::nullopt);
  if (subject.made) subject.made(url);
  transaction.commit();
  co_return Made{.id = std::move(url), .attributes = Value::map()};
}

runtime::Task<Made> WaitConditionHandle::update(Subject&, const std::string& id, const Value&,
                                                const Value&) const {
  co_return Made{.id = id, .attributes = Value::map()};
}

runtime::Task<void> WaitConditionHandle::remove(Subject&, const std::string& id,
                                                const Value&) const {
  storage::Transaction transaction(store_);
  answers_.close(Answers::box_of(id));
  transaction.commit();
  co_return;
}

runtime::Task<Value> WaitConditionHandle::read(Subject&, const std::string& id) const {
  if (!answers_.find(Answers::box_of(id)))
    throw HandlerError("NotFound", fmt::format("The handle {} does not exist.", id));
  co_return Value::map("Id", id);
}

runtime::Task<std::vector<std::string>> WaitConditionHandle::list(Subject&, const Value&) const {
  throw HandlerError("InvalidRequest", "Handles of wait conditions cannot be listed.");
  co_return std::vector<std::string>();
}

/// What a condition waits for.
struct WaitCondition::Wanted {
  std::string box;
  std::size_t count = 1;
  runtime::Duration timeout{};
};

WaitCondition::WaitCondition(Answers& answers, StackWatch& stacks, storage::Store& store)
    : answers_(answers), stacks_(stacks), store_(store), schema_(name) {}

WaitCondition::Wanted WaitCondition::wanted_of(const Subject& subject,
                                               const Value& properties) const {
  Wanted wanted;
  std::int64_t count = number_of(properties, "Count", 1);
  std::int64_t seconds = 0;
  const Value policy = stacks_.creation_policy(subject.stack_id, subject.logical_id);
  if (const Value* handle = properties.find("Handle")) {
    wanted.box = Answers::box_of(handle->text());
    if (wanted.box.empty()) refuse("The Handle of a wait condition must be the URL of a handle.");
    if (!properties.find("Timeout")) refuse("Timeout is required where there is a Handle.");
    seconds = number_of(properties, "Timeout", 0);
  } else if (const Value* signal = policy.find("ResourceSignal")) {
    wanted.box = subject.token;
    count = number_of(*signal, "Count", 1);
    const std::string period = signal->text_or("Timeout", "PT5M");
    seconds = seconds_of_period(period).value_or(default_policy_seconds);
  } else {
    refuse("A wait condition needs a Handle and a Timeout, or a CreationPolicy.");
  }
  if (seconds > most_seconds)
    refuse(fmt::format("Timeout must be {} seconds at most.", most_seconds));
  wanted.count = static_cast<std::size_t>(count);
  wanted.timeout = std::chrono::seconds(seconds);
  return wanted;
}

runtime::Task<Made> WaitCondition::create(Subject& subject, const Value& properties) const {
  const Wanted wanted = wanted_of(subject, properties);
  const std::string id = fmt::format("{}/{}", subject.stack_id, subject.logical_id);
  {
    // A box of its own tells when it began to wait, also after a restart.
    storage::Transaction transaction(store_);
    answers_.open(subject.token, {.account = subject.account, .takes_signals = true},
                  subject.runtime.clock.now() + wanted.timeout);
    transaction.commit();
  }
  note(store_, subject, id);
  const auto own = answers_.find(subject.token);
  const runtime::Time latest = (own ? own->opened : subject.runtime.clock.now()) + wanted.timeout;
  for (;;) {
    const std::optional<BoxRecord> box = answers_.find(wanted.box);
    if (!box) refuse("The handle of the wait condition does not exist.");
    Value data = Value::map();
    for (const auto& [signal_id, signal] : box->signals) {
      if (!signal.has_succeeded)
        refuse(fmt::format("WaitCondition received failed message: '{}' for uniqueId: {}",
                           signal.reason, signal_id));
      data.set(signal_id, signal.data);
    }
    if (box->signals.size() >= wanted.count) {
      Value attributes = Value::map("Data", templates::to_json(data));
      attributes.set("Id", id);
      co_return Made{.id = id, .attributes = std::move(attributes)};
    }
    if (subject.runtime.clock.now() >= latest)
      refuse(fmt::format("WaitCondition timed out. Received {} conditions when expecting {}",
                         box->signals.size(), wanted.count));
    if (subject.halt && subject.halt->is_on())
      throw HandlerError("OperationCancelled", "The stack does not wait for signals any more.");
    co_await answers_.until_changed(wanted.box, latest, subject.halt);
  }
}

runtime::Task<Made> WaitCondition::update(Subject&, const std::string&, const Value&,
                                          const Value&) const {
  throw HandlerError("",
                     "Update to resource type AWS::CloudFormation::WaitCondition is not "
                     "supported.");
  co_return Made();
}

runtime::Task<void> WaitCondition::remove(Subject&, const std::string&, const Value&) const {
  co_return;
}

runtime::Task<Value> WaitCondition::read(Subject&, const std::string& id) const {
  co_return Value::map("Id", id);
}

runtime::Task<std::vector<std::string>> WaitCondition::list(Subject&, const Value&) const {
  throw HandlerError("InvalidRequest", "Wait conditions cannot be listed.");
  co_return std::vector<std::string>();
}

}  // namespace matinee::cloudformation
