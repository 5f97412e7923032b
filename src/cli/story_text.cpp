#include "cli/story_text.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace matinee::cli {

namespace {

using insight::Hop;

std::vector<std::string_view> parts_of(std::string_view arn) {
  std::vector<std::string_view> parts;
  for (int i = 0; i < 5; ++i) {
    const std::size_t colon = arn.find(':');
    if (colon == std::string_view::npos) break;
    parts.push_back(arn.substr(0, colon));
    arn.remove_prefix(colon + 1);
  }
  parts.push_back(arn);
  return parts;
}

std::string clock_time(const Hop& hop) {
  const auto time = hop.time.value_or(runtime::Time());
  const auto day = std::chrono::floor<std::chrono::days>(time);
  return fmt::format("{:%T}", std::chrono::floor<std::chrono::milliseconds>(time - day));
}

std::string date_and_time(const Hop& hop) {
  const auto day = std::chrono::floor<std::chrono::days>(hop.time.value_or(runtime::Time()));
  return fmt::format("{:%F} {}", day, clock_time(hop));
}

bool is_done_by_caller(const Hop& hop) {
  const std::string kind = hop.kind.value_or("");
  return kind != "put off" && kind != "dropped" && kind != "dead-lettered";
}

/// "by mia" and "by sns.amazonaws.com"; nothing for a caller who has no name.
std::string caller_text(const Hop& hop) {
  const std::string caller = hop.caller.value_or("");
  if (caller.empty() || caller.ends_with(":root") || !is_done_by_caller(hop)) return "";
  return " by " + caller.substr(caller.rfind('/') + 1);
}

/// What happened at `resource`, in words, and where from or where to.
std::string event_text(const Hop& hop, const std::string& resource) {
  const std::string kind = hop.kind.value_or("");
  const std::string peer = resource_text(hop.peer.value_or(""));
  const std::string there = resource.empty() ? std::string("there") : resource;
  if (kind == "put off") return fmt::format("not delivered to {}, will be tried again", there);
  if (kind == "dropped") return fmt::format("not delivered to {}, given up", there);
  if (kind == "dead-lettered" && !resource.empty())
    return fmt::format("not delivered to {}, went to {}", there, peer);
  std::string text = kind;
  if (!resource.empty()) text += " " + resource;
  if (peer.empty()) return text;
  return text + (kind == "sent" || kind == "delivered" ? " from " : " to ") + peer;
}

std::string reason_text(const Hop& hop) {
  return hop.reason ? ": " + *hop.reason : std::string();
}

/// The hop without its message, which stands above it.
std::string what_happened(const Hop& hop, const std::string& home) {
  const bool is_elsewhere = hop.resource && *hop.resource != home;
  return event_text(hop, is_elsewhere ? resource_text(*hop.resource) : std::string()) +
         caller_text(hop) + reason_text(hop);
}

/// A message, where it is at home, and what happened to it.
struct Node {
  std::string id;
  std::string home;
  std::int64_t bytes = 0;
  std::string cause;
  std::vector<const Hop*> hops;
  std::vector<std::string> children;
};

class Story {
 public:
  explicit Story(const std::vector<Hop>& hops) {
    for (const Hop& hop : hops) add(hop);
    for (auto& [id, node] : nodes_) {
      const auto parent = nodes_.find(node.cause);
      if (parent != nodes_.end() && node.cause != id) parent->second.children.push_back(id);
    }
  }

  std::string text() const {
    std::string text;
    for (const std::string& id : order_) {
      const Node& node = nodes_.at(id);
      if (nodes_.contains(node.cause) && node.cause != id) continue;
      if (!text.empty()) text += "\n";
      write(node, 0, text);
    }
    for (const Hop* hop : alone_) text += hop_line(*hop);
    return text;
  }

 private:
  std::map<std::string, Node> nodes_;
  std::vector<std::string> order_;  // in which messages came up
  std::vector<const Hop*> alone_;   // that name no message
  mutable std::set<std::string> written_;

  void add(const Hop& hop) {
    if (!hop.messages || hop.messages->empty()) {
      alone_.push_back(&hop);
      return;
    }
    for (const insight::HopMessage& message : *hop.messages) {
      const std::string id = message.id.value_or("");
      const auto [place, is_new] = nodes_.try_emplace(id);
      Node& node = place->second;
      if (is_new) {
        node.id = id;
        node.home = hop.resource.value_or("");
        order_.push_back(id);
      }
      if (node.bytes == 0) node.bytes = message.bytes.value_or(0);
      if (message.cause && node.cause.empty()) node.cause = *message.cause;
      node.hops.push_back(&hop);
    }
  }

  void write(const Node& node, std::size_t depth, std::string& text) const {
    if (!written_.insert(node.id).second) return;
    const std::string indent(depth * 4, ' ');
    text += fmt::format("{}{}message {} in {}{}\n", indent, depth == 0 ? "" : "└ ", node.id,
                        resource_text(node.home),
                        node.bytes > 0 ? fmt::format(", {} bytes", node.bytes) : "");
    for (const Hop* hop : node.hops)
      text += fmt::format("{}  {}  {}\n", indent, clock_time(*hop), what_happened(*hop, node.home));
    for (const std::string& child : node.children) write(nodes_.at(child), depth + 1, text);
  }
};

}  // namespace

std::string resource_text(std::string_view arn) {
  const std::vector<std::string_view> parts = parts_of(arn);
  if (!arn.starts_with("arn:") || parts.size() < 6) return std::string(arn);
  const std::string_view service = parts[2];
  const std::string_view resource = parts[5];
  if (service == "sqs") return fmt::format("queue {}", resource);
  if (service == "sns") {
    const std::size_t colon = resource.find(':');
    if (colon == std::string_view::npos) return fmt::format("topic {}", resource);
    return fmt::format("subscription {} of topic {}", resource.substr(colon + 1),
                       resource.substr(0, colon));
  }
  if (service == "s3") return fmt::format("bucket {}", resource);
  const std::size_t slash = resource.find('/');
  if (slash != std::string_view::npos) {
    std::string kind(resource.substr(0, slash));
    std::ranges::replace(kind, '-', ' ');
    return fmt::format("{} {}", kind, resource.substr(slash + 1));
  }
  return std::string(arn);
}

std::string story_text(const std::vector<insight::Hop>& hops) {
  return Story(hops).text();
}

std::string hop_line(const insight::Hop& hop) {
  std::string messages;
  if (hop.messages && hop.messages->size() == 1) {
    messages = "  " + hop.messages->front().id.value_or("");
  } else if (hop.messages && !hop.messages->empty()) {
    messages = fmt::format("  {} messages", hop.messages->size());
  }
  const std::string peer = resource_text(hop.peer.value_or(""));
  const std::string kind = hop.kind.value_or("");
  const bool is_to =
      kind != "sent" && kind != "delivered" && kind != "put off" && kind != "dropped";
  return fmt::format("{}  {:<13} {}{}{}{}{}\n", date_and_time(hop), kind,
                     resource_text(hop.resource.value_or("")),
                     peer.empty() ? "" : (is_to ? " to " : " from ") + peer, messages,
                     caller_text(hop), reason_text(hop));
}

}  // namespace matinee::cli
