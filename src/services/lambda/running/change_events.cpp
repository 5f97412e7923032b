#include "services/lambda/running/change_events.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

#include "protocol/timestamps.h"
#include "services/lambda/catalog/json_text.h"

namespace matinee::lambda {

namespace {

void append_records(std::string& event, const Changes& batch) {
  std::size_t bytes = 0;
  for (const services::Change& change : batch) bytes += change.record.size() + 1;
  event.reserve(event.size() + bytes + most_state_bytes / 1024);
  event += "{\"Records\":[";
  for (const services::Change& change : batch) {
    if (&change != &batch.front()) event += ',';
    event += change.record;
  }
  event += ']';
}

/// "2020-07-30T17:00:00Z"
std::string time_text(std::int64_t at) {
  std::string text;
  protocol::append_iso8601(text, runtime::Time(std::chrono::seconds(at)));
  return text;
}

/// The number of the first change that is reported as failed; the batch's size without.
std::size_t first_failure(const std::string& answer, const Changes& batch) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  if (answer.empty()) return batch.size();
  if (parser.parse(answer).get(document) != simdjson::SUCCESS) return 0;
  simdjson::dom::element failures;
  // null, and other values without the member, are a success.
  if (!document.is_object() ||
      document["batchItemFailures"].get(failures) == simdjson::NO_SUCH_FIELD || failures.is_null())
    return batch.size();
  simdjson::dom::array reported;
  if (failures.get(reported) != simdjson::SUCCESS) return 0;
  std::size_t first = batch.size();
  for (const simdjson::dom::element failure : reported) {
    std::string_view id;
    if (!failure.is_object() || failure["itemIdentifier"].get(id) != simdjson::SUCCESS) return 0;
    const auto found = std::ranges::lower_bound(batch, id, {}, &services::Change::sequence);
    if (found == batch.end() || found->sequence != id) return 0;
    first = std::min(first, static_cast<std::size_t>(found - batch.begin()));
  }
  return first;
}

/// Leaves an empty state in its place, so that numbers of any size in it are handed on unread.
/// Resets `answer` where it has no state.
std::string take_state(std::optional<std::string>& answer) {
  simdjson::ondemand::parser parser;
  const simdjson::padded_string text(*answer);
  simdjson::ondemand::document document;
  simdjson::ondemand::object members;
  simdjson::ondemand::object object;
  std::string_view written;
  if (parser.iterate(text).get(document) || document.get_object().get(members) ||
      members.find_field_unordered("state").get_object().get(object) ||
      object.raw_json().get(written)) {
    answer.reset();
    return {};
  }
  // It stands in the next event, which what is no JSON would spoil.
  simdjson::dom::parser whole;
  const simdjson::error_code error = whole.parse(written).error();
  std::string state(written);
  if (error && error != simdjson::NUMBER_ERROR)
    answer.reset();
  else
    answer->replace(static_cast<std::size_t>(written.data() - text.data()), written.size(), "{}");
  return state;
}

}  // namespace

void ChangeWindow::add(const services::Change& change) {
  if (count++ == 0) {
    first = change.sequence;
    first_at = change.at;
  }
  last = change.sequence;
  last_at = change.at;
}

ChangeWindow window_of(const services::Change& change, std::int64_t length) {
  const std::int64_t begin = change.at - change.at % length;
  return {.begin = begin,
          .end = begin + length,
          .shard = change.shard,
          .first = change.sequence,
          .last = change.sequence,
          .first_at = change.at,
          .last_at = change.at};
}

std::string event_of(const Changes& batch) {
  std::string event;
  append_records(event, batch);
  return event + "}";
}

std::string event_of(const Changes& batch, const ChangeWindow& window, WindowCall call,
                     std::string_view stream) {
  std::string event;
  append_records(event, batch);
  event += ",\"window\":{";
  append_pair(event, "start", time_text(window.begin));
  append_pair(event, "end", time_text(window.end));
  event += "},\"state\":" + window.state;
  append_pair(event, "shardId", window.shard);
  append_pair(event, "eventSourceARN", stream);
  return event + fmt::format(R"(,"isFinalInvokeForWindow":{},"isWindowTerminatedEarly":{}}})",
                             call == WindowCall::end, call == WindowCall::cut_short);
}

ChangeAnswer read_answer(const std::string& answer, const Changes& batch, AnswerRules rules) {
  if (!rules.has_state)
    return {.done = rules.reports_failures ? first_failure(answer, batch) : batch.size()};
  std::optional<std::string> rest = answer;
  std::string state = take_state(rest);
  if (!rest) return {};
  return {.done = rules.reports_failures ? first_failure(*rest, batch) : batch.size(),
          .state = std::move(state)};
}

}  // namespace matinee::lambda
