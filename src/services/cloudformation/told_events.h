// What events of both kinds tell alike: DescribeStackEvents and DescribeEvents.
#pragma once

#include "services/cloudformation/catalog/records.h"

namespace matinee::cloudformation {

/// StackEvent and OperationEvent have these members with the same names.
template <class Event>
void tell_resource(const EventRecord& record, Event& event) {
  event.logical_resource_id = record.logical_id;
  event.physical_resource_id = record.physical_id;
  event.resource_type = record.type;
  event.timestamp = record.time;
  event.resource_status = record.status;
  event.resource_status_reason = record.reason;
  event.resource_properties = record.properties;
  if (!record.operation_id.empty()) event.operation_id = record.operation_id;
  if (!record.client_token.empty()) event.client_request_token = record.client_token;
}

}  // namespace matinee::cloudformation
