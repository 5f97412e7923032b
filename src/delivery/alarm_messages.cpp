#include "delivery/alarm_messages.h"

#include <spdlog/spdlog.h>

namespace matinee::delivery {

void AlarmMessages::run(const services::AlarmAction& action) {
  if (!action.target.starts_with("arn:aws:sns:")) {
    spdlog::warn("The alarm {} has an action that Matinee does not serve: {}", action.alarm_arn,
                 action.target);
    return;
  }
  services::Delivery delivery{.target = action.target,
                              .body = action.message,
                              .service_principal = "cloudwatch.amazonaws.com",
                              .source_arn = action.alarm_arn,
                              .source_account = action.account,
                              .subject = action.subject};
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
