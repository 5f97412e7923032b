// Who may do what, as services and the Endpoint speak of it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "identity/decide.h"
#include "policy/document.h"
#include "protocol/operation.h"
#include "services/context.h"
#include "services/needs.h"

namespace matinee::services {

class ServiceBase;

/// What policies of identities are for: `off`: nothing; `observe`: they are looked at, and what
/// they would refuse is noted; `enforce`: they decide.
enum class IamMode : std::uint8_t { off, observe, enforce };

/// One action on one resource, which a call asks for.
struct Inquiry {
  const Context& context;
  const protocol::Operation& operation;
  const void* request;
  std::string_view action;    // "kms:Decrypt"
  std::string_view resource;  // ARN; empty where the action knows no resource
};

/// A resource as decisions see it: whose it is, and what is attached to it.
struct Guarded {
  std::string account = {};  // of the owner; empty: the one in the ARN, else the caller's
  std::shared_ptr<const policy::Document> policy = nullptr;  // null where it has none
  /// KMS keys and roles (trust policies): the policy must allow in the same account too.
  bool policy_rules = false;
  bool is_trust_policy = false;  // a refusal calls it so; `policy_rules` is then set too
  /// Something else lets the caller in: a grant of KMS, an access control list.
  bool let_in = false;
};

/// The one that decides. A service asks it only for what `ServiceBase` cannot tell the Endpoint
/// beforehand: what is found out while an operation runs. On the state thread.
class Decider {
 public:
  virtual ~Decider() = default;

  /// Whether refusals count, and not only notes of them.
  virtual bool enforces() const = 0;
  /// Throws the service's refusal if the caller may not, where refusals count; else notes it.
  virtual void require(const ServiceBase& service, const Inquiry& inquiry) = 0;
  /// The same for a resource that the service has looked at itself.
  virtual void require(const ServiceBase& service, const Inquiry& inquiry,
                       const Guarded& guarded) = 0;
  /// The decision alone, which throws and notes nothing.
  virtual identity::Decision decide(const ServiceBase& service, const Inquiry& inquiry,
                                    const Guarded& guarded) = 0;
  /// Decides for a caller whose values of condition keys the service gives.
  virtual identity::Decision decide(const Inquiry& inquiry, const Guarded& guarded,
                                    const policy::Keys& keys) = 0;
  /// AWS's sentence for a decision that refuses.
  virtual std::string sentence(const Inquiry& inquiry, const Guarded& guarded,
                               const identity::Decision& decision) = 0;
  /// Notes that `enforce` would have refused this.
  virtual void note_refusal(const Inquiry& inquiry, std::string sentence) = 0;
  /// iam:PassRole: whether the caller may hand a role to a service ("lambda.amazonaws.com"). Throws
  /// the service's refusal where it may not.
  virtual void require_pass_role(const ServiceBase& service, const Inquiry& inquiry,
                                 std::string_view role_arn, std::string_view to_service) = 0;
};

}  // namespace matinee::services
