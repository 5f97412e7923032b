// Decides about every call, by the policies of who calls and of what it is about: the one place
// that `--iam` switches. Where IAM is off it only takes note of what users and roles call.
//
// Decisions that no condition has to do with are remembered: by the identity as the directory knows
// it, the session, the action and the resource with its policy. Whatever changes one of these makes
// another object of it, so that nothing has to be forgotten.
#pragma once

#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "identity/directory.h"
#include "runtime/clock.h"
#include "services/activity_log.h"
#include "services/authorization.h"
#include "services/caller_session.h"

namespace matinee::services {

class Authorizer final : public Decider {
 public:
  /// All must outlive it. Without a directory there are no users and roles, and nobody but the root
  /// users of accounts may do anything.
  Authorizer(IamMode mode, const runtime::Clock& clock, const identity::Directory* directory,
             ActivityLog* activity = nullptr);
  ~Authorizer() override;

  IamMode mode() const { return mode_; }
  bool enforces() const override { return mode_ == IamMode::enforce; }

  /// Whether a call is more than the service's own affair.
  bool concerns(const Context& context) const { return mode_ != IamMode::off || is_noted(context); }
  /// Throws the service's refusal; takes note of the call where it may go on.
  void authorize(ServiceBase& service, const Context& context, const protocol::Operation& operation,
                 const void* request);
  /// The same for a call whose body has not come yet: nothing is noted.
  void judge(ServiceBase& service, const Context& context, const protocol::Operation& operation,
             const void* request);

  void require(const ServiceBase& service, const Inquiry& inquiry) override;
  void require(const ServiceBase& service, const Inquiry& inquiry, const Guarded& guarded) override;
  identity::Decision decide(const ServiceBase& service, const Inquiry& inquiry,
                            const Guarded& guarded) override;
  identity::Decision decide(const Inquiry& inquiry, const Guarded& guarded,
                            const policy::Keys& keys) override;
  std::string sentence(const Inquiry& inquiry, const Guarded& guarded,
                       const identity::Decision& decision) override;
  void note_refusal(const Inquiry& inquiry, std::string sentence) override;
  void require_pass_role(const ServiceBase& service, const Inquiry& inquiry,
                         std::string_view role_arn, std::string_view to_service) override;

 private:
  /// Who calls, with the policies that speak for it.
  struct Speaker;
  struct SessionPolicies;
  /// A decision to allow that asked for no condition key.
  struct Remembered;
  class KeyFinder;

  IamMode mode_;
  const runtime::Clock& clock_;
  const identity::Directory* directory_;
  ActivityLog* activity_;
  std::vector<Need> needs_;
  std::vector<Remembered> remembered_;  // a place for each of some hundred hashes; empty while off
  std::unordered_map<const CallerSession*, std::shared_ptr<const SessionPolicies>> sessions_;
  std::unordered_set<std::string> told_;  // refusals that the log has, while only observing

  /// Users and sessions of roles are taken note of; root users are nobody in particular.
  bool is_noted(const Context& context) const {
    return activity_ != nullptr && (context.principal == PrincipalKind::user ||
                                    context.principal == PrincipalKind::role_session);
  }
  Speaker speaker_of(const Context& context);
  std::shared_ptr<const SessionPolicies> session_policies(const Context& context);
  void collect_needs(const ServiceBase& service, const Context& context,
                     const protocol::Operation& operation, const void* request);
  void complete(const Context& context, std::string& arn) const;
  void judge_needs(ServiceBase& service, const Context& context,
                   const protocol::Operation& operation, const void* request);
  /// Without a note of what may go on.
  void require_quietly(const ServiceBase& service, const Inquiry& inquiry, const Guarded& guarded);
  identity::Decision decide_for(const Inquiry& inquiry, const Guarded& guarded,
                                const policy::Keys& own_keys);
};

}  // namespace matinee::services
