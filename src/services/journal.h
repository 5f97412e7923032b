// What happened to what: every hop of every message, for `matinee trace` and `matinee why`.
// src/journal keeps it, bounded by size; above a rate, whole traces are left out by their id.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "services/context.h"

namespace matinee::services {

enum class HopKind : std::uint8_t {
  sent,           // a caller put it into `resource`
  matched,        // a rule or a subscription (`resource`) takes it
  not_matched,    // it does not; `reason` says which clause failed
  delivered,      // `resource` has taken it from `peer`
  put_off,        // it has not; it will be tried again
  dead_lettered,  // it went to `peer` instead
  dropped,        // nobody will ever have it
  received,       // a caller has it from `resource`
  hidden,         // for how long others do not see it has changed
  returned,       // it can be received again
  deleted,
  expired,    // retention is over
  moved,      // to `peer`, by a move task
  invoked,    // a function with it
  wrote,      // an object or item
  fired,      // a schedule or rule
  refused,    // a call was: nothing was kept
  duplicate,  // known already: taken, and not kept again
};

/// One message of a hop. Its id is that of its resource: MessageId of the queue or the topic,
/// event id. `cause` is its id where it came from (at `Hop::peer`); empty where the caller sent it.
struct HopMessage {
  std::string_view id;
  std::string_view cause = {};
  std::uint64_t bytes = 0;
  /// What it has in it, told by the one that takes it in: later hops of the message lead there.
  std::string_view body = {};
  std::string_view settings = {};  // as in Payload
};

/// What a message, an event, a call or an item has in it, at one resource.
struct Payload {
  std::string_view id;  // of its hop's message
  std::string_view account;
  std::string_view resource;  // an ARN; together with the id this names it
  std::string_view body;
  /// What the caller has said besides, as JSON in the words of the API: attributes, the group.
  /// Empty where it is nothing.
  std::string_view settings = {};
};

struct Hop {
  HopKind kind = HopKind::sent;
  std::string_view account;
  std::string_view region;
  /// The trace's header as Context has it; where that is empty, the messages' own ids tell which
  /// trace they belong to.
  std::string_view trace = {};
  std::string_view resource;     // an ARN, of a rule or subscription its own
  std::string_view peer = {};    // an ARN or URL: where from, or where to
  std::string_view reason = {};  // in words, where something did not happen
  std::string_view caller = {};  // ARN or service principal
  std::span<const HopMessage> messages = {};
  /// Its messages are names of items or objects, which others may have too: it is found by its
  /// trace, and leads nowhere else.
  bool by_trace_alone = false;
};

class Journal {
 public:
  virtual ~Journal() = default;

  /// Whether every hop is kept at the moment: then nobody needs to ask `wants`.
  virtual bool keeps_all() const = 0;

  /// Whether a hop of that trace or message would be kept: cheap, to be asked before a reason is
  /// put into words or a list is made.
  virtual bool wants(std::string_view trace, std::string_view message) const = 0;
  /// The same of a message that nobody has heard of before.
  virtual bool wants_new(std::string_view trace, std::string_view message) const = 0;

  /// Part of the current transaction. Copies what it keeps.
  virtual void note(const Hop& hop) = 0;

  /// A payload whose hop others tell of. The journal keeps the beginning of long ones, and none
  /// where there have been too many. Part of the current transaction.
  virtual void keep(const Payload& payload) = 0;
  /// That what has this id is a secret: nothing is kept of it from now on. Whoever makes something
  /// else of it asks `is_withheld`, and withholds that too. Part of the current transaction.
  virtual void withhold(std::string_view id) = 0;
  virtual bool is_withheld(std::string_view id) const = 0;
};

}  // namespace matinee::services
