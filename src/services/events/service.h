// Amazon EventBridge: buses, rules and their targets, archives, connections.
//
// What a rule matches becomes deliveries in the outbox, in the transaction of PutEvents. The store
// has everything; the rules of a bus are compiled when its first event comes, and kept.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "events/shapes.h"
#include "identity/directory.h"
#include "patterns/event.h"
#include "runtime/runtime.h"
#include "services/delivery_target.h"
#include "services/endpoint.h"
#include "services/event_sink.h"
#include "services/events/event.h"
#include "services/events/http_destinations.h"
#include "services/events/live_bus.h"
#include "services/events/measures.h"
#include "services/events/records.h"
#include "services/explainer.h"
#include "services/input_preview.h"
#include "services/journal.h"
#include "services/outbox.h"
#include "storage/store.h"

namespace matinee::events {

/// What buses need of others. Each may be null.
struct Neighbours {
  services::Outbox* outbox = nullptr;
  services::Journal* journal = nullptr;
  const identity::Directory* directory = nullptr;
  services::MetricSink* metrics = nullptr;
};

struct Options {
  /// Whether a bus takes no more than 300 rules, as on AWS in an account whose quota is not raised.
  bool rule_quota = false;
};

class Service final : public services::ServiceBase,
                      public services::DeliveryListener,
                      public services::EventSink,
                      public services::Explainer,
                      public services::InputPreview {
 public:
  /// The dispatch table: an entry for each operation of the model.
  static std::span<const services::Handler> handlers();

  /// All must outlive the service.
  Service(storage::Store& store, runtime::Runtime& runtime, const Neighbours& neighbours = {},
          Options options = {});
  ~Service() override;

  // service.cpp
  void reset(const services::ResetScope& scope) override;

  // access.cpp
  protocol::ServiceError invalid(const protocol::Operation& operation,
                                 const protocol::Violations& violations) const override;
  void add_needs(const Context& context, const protocol::Operation& operation, const void* request,
                 std::vector<services::Need>& needs) const override;
  void complete_arn(const Context& context, std::string& arn) const override;
  services::Guarded guard_of(const services::Inquiry& inquiry) const override;
  std::optional<std::vector<std::string>> find_key(const services::Inquiry& inquiry,
                                                   std::string_view key) const override;

  // routing.cpp
  void put(const services::ServiceEvent& event) override;

  // service.cpp
  void settled(const services::Delivery& delivery, const services::DeliveryResult& result) override;

  // why.cpp
  std::string_view service() const override { return "events"; }
  runtime::Task<services::Explanation> explain(Context context,
                                               services::Question question) override;
  std::string preview_input(const services::InputSettings& settings,
                            const std::string& event) override;

  // buses.cpp
  CreateEventBusResponse create_event_bus(const Context&, const CreateEventBusRequest&);
  UpdateEventBusResponse update_event_bus(const Context&, const UpdateEventBusRequest&);
  DescribeEventBusResponse describe_event_bus(const Context&, const DescribeEventBusRequest&);
  ListEventBusesResponse list_event_buses(const Context&, const ListEventBusesRequest&);
  DeleteEventBusResponse delete_event_bus(const Context&, const DeleteEventBusRequest&);

  // permissions.cpp
  PutPermissionResponse put_permission(const Context&, const PutPermissionRequest&);
  RemovePermissionResponse remove_permission(const Context&, const RemovePermissionRequest&);

  // rules.cpp
  PutRuleResponse put_rule(const Context&, const PutRuleRequest&);
  DescribeRuleResponse describe_rule(const Context&, const DescribeRuleRequest&);
  ListRulesResponse list_rules(const Context&, const ListRulesRequest&);
  DeleteRuleResponse delete_rule(const Context&, const DeleteRuleRequest&);
  EnableRuleResponse enable_rule(const Context&, const EnableRuleRequest&);
  DisableRuleResponse disable_rule(const Context&, const DisableRuleRequest&);
  TestEventPatternResponse test_event_pattern(const Context&, const TestEventPatternRequest&);

  // targets.cpp
  PutTargetsResponse put_targets(const Context&, const PutTargetsRequest&);
  RemoveTargetsResponse remove_targets(const Context&, const RemoveTargetsRequest&);
  ListTargetsByRuleResponse list_targets_by_rule(const Context&, const ListTargetsByRuleRequest&);
  ListRuleNamesByTargetResponse list_rule_names_by_target(const Context&,
                                                          const ListRuleNamesByTargetRequest&);

  // tags.cpp
  TagResourceResponse tag_resource(const Context&, const TagResourceRequest&);
  UntagResourceResponse untag_resource(const Context&, const UntagResourceRequest&);
  ListTagsForResourceResponse list_tags_for_resource(const Context&,
                                                     const ListTagsForResourceRequest&);

  // put_events.cpp
  PutEventsResponse put_events(const Context&, const PutEventsRequest&);

  // archives.cpp
  CreateArchiveResponse create_archive(const Context&, const CreateArchiveRequest&);
  UpdateArchiveResponse update_archive(const Context&, const UpdateArchiveRequest&);
  DescribeArchiveResponse describe_archive(const Context&, const DescribeArchiveRequest&);
  ListArchivesResponse list_archives(const Context&, const ListArchivesRequest&);
  DeleteArchiveResponse delete_archive(const Context&, const DeleteArchiveRequest&);

  // replays.cpp
  StartReplayResponse start_replay(const Context&, const StartReplayRequest&);
  DescribeReplayResponse describe_replay(const Context&, const DescribeReplayRequest&);
  ListReplaysResponse list_replays(const Context&, const ListReplaysRequest&);
  CancelReplayResponse cancel_replay(const Context&, const CancelReplayRequest&);

  // connections.cpp
  CreateConnectionResponse create_connection(const Context&, const CreateConnectionRequest&);
  UpdateConnectionResponse update_connection(const Context&, const UpdateConnectionRequest&);
  DeleteConnectionResponse delete_connection(const Context&, const DeleteConnectionRequest&);
  DescribeConnectionResponse describe_connection(const Context&, const DescribeConnectionRequest&);
  DeauthorizeConnectionResponse deauthorize_connection(const Context&,
                                                       const DeauthorizeConnectionRequest&);
  ListConnectionsResponse list_connections(const Context&, const ListConnectionsRequest&);

  // api_destinations.cpp
  CreateApiDestinationResponse create_api_destination(const Context&,
                                                      const CreateApiDestinationRequest&);
  UpdateApiDestinationResponse update_api_destination(const Context&,
                                                      const UpdateApiDestinationRequest&);
  DeleteApiDestinationResponse delete_api_destination(const Context&,
                                                      const DeleteApiDestinationRequest&);
  DescribeApiDestinationResponse describe_api_destination(const Context&,
                                                          const DescribeApiDestinationRequest&);
  ListApiDestinationsResponse list_api_destinations(const Context&,
                                                    const ListApiDestinationsRequest&);

  /// Connections and API destinations; to be given its neighbours, and reset with the cloud.
  HttpDestinations& http_destinations() { return http_; }

 private:
  class BusTarget;  // takes what other buses send

  storage::Store& store_;
  runtime::Runtime& runtime_;
  Neighbours neighbours_;
  Options options_;
  Buses buses_;
  Rules rules_;
  Targets targets_;
  ByTarget by_target_;
  Due due_;
  Archives archives_;
  Archived archived_;
  Replays replays_;
  ActiveReplays active_replays_;
  Counters counters_;
  std::unordered_map<std::string, std::unique_ptr<LiveBus>> live_;  // by ARN
  patterns::Event parsed_;
  std::vector<patterns::PatternSet::Id> matching_;
  std::size_t entering_ = 0;  // buses, one because of another
  HttpDestinations http_{store_, runtime_};
  Measures measures_;
  std::unique_ptr<BusTarget> bus_target_;
  runtime::TimerId schedule_timer_ = runtime::TimerId::none;
  runtime::Time schedule_due_;
  std::int64_t schedules_begin_ = 0;  // no rule is due before
  runtime::TimerId replay_timer_ = runtime::TimerId::none;

  // service.cpp
  runtime::Time now() const { return runtime_.clock.now(); }
  std::uint64_t next_number(std::uint8_t counter);
  std::vector<Target> targets_of(const RuleKey& key) const;

  // buses.cpp
  /// The default bus always exists, also where nothing is stored of it.
  std::optional<BusRecord> find_bus(const BusKey& key) const;
  BusRecord require_bus(const BusKey& key) const;

  // rules.cpp
  RuleRecord require_rule(const BusKey& bus, const std::string& name) const;
  void require_role(const Context& context, const BusKey& bus, const PutRuleRequest& request) const;
  void keep_rule(const BusKey& bus, const std::string& name, const RuleRecord& record);
  void remove_rule(const BusKey& bus, const std::string& name, RuleRecord record);
  void set_state(const Context& context, const std::string& name, const Text& bus,
                 std::string_view state);

  // targets.cpp
  void check_target(const BusKey& bus, const Target& target) const;
  void require_roles(const Context& context, const PutTargetsRequest& request) const;
  void change_count(const BusKey& bus, const std::string& rule, const std::string& arn, int by);

  // put_events.cpp
  PutEventsResultEntry put_entry(const Context& context, const PutEventsRequestEntry& entry);
  void require_access(const Context& context, const BusKey& key,
                      const PutEventsRequestEntry& entry) const;

  // routing.cpp
  /// Where an event comes from, if not from a caller: buses that it has passed.
  struct Passage {
    std::size_t hops = 0;
    std::string trace = {};
    std::string caller = {};
    const ReplayRecord* replay = nullptr;
  };
  LiveBus* live_bus(const BusKey& key);
  void add_live(LiveBus& bus, const std::string& name, const RuleRecord& record);
  /// After a rule or its targets have changed, or archives have.
  void refresh(const BusKey& bus, const std::string& rule);
  void forget(const BusKey& bus);
  /// `json` is the event as targets get it. False where there is no such bus.
  bool enter(const BusKey& key, std::string_view id, const std::string& json,
             const Passage& passage);
  /// An event that a rule has matched.
  struct Sent {
    std::string_view id;
    const std::string& json;
    const Passage& passage;
  };
  void fire(const LiveBus& bus, LiveRule& rule, const Sent& sent);
  services::Delivery delivery_for(const LiveBus& bus, const LiveRule& rule, const LiveTarget& live,
                                  const Sent& sent) const;
  // why.cpp
  bool explain_targets(const Named& named, const std::string& event,
                       services::Explanation& result) const;

  void note(const LiveBus& bus, std::string_view id, const std::string& json,
            const Passage& passage);

  // managed_rules.cpp
  /// Whether an archive gets events: its rule may have been taken away by force.
  bool is_fed(const NameKey& key, const ArchiveRecord& archive) const;
  /// Throws ResourceNotFoundException where the bus is gone, ResourceAlreadyExistsException where a
  /// rule of the user's has the name.
  void feed(const NameKey& key, const ArchiveRecord& archive);
  void stop_feeding(const NameKey& key, const ArchiveRecord& archive);

  // archives.cpp
  void keep_in_archive(const BusKey& bus, const std::string& archive, const std::string& json);
  ArchiveRecord require_archive(const NameKey& key) const;
  void expire(const NameKey& key, ArchiveRecord& record, std::size_t most);

  // replays.cpp
  ReplayRecord require_replay(const NameKey& key) const;
  void replay_later();
  void replay_next();
  bool replay_some(const NameKey& key, ReplayRecord& record);

  // schedules.cpp
  void schedule(const BusKey& bus, const std::string& name, RuleRecord& record);
  void unschedule(const BusKey& bus, const std::string& name, RuleRecord& record);
  void resume_schedules();
  storage::KeyRange due_left() const;
  void set_schedule_timer();
  void fire_schedules();
  void fire_schedule(const DueKey& key);
};

}  // namespace matinee::events
