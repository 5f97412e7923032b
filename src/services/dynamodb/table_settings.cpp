// Tags, and what clients ask about tables and the account besides.
#include <fmt/format.h>

#include "dynamodb/errors.h"
#include "services/dynamodb/service.h"
#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb {
namespace {

constexpr std::size_t max_tags = 50;

// The quotas of a new account. Nothing here is ever throttled.
constexpr std::int64_t account_capacity_units = 80'000;
constexpr std::int64_t table_capacity_units = 40'000;

constexpr std::int64_t endpoint_minutes = 1440;

const TableRecord& require_resource(Catalog& catalog, const Context& context,
                                    const std::string& arn) {
  if (!arn.starts_with("arn:")) throw validation_error("Invalid TableArn: " + arn);
  try {
    return catalog.require(context, arn);
  } catch (const ResourceNotFoundException&) {
    // AWS spells it so.
    throw ResourceNotFoundException(
        fmt::format("Requested resource not found: ResourcArn: {} not found", arn));
  }
}

}  // namespace

TagResourceResponse Service::tag_resource(const Context& context,
                                          const TagResourceRequest& request) {
  TableRecord table = require_resource(catalog_, context, request.resource_arn);
  for (const Tag& tag : request.tags) table.tags[tag.key] = tag.value;
  if (table.tags.size() > max_tags) {
    throw validation_error(fmt::format(
        "One or more parameter values were invalid: Too many tags: the limit is {}", max_tags));
  }
  catalog_.update(table);
  return {};
}

UntagResourceResponse Service::untag_resource(const Context& context,
                                              const UntagResourceRequest& request) {
  TableRecord table = require_resource(catalog_, context, request.resource_arn);
  for (const std::string& key : request.tag_keys) table.tags.erase(key);
  catalog_.update(table);
  return {};
}

/// There are never so many tags that a second page would be needed.
ListTagsOfResourceResponse Service::list_tags_of_resource(
    const Context& context, const ListTagsOfResourceRequest& request) {
  const TableRecord& table = require_resource(catalog_, context, request.resource_arn);
  ListTagsOfResourceResponse response;
  response.tags.emplace();
  for (const auto& [key, value] : table.tags)
    response.tags->push_back({.key = key, .value = value});
  return response;
}

/// Items do not expire here, so no table has it enabled.
DescribeTimeToLiveResponse Service::describe_time_to_live(
    const Context& context, const DescribeTimeToLiveRequest& request) {
  catalog_.require_named(context, request.table_name);
  return {.time_to_live_description = TimeToLiveDescription{.time_to_live_status = "DISABLED"}};
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
