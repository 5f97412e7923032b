// NotificationConfiguration, as clients write it: checked, and turned into what is stored and back.
#pragma once

#include "runtime/random.h"
#include "s3/shapes.h"
#include "services/s3/catalog/notification_record.h"

namespace matinee::s3 {

using NotificationConfiguration = GetBucketNotificationConfigurationResponse;

/// Throws InvalidArgument for targets that are malformed, in another region than the bucket or FIFO
/// queues and topics, for filters that are malformed or overlap, for ids that repeat, and
/// NotImplemented for functions, which are not served. Rules without an id get one.
NotificationRecord read_rules(const NotificationConfiguration& configuration,
                              const std::string& region, runtime::Random& random);

NotificationConfiguration write_rules(const NotificationRecord& record);

}  // namespace matinee::s3
