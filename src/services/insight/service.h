// What Matinee tells of itself through an API of its own ("matinee" in signatures), for its own
// commands: what was called, and which policy would have allowed it.
#pragma once

#include <span>

#include "identity/activity.h"
#include "identity/directory.h"
#include "insight/shapes.h"
#include "services/endpoint.h"

namespace matinee::insight {

using services::Context;

class Service final : public services::ServiceBase {
 public:
  /// The dispatch table: an entry for each operation of the model.
  static std::span<const services::Handler> handlers();

  /// Both must outlive it. Without a directory nobody is known.
  Service(const identity::Activity& activity, const identity::Directory* directory);

  /// Throws NoSuchEntityException, and ValidationException unless exactly one of the names is
  /// given.
  SuggestPolicyResponse suggest_policy(const Context&, const SuggestPolicyRequest&);

 private:
  const identity::Activity& activity_;
  const identity::Directory* directory_;
};

}  // namespace matinee::insight
