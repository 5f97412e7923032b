// Writes the events of stacks: what was done to a stack and its resources, newest last.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/clock.h"
#include "runtime/random.h"
#include "services/cloudformation/catalog/catalog.h"

namespace matinee::cloudformation {

/// What an event of a resource tells.
struct ResourceEvent {
  std::string_view logical_id;
  std::string_view physical_id;
  std::string_view type;
  std::string_view status;
  std::string_view reason = {};
  std::optional<std::string> properties = std::nullopt;  // JSON
  /// When the one before it was of this resource: an event's id is made of its millisecond.
  runtime::Time previous = {};
};

/// Of which operation events tell.
struct EventSource {
  std::string client_token;
  std::string operation_id;
};

/// Inside a transaction. The caller stores the stack's record afterwards, which counts its events.
class Events {
 public:
  /// Called with each event, in its transaction: for who is notified.
  using Listener =
      std::function<void(const StackKey& key, const StackRecord& stack, const EventRecord& event)>;

  Events(Catalog& catalog, runtime::Clock& clock, runtime::Random& random)
      : catalog_(catalog), clock_(clock), random_(random) {}

  void use(Listener listener) { listener_ = std::move(listener); }

  /// Of the stack itself, with the status and reason of its record.
  void add(const StackKey& key, StackRecord& stack, const EventSource& source);
  /// Its time.
  runtime::Time add(const StackKey& key, StackRecord& stack, const EventSource& source,
                    const ResourceEvent& event);

 private:
  Catalog& catalog_;
  runtime::Clock& clock_;
  runtime::Random& random_;
  Listener listener_;

  void store(const StackKey& key, StackRecord& stack, const EventRecord& event);
};

}  // namespace matinee::cloudformation
