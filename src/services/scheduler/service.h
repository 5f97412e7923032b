// Amazon EventBridge Scheduler: schedules and their groups.
//
// The next time of each schedule is an entry in a table that is ordered by time, and there is one
// timer, for its first entry. What fires becomes a delivery in the outbox in the transaction that
// moves the schedule on, many schedules in one. Nothing is kept in memory: a start looks at one
// entry.
#pragma once

#include <memory>
#include <span>

#include "identity/directory.h"
#include "runtime/runtime.h"
#include "scheduler/shapes.h"
#include "schedules/schedule.h"
#include "schedules/time_zone.h"
#include "services/endpoint.h"
#include "services/journal.h"
#include "services/key_service.h"
#include "services/outbox.h"
#include "services/scheduler/measures.h"
#include "services/scheduler/records.h"
#include "storage/front_table.h"
#include "storage/store.h"

namespace matinee::scheduler {

using services::Context;

/// What schedules need of others. Each may be null.
struct Neighbours {
  services::Outbox* outbox = nullptr;
  services::KeyService* keys = nullptr;
  services::Journal* journal = nullptr;
  const identity::Directory* directory = nullptr;
  services::MetricSink* metrics = nullptr;
};

/// A schedule that is due.
struct Firing {
  ScheduleKey key;
  ScheduleRecord schedule;
  runtime::Time scheduled;
};

class Service final : public services::ServiceBase, public services::DeliveryListener {
 public:
  /// The dispatch table: an entry for each operation of the model.
  static std::span<const services::Handler> handlers();

  /// All must outlive the service. Takes up what an earlier run left, in the loop's next round.
  Service(storage::Store& store, runtime::Runtime& runtime, const Neighbours& neighbours = {});
  ~Service() override;
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // access.cpp
  /// Whether the caller may hand the role of the target to the scheduler, and that trusts it.
  /// Throws ValidationException, and what `refusal` gives.
  void require_role(const services::Inquiry& inquiry, const std::string& role);
  void add_needs(const Context& context, const protocol::Operation& operation, const void* request,
                 std::vector<services::Need>& needs) const override;
  std::optional<std::vector<std::string>> find_key(const services::Inquiry& inquiry,
                                                   std::string_view key) const override;
  protocol::ServiceError refusal(const services::Inquiry& inquiry,
                                 std::string sentence) const override;

  // service.cpp
  void reset(const services::ResetScope& scope) override;

  void settled(const services::Delivery& delivery, const services::DeliveryResult& result) override;

  // groups.cpp
  CreateScheduleGroupResponse create_schedule_group(const Context&,
                                                    const CreateScheduleGroupRequest&);
  GetScheduleGroupResponse get_schedule_group(const Context&, const GetScheduleGroupRequest&);
  ListScheduleGroupsResponse list_schedule_groups(const Context&, const ListScheduleGroupsRequest&);
  DeleteScheduleGroupResponse delete_schedule_group(const Context&,
                                                    const DeleteScheduleGroupRequest&);
  TagResourceResponse tag_resource(const Context&, const TagResourceRequest&);
  UntagResourceResponse untag_resource(const Context&, const UntagResourceRequest&);
  ListTagsForResourceResponse list_tags_for_resource(const Context&,
                                                     const ListTagsForResourceRequest&);

  // schedules.cpp
  CreateScheduleResponse create_schedule(const Context&, const CreateScheduleRequest&);
  UpdateScheduleResponse update_schedule(const Context&, const UpdateScheduleRequest&);
  GetScheduleResponse get_schedule(const Context&, const GetScheduleRequest&);
  DeleteScheduleResponse delete_schedule(const Context&, const DeleteScheduleRequest&);
  ListSchedulesResponse list_schedules(const Context&, const ListSchedulesRequest&);

 private:
  storage::Store& store_;
  runtime::Runtime& runtime_;
  Neighbours neighbours_;
  schedules::TimeZones zones_;
  storage::Table<GroupKey, GroupRecord> groups_;
  storage::Table<ScheduleKey, ScheduleRecord> schedules_;
  storage::Table<DueKey, DueRecord> due_;
  storage::Table<ScheduleKey, NextRecord> next_;
  storage::FrontTable<GroupKey, RemovalRecord> removals_;
  storage::Table<ScheduleKey, DeletionRecord> deletions_;
  storage::FrontTable<DueKey, DeletionTimeRecord> deletion_times_;
  Measures measures_;

  /// No entry of the table of what is due is earlier: looking for the first one begins here, not
  /// among what was removed.
  DueKey position_{};
  std::optional<runtime::Time> pass_began_;  // of what is due, in pieces
  runtime::TimerId timer_ = runtime::TimerId::none;
  runtime::Time timer_at_{};
  bool looks_after_commit_ = false;  // the current transaction changes what is due
  /// What is posted to the loop asks whether the service still lives.
  std::shared_ptr<bool> lives_ = std::make_shared<bool>(true);

  runtime::Time now() const { return runtime_.clock.now(); }
  /// As dates of resources are told.
  runtime::Time to_the_millisecond() const {
    return std::chrono::floor<std::chrono::milliseconds>(now());
  }
  void post(void (Service::*method)());

  // groups.cpp
  void make_default_group(const Context& context);
  GroupRecord require_group(const Context& context, const std::string& name);
  GroupRecord require_tagged(const Context& context, const std::string& arn, GroupKey& key);
  void remove_groups();
  bool remove_piece(const GroupKey& group);

  // schedules.cpp
  ScheduleRecord require_schedule(const ScheduleKey& key) const;
  bool is_the_same(const ScheduleKey& key, const Context& context, const ScheduleRecord& known,
                   const Definition& wanted) const;
  std::optional<std::string> input_of(const ScheduleKey& key, const Context& context,
                                      const Definition& definition) const;
  void put_schedule(const Context& context, const ScheduleKey& key, ScheduleRecord record);
  bool goes_on(const ScheduleRecord& record, const ScheduleRecord& before) const;

  // tokens.cpp
  bool was_deleted_by(const ScheduleKey& key, const std::optional<std::string>& token) const;
  void remember_deletion(const ScheduleKey& key, const std::optional<std::string>& token);

  // times.cpp
  /// The time zone of an expression. Throws ValidationException.
  const schedules::TimeZone& zone_of(const Definition& definition);
  std::optional<runtime::Time> first_time(const ScheduleRecord& record);
  std::optional<runtime::Time> time_after(const ScheduleRecord& record, runtime::Time after);
  runtime::Time latest_time(const ScheduleRecord& record, runtime::Time scheduled);
  void plan(const ScheduleKey& key, const ScheduleRecord& record,
            std::optional<runtime::Time> scheduled);
  void unplan(const ScheduleKey& key);

  // firing.cpp
  void look_after_commit();
  void set_timer();
  void fire_due();
  bool fire_some();
  void fire(Firing firing, std::vector<services::Delivery>& deliveries);
  services::Delivery delivery_of(const Firing& firing, const std::string& execution);
  void tell(const Firing& firing, const services::Delivery& delivery);
  void tell_lost(const Firing& firing, const std::string& execution, const std::string& reason);
};

}  // namespace matinee::scheduler
