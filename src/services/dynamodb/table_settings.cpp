// What clients ask about tables and the account beside what describes a table.
#include "dynamodb/errors.h"
#include "services/dynamodb/service.h"
#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb {
namespace {

// The quotas of a new account. Nothing here is ever throttled.
constexpr std::int64_t account_capacity_units = 80'000;
constexpr std::int64_t table_capacity_units = 40'000;

constexpr std::int64_t endpoint_minutes = 1440;

}  // namespace

/// Items are removed as soon as the clock reaches their second. AWS promises no moment for that,
/// and what has expired is still read there until it is deleted.
UpdateTimeToLiveResponse Service::update_time_to_live(const Context& context,
                                                      const UpdateTimeToLiveRequest& request) {
  TableRecord table = catalog_.require_made(context, request.table_name);
  const TimeToLiveSpecification& wanted = request.time_to_live_specification;
  const std::optional<std::string>& current = table.time_to_live_attribute;
  if (wanted.enabled == current.has_value()) {
    throw validation_error(wanted.enabled ? "TimeToLive is already enabled"
                                          : "TimeToLive is already disabled");
  }
  if (current && *current != wanted.attribute_name) {
    throw validation_error(
        "TimeToLive is active on a different AttributeName: current AttributeName is " + *current);
  }
  if (wanted.enabled) {
    table.time_to_live_attribute = wanted.attribute_name;
    housekeeping_.begin_expiry(table);
  } else {
    housekeeping_.end_expiry(table);
    table.time_to_live_attribute.reset();
  }
  catalog_.update(table);
  return {.time_to_live_specification = wanted};
}

DescribeTimeToLiveResponse Service::describe_time_to_live(
    const Context& context, const DescribeTimeToLiveRequest& request) {
  const TableRecord& table = catalog_.require_named(context, request.table_name);
  const std::optional<std::string>& attribute = table.time_to_live_attribute;
  return {.time_to_live_description =
              TimeToLiveDescription{.time_to_live_status = attribute ? "ENABLED" : "DISABLED",
                                    .attribute_name = attribute}};
}

DescribeLimitsResponse Service::describe_limits(const Context&, const DescribeLimitsRequest&) {
  return {.account_max_read_capacity_units = account_capacity_units,
          .account_max_write_capacity_units = account_capacity_units,
          .table_max_read_capacity_units = table_capacity_units,
          .table_max_write_capacity_units = table_capacity_units};
}

DescribeEndpointsResponse Service::describe_endpoints(const Context& context,
                                                      const DescribeEndpointsRequest&) {
  return {.endpoints = {{.address = context.host, .cache_period_in_minutes = endpoint_minutes}}};
}

}  // namespace matinee::dynamodb
