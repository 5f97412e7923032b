// AWS CloudFormation: stacks, their change sets, and the resources that they make by the operations
// of the other services.
//
// A request is prepared (template read, transforms carried out), planned (what changes: `planning/`
// is pure), and carried out by `running/`, which writes down each step before and after it is done,
// so that a start goes on where the last run ended. A stack on which nothing runs is in tables
// only.
#pragma once

#include <memory>
#include <span>

#include "cloudformation/errors.h"
#include "cloudformation/operations.h"
#include "cloudformation/shapes.h"
#include "runtime/runtime.h"
#include "services/calls_maker.h"
#include "services/cloudformation/catalog/catalog.h"
#include "services/cloudformation/catalog/events.h"
#include "services/endpoint.h"
#include "services/object_reader.h"
#include "services/outbox.h"

namespace matinee::cloudformation {

using services::Context;

/// What stacks need of others. Each may be null.
struct Neighbours {
  services::CallsMaker* calls = nullptr;
  services::ObjectReader* objects = nullptr;  // templates by URL
  services::Outbox* outbox = nullptr;         // NotificationARNs
};

class Service final : public services::ServiceBase {
 public:
  /// The dispatch table: an entry for each operation of the model.
  static std::span<const services::Handler> handlers();

  /// All must outlive the service. Takes up what an earlier run left, in the loop's next round.
  Service(storage::Store& store, runtime::Runtime& runtime, const Neighbours& neighbours = {});
  ~Service() override;
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // service.cpp
  protocol::ServiceError invalid(const protocol::Operation& operation,
                                 const protocol::Violations& violations) const override;
  void complete_arn(const Context& context, std::string& arn) const override;
  void reset(const services::ResetScope& scope) override;

  // stacks.cpp
  UpdateTerminationProtectionResponse update_termination_protection(
      const Context&, const UpdateTerminationProtectionRequest&);

 private:
  storage::Store& store_;
  runtime::Runtime& runtime_;
  Neighbours neighbours_;
  Catalog catalog_;
  Events events_;
};

}  // namespace matinee::cloudformation
