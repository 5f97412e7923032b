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

/// Whether it is a call of a function that this tells of.
bool is_of_function(const Hop& hop) {
  return hop.resource && hop.resource->starts_with("arn:aws:lambda:");
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

/// Between a resource and its other end: "rule daily of event bus default".
std::string join_text(const Hop& hop) {
  const std::string kind = hop.kind.value_or("");
  if (is_of_function(hop)) return " from ";
  if (kind == "matched" || kind == "not matched")
    return hop.peer.value_or("").contains(":event-bus/") ? " of " : " to ";
  const bool is_from =
      kind == "sent" || kind == "delivered" || kind == "put off" || kind == "dropped";
  return is_from ? " from " : " to ";
}

/// What happened at `resource`, in words, and where from or where to.
std::string event_text(const Hop& hop, const std::string& resource) {
  const std::string kind = hop.kind.value_or("");
  const std::string peer = resource_text(hop.peer.value_or(""));
  const std::string there = resource.empty() ? std::string("there") : resource;
  if (is_of_function(hop) && kind == "not matched")
    return "not wanted by " + resource_text(*hop.resource);
  if (is_of_function(hop) && resource.empty()) {
    if (kind == "put off") return "will be made again";
    if (kind == "dropped") return "given up";
    if (kind == "refused" && peer.empty()) return "not made";
  }
  if (kind == "put off") return fmt::format("not delivered to {}, will be tried again", there);
  if (kind == "dropped") return fmt::format("not delivered to {}, given up", there);
  if (kind == "dead-lettered" && !resource.empty())
    return fmt::format("not delivered to {}, went to {}", there, peer);
  std::string text = kind;
  if (!resource.empty()) text += " " + resource;
  if (peer.empty()) return text;
  return text + join_text(hop) + peer;
}

std::string reason_text(const Hop& hop) {
  return hop.reason ? ": " + *hop.reason : std::string();
}

/// Of a table: its records are messages, and not items.
bool is_stream(std::string_view arn) {
  return arn.starts_with("arn:aws:dynamodb:") && arn.contains("/stream/");
}

bool is_of_data(const Hop& hop) {
  if (hop.kind == "fault") return false;
  const std::string resource = hop.resource.value_or("");
  if (is_stream(resource)) return false;
  const std::vector<std::string_view> parts = parts_of(resource);
  return parts.size() == 6 && (parts[2] == "dynamodb" || parts[2] == "s3") && hop.messages;
}

std::string_view noun_of(const Hop& hop) {
  if (hop.kind == "fault") return "call";
  if (is_stream(hop.resource.value_or(""))) return "change";
  if (!is_of_data(hop)) return "message";
  return hop.resource->starts_with("arn:aws:s3:") ? "object" : "item";
}

/// Items and objects that were written within a trace: "wrote item metropolis in table films".
std::string data_text(const Hop& hop) {
  std::string what = fmt::format("{} {}s", hop.messages->size(), noun_of(hop));
  if (hop.messages->size() == 1)
    what = fmt::format("{} {}", noun_of(hop), hop.messages->front().id.value_or(""));
  std::int64_t bytes = 0;
  for (const insight::HopMessage& message : *hop.messages) bytes += message.bytes.value_or(0);
  return fmt::format("{} {} in {}{}{}", hop.kind.value_or(""), what, resource_text(*hop.resource),
                     bytes > 0 ? fmt::format(", {} bytes", bytes) : "", caller_text(hop));
}

std::string root_of(const Hop& hop) {
  const std::string header = hop.trace.value_or("");
  const std::size_t start = header.find("Root=");
  if (start == std::string::npos) return header;
  return header.substr(start + 5, header.find(';', start) - start - 5);
}

/// The hop without its message, which stands above it.
std::string what_happened(const Hop& hop, const std::string& home) {
  if (is_of_data(hop)) return data_text(hop);
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
    for (const std::string& id : order_) {
      const Node& node = nodes_.at(id);
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
  std::map<std::string, std::string> roots_;     // of traces, by message
  std::map<std::string, std::string> received_;  // the message that was received last, by root

  /// What is written within a trace stands below the message of it that was received last.
  void add_data(const Hop& hop) {
    const auto received = received_.find(root_of(hop));
    if (received == received_.end())
      alone_.push_back(&hop);
    else
      nodes_.at(received->second).hops.push_back(&hop);
  }

  void add(const Hop& hop) {
    if (is_of_data(hop)) return add_data(hop);
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
      if (const std::string root = root_of(hop); !root.empty()) roots_.try_emplace(id, root);
      if (hop.kind == "received")
        if (const auto root = roots_.find(id); root != roots_.end()) received_[root->second] = id;
    }
  }

  void write(const Node& node, std::size_t depth, std::string& text) const {
    if (!written_.insert(node.id).second) return;
    const std::string indent(depth * 4, ' ');
    const bool is_call = node.home.starts_with("arn:aws:lambda:");
    text += fmt::format("{}{}{} {} {} {}{}\n", indent, depth == 0 ? "" : "└ ",
                        is_call                ? "call"
                        : is_stream(node.home) ? "change"
                                               : "message",
                        node.id, is_call ? "of" : "in", resource_text(node.home),
                        node.bytes > 0 ? fmt::format(", {} bytes", node.bytes) : "");
    for (const Hop* hop : node.hops)
      text += fmt::format("{}  {}  {}\n", indent, clock_time(*hop), what_happened(*hop, node.home));
    for (const std::string& child : node.children) write(nodes_.at(child), depth + 1, text);
  }
};

}  // namespace

std::string resource_text(std::string_view arn) {
  if (arn.starts_with("mailto:")) return fmt::format("mail to {}", arn.substr(7));
  if (arn.starts_with("sms:")) return fmt::format("SMS to {}", arn.substr(4));
  const std::vector<std::string_view> parts = parts_of(arn);
  if (!arn.starts_with("arn:") || parts.size() < 6) return std::string(arn);
  const std::string_view service = parts[2];
  const std::string_view resource = parts[5];
  if (service == "sqs") return fmt::format("queue {}", resource);
  if (service == "sns") {
    // What goes to a phone or a device without a topic.
    if (resource.empty()) return "Publish";
    const std::size_t colon = resource.find(':');
    if (colon == std::string_view::npos) return fmt::format("topic {}", resource);
    return fmt::format("subscription {} of topic {}", resource.substr(colon + 1),
                       resource.substr(0, colon));
  }
  if (service == "s3") return fmt::format("bucket {}", resource);
  constexpr std::string_view of_function = "function:";
  if (service == "lambda" && resource.starts_with(of_function))
    return fmt::format("function {}", resource.substr(of_function.size()));
  const std::size_t slash = resource.find('/');
  if (is_stream(arn)) {
    const std::size_t end = resource.find('/', slash + 1);
    return fmt::format("stream of table {}", resource.substr(slash + 1, end - slash - 1));
  }
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
    messages = fmt::format("  {} {}s", hop.messages->size(), noun_of(hop));
  }
  const std::string peer = resource_text(hop.peer.value_or(""));
  const std::string kind = hop.kind.value_or("");
  return fmt::format(
      "{}  {:<13} {}{}{}{}{}\n", date_and_time(hop), kind, resource_text(hop.resource.value_or("")),
      peer.empty() ? "" : join_text(hop) + peer, messages, caller_text(hop), reason_text(hop));
}

}  // namespace matinee::cli
