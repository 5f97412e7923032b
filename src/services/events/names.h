// Names and ARNs of what EventBridge has, and the words of its errors about them.
#pragma once

#include <string>
#include <string_view>

#include "services/context.h"
#include "services/events/records.h"

namespace matinee::events {

using services::Context;

inline constexpr std::string_view default_bus = "default";
/// In whose name targets are called, and who takes on their roles.
inline constexpr std::string_view principal = "events.amazonaws.com";

struct BusKey {
  std::string account;
  std::string region;
  std::string name;

  NameKey stored() const { return {account, region, name}; }
};

std::string arn_of(const BusKey& key);
/// Rules of the default bus have no bus in their ARN.
std::string rule_arn(const BusKey& bus, std::string_view rule);
/// "archive", "replay", "connection", "api-destination".
std::string arn_of(std::string_view kind, const NameKey& key);

/// By name, in the caller's account and region, or by ARN. Empty is the default bus.
BusKey bus_key(const Context& context, std::string_view name_or_arn);

/// "event-bus/NAME" and the like: of an ARN of `events` the last part, of its `kind` and caller's
/// account or not. Nothing for others.
std::optional<NameKey> key_in_arn(std::string_view kind, std::string_view arn);

/// What an ARN of EventBridge names: a bus, or a rule of it.
struct Named {
  BusKey bus;
  std::string rule;  // empty: the bus itself
};
std::optional<Named> find_named(std::string_view arn);

/// ValidationException (400).
[[noreturn]] void refuse(std::string message);
[[noreturn]] void refuse_unknown_bus(std::string_view name);

/// Pages: where the last one ended. Throws ValidationException for what is no token.
std::string page_token(std::string_view last);
std::string read_page_token(const Text& token);

}  // namespace matinee::events
