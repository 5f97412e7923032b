#include "services/insight/hops.h"

#include <fmt/format.h>

#include <algorithm>

namespace matinee::insight {

namespace {

std::optional<std::string> unless_empty(std::string text) {
  if (text.empty()) return std::nullopt;
  return text;
}

bool is_arn(std::string_view text) {
  return text.starts_with("arn:");
}

/// "queue" of "arn:aws:sqs:REGION:ACCOUNT:queue", "table/films" of that of a table.
std::string_view resource_part(std::string_view arn) {
  for (int colons = 5; colons > 0; --colons)
    arn.remove_prefix(std::min(arn.size(), arn.find(':') + 1));
  return arn;
}

/// Whether the ARN has the name for one of its parts, or for some that follow each other: "films"
/// of "table/films/stream/...", "reels/1927" of "reels/1927/metropolis".
bool is_named(std::string_view arn, std::string_view name) {
  if (!is_arn(arn)) return false;
  const std::string_view part = resource_part(arn);
  const auto divides = [](char c) { return c == '/' || c == ':'; };
  for (std::size_t at = 0; (at = part.find(name, at)) != std::string_view::npos; ++at) {
    const std::size_t end = at + name.size();
    if ((at == 0 || divides(part[at - 1])) && (end == part.size() || divides(part[end])))
      return true;
  }
  return false;
}

}  // namespace

Hop to_hop(services::NumberedHop kept) {
  services::KeptHop& from = kept.hop;
  Hop hop{.number = static_cast<std::int64_t>(kept.number),
          .time = from.time,
          .kind = std::string(services::to_text(from.kind)),
          .region = unless_empty(std::move(from.region)),
          .trace = unless_empty(std::move(from.trace)),
          .resource = std::move(from.resource),
          .peer = unless_empty(std::move(from.peer)),
          .reason = unless_empty(std::move(from.reason)),
          .caller = unless_empty(std::move(from.caller))};
  if (from.messages.empty()) return hop;
  std::vector<HopMessage>& messages = hop.messages.emplace();
  for (services::KeptMessage& message : from.messages)
    messages.push_back({.id = std::move(message.id),
                        .cause = unless_empty(std::move(message.cause)),
                        .bytes = static_cast<std::int64_t>(message.bytes)});
  return hop;
}

bool is_in_process(const services::Context& caller) {
  return caller.access_key.empty() && caller.caller_arn.empty() && !caller.anonymous;
}

bool may_know(const services::Context& caller, const services::KeptHop& hop) {
  return is_in_process(caller) || hop.account == caller.account;
}

bool is_about(const services::KeptHop& hop, const std::string& resource) {
  const auto is_it = [&](const std::string& other) {
    if (!is_arn(resource)) return is_named(other, resource);
    // A subscription's ARN begins with that of its topic.
    return other == resource || (other.starts_with(resource) && other[resource.size()] == ':');
  };
  return is_it(hop.resource) || is_it(hop.peer);
}

std::string queue_arn(const services::Context& caller, const std::string& queue) {
  if (is_arn(queue)) return queue;
  std::string account = caller.account;
  const std::size_t slash = queue.rfind('/');
  if (slash != std::string::npos && slash >= 12) account = queue.substr(slash - 12, 12);
  return fmt::format("arn:aws:sqs:{}:{}:{}", caller.region, account, queue.substr(slash + 1));
}

std::string topic_arn(const services::Context& caller, const std::string& topic) {
  if (is_arn(topic)) return topic;
  return fmt::format("arn:aws:sns:{}:{}:{}", caller.region, caller.account, topic);
}

std::string function_arn(const services::Context& caller, const std::string& function) {
  if (is_arn(function)) return function;
  return fmt::format("arn:aws:lambda:{}:{}:function:{}", caller.region, caller.account, function);
}

std::string table_name(const std::string& table) {
  constexpr std::string_view mark = ":table/";
  const std::size_t at = table.find(mark);
  if (!is_arn(table) || at == std::string::npos) return table;
  const std::size_t begin = at + mark.size();
  return table.substr(begin, table.find('/', begin) - begin);
}

std::string rule_arn(const services::Context& caller, const std::string& rule) {
  if (is_arn(rule)) return rule;
  const std::string_view name =
      rule.starts_with("default/") ? std::string_view(rule).substr(8) : std::string_view(rule);
  return fmt::format("arn:aws:events:{}:{}:rule/{}", caller.region, caller.account, name);
}

}  // namespace matinee::insight
