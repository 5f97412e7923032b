// What the event bus is told of a change of an object: in its own words, not in those of messages
// to queues and topics.
#pragma once

#include <optional>

#include "services/event_sink.h"
#include "services/s3/notifications/object_event.h"

namespace matinee::s3 {

/// Nothing for changes of which the bus is not told.
std::optional<services::ServiceEvent> bus_event(const services::Context& context,
                                                const EventPlace& place, const ObjectEvent& event);

}  // namespace matinee::s3
