// What a request says of an alarm, checked, and an alarm as clients see it.
#pragma once

#include "cloudwatch/shapes.h"
#include "services/cloudwatch/records.h"
#include "services/context.h"

namespace matinee::cloudwatch {

/// Throws ValidationException, or 501 for what computes with metrics.
void require_alarm(const PutMetricAlarmRequest& request);

/// The configuration of the request on top of what was there before, if anything.
AlarmRecord configure(const PutMetricAlarmRequest& request, std::optional<AlarmRecord> before,
                      runtime::Time now);

/// Throws ValidationException where periods and suppressor do not go together.
void require_composite(const PutCompositeAlarmRequest& request);
AlarmRecord configure(const PutCompositeAlarmRequest& request, std::optional<AlarmRecord> before,
                      runtime::Time now);

MetricAlarm describe(const AlarmKey& key, const AlarmRecord& record);
CompositeAlarm describe_composite(const AlarmKey& key, const AlarmRecord& record);

AlarmKey alarm_key(const services::Context& context, const std::string& name);
std::string alarm_arn(const services::Context& context, const std::string& name);

/// "arn:aws:...:alarm:NAME"; nothing where it names something else.
std::optional<AlarmKey> key_of_arn(const std::string& arn);

}  // namespace matinee::cloudwatch
