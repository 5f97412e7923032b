// Application Auto Scaling, as far as tools need it that deploy: it keeps scalable targets of
// DynamoDB and Lambda, their policies and scheduled actions, and tells them. Nothing is ever
// scaled: there is no load here that would call for it.
//
// Each method is the operation of AWS's model with that name, and throws its errors.
#pragma once

#include <span>

#include "applicationautoscaling/shapes.h"
#include "runtime/runtime.h"
#include "services/applicationautoscaling/records.h"
#include "services/endpoint.h"
#include "storage/store.h"

namespace matinee::applicationautoscaling {

using services::Context;

class Service final : public services::ServiceBase {
 public:
  /// The dispatch table: an entry for each operation of the model.
  static std::span<const services::Handler> handlers();

  /// Both must outlive the service.
  Service(storage::Store& store, runtime::Runtime& runtime);

  protocol::ServiceError invalid(const protocol::Operation& operation,
                                 const protocol::Violations& violations) const override;
  std::optional<std::vector<std::string>> find_key(const services::Inquiry& inquiry,
                                                   std::string_view key) const override;
  void reset(const services::ResetScope& scope) override;

  // targets.cpp
  RegisterScalableTargetResponse register_scalable_target(const Context&,
                                                          const RegisterScalableTargetRequest&);
  DescribeScalableTargetsResponse describe_scalable_targets(const Context&,
                                                            const DescribeScalableTargetsRequest&);
  DeregisterScalableTargetResponse deregister_scalable_target(
      const Context&, const DeregisterScalableTargetRequest&);
  DescribeScalingActivitiesResponse describe_scaling_activities(
      const Context&, const DescribeScalingActivitiesRequest&);

  // policies.cpp
  PutScalingPolicyResponse put_scaling_policy(const Context&, const PutScalingPolicyRequest&);
  DescribeScalingPoliciesResponse describe_scaling_policies(const Context&,
                                                            const DescribeScalingPoliciesRequest&);
  DeleteScalingPolicyResponse delete_scaling_policy(const Context&,
                                                    const DeleteScalingPolicyRequest&);

  // scheduled_actions.cpp
  PutScheduledActionResponse put_scheduled_action(const Context&, const PutScheduledActionRequest&);
  DescribeScheduledActionsResponse describe_scheduled_actions(
      const Context&, const DescribeScheduledActionsRequest&);
  DeleteScheduledActionResponse delete_scheduled_action(const Context&,
                                                        const DeleteScheduledActionRequest&);

  // tags.cpp
  TagResourceResponse tag_resource(const Context&, const TagResourceRequest&);
  UntagResourceResponse untag_resource(const Context&, const UntagResourceRequest&);
  ListTagsForResourceResponse list_tags_for_resource(const Context&,
                                                     const ListTagsForResourceRequest&);

 private:
  runtime::Runtime& runtime_;
  Targets targets_;
  Parts policies_;
  Parts actions_;

  struct Found {
    TargetKey key;
    TargetRecord record;
  };

  /// By its ARN. Throws ResourceNotFoundException.
  Found require_tagged(const Context& context, const std::string& arn) const;
  std::optional<Found> find_tagged(const Context& context, const std::string& arn) const;
  PartRecord new_part();
  /// Throws ObjectNotFoundException where no target is registered.
  void require_target(const TargetKey& key) const;
};

}  // namespace matinee::applicationautoscaling
