// What an environment tells its extensions of what goes on in it: gathered for each subscription,
// and sent in batches, each again with growing waits until it has arrived.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/runtime.h"
#include "services/lambda/running/platform_events.h"
#include "services/lambda/running/subscription.h"
#include "services/local_sender.h"

namespace matinee::lambda {

class Telemetry {
 public:
  /// The machine's clock counts: what is sent has nothing to do with the one that users move. All
  /// must outlive it.
  Telemetry(runtime::Runtime& runtime, services::LocalSender& sender);
  ~Telemetry();
  Telemetry(const Telemetry&) = delete;
  Telemetry& operator=(const Telemetry&) = delete;

  /// One of the same extension comes in its place. It is told too what has been told before
  /// `close`.
  void subscribe(Subscription subscription);
  /// Whether this extension has subscribed by the other API.
  bool has_other(const std::string& extension, TelemetryApi api) const;
  /// The environment is initialized: what is told from now on is not kept for later subscriptions.
  void close();

  void tell(const PlatformEvent& event, runtime::Time now);
  /// A line that a program has written; `type` is "function" or "extension". One that is a JSON
  /// object is told as one where `is_json`.
  void tell_line(std::string_view type, std::string_view line, bool is_json, runtime::Time now);
  /// Sends what waits, at once.
  void flush();

 private:
  /// A platform's event, or a line.
  struct Told {
    std::optional<PlatformEvent> event;
    std::string type;
    std::string document;
    runtime::Time time;
  };
  /// Shared with what is under way, which outlives it.
  struct Lane;

  runtime::Runtime& runtime_;
  services::LocalSender& sender_;
  std::vector<std::shared_ptr<Lane>> lanes_;
  std::vector<Told> early_;
  std::size_t early_bytes_ = 0;
  bool is_closed_ = false;

  void remember(Told told);
  static void pass_on(const std::shared_ptr<Lane>& lane, const Told& told);
  static void add(const std::shared_ptr<Lane>& lane, std::string document);
  static void flush(const std::shared_ptr<Lane>& lane);
  static void send(const std::shared_ptr<Lane>& lane);
  static void settle(const std::shared_ptr<Lane>& lane, bool has_arrived);
  static void wait_for_more(const std::shared_ptr<Lane>& lane);
  static std::string take_batch(Lane& lane);
  static void end(const std::shared_ptr<Lane>& lane);
};

}  // namespace matinee::lambda
