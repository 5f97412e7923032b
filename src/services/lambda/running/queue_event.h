// Messages of a queue as the event that a function gets, and what its answer says of them.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "services/queue_source.h"

namespace matinee::lambda {

/// One record of the event. `queue` is an ARN. With `body_as_json` a body that is JSON stands in it
/// as it is: what filters look at.
std::string record_of(const services::QueueMessage& message, std::string_view queue,
                      bool has_window, bool body_as_json = false);
std::string event_of(const std::vector<services::QueueMessage>& messages, std::string_view queue,
                     bool has_window);

/// The ids that an answer reports as failed, by AWS's rules for ReportBatchItemFailures: none where
/// it reports none; nothing where the whole batch counts as failed.
std::optional<std::set<std::string>> failures_of(const std::string& answer,
                                                 const std::vector<services::QueueMessage>& batch);

}  // namespace matinee::lambda
