// What Matinee tells of itself through an API of its own ("matinee" in signatures), for its own
// commands: what was called, and which policy would have allowed it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "identity/activity.h"
#include "identity/directory.h"
#include "insight/shapes.h"
#include "runtime/movable_clock.h"
#include "services/endpoint.h"

namespace matinee::insight {

using services::Context;

class Service final : public services::ServiceBase {
 public:
  /// The dispatch table: an entry for each operation of the model.
  static std::span<const services::Handler> handlers();

  /// What it looks at; all must outlive it. Without a directory nobody is known.
  struct Sources {
    const identity::Activity& activity;
    const identity::Directory* directory;
    runtime::Clock& clock;
  };
  explicit Service(const Sources& sources);

  /// A service whose resources have policies: `check_policy` asks it for them.
  void add(const services::ServiceBase& service) { guards_.push_back(&service); }

  /// Throws NoSuchEntityException, and ValidationException unless exactly one of the names is
  /// given.
  SuggestPolicyResponse suggest_policy(const Context&, const SuggestPolicyRequest&);

  /// What would be decided about a call that nobody makes, and what each statement has to do with
  /// it (check.cpp). Throws NoSuchEntityException and ValidationException.
  CheckPolicyResponse check_policy(const Context&, const CheckPolicyRequest&);

  /// How long a call may move the clock, in real time. What is left is told: `Complete` is false.
  static constexpr runtime::Duration longest_move = std::chrono::seconds(20);

  // The clock of all services (clock.cpp). Throw NotImplemented where it cannot be moved.

  GetClockResponse get_clock(const Context&, const GetClockRequest&);
  /// One of `Advance` (a span such as 1d12h), `Set` (a time that is not over) and `Action`
  /// ("pause", "resume", "next" timer, "run-until-idle"). Ends where it is once the caller has
  /// gone. Throws ValidationException.
  runtime::Task<MoveClockResponse> move_clock(const Context&, const MoveClockRequest&);

 private:
  struct Checked;

  const identity::Activity& activity_;
  const identity::Directory* directory_;
  runtime::Clock& clock_;
  std::vector<const services::ServiceBase*> guards_;

  runtime::MovableClock& movable() const;
  Checked read_principal(const std::string& text) const;
  services::Guarded find_guarded(const services::Inquiry& inquiry) const;
  std::optional<std::vector<std::string>> value_of(const Checked& checked,
                                                   const services::Inquiry& inquiry,
                                                   std::string_view key) const;
};

}  // namespace matinee::insight
