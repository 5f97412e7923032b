// The services beside Lambda, as it uses them.
#pragma once

#include "identity/directory.h"
#include "services/change_source.h"
#include "services/journal.h"
#include "services/key_service.h"
#include "services/log_sink.h"
#include "services/metric_sink.h"
#include "services/object_reader.h"
#include "services/outbox.h"
#include "services/queue_source.h"
#include "services/role_sessions.h"

namespace matinee::services {
class Faults;
}

namespace matinee::lambda {

/// What functions need of others. Each may be null; then what needs it is refused.
struct Neighbours {
  services::KeyService* keys = nullptr;
  services::ObjectReader* objects = nullptr;
  const identity::Directory* directory = nullptr;
  services::RoleSessions* roles = nullptr;
  services::LogSink* logs = nullptr;
  services::Outbox* outbox = nullptr;
  services::QueueSource* queues = nullptr;
  services::QueueWatch* watches = nullptr;
  services::Journal* journal = nullptr;
  services::Faults* faults = nullptr;
  services::MetricSink* metrics = nullptr;
  services::ChangeSource* changes = nullptr;
  services::ChangeWatch* change_watch = nullptr;
  services::ChangeFinder* change_finder = nullptr;
};

}  // namespace matinee::lambda
