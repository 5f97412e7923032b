#include "delivery/alarm_messages.h"

#include <spdlog/spdlog.h>

namespace matinee::delivery {

void AlarmMessages::run(const services::AlarmAction& action) {
  const bool is_function = action.target.starts_with("arn:aws:lambda:");
  if (!is_function && !action.target.starts_with("arn:aws:sns:")) {
    spdlog::warn("The alarm {} has an action that Matinee does not serve: {}", action.alarm_arn,
                 action.target);
    return;
  }
  services::Delivery delivery{.target = action.target,
                              .body = is_function ? action.event : action.message,
                              .service_principal = is_function
                                                       ? "lambda.alarms.cloudwatch.amazonaws.com"
                                                       : "cloudwatch.amazonaws.com",
                              .source_arn = action.alarm_arn,
                              .source_account = action.account,
                              .subject = is_function ? "" : action.subject};
  delivery.retries.kind = services::RetryPolicy::Kind::event;
  outbox_.add(delivery);
}

void AlarmMessages::state_changed(const services::AlarmStateChange& change) {
  if (!events_) return;
  events_->put({.account = change.account,
                .region = change.region,
                .source = "aws.cloudwatch",
                .detail_type = "CloudWatch Alarm State Change",
                .resources = {change.alarm_arn},
                .detail = change.detail});
}

}  // namespace matinee::delivery
