// Why a message is not there, or whether one would be: what its resource says, and what the journal
// has of it.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "insight/errors.h"
#include "services/arn.h"
#include "services/insight/clock_words.h"
#include "services/insight/hops.h"
#include "services/insight/service.h"
#include "services/insight/unusable.h"

namespace matinee::insight {

using services::Explanation;
using services::HopKind;
using services::NumberedHop;

namespace {

constexpr std::size_t most_hops = 500;

services::Question question_of(const Context& context, const ExplainRequest& request) {
  const int resources = request.queue.has_value() + request.topic.has_value() +
                        request.rule.has_value() + request.stream.has_value();
  if (resources != 1) throw unusable("Give one of queue, topic, rule and stream.");
  services::Question question;
  if (request.queue) {
    question.resource = queue_arn(context, *request.queue);
    question.message_id = request.message.value_or("");
    question.body_part = request.body_contains.value_or("");
    if (question.message_id.empty() == question.body_part.empty())
      throw unusable("Say which message of the queue: message=ID or body-contains=TEXT.");
    return question;
  }
  question.resource =
      request.topic ? topic_arn(context, *request.topic) : rule_arn(context, *request.rule);
  question.document = request.document.value_or("");
  if (question.document.empty())
    throw unusable("The body is what would be published, or the event.");
  return question;
}

std::string at(const services::KeptHop& hop) {
  return "at " + to_text(hop.time);
}

std::string by(const services::KeptHop& hop) {
  return hop.caller.empty() ? std::string() : " by " + hop.caller;
}

std::string because(const services::KeptHop& hop) {
  return hop.reason.empty() ? "." : ": " + hop.reason + (hop.reason.ends_with('.') ? "" : ".");
}

bool names(const services::KeptHop& hop, const std::string& id) {
  return std::ranges::any_of(hop.messages, [&](const services::KeptMessage& message) {
    return message.id == id || message.cause == id;
  });
}

/// How a message has left a queue, by the last hop that ends it there.
std::string describe_end(const services::KeptHop& hop, const std::string& queue) {
  switch (hop.kind) {
    case HopKind::deleted:
      return fmt::format("It was deleted {}{}{}", at(hop), by(hop), because(hop));
    case HopKind::dead_lettered:
      if (hop.resource != queue) break;
      return fmt::format("It went to the dead-letter queue {} {}{}", hop.peer, at(hop),
                         because(hop));
    case HopKind::expired:
      return fmt::format("It grew too old {}{}", at(hop), because(hop));
    case HopKind::moved:
      return fmt::format("It was moved to {} {}.", hop.peer, at(hop));
    default:
      break;
  }
  return "";
}

/// Why something that was sent elsewhere has not come to the queue.
std::string describe_way(const services::KeptHop& hop, const std::string& queue) {
  switch (hop.kind) {
    case HopKind::not_matched:
      return fmt::format("{} did not take it {}{}", hop.resource, at(hop), because(hop));
    case HopKind::put_off:
      return fmt::format("It was not delivered to {} {}, and will be tried again{}", queue, at(hop),
                         because(hop));
    case HopKind::dropped:
      return fmt::format("It was given up {}{}", at(hop), because(hop));
    case HopKind::dead_lettered:
      if (hop.peer == queue)
        return fmt::format("It came here as a dead letter of {} {}{}", hop.resource, at(hop),
                           because(hop));
      return fmt::format("It was not delivered, and went to the dead-letter queue {} {}{}",
                         hop.peer, at(hop), because(hop));
    case HopKind::duplicate:
      return fmt::format("It was a duplicate {}{}", at(hop), because(hop));
    default:
      break;
  }
  return "";
}

/// What happened to all messages of a queue after one was last heard of: a purge.
std::string describe_end_of_all(const std::vector<NumberedHop>& of_queue, std::uint64_t after) {
  for (const NumberedHop& kept : of_queue) {
    if (kept.number <= after || !kept.hop.messages.empty()) continue;
    if (kept.hop.kind == HopKind::deleted)
      return fmt::format("It was removed by a purge of the queue, {}{}.", at(kept.hop),
                         by(kept.hop));
    if (kept.hop.kind == HopKind::expired)
      return fmt::format("It grew too old {}{}", at(kept.hop), because(kept.hop));
  }
  return "";
}

/// What the story of a message says about a queue in which it is not. `of_queue` tells of all
/// messages at once.
void add_story(const std::vector<NumberedHop>& story, const std::vector<NumberedHop>& of_queue,
               const services::Question& question, Explanation& found) {
  const std::string& queue = question.resource;
  std::string end;
  std::uint64_t last_here = 0;
  std::vector<std::string> ways;
  for (const NumberedHop& kept : story) {
    const services::KeptHop& hop = kept.hop;
    if (!is_about(hop, queue)) continue;
    if (hop.resource == queue && names(hop, question.message_id)) last_here = kept.number;
    if (std::string text = describe_end(hop, queue); !text.empty()) {
      end = std::move(text);
      continue;
    }
    if (std::string text = describe_way(hop, queue); !text.empty()) ways.push_back(std::move(text));
  }
  if (end.empty() && last_here > 0) end = describe_end_of_all(of_queue, last_here);
  const bool is_explained = !end.empty() || !ways.empty();
  if (!end.empty()) found.sentences.push_back(std::move(end));
  for (std::string& way : ways) found.sentences.push_back(std::move(way));
  if (is_explained) return;
  if (story.empty())
    found.sentences.emplace_back(
        "The journal knows nothing of such a message: it was not sent in this account, or so long "
        "ago, or among so many others, that it was not kept.");
  else if (last_here > 0)
    found.sentences.emplace_back(
        "What became of it is not in the journal, which keeps only some of the messages when there "
        "are very many.");
  else
    found.sentences.push_back(fmt::format(
        "The journal knows the message, and nothing that would have led it to {}: no subscription, "
        "rule or notification did.",
        queue));
}

/// The ids under which what was sent elsewhere has come to the queue, by one step or several.
std::vector<std::string> find_ids_at(const std::vector<NumberedHop>& story,
                                     const services::Question& question) {
  std::set<std::string> known = {question.message_id};
  std::vector<std::string> ids;
  for (const NumberedHop& kept : story) {
    const services::KeptHop& hop = kept.hop;
    // What is received too often keeps its id in the dead-letter queue.
    const bool comes_here = hop.kind == HopKind::dead_lettered || hop.kind == HopKind::moved;
    const bool is_here =
        hop.resource == question.resource || (comes_here && hop.peer == question.resource);
    for (const services::KeptMessage& message : hop.messages) {
      if (known.contains(message.cause)) known.insert(message.id);
      const bool is_it = message.id != question.message_id && known.contains(message.id);
      if (is_here && is_it && std::ranges::find(ids, message.id) == ids.end())
        ids.push_back(message.id);
    }
  }
  return ids;
}

}  // namespace

runtime::Task<Explanation> Service::ask(const Context& context, services::Question question) {
  const std::optional<services::Arn> arn = services::parse_arn(question.resource);
  const auto found = std::ranges::find_if(explainers_, [&](const services::Explainer* explainer) {
    return arn && explainer->service() == arn->service;
  });
  if (found == explainers_.end())
    throw unusable(fmt::format("Nobody here can explain {}.", question.resource));
  if (arn->account != context.account && !is_in_process(context))
    throw protocol::ServiceError("AccessDeniedException", 403,
                                 "Only resources of one's own account are explained.");
  co_return co_await (*found)->explain(context, std::move(question));
}

runtime::Task<ExplainResponse> Service::explain(const Context& context,
                                                const ExplainRequest& request) {
  if (request.stream) co_return co_await explain_change(context, request);
  services::Question question = question_of(context, request);
  Explanation found = co_await ask(context, question);
  std::vector<NumberedHop> story;
  if (!question.message_id.empty()) {
    story = journal().story(question.message_id, most_hops);
    std::erase_if(story, [&](const NumberedHop& kept) { return !may_know(context, kept.hop); });
    if (!found.holds) {
      for (std::string& id : find_ids_at(story, question)) {
        found.sentences.insert(found.sentences.begin(),
                               fmt::format("What is {} elsewhere has come to this queue as {}.",
                                           question.message_id, id));
        services::Question there{.resource = question.resource, .message_id = std::move(id)};
        Explanation more = co_await ask(context, std::move(there));
        if (!more.holds) continue;
        found = std::move(more);
        break;
      }
    }
    if (!found.holds)
      add_story(story, journal().story(question.resource, most_hops), question, found);
  }
  co_return response_of(std::move(found), std::move(story));
}

runtime::Task<ExplainResponse> Service::explain_change(const Context& context,
                                                       const ExplainRequest& request) {
  if (request.item.value_or("").empty())
    throw unusable("Say which item: item=PARTITION or item=PARTITION/SORT.");
  if (!changes_) throw unusable("Nobody here reads streams.");
  services::ChangeExplanation told = co_await changes_->explain_change(
      {.account = context.account,
       .region = context.region,
       .table = table_name(*request.stream),
       .item = *request.item,
       .function = request.function ? function_arn(context, *request.function) : ""});
  std::vector<NumberedHop> story;
  if (!told.message_id.empty()) story = journal().story(told.message_id, most_hops);
  std::erase_if(story, [&](const NumberedHop& kept) { return !may_know(context, kept.hop); });
  co_return response_of(std::move(told.found), std::move(story));
}

ExplainResponse Service::response_of(Explanation found, std::vector<NumberedHop> story) const {
  ExplainResponse response{.holds = found.holds,
                           .sentences = std::move(found.sentences),
                           .remedies = std::move(found.remedies)};
  std::vector<Hop>& hops = response.hops.emplace();
  for (NumberedHop& kept : story) hops.push_back(to_hop(std::move(kept)));
  return response;
}

}  // namespace matinee::insight
