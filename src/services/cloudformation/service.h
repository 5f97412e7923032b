// AWS CloudFormation: stacks, their change sets, and the resources that they make by the operations
// of the other services.
//
// A request is prepared (template read, transforms carried out), planned (what changes: `planning/`
// is pure), and carried out by `running/`, which writes down each step before and after it is done,
// so that a start goes on where the last run ended. A stack on which nothing runs is in tables
// only.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cloudformation/errors.h"
#include "cloudformation/operations.h"
#include "cloudformation/shapes.h"
#include "identity/directory.h"
#include "runtime/runtime.h"
#include "services/calls_maker.h"
#include "services/cloudformation/catalog/catalog.h"
#include "services/cloudformation/catalog/events.h"
#include "services/cloudformation/planning/plan.h"
#include "services/cloudformation/preparing/prepared.h"
#include "services/cloudformation/running/runner.h"
#include "services/cloudformation/special/answers.h"
#include "services/cloudformation/special/drift_records.h"
#include "services/cloudformation/special/macros.h"
#include "services/cloudformation/special/own_types.h"
#include "services/cloudformation/special/stack_watch.h"
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
  /// The ARN of a policy of AWS by its name, for the SAM transform.
  std::function<std::optional<std::string>(std::string_view name)> find_managed_policy = nullptr;
  /// Roles, for their trust policies.
  const identity::Directory* directory = nullptr;
  /// Whether quotas of AWS are kept that an account can have raised.
  bool keeps_quotas = false;
  /// Types besides CloudFormation's own; missing: all that the program has.
  FindType find_type = nullptr;
};

/// What a change set would make of a stack.
struct PlannedImport {
  const ExistingStack& existing;
  const WantedStack& wanted;
  const Plan& plan;
};

/// Where the change set of a nested stack belongs: the one around it, and the change there.
struct NestedPlace {
  const FoundChangeSet& around;
  ChangeKey change;
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

  /// Of who waits for answers by HTTP: in front of the server's port.
  Answers& answers() { return answers_; }
  /// The type of that name, CloudFormation's own ones too; null where there is none.
  const resources::ResourceType* find_type(std::string_view name);

  // stacks.cpp
  runtime::Task<CreateStackResponse> create_stack(const Context&, const CreateStackRequest&);
  runtime::Task<UpdateStackResponse> update_stack(const Context&, const UpdateStackRequest&);
  DeleteStackResponse delete_stack(const Context&, const DeleteStackRequest&);

  // change_sets.cpp
  runtime::Task<CreateChangeSetResponse> create_change_set(const Context&,
                                                           const CreateChangeSetRequest&);
  ExecuteChangeSetResponse execute_change_set(const Context&, const ExecuteChangeSetRequest&);

  // told_change_sets.cpp
  DescribeChangeSetResponse describe_change_set(const Context&, const DescribeChangeSetRequest&);
  ListChangeSetsResponse list_change_sets(const Context&, const ListChangeSetsRequest&);
  DeleteChangeSetResponse delete_change_set(const Context&, const DeleteChangeSetRequest&);

  // rollbacks.cpp
  CancelUpdateStackResponse cancel_update_stack(const Context&, const CancelUpdateStackRequest&);
  ContinueUpdateRollbackResponse continue_update_rollback(const Context&,
                                                          const ContinueUpdateRollbackRequest&);
  RollbackStackResponse rollback_stack(const Context&, const RollbackStackRequest&);

  // policies.cpp
  runtime::Task<SetStackPolicyResponse> set_stack_policy(const Context&,
                                                         const SetStackPolicyRequest&);
  UpdateTerminationProtectionResponse update_termination_protection(
      const Context&, const UpdateTerminationProtectionRequest&);

  // describe_stacks.cpp
  DescribeStacksResponse describe_stacks(const Context&, const DescribeStacksRequest&);
  ListStacksResponse list_stacks(const Context&, const ListStacksRequest&);
  GetStackPolicyResponse get_stack_policy(const Context&, const GetStackPolicyRequest&);
  DescribeAccountLimitsResponse describe_account_limits(const Context&,
                                                        const DescribeAccountLimitsRequest&);

  // describe_resources.cpp, describe_events.cpp
  DescribeStackResourceResponse describe_stack_resource(const Context&,
                                                        const DescribeStackResourceRequest&);
  DescribeStackResourcesResponse describe_stack_resources(const Context&,
                                                          const DescribeStackResourcesRequest&);
  ListStackResourcesResponse list_stack_resources(const Context&, const ListStackResourcesRequest&);
  DescribeStackEventsResponse describe_stack_events(const Context&,
                                                    const DescribeStackEventsRequest&);

  // operation_events.cpp
  DescribeEventsResponse describe_events(const Context&, const DescribeEventsRequest&);

  // registry.cpp
  DescribeTypeResponse describe_type(const Context&, const DescribeTypeRequest&);
  ListTypesResponse list_types(const Context&, const ListTypesRequest&);

