#include "services/scheduler/service.h"

#include "scheduler/operations.h"
#include "services/scheduler/names.h"

namespace matinee::scheduler {

Service::Service(storage::Store& store, runtime::Runtime& runtime, const Neighbours& neighbours)
    : ServiceBase(scheduler::model),
      store_(store),
      runtime_(runtime),
      neighbours_(neighbours),
      zones_(schedules::zone_files(runtime.disk)),
      groups_(store, groups_table),
      schedules_(store, schedules_table),
      due_(store, due_table),
      next_(store, next_table),
      removals_(store, removals_table),
      deletions_(store, deletions_table),
      deletion_times_(store, deletion_times_table),
      measures_(store, runtime.clock, neighbours.metrics, put_counts) {
  if (neighbours_.outbox) neighbours_.outbox->listen(std::string(service_principal), *this);
  set_timer();
  if (!removals_.is_empty()) post(&Service::remove_groups);
}

Service::~Service() {
  *lives_ = false;
  runtime_.clock.cancel(timer_);
}

void Service::post(void (Service::*method)()) {
  runtime_.loop.post([this, method, lives = lives_] {
    if (*lives) (this->*method)();
  });
}

void Service::settled(const services::Delivery& delivery, const services::DeliveryResult& result) {
  measures_.of(delivery.source_arn).add(delivery, result);
}

void Service::reset(const services::ResetScope& scope) {
  if (scope.account) {
    next_.scan(next_.prefix(*scope.account), [&](const ScheduleKey& key, const NextRecord& next) {
      due_.erase(due_key(next.due, key));
      return true;
    });
  } else {
    due_.erase_range(due_.all());
  }
  const auto erase = [&](auto& table) {
    table.erase_range(scope.account ? table.prefix(*scope.account) : table.all());
  };
  erase(next_);
  erase(schedules_);
  erase(groups_);
  erase(removals_);
  deletions_.scan(scope.account ? deletions_.prefix(*scope.account) : deletions_.all(),
                  [&](const ScheduleKey& key, const DeletionRecord& deletion) {
                    deletion_times_.erase(due_key(deletion.time, key));
                    return true;
                  });
  erase(deletions_);
  look_after_commit();
}

}  // namespace matinee::scheduler
