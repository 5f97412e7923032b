// A hop as the journal has kept it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "services/journal.h"
#include "storage/record.h"

namespace matinee::services {

struct KeptMessage {
  std::string id;
  std::string cause;
  std::uint64_t bytes = 0;

  static constexpr auto fields =
      std::tuple{storage::field<1>(&KeptMessage::id), storage::field<2>(&KeptMessage::cause),
                 storage::field<3>(&KeptMessage::bytes)};
};

struct KeptHop {
  HopKind kind = HopKind::sent;
  runtime::Time time;
  std::string account;
  std::string region;
  std::string trace;  // the whole header; empty without one
  std::string resource;
  std::string peer;
  std::string reason;
  std::string caller;
  std::vector<KeptMessage> messages;
  bool by_trace_alone = false;

  static constexpr auto fields = std::tuple{
      storage::field<1>(&KeptHop::kind),           storage::field<2>(&KeptHop::time),
      storage::field<3>(&KeptHop::account),        storage::field<4>(&KeptHop::region),
      storage::field<5>(&KeptHop::trace),          storage::field<6>(&KeptHop::resource),
      storage::field<7>(&KeptHop::peer),           storage::field<8>(&KeptHop::reason),
      storage::field<9>(&KeptHop::caller),         storage::field<10>(&KeptHop::messages),
      storage::field<11>(&KeptHop::by_trace_alone)};
};

/// A hop with its number, which grows from one to the next.
struct NumberedHop {
  std::uint64_t number = 0;
  KeptHop hop;
};

/// A payload as the journal has kept it.
struct KeptPayload {
  std::string account;
  std::string resource;
  std::string body;         // its beginning, where `bytes` is more
  std::uint64_t bytes = 0;  // of the whole body
  std::string settings;     // as in Payload; empty where it was too long

  static constexpr auto fields =
      std::tuple{storage::field<1>(&KeptPayload::account),
                 storage::field<2>(&KeptPayload::resource), storage::field<3>(&KeptPayload::body),
                 storage::field<4>(&KeptPayload::bytes), storage::field<5>(&KeptPayload::settings)};
};

/// The id of the payload of a hop whose messages are named by its trace alone.
std::string payload_id(std::uint64_t hop, std::size_t message);

/// "sent", "not matched"
std::string_view to_text(HopKind kind);

/// Who reads the journal. State thread only.
class JournalReader {
 public:
  virtual ~JournalReader() = default;

  /// At most so many hops after a number, in their order; and before one, the latest first.
  virtual std::vector<NumberedHop> after(std::uint64_t number, std::size_t most) const = 0;
  virtual std::vector<NumberedHop> before(std::uint64_t number, std::size_t most) const = 0;
  /// Those of a trace by its root, or of a message by its id, and of all that it was caused by and
  /// has caused, in their order.
  virtual std::vector<NumberedHop> story(std::string_view token, std::size_t most) const = 0;
  virtual std::uint64_t last_number() const = 0;
  /// What the message of that id had in it, at each resource that has told so; see payload_id too.
  virtual std::vector<KeptPayload> payloads(std::string_view id) const = 0;
  /// Calls back once, in a later round, when further hops have been committed. Returns a number for
  /// `unwatch`, which does nothing after that.
  virtual std::uint64_t watch(runtime::Callback callback) = 0;
  virtual void unwatch(std::uint64_t watcher) = 0;
};

}  // namespace matinee::services
