// The JSON that tells of an alarm: in its history, to topics and to functions.
#pragma once

#include <string>

#include "services/cloudwatch/records.h"

namespace matinee::cloudwatch {

/// An alarm whose state has changed.
struct AlarmChange {
  const AlarmKey& key;
  const AlarmRecord& before;
  const AlarmRecord& after;
};

/// ActionsSuppressedReason, while something suppresses them.
std::string suppression_reason(const CompositeRecord& composite);

/// HistoryData of a StateUpdate.
std::string state_history(const AlarmChange& change);
/// HistoryData of a ConfigurationUpdate; `type` is "Create", "Update" or "Delete".
std::string configuration_history(std::string_view type, const AlarmKey& key,
                                  const AlarmRecord& record);

/// `ALARM: "NAME" in US East (N. Virginia)`
std::string topic_subject(const AlarmChange& change);
std::string topic_message(const AlarmChange& change);
/// What functions and the event bus are told of it.
std::string alarm_data(const AlarmChange& change);
std::string function_event(const AlarmChange& change);

}  // namespace matinee::cloudwatch
