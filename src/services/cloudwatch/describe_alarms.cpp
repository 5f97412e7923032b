// Operations that look for alarms, and for what has happened to them.
#include <algorithm>

#include "cloudwatch/errors.h"
#include "services/cloudwatch/alarm_requests.h"
#include "services/cloudwatch/requests.h"
#include "services/cloudwatch/service.h"

namespace matinee::cloudwatch {
namespace {

constexpr std::int32_t default_page = 50;
constexpr std::int32_t history_page = 100;

[[noreturn]] void refuse_token() {
  throw InvalidNextToken("The specified nextToken is invalid.");
}

std::string read_or_refuse(const std::string& token) {
  std::optional<std::string> bytes = read_token(token);
  if (!bytes) refuse_token();
  return *std::move(bytes);
}

bool has_action(const AlarmRecord& alarm, const std::string& prefix) {
  for (const auto* actions :
       {&alarm.ok_actions, &alarm.alarm_actions, &alarm.insufficient_data_actions})
    for (const std::string& action : *actions)
      if (action.starts_with(prefix)) return true;
  return false;
}

bool fits(const DescribeAlarmsRequest& request, const AlarmRecord& alarm) {
  if (request.state_value && alarm.state != *request.state_value) return false;
  return !request.action_prefix || has_action(alarm, *request.action_prefix);
}

bool fits(const DescribeAlarmsForMetricRequest& request, const Dimensions& sorted,
          const AlarmRecord& alarm) {
  if (alarm.metric_name != request.metric_name || alarm.name_space != request.namespace_)
    return false;
  Dimensions dimensions = alarm.dimensions;
  std::ranges::sort(dimensions);
  if (dimensions != sorted) return false;
  if (request.statistic && alarm.statistic != request.statistic) return false;
  if (request.extended_statistic && alarm.extended_statistic != request.extended_statistic)
    return false;
  if (request.period && alarm.period != *request.period) return false;
  return !request.unit || alarm.unit == request.unit;
}

/// Without AlarmTypes only metric alarms are told.
struct WantedTypes {
  bool metric = true;
  bool composite = false;

