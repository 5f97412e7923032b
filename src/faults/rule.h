// One fault as somebody has asked for it: which calls it is for, how often it hits, and what it
// does to those that it hits.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "protocol/operation.h"
#include "runtime/clock.h"

namespace matinee::faults {

enum class Action : std::uint8_t {
  // Of calls.
  error,       // the call is answered with an error, and nothing is done
  latency,     // it is done, but later
  timeout,     // it is done, and never answered
  reset,       // nothing is done, and the connection is reset
  lost_reply,  // it is done, and the connection is reset in place of a reply

  // Of deliveries from one service to another.
  delay,      // it is handed over later
  reorder,    // likewise, where it need not keep its order: others overtake it
  duplicate,  // it is handed over twice
  refuse,     // the target throttles, and it is tried again
  lost_ack,   // the target takes it, and it is tried again all the same

  // Of calls of functions, whoever makes them.
  throttle,      // it is refused, as where there is no capacity
  crash_before,  // it fails, and no code of the function has run
  crash_after,   // the code runs to its end, and it fails all the same
};

/// When it is asked whether an action hits.
enum class Stage : std::uint8_t {
  call,      // a call comes in
  delivery,  // something is to be delivered
  attempt,   // it is tried
  function,  // a function is to be called
};
Stage stage_of(Action action);

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

/// Bytes: replies have the code in a header, and the message in their body.
inline constexpr std::size_t longest_error = 128;
inline constexpr std::size_t longest_message = 1024;
/// Of what says which calls a fault is for.
inline constexpr std::size_t longest_pattern = 2048;

/// "200ms", "2s", "1m", or a range of them, "100ms..2s", up to the longest latency. Nothing for any
/// other text.
std::optional<Span> find_span(std::string_view text);
/// The opposite, in the largest units that say it exactly.
std::string to_text(const Span& span);

struct Rule {
  Action action = Action::error;

  // Which calls, deliveries or functions. An empty text means all; * and ? stand for any text and
  // any letter.
  std::string service;    // "sqs", as signatures name it
  std::string operation;  // "SendMessage"; of calls alone
  std::string resource;   // an ARN, or the name of what one names: "orders", "bucket/key*"
  std::string caller;     // an ARN, an access key, or a service principal

  // How often. All three have to hold.
  double probability = 1;              // in (0, 1]
  std::uint64_t every = 1;             // the n-th of those calls, the 2n-th, and so on; not 0
  std::optional<std::uint64_t> times;  // this many hits, and never again

  // What, for an error.
  std::string error;            // a code, or "throttling", "internal", "unavailable"
  std::optional<int> status;    // in place of the one that the model has; 400 to 599
  std::string message;          // empty: what AWS says, or that it is this fault
  std::optional<Span> latency;  // for a latency, a delay, and a reorder
};

/// A call, delivery or call of a function, as far as rules look at it. The resources are ARNs: of
/// what is called or delivered to, and of what it comes from.
struct Call {
  Stage stage = Stage::call;
  const protocol::ServiceModel* model = nullptr;  // null: not the call of an operation
  std::string_view service;
  std::string_view operation;
  std::span<const std::string> resources;
  std::string_view caller_arn;
  std::string_view access_key = {};
  bool in_order = false;  // a delivery that may not be overtaken
};

/// Whether the rule is for such calls.
bool concerns(const Rule& rule, const Call& call);

/// "error ThrottlingException on sqs SendMessage of orders, with probability 0.25"
std::string describe(const Rule& rule);

}  // namespace matinee::faults
