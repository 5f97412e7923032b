// One fault as somebody has asked for it: which calls it is for, how often it hits, and what it
// does to those that it hits.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "runtime/clock.h"

namespace matinee::faults {

enum class Action : std::uint8_t {
  error,       // the call is answered with an error, and nothing is done
  latency,     // it is done, but later
  timeout,     // it is done, and never answered
  reset,       // nothing is done, and the connection is reset
  lost_reply,  // it is done, and the connection is reset in place of a reply
};

/// The word for an action, as users write it: "lost-reply".
std::string_view to_text(Action action);
/// The opposite; nothing for any other text.
std::optional<Action> find_action(std::string_view text);
/// In the order of `Action`.
std::span<const std::string_view> action_words();

/// How long something takes: drawn anew for each hit, any time from `least` to `most`.
struct Span {
  runtime::Duration least{};
  runtime::Duration most{};
};

/// Longer than any client waits.
inline constexpr runtime::Duration longest_latency = std::chrono::hours(1);

/// "200ms", "2s", "1m", or a range of them, "100ms..2s", up to the longest latency. Nothing for any
/// other text.
std::optional<Span> find_span(std::string_view text);
/// The opposite, in the largest units that say it exactly.
std::string to_text(const Span& span);

struct Rule {
  Action action = Action::error;

  // Which calls. An empty text means all; * and ? stand for any text and any letter.
  std::string service;    // "sqs", as signatures name it
  std::string operation;  // "SendMessage"
  std::string resource;   // an ARN, or the name of what one names: "orders", "bucket/key*"
  std::string caller;     // an ARN, or an access key

  // How often. All three have to hold.
  double probability = 1;              // in (0, 1]
  std::uint64_t every = 1;             // the n-th of those calls, the 2n-th, and so on; not 0
  std::optional<std::uint64_t> times;  // this many hits, and never again

  // What, for an error.
  std::string error;            // a code, or "throttling", "internal", "unavailable"
  std::optional<int> status;    // in place of the one that the model has; 400 to 599
  std::string message;          // empty: what AWS says, or that it is this fault
  std::optional<Span> latency;  // for a latency
};

/// A call, as far as rules look at it. The resources are ARNs.
struct Call {
  std::string_view service;
  std::string_view operation;
  std::span<const std::string> resources;
  std::string_view caller_arn;
  std::string_view access_key;
};

/// Whether the rule is for such calls.
bool concerns(const Rule& rule, const Call& call);

/// "error ThrottlingException on sqs SendMessage of orders, with probability 0.25"
std::string describe(const Rule& rule);

}  // namespace matinee::faults