  explicit WantedTypes(const std::optional<std::vector<std::string>>& types) {
    if (!types || types->empty()) return;
    metric = std::ranges::count(*types, "MetricAlarm") > 0;
    composite = std::ranges::count(*types, "CompositeAlarm") > 0;
  }
  bool has(bool is_composite) const { return is_composite ? composite : metric; }
};

bool wants_relatives(const DescribeAlarmsRequest& request) {
  return request.children_of_alarm_name || request.parents_of_alarm_name;
}

void require_selection(const DescribeAlarmsRequest& request) {
  const bool has_names = request.alarm_names && !request.alarm_names->empty();
  if (has_names && request.alarm_name_prefix)
    throw InvalidParameterCombinationException(
        "AlarmNamePrefix and AlarmNames are mutually exclusive");
  if (!wants_relatives(request)) return;
  const bool has_others = has_names || request.alarm_name_prefix || request.alarm_types ||
                          request.state_value || request.action_prefix ||
                          (request.children_of_alarm_name && request.parents_of_alarm_name);
  if (has_others)
    throw ValidationException(
        "ChildrenOfAlarmName and ParentsOfAlarmName can only be combined with MaxRecords and "
        "NextToken");
}

DescribeAlarmsResponse empty_response() {
  DescribeAlarmsResponse response;
  response.metric_alarms.emplace();
  response.composite_alarms.emplace();
  response.log_alarms.emplace();
  return response;
}

void add(DescribeAlarmsResponse& response, const AlarmKey& key, const AlarmRecord& alarm) {
  if (alarm.composite)
    response.composite_alarms->push_back(describe_composite(key, alarm));
  else
    response.metric_alarms->push_back(describe(key, alarm));
}

/// Of children AWS tells name, ARN and state, of parents name and ARN.
template <class Alarm>
Alarm describe_relative(const AlarmKey& key, const AlarmRecord& record, bool with_state) {
  Alarm alarm;
  alarm.alarm_name = std::get<2>(key);
  alarm.alarm_arn = record.arn;
  if (!with_state) return alarm;
  alarm.state_value = record.state;
  alarm.state_updated_timestamp = record.state_updated;
  return alarm;
}

}  // namespace

DescribeAlarmsResponse Service::describe_relatives(const Context& context,
                                                   const DescribeAlarmsRequest& request) const {
  DescribeAlarmsResponse response = empty_response();
  const bool are_children = request.children_of_alarm_name.has_value();
  const CompositeAlarms& composites = alarms_.composites();
  const std::vector<std::string> names =
      are_children ? composites.children_of(alarm_key(context, *request.children_of_alarm_name))
                   : composites.parents_of(alarm_key(context, *request.parents_of_alarm_name));
  const std::string first = request.next_token ? read_or_refuse(*request.next_token) : "";
  auto left = static_cast<std::size_t>(request.max_records.value_or(default_page));
  for (const std::string& name : names) {
    if (name < first) continue;
    const AlarmKey key = alarm_key(context, name);
    const std::optional<AlarmRecord> alarm = alarms_.find(key);
    if (!alarm) continue;
    if (left-- == 0) {
      response.next_token = make_token(name);
      break;
    }
    if (alarm->composite)
      response.composite_alarms->push_back(
          describe_relative<CompositeAlarm>(key, *alarm, are_children));
    else
      response.metric_alarms->push_back(describe_relative<MetricAlarm>(key, *alarm, are_children));
  }
  return response;
}

runtime::Task<DescribeAlarmsResponse> Service::describe_alarms(
    const Context& context, const DescribeAlarmsRequest& request) {
  require_selection(request);
  if (wants_relatives(request)) co_return describe_relatives(context, request);
  DescribeAlarmsResponse response = empty_response();
  const WantedTypes types(request.alarm_types);
  const auto is_wanted = [&](const AlarmRecord& alarm) {
    return types.has(alarm.composite.has_value()) && fits(request, alarm);
  };
  if (request.alarm_names && !request.alarm_names->empty()) {
    std::vector<std::string> names = *request.alarm_names;
    std::ranges::sort(names);
    const auto [first, last] = std::ranges::unique(names);
    names.erase(first, last);
    for (const std::string& name : names) {
      const AlarmKey key = alarm_key(context, name);
      const std::optional<AlarmRecord> alarm = alarms_.find(key);
      if (alarm && is_wanted(*alarm)) add(response, key, *alarm);
    }
    co_return response;
  }
  auto left = static_cast<std::size_t>(request.max_records.value_or(default_page));
  const AlarmsTable& table = alarms_.alarms();
  storage::KeyRange range = table.prefix(context.account, context.region);
  if (request.next_token)
    range = table.from(range, alarm_key(context, read_or_refuse(*request.next_token)));
  const std::string prefix = request.alarm_name_prefix.value_or("");
  if (!prefix.empty()) range = table.from(range, alarm_key(context, prefix));
  runtime::Turns& turns = runtime_.loop.turns();
  for (auto cursor = table.cursor(range); cursor.valid(); cursor.next()) {
    if (turns.is_over()) co_await turns.next();
    const AlarmKey key = cursor.key();
    if (!std::get<2>(key).starts_with(prefix)) break;
    const AlarmRecord alarm = cursor.record();
    if (!is_wanted(alarm)) continue;
    if (left-- == 0) {
      response.next_token = make_token(std::get<2>(key));
      break;
    }
    add(response, key, alarm);
  }
  co_return response;
}

runtime::Task<DescribeAlarmsForMetricResponse> Service::describe_alarms_for_metric(
    const Context& context, const DescribeAlarmsForMetricRequest& request) {
  DescribeAlarmsForMetricResponse response;
  response.metric_alarms.emplace();
  Dimensions sorted = to_dimensions(request.dimensions);
  std::ranges::sort(sorted);
  const AlarmsTable& table = alarms_.alarms();
  runtime::Turns& turns = runtime_.loop.turns();
  for (auto cursor = table.cursor(table.prefix(context.account, context.region)); cursor.valid();
       cursor.next()) {
    if (turns.is_over()) co_await turns.next();
    const AlarmRecord alarm = cursor.record();
    if (fits(request, sorted, alarm))
      response.metric_alarms->push_back(describe(cursor.key(), alarm));
  }
  co_return response;
}

namespace {

AlarmHistoryItem describe(const HistoryKey& key, HistoryRecord record) {
  AlarmHistoryItem item;
  item.alarm_name = std::move(record.alarm);
  item.alarm_type = record.is_composite ? "CompositeAlarm" : "MetricAlarm";
  item.timestamp = std::get<2>(key);
  item.history_item_type = std::move(record.kind);
  item.history_summary = std::move(record.summary);
  item.history_data = std::move(record.data);
  return item;
}

/// Where a page ended: the time and number of the first entry of the next one.
std::string encode_place(const HistoryKey& key) {
  return storage::encode_key(std::tuple{std::get<2>(key), std::get<3>(key)});
}

std::tuple<runtime::Time, std::uint64_t> decode_place(const std::string& token) {
  try {
    return storage::decode_key<std::tuple<runtime::Time, std::uint64_t>>(read_or_refuse(token));
  } catch (const storage::DamagedRecord&) {
    refuse_token();
  }
}

/// The entries of one alarm or of all, from where the page begins, in the order asked for.
class HistoryPage {
 public:
  HistoryPage(const DescribeAlarmHistoryRequest& request, const Context& context)
      : request_(request), context_(context) {
    if (request.start_date) from_ = *request.start_date;
    if (request.end_date) to_ = *request.end_date;
    if (request.next_token) place_ = decode_place(*request.next_token);
  }

