// What mappings call functions with, and what the journal is told of it.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "lambda/errors.h"
#include "services/lambda/running/queue_event.h"
#include "services/lambda/service.h"
#include "services/lineage.h"

namespace matinee::lambda {

namespace {

/// So many messages of a hop the journal keeps.
constexpr std::size_t most_told = 100;

std::string_view trace_of(const services::QueueMessage& message) {
  const auto found = message.system.find("AWSTraceHeader");
  return found == message.system.end() ? std::string_view() : std::string_view(found->second);
}

/// Of the message that has come through the function most often: a loop is as old as its oldest
/// part.
std::string trace_of(const std::vector<services::QueueMessage>& messages,
                     std::string_view function) {
  std::string_view trace = trace_of(messages.front());
  std::uint32_t most = services::passes_through(trace, function);
  for (const services::QueueMessage& message : messages) {
    const std::string_view other = trace_of(message);
    const std::uint32_t passes = services::passes_through(other, function);
    if (passes <= most) continue;
    most = passes;
    trace = other;
  }
  return std::string(trace);
}

/// Ids of messages that lead to one call.
struct Causes {
  std::vector<std::pair<std::string, std::uint64_t>> ids;  // with their sizes
  std::string event;  // that the function gets; empty where it is made of a secret

  Causes(const std::vector<services::QueueMessage>& messages, std::string made)
      : event(std::move(made)) {
    for (const services::QueueMessage& message : messages) {
      if (ids.size() == most_told) break;
      ids.emplace_back(message.id, message.body.size());
    }
  }
  std::vector<services::HopMessage> of_call(std::string_view id) const {
    std::vector<services::HopMessage> out;
    for (const auto& [cause, bytes] : ids)
      out.push_back({.id = id, .cause = cause, .bytes = bytes});
    if (!out.empty()) out.front().body = event;  // of all of them together
    return out;
  }
};

}  // namespace

bool Service::is_secret(const MappingRecord& mapping,
                        const std::vector<services::QueueMessage>& messages) const {
  if (neighbours_.watches && neighbours_.watches->is_encrypted(mapping.source)) return true;
  return std::ranges::any_of(messages, [&](const services::QueueMessage& message) {
    return neighbours_.journal->is_withheld(message.id);
  });
}

bool Service::call_for_mapping(const MappingRecord& mapping, BatchCall batch) {
  const std::optional<Named> name = find_named(mapping.function);
  if (!name || !runner_) return false;
  const std::string trace = services::with_root(trace_of(batch.messages, arn_of(name->key)),
                                                runtime_.clock.now(), runtime_.random);
  const std::string id = runtime_.random.uuid();
  services::Hop hop{.kind = services::HopKind::invoked,
                    .account = {},
                    .region = {},
                    .trace = trace,
                    .resource = {},
                    .peer = mapping.source,
                    .caller = service_principal};
  const bool tells =
      neighbours_.journal &&
      (neighbours_.journal->keeps_all() ||
       neighbours_.journal->wants(trace_of(batch.messages.front()), batch.messages.front().id));
  const auto causes =
      tells ? std::make_shared<Causes>(
                  batch.messages, is_secret(mapping, batch.messages) ? std::string() : batch.event)
            : nullptr;
  const auto done = std::make_shared<std::move_only_function<void(Result)>>(std::move(batch.done));
  try {
    const Target target = require_target(*name);
    run_call(target, name->qualifier,
             {.id = id,
              .payload = std::move(batch.event),
              .trace = trace,
              .done = [this, hop, causes, trace, id, done, source = mapping.source, name = *name,
                       lives = lives_](Result result) mutable {
                if (*lives && causes) {
                  const std::string reason = reason_of(result);
                  const std::vector<services::HopMessage> messages = causes->of_call(id);
                  hop.trace = trace;
                  hop.peer = source;
                  hop.reason = reason;
                  hop.messages = messages;
                  tell(name.key, name.qualifier, hop, &result);
                }
                (*done)(std::move(result));
              }});
    return true;
  } catch (const protocol::ServiceError& error) {
    spdlog::info("{} cannot be called for its event source: {}", mapping.function, error.message());
    if (causes) {
      const std::string reason = why_not_called(error);
      const std::vector<services::HopMessage> messages = causes->of_call(id);
      hop.kind = services::HopKind::refused;
      hop.reason = reason;
      hop.messages = messages;
      tell(name->key, name->qualifier, hop);
    }
    if (!error.is<RecursiveInvocationException>()) return false;
    // The batch has failed, and comes again as such: in the end to the queue's dead letters.
    runtime_.loop.post([done, code = error.code(), message = error.message()] {
      (*done)({.function_error = "Unhandled", .error_type = code, .error_message = message});
    });
    return true;
  }
}

void Service::tell_unwanted(const FunctionKey& key, const MappingRecord& mapping,
                            const std::vector<services::QueueMessage>& messages) {
  if (!neighbours_.journal) return;
  const std::optional<Named> name = find_named(mapping.function);
  if (!name) return;
  for (const services::QueueMessage& message : messages) {
    const std::string_view trace = trace_of(message);
    if (!neighbours_.journal->keeps_all() && !neighbours_.journal->wants(trace, message.id))
      continue;
    // What was parsed looks into its text.
    const std::string record = record_of(message, mapping.source, false, true);
    patterns::Event event;
    event.parse(record);
    std::string reason =
        fmt::format("no filter of the event source mapping {} wants it.", std::get<2>(key));
    for (const std::string& filter : mapping.filters) {
      const auto pattern = patterns::Pattern::compile(patterns::Dialect::event_source, filter);
      if (pattern) reason += " " + pattern->explain(event).text;
    }
    const services::HopMessage told{.id = message.id, .bytes = message.body.size()};
    tell(name->key, name->qualifier,
         {.kind = services::HopKind::not_matched,
          .account = {},
          .region = {},
          .trace = trace,
          .resource = {},
          .peer = mapping.source,
          .reason = reason,
          .caller = service_principal,
          .messages = {&told, 1}});
  }
}

}  // namespace matinee::lambda
