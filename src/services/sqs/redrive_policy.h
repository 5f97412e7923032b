// The two JSON documents among a queue's attributes: where its messages go after too many receives,
// and whose messages may come to it.
#pragma once

#include <string>

#include "services/sqs/queue_attributes.h"

namespace matinee::sqs {

/// {"deadLetterTargetArn": ARN, "maxReceiveCount": 1 to 1000, also as a string}. Throws
/// InvalidParameterValue with AWS's reasons; whether the target exists is for others to find out.
RedrivePolicy parse_redrive_policy(const std::string& json);

/// {"redrivePermission": "allowAll" | "denyAll" | "byQueue", "sourceQueueArns": [up to 10 ARNs]}.
/// Throws InvalidParameterValue.
RedriveAllowPolicy parse_redrive_allow_policy(const std::string& json);

}  // namespace matinee::sqs