  bool is_ascending() const { return request_.scan_by == "TimestampAscending"; }
  storage::Order order() const {
    return is_ascending() ? storage::Order::forward : storage::Order::backward;
  }
  template <class Table, class... Part>
  storage::KeyRange range(const Table& table, const Part&... parts) const {
    storage::KeyRange range =
        table.between(std::tuple{context_.account, context_.region, parts..., from_},
                      std::tuple{context_.account, context_.region, parts..., to_});
    if (!place_) return range;
    const auto [time, number] = *place_;
    const typename Table::KeyType key{context_.account, context_.region, parts..., time, number};
    if (is_ascending()) return table.from(range, key);
    // Up to and with the entry at which the page begins.
    range.to = std::min(range.to, table.after(range, key).from);
    return range;
  }

 private:
  const DescribeAlarmHistoryRequest& request_;
  const Context& context_;
  runtime::Time from_ = runtime::Time::min();
  runtime::Time to_ = runtime::Time::max();
  std::optional<std::tuple<runtime::Time, std::uint64_t>> place_;
};

}  // namespace

DescribeAlarmHistoryResponse Service::describe_alarm_history(
    const Context& context, const DescribeAlarmHistoryRequest& request) {
  DescribeAlarmHistoryResponse response;
  std::vector<AlarmHistoryItem>& items = response.alarm_history_items.emplace();
  const WantedTypes types(request.alarm_types);
  const HistoryPage page(request, context);
  const auto size = static_cast<std::size_t>(request.max_records.value_or(history_page));
  const auto add = [&](const HistoryKey& key, HistoryRecord record) {
    if (!types.has(record.is_composite)) return true;
    if (request.history_item_type && record.kind != *request.history_item_type) return true;
    if (items.size() == size) {
      response.next_token = make_token(encode_place(key));
      return false;
    }
    items.push_back(describe(key, std::move(record)));
    return true;
  };
  if (!request.alarm_name) {
    alarms_.history().scan(page.range(alarms_.history()), add, page.order());
    return response;
  }
  const AlarmHistoryTable& table = alarms_.history_of_alarms();
  table.scan(
      page.range(table, *request.alarm_name),
      [&](const AlarmHistoryKey& key, bool) {
        const HistoryKey place{context.account, context.region, std::get<3>(key), std::get<4>(key)};
        std::optional<HistoryRecord> record = alarms_.history().find(place);
        return !record || add(place, *std::move(record));
      },
      page.order());
  return response;
}

}  // namespace matinee::cloudwatch