  // exports.cpp
  ListExportsResponse list_exports(const Context&, const ListExportsRequest&);
  ListImportsResponse list_imports(const Context&, const ListImportsRequest&);

  // templates.cpp
  GetTemplateResponse get_template(const Context&, const GetTemplateRequest&);
  runtime::Task<GetTemplateSummaryResponse> get_template_summary(const Context&,
                                                                 const GetTemplateSummaryRequest&);
  runtime::Task<ValidateTemplateResponse> validate_template(const Context&,
                                                            const ValidateTemplateRequest&);
  runtime::Task<EstimateTemplateCostResponse> estimate_template_cost(
      const Context&, const EstimateTemplateCostRequest&);

  // drift.cpp
  runtime::Task<DetectStackResourceDriftResponse> detect_stack_resource_drift(
      const Context&, const DetectStackResourceDriftRequest&);
  runtime::Task<DetectStackDriftResponse> detect_stack_drift(const Context&,
                                                             const DetectStackDriftRequest&);
  DescribeStackDriftDetectionStatusResponse describe_stack_drift_detection_status(
      const Context&, const DescribeStackDriftDetectionStatusRequest&);
  DescribeStackResourceDriftsResponse describe_stack_resource_drifts(
      const Context&, const DescribeStackResourceDriftsRequest&);

  // signals.cpp
  SignalResourceResponse signal_resource(const Context&, const SignalResourceRequest&);

 private:
  storage::Store& store_;
  runtime::Runtime& runtime_;
  Neighbours neighbours_;
  Catalog catalog_;
  Events events_;
  StackWatch watch_;
  Answers answers_;
  Macros macros_;
  Drifts drifts_;
  OwnTypes own_types_;
  /// The last one: what runs uses all others.
  Runner runner_;

  // service.cpp
  RunParts run_parts();
  StackWatch::Looks looks();
  /// What a template is prepared with, in the name of its caller.
  std::unique_ptr<resources::Calls> calls_as(const Context& context, const std::string& role);
  TemplateSources sources_of(const Context& context, resources::Calls& calls);

  // operations.cpp
  /// What the stack was made of, to be taken over by an update.
  PreviousTemplate previous_of(const StackKey& key) const;
  /// The stack as it is; `definition` has to live as long.
  ExistingStack existing_of(const FoundStack& stack, std::optional<Prepared>& definition) const;
  WantedStack wanted_of(const Context& context, const Prepared& prepared,
                        const DefinitionRecord& definition) const;
  /// What the references of the stack's resources to SSM's parameters give now.
  runtime::Task<std::map<std::string, std::string>> latest_values(resources::Calls& calls,
                                                                  StackKey key);
  Plan plan_of(const ExistingStack& existing, const WantedStack& wanted);
  void require_known_types(const Prepared& prepared);
  void put_definition(const DefinitionKey& key, const DefinitionRecord& definition,
                      const Prepared& prepared);
  /// The current definition becomes the one to go back to, unless there is one already.
  void keep_previous(const StackKey& key);
  /// Stores an operation and its first status, in the current transaction, and starts it when that
  /// is committed.
  void begin(const FoundStack& stack, StackRecord& record, OperationRecord operation,
             std::string_view status);
  // access.cpp
  /// Where policies decide: throws ValidationError if CloudFormation may not take on the role.
  void require_trust(const Context& context, const protocol::Operation& operation,
                     const std::string& role) const;
  /// Throws AccessDenied if the caller, or the role instead, may not publish to the topics that are
  /// told of a stack.
  void require_topics(const Context& context, const protocol::Operation& operation,
                      const std::string& role, const std::vector<std::string>& topics) const;

  /// Throws AccessDenied if that caller may not do this to a stack (CreateStack ...): asked for
  /// what is done to nested stacks besides the request.
  void require_action(const Context& caller, const protocol::Operation& operation,
                      const StackKey& stack) const;

  // expiry.cpp
  /// For one stack more. Throws LimitExceededException where AWS's quotas are kept.
  void require_room(const Context& context) const;
  /// Some of the deleted stacks whose time is over, in the current transaction: whenever stacks are
  /// made, removed or listed, so that they never become many.
  void erase_expired();
  void erase_stack(const StackKey& key);

  // imports.cpp
  /// The stack, not deleted, that has that resource.
  std::optional<StackKey> owner_of(const StackKey& asking, std::string_view type,
                                   std::string_view physical_id) const;
  /// Throws ValidationError where a change set of type IMPORT would do more than import, or import
  /// what it may not.
  void check_imports(const ChangeSetRecord& set, const StackKey& key,
                     const PlannedImport& planned) const;
  runtime::Task<> find_existing(resources::Calls& calls, const StackKey& key,
                                const Prepared& prepared, ChangeSetRecord& set);

  // stacks.cpp
  void define_update(const FoundStack& stack, const WantedStack& wanted,
                     const DefinitionRecord& definition);

