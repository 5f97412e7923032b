// The extensions of one execution environment and what they ask by the Extensions API (2020-01-01):
// programs in /opt/extensions, which are external ones, and parts of the function that register
// under another name, internal ones.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/random.h"
#include "services/lambda/running/platform_events.h"
#include "services/local_api.h"

namespace matinee::lambda {

/// Hears of extensions. Calls may come from within `Extensions::handle`.
class ExtensionHost {
 public:
  virtual ~ExtensionHost() = default;
  /// One has registered, or has asked for its next event.
  virtual void on_extension_progress() = 0;
  /// One has said that it ends; `type` is "Extension.InitError" or "Extension.ExitError".
  virtual void on_extension_error(std::string type) = 0;
};

/// What extensions are told of their function.
struct ExtensionFunction {
  std::string name;
  std::string version;
  std::string handler;
  std::string account;
};

class Extensions {
 public:
  static constexpr std::size_t most = 10;

  /// All must outlive it.
  Extensions(runtime::Random& random, ExtensionHost& host) : random_(random), host_(host) {}

  /// Forgets those of an earlier start. `external` are the names of programs that are started now.
  void begin(const std::vector<std::string>& external);
  /// From now on none can register.
  void close_registration() { is_open_ = false; }
  bool is_open() const { return is_open_; }

  bool is_empty() const { return extensions_.empty(); }
  bool has_external() const;
  /// All external ones have registered.
  bool have_registered() const;
  /// All have asked for their first event.
  bool are_ready() const;
  /// All that were told of the last call have asked for their next event.
  bool have_finished() const;
  /// Whether any is told of calls.
  bool hear_of_calls() const;
  /// To all that have registered for calls.
  void tell_call(const std::string& event);
  /// To all external ones that have registered for the end.
  void tell_end(const std::string& event);

  /// The program of an external one has ended, or could not be started.
  void note_end(const std::string& name, bool was_started);
  /// Name of the extension with that identifier, if it may still ask for something.
  std::optional<std::string> find(std::string_view id) const;
  /// What each has come to.
  std::vector<ExtensionNote> notes() const;

  /// `action` is the path behind "/2020-01-01/extension/".
  void handle(std::string_view action, const services::LocalRequest& request,
              const ExtensionFunction& function, services::LocalReply reply);

 private:
  enum class State : std::uint8_t {
    started,     // has not registered
    registered,  // has not asked for an event
    ready,       // waits for an event
    running,     // has one
    init_error,
    exit_error,
    exited,
    launch_error
  };

  struct Extension {
    std::string name;
    std::string id;
    bool is_external = false;
    State state = State::started;
    std::vector<std::string> events;
    std::string error_type;
    bool is_busy = false;  // with a call
    services::LocalReply waiting;
    std::string pending;  // an event that came while it did not wait
  };

  runtime::Random& random_;
  ExtensionHost& host_;
  std::vector<Extension> extensions_;
  bool is_open_ = false;

  static std::string_view name_of(State state);
  static bool wants(const Extension& extension, std::string_view event);
  static bool has_ended(const Extension& extension);
  Extension* find_named(std::string_view name);
  void give(Extension& extension, const std::string& event);
  void register_one(const services::LocalRequest& request, const ExtensionFunction& function,
                    services::LocalReply reply);
  std::optional<protocol::HttpResponse> refuse_registration(const Extension* known,
                                                            const std::string& name) const;
  void give_next(Extension& extension, services::LocalReply reply);
  void take_error(Extension& extension, State state, const services::LocalRequest& request,
                  services::LocalReply reply);
};

}  // namespace matinee::lambda
