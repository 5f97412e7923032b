// Amazon CloudWatch: metrics, and alarms on them.
//
// What would compute with metrics (expressions, anomaly bands) answers 501. Nothing is kept in
// memory; while there are alarms a timer looks at them each minute, and each ten
// seconds at those with shorter periods.
#pragma once

#include <memory>
#include <span>

#include "cloudwatch/shapes.h"
#include "runtime/runtime.h"
#include "services/alarm_actions.h"
#include "services/cloudwatch/alarm_store.h"
#include "services/cloudwatch/alarm_watch.h"
#include "services/cloudwatch/metric_store.h"
#include "services/endpoint.h"
#include "services/metric_sink.h"
#include "storage/store.h"

namespace matinee::cloudwatch {

using services::Context;

class Service final : public services::ServiceBase, public services::MetricSink {
 public:
  /// The dispatch table: an entry for each operation of the model.
  static std::span<const services::Handler> handlers();

  /// All must outlive the service. Without `actions` alarms change their state, and tell nobody.
  Service(storage::Store& store, runtime::Runtime& runtime,
          services::AlarmActions* actions = nullptr);
  ~Service() override;

  protocol::ServiceError invalid(const protocol::Operation& operation,
                                 const protocol::Violations& violations) const override;
  protocol::ServiceError refusal(const services::Inquiry& inquiry,
                                 std::string sentence) const override;
  /// Of an alarm: its tags.
  std::optional<std::vector<std::string>> find_key(const services::Inquiry& inquiry,
                                                   std::string_view key) const override;
  void reset(const services::ResetScope& scope) override;
  void put_metric(const services::MetricValue& value) override;
  void put_summary(const services::MetricValue& metric,
                   const services::MetricSummary& summary) override;

  runtime::Task<PutMetricDataResponse> put_metric_data(const Context&, const PutMetricDataRequest&);
  runtime::Task<ListMetricsResponse> list_metrics(const Context&, const ListMetricsRequest&);
  runtime::Task<GetMetricStatisticsResponse> get_metric_statistics(
      const Context&, const GetMetricStatisticsRequest&);
  runtime::Task<GetMetricDataResponse> get_metric_data(const Context&, const GetMetricDataRequest&);

  PutMetricAlarmResponse put_metric_alarm(const Context&, const PutMetricAlarmRequest&);
  PutCompositeAlarmResponse put_composite_alarm(const Context&, const PutCompositeAlarmRequest&);
  runtime::Task<DescribeAlarmsResponse> describe_alarms(const Context&,
                                                        const DescribeAlarmsRequest&);
  runtime::Task<DescribeAlarmsForMetricResponse> describe_alarms_for_metric(
      const Context&, const DescribeAlarmsForMetricRequest&);
  DescribeAlarmHistoryResponse describe_alarm_history(const Context&,
                                                      const DescribeAlarmHistoryRequest&);
  SetAlarmStateResponse set_alarm_state(const Context&, const SetAlarmStateRequest&);
  EnableAlarmActionsResponse enable_alarm_actions(const Context&, const EnableAlarmActionsRequest&);
  DisableAlarmActionsResponse disable_alarm_actions(const Context&,
                                                    const DisableAlarmActionsRequest&);
  DeleteAlarmsResponse delete_alarms(const Context&, const DeleteAlarmsRequest&);

  // dashboards.cpp
  PutDashboardResponse put_dashboard(const Context&, const PutDashboardRequest&);
  GetDashboardResponse get_dashboard(const Context&, const GetDashboardRequest&);
  ListDashboardsResponse list_dashboards(const Context&, const ListDashboardsRequest&);
  DeleteDashboardsResponse delete_dashboards(const Context&, const DeleteDashboardsRequest&);

  ListTagsForResourceResponse list_tags_for_resource(const Context&,
                                                     const ListTagsForResourceRequest&);
  TagResourceResponse tag_resource(const Context&, const TagResourceRequest&);
  UntagResourceResponse untag_resource(const Context&, const UntagResourceRequest&);

 private:
  storage::Store& store_;
  runtime::Runtime& runtime_;
  MetricStore metrics_;
  AlarmStore alarms_;
  AlarmWatch watch_;
  storage::Table<DashboardKey, DashboardRecord> dashboards_;
  runtime::TimerId aging_ = runtime::TimerId::none;

  /// In milliseconds, as clients are told of alarms.
  runtime::Time now() const {
    return std::chrono::floor<std::chrono::milliseconds>(runtime_.clock.now());
  }
  void put_statistics(const services::MetricValue& metric, Statistics statistics);
  runtime::Task<std::vector<Bucket>> read(SeriesQuery query);
  void enable_actions(const Context& context, const std::vector<std::string>& names, bool enabled);
  /// Throws ValidationException.
  void require_independent(const Context& context, const std::vector<std::string>& names) const;
  DescribeAlarmsResponse describe_relatives(const Context& context,
                                            const DescribeAlarmsRequest& request) const;
  /// Throws ResourceNotFoundException or InvalidParameterValueException.
  std::pair<AlarmKey, AlarmRecord> require_tagged(const Context& context, const std::string& arn);
  /// Of an ARN of a dashboard; nothing for others. Throws ResourceNotFoundException.
  std::optional<DashboardKey> find_dashboard(const Context& context, const std::string& arn) const;
  /// There is something that grows old: sees that it is looked at each hour, or goes on at once.
  void schedule_aging(bool at_once = false);
};

}  // namespace matinee::cloudwatch