  // nested_stacks.cpp
  /// What a nested stack is before the one around it changes it: kept with the token of the step
  /// that does so, until the next one.
  void keep_for_outer(const std::string& id, const std::string& token);
  /// Whether what is done on that stack takes back an update.
  bool is_going_back(const std::string& id) const;
  /// Makes a nested stack what was kept of it, without reading anything anew. False where it is
  /// that already. Throws HandlerError.
  bool return_to_kept(const std::string& id, const std::string& outer);

  // change_sets.cpp
  /// `place`: of a nested stack's; null for all others.
  runtime::Task<CreateChangeSetResponse> make_change_set(const Context& context,
                                                         const CreateChangeSetRequest& request,
                                                         const NestedPlace* place);
  Plan plan_change_set(const ChangeSetKey& key, ChangeSetRecord& set,
                       const std::optional<FoundStack>& stack, const WantedStack& wanted);
  /// The stack begins to become what a change set says, in the current transaction.
  void begin_execution(const FoundChangeSet& set, StackRecord record, OperationRecord operation);

  // nested_change_sets.cpp
  /// Of the nested stacks in a change set: their own ones. Then it can be executed, or has failed.
  runtime::Task<> add_nested_change_sets(const Context& context,
                                         const CreateChangeSetRequest& request, FoundChangeSet set,
                                         Plan plan);
  /// `nested` is the request for a change set of the stack of the change at `place`. False where
  /// there is nothing to do with that stack. Throws ServiceError.
  runtime::Task<bool> add_nested_change_set(const Context& context, CreateChangeSetRequest nested,
                                            NestedPlace place);
  /// Notes, in the transaction that makes it, where a nested change set belongs: whatever ends the
  /// work then, it is found and removed with its root. Throws ChangeSetNotFoundException where that
  /// is not being made any more.
  void link_nested(const NestedPlace& place, const FoundChangeSet& nested);
  bool is_being_made(const ChangeSetKey& key) const;
  /// Those that the last run of the server was making have failed.
  void fail_unfinished_change_sets();
  /// Those of nested stacks that were not executed, and the stacks that they would have made.
  void remove_nested_change_sets(const ChangeSetKey& key);
  std::optional<NestedChangeSet> nested_change_set(const std::string& outer,
                                                   const std::string& logical_id) const;
  void execute_nested(const resources::Subject& subject, const NestedChangeSet& nested,
                      const Value& properties);
  void put_change_set(const FoundChangeSet& set, const NestedPlace* place);
  void put_under_review(const Context& context, const StackKey& key, const ChangeSetRecord& set);
  /// Others that wait for the same stack cannot be executed any more.
  void make_obsolete(const StackKey& key, bool removes, const std::string& but);
  /// Throws ValidationError, ChangeSetNotFoundException.
  FoundChangeSet require_change_set(const Context& context, const std::string& name,
                                    const std::optional<std::string>& stack) const;
  void remove_change_set(const ChangeSetKey& key, const ChangeSetRecord& record);
  runtime::Task<std::optional<std::string>> policy_of(const Context& context,
                                                      std::optional<std::string> body,
                                                      std::optional<std::string> url,
                                                      std::string_view name);
  std::string new_stack_uuid();

  // describe_stacks.cpp
  Stack describe(const FoundStack& found) const;
  /// Throws ValidationError: "Stack with id NAME does not exist".
  FoundStack require_with_id(const Context& context, const std::string& name) const;
  /// At most a page and one more, after `before`, which is a place in this order.
  std::vector<FoundStack> newest_first(
      const Context& context, const std::optional<std::string>& before,
      const std::function<bool(const StackRecord&)>& is_wanted) const;

  // describe_resources.cpp
  std::optional<StackKey> stack_of_resource(const Context& context,
                                            const std::string& physical_id) const;

  // registry.cpp
  std::string provisioning_of(const std::string& type_name);

  // templates.cpp
  TemplateRecord find_template(const Context& context, const GetTemplateRequest& request) const;
  runtime::Task<std::string> read_text(const Context& context, std::optional<std::string> body,
                                       std::optional<std::string> url);

  // drift.cpp
  runtime::Task<DriftRecord> compare(resources::Calls& calls, const ResourceKey& key,
                                     const ResourceRecord& record);
  /// What was read of a resource, without what others of its stack attach to it.
  templates::Value without_attachments(const ResourceKey& key, const ResourceRecord& record,
                                       const templates::Value& actual,
                                       const templates::Value& expected) const;
  void keep_drift(const ResourceKey& key, const DriftRecord& drift);
  /// Throws ValidationError where work on the stack is under way.
  FoundStack require_at_rest(const Context& context, const std::string& name) const;

  // signals.cpp
  /// What a resource's CreationPolicy says; null where it has none.
  Value creation_policy(const std::string& stack_id, const std::string& logical_id) const;

  // notifications.cpp
  /// Tells the stack's topics, in the current transaction.
  void notify(const StackKey& key, const StackRecord& stack, const EventRecord& event);
};

}  // namespace matinee::cloudformation
