// Why a function has not seen a change of an item: `matinee why --stream`.
#include <fmt/format.h>

#include "lambda/errors.h"
#include "services/lambda/running/log_lines.h"
#include "services/lambda/service.h"

namespace matinee::lambda {

using services::ChangeExplanation;
using services::ChangeQuestion;
using services::Explanation;

namespace {

std::string name_of(const FunctionKey& mapping) {
  return std::get<2>(mapping);
}

std::string seconds_text(std::int64_t seconds) {
  return fmt::format("{} s", seconds);
}

void add_trouble(const AskedChange& asked, const ChangePollerStatus& status, Explanation& found) {
  if (!status.trouble.empty())
    found.sentences.push_back(fmt::format("The stream cannot be read: {}", status.trouble));
  if (status.is_held_up) {
    found.sentences.emplace_back(
        "The function cannot be called now: it is throttled, or gone. The batch waits for that.");
    return;
  }
  if (status.failures == 0) return;
  found.sentences.push_back(fmt::format(
      "A batch that begins with the change {} has failed {} times, {}, and holds up what comes "
      "after it: {}.",
      status.failing_from, status.failures, status.last_failure,
      asked.mapping.most_retries
          ? fmt::format("it is tried {} times in all", *asked.mapping.most_retries + 1)
          : std::string("it is tried until it is too old, as no MaximumRetryAttempts ends it")));
  if (!asked.mapping.most_retries)
    found.remedies.push_back(
        fmt::format("aws lambda update-event-source-mapping --uuid {} --maximum-retry-attempts 2 "
                    "--bisect-batch-on-function-error",
                    name_of(asked.key)));
}

/// It has not been worked off.
void add_waiting(const AskedChange& asked, const ChangePollerStatus& status, runtime::Time now,
                 Explanation& found) {
  const std::size_t before = found.sentences.size();
  add_trouble(asked, status, found);
  if (status.gathering_until) {
    found.sentences.push_back(
        fmt::format("Its batch has {} of {} changes, and waits for more until {}, as "
                    "MaximumBatchingWindowInSeconds is {}.",
                    status.gathered, asked.mapping.batch_size, time_text(*status.gathering_until),
                    asked.mapping.window_seconds));
    const auto left = std::chrono::ceil<std::chrono::seconds>(*status.gathering_until - now);
    if (left.count() > 0)
      found.remedies.push_back(
          fmt::format("`matinee clock advance {}s` lets that time pass.", left.count()));
  }
  if (asked.mapping.oldest_seconds) {
    const auto age = std::chrono::floor<std::chrono::seconds>(now - asked.change.at);
    if (age.count() > *asked.mapping.oldest_seconds)
      found.sentences.push_back(
          fmt::format("It is {} old, and MaximumRecordAgeInSeconds is {}: it will be given up.",
                      seconds_text(age.count()), *asked.mapping.oldest_seconds));
  }
  if (found.sentences.size() == before)
    found.sentences.emplace_back("It is being read, or a call with it is under way.");
}

/// Whether a filter asks for what records of that stream do not have.
void add_view(const AskedChange& asked, const std::string& record, Explanation& found) {
  for (const char* image : {"NewImage", "OldImage"}) {
    const std::string quoted = fmt::format("\"{}\"", image);
    const bool is_asked = std::ranges::any_of(
        asked.mapping.filters, [&](const auto& filter) { return filter.contains(quoted); });
    if (is_asked && !record.contains(quoted))
      found.sentences.push_back(
          fmt::format("The filter asks for {}, which the record has not got: the stream's view is "
                      "{}, and the change {}.",
                      image, asked.stream.view_type, asked.change.event_name));
  }
}

}  // namespace

runtime::Task<std::optional<bool>> Service::explain_filters(AskedChange asked, Explanation& found) {
  const MappingRecord& mapping = asked.mapping;
  const std::optional<Named> name = find_named(mapping.function);
  services::ChangePage page;
  std::string refusal;
  try {
    page = co_await neighbours_.changes->read({.stream = asked.stream.arn,
                                               .role = name ? role_of(name->key) : std::string(),
                                               .source_arn = mapping.function},
                                              asked.change.before, {});
  } catch (const protocol::ServiceError& error) {
    refusal = error.message();
  }
  if (!refusal.empty()) {
    found.sentences.push_back(
        fmt::format("The role of {} cannot read the stream: {}", mapping.function, refusal));
    co_return std::nullopt;
  }
  if (page.changes.empty() || mapping.filters.empty()) co_return true;
  const std::string& record = page.changes.front().record;
  patterns::Event event;
  event.parse(record);
  std::string why;
  for (const patterns::Pattern& pattern : filters_of(mapping)) {
    if (pattern.matches(event)) co_return true;
    why += " " + pattern.explain(event).text;
  }
  found.sentences.push_back(
      fmt::format("No filter of the event source mapping {} wants it.{}", name_of(asked.key), why));
  add_view(asked, record, found);
  co_return false;
}

/// What one mapping has done with a change, or will do.
runtime::Task<> Service::explain_mapping(AskedChange asked, ChangeExplanation& told) {
  const auto& [key, mapping, stream, change] = asked;
  Explanation& found = told.found;
  found.sentences.push_back(fmt::format("The event source mapping {} reads the stream for {}.",
                                        name_of(key), mapping.function));
  const std::string update =
      fmt::format("aws lambda update-event-source-mapping --uuid {}", name_of(key));
  const std::optional<StreamPositionRecord> position = stream_positions_.find(key);
  const bool is_behind = position && position->after >= change.sequence;
  if (mapping.begins_after >= change.sequence) {
    found.sentences.push_back(fmt::format("It began with LATEST, after the change was made at {}.",
                                          time_text(change.at)));
    found.remedies.emplace_back(
        "Make a mapping with StartingPosition TRIM_HORIZON, which begins with the oldest change "
        "that can be read.");
    co_return;
  }
  if (!mapping.is_enabled && !is_behind) {
    found.sentences.emplace_back("It is disabled.");
    found.remedies.push_back(update + " --enabled");
    co_return;
  }
  const std::optional<bool> is_wanted = co_await explain_filters(asked, found);
  if (is_wanted && !*is_wanted) co_return;
  if (is_behind) {
    found.holds = true;
    told.message_id = change.event_id;
    found.sentences.emplace_back(
        "It has been worked off: the function was called with it, or it was given up.");
    co_return;
  }
  const auto poller = change_pollers_.find(key);
  if (poller == change_pollers_.end()) {
    found.sentences.push_back(
        find_named(mapping.function) && runner_
            ? fmt::format("The mapping is {}.", mapping.is_enabled ? "not enabled yet" : "disabled")
            : std::string("Nothing is read: functions do not run here (--functions off)."));
    co_return;
  }
  add_waiting(asked, poller->second->status(), runtime_.clock.now(), found);
}

runtime::Task<ChangeExplanation> Service::explain_change(ChangeQuestion question) {
  ChangeExplanation told;
  Explanation& found = told.found;
  if (!neighbours_.change_finder || !neighbours_.changes) {
    found.sentences.emplace_back("Streams are not read here.");
    co_return told;
  }
  const std::optional<services::StreamState> stream =
      neighbours_.change_finder->find_stream(question.account, question.region, question.table);
  if (!stream) {
    found.sentences.push_back(
        fmt::format("The table {} has no stream in {}: nobody is told of its changes.",
                    question.table, question.region));
    found.remedies.push_back(
        fmt::format("aws dynamodb update-table --table-name {} --stream-specification "
                    "StreamEnabled=true,StreamViewType=NEW_AND_OLD_IMAGES",
                    question.table));
    co_return told;
  }
  if (stream->closed_at)
    found.sentences.push_back(
        fmt::format("The stream of {} was switched off at {}: what has changed since is in none.",
                    question.table, time_text(*stream->closed_at)));
  const std::optional<services::FoundChange> change =
      co_await neighbours_.change_finder->find_change(stream->arn, question.item);
  if (!change) {
    found.sentences.push_back(fmt::format(
        "{} has no change of {} within the last 24 hours: it was not written, or put as it was, "
        "or the stream was not there yet.",
        stream->arn, question.item));
    co_return told;
  }
  found.sentences.push_back(fmt::format("The last change of {} is an {}, number {}, at {}.",
                                        question.item, change->event_name, change->sequence,
                                        time_text(change->at)));
  std::vector<std::pair<FunctionKey, MappingRecord>> readers;
  const std::string& function = question.function;
  mappings_.scan(mappings_.prefix(question.account, question.region),
                 [&](const FunctionKey& key, const MappingRecord& mapping) {
                   const bool is_asked = function.empty() || mapping.function == function ||
                                         mapping.function.starts_with(function + ":");
                   if (is_asked && mapping.source == stream->arn)
                     readers.emplace_back(key, mapping);
                   return true;
                 });
  if (readers.empty()) {
    found.sentences.push_back(fmt::format("No event source mapping reads {}{}.", stream->arn,
                                          function.empty() ? std::string() : " for " + function));
    found.remedies.push_back(
        fmt::format("aws lambda create-event-source-mapping --function-name ... "
                    "--event-source-arn {} --starting-position TRIM_HORIZON",
                    stream->arn));
  }
  for (auto& [key, mapping] : readers)
    co_await explain_mapping({key, std::move(mapping), *stream, *change}, told);
  co_return told;
}

}  // namespace matinee::lambda
