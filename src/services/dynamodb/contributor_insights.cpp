// CloudWatch Contributor Insights for tables and indexes: kept and described. No rules are made of
// them, and nothing is counted.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "dynamodb/errors.h"
#include "services/dynamodb/service.h"
#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb {
namespace {

constexpr std::string_view usual_mode = "ACCESSED_AND_THROTTLED_KEYS";
constexpr std::int32_t most_summaries = 100;

std::string_view status_of(const InsightsRecord& insights) {
  return insights.enabled ? "ENABLED" : "DISABLED";
}

void require_index_of(const TableRecord& table, const std::optional<std::string>& name) {
  if (!name || std::ranges::find(table.indexes, *name, &IndexRecord::name) != table.indexes.end())
    return;
  throw ResourceNotFoundException(fmt::format(
      "Requested resource not found: Table: {} index: {} not found", table.name, *name));
}

ContributorInsightsSummary summary_of(const TableRecord& table, const std::string& index,
                                      const InsightsRecord& insights) {
  ContributorInsightsSummary summary{
      .table_name = table.name,
      .contributor_insights_status = std::string(status_of(insights)),
      .contributor_insights_mode = insights.mode};
  if (!index.empty()) summary.index_name = index;
  return summary;
}

}  // namespace

/// The reply says ENABLING or DISABLING, as AWS's does; whoever asks next is told the end of it.
UpdateContributorInsightsResponse Service::update_contributor_insights(
    const Context& context, const UpdateContributorInsightsRequest& request) {
  TableRecord table = catalog_.require_named(context, request.table_name);
  require_index_of(table, request.index_name);
  const bool enables = request.contributor_insights_action == "ENABLE";
  InsightsRecord& insights = table.insights[request.index_name.value_or("")];
  if (insights.mode.empty()) insights.mode = usual_mode;
  if (request.contributor_insights_mode) insights.mode = *request.contributor_insights_mode;
  insights.enabled = enables;
  insights.changed_at = clock_.now();
  UpdateContributorInsightsResponse response{
      .table_name = table.name,
      .index_name = request.index_name,
      .contributor_insights_status = enables ? "ENABLING" : "DISABLING",
      .contributor_insights_mode = insights.mode};
  catalog_.update(table);
  return response;
}

DescribeContributorInsightsResponse Service::describe_contributor_insights(
    const Context& context, const DescribeContributorInsightsRequest& request) {
  const TableRecord& table = catalog_.require_named(context, request.table_name);
  require_index_of(table, request.index_name);
  DescribeContributorInsightsResponse response{.table_name = table.name,
                                               .index_name = request.index_name};
  const auto found = table.insights.find(request.index_name.value_or(""));
  const bool is_known = found != table.insights.end();
  response.contributor_insights_status =
      is_known ? std::string(status_of(found->second)) : "DISABLED";
  if (!is_known) return response;
  response.last_update_date_time = found->second.changed_at;
  response.contributor_insights_mode = found->second.mode;
  return response;
}

/// By table, then by index. Where a page goes on is the name of the last of both.
ListContributorInsightsResponse Service::list_contributor_insights(
    const Context& context, const ListContributorInsightsRequest& request) {
  std::vector<std::string> names;
  if (request.table_name)
    names.push_back(catalog_.require_named(context, *request.table_name).name);
  else
    names = catalog_.list(context, "", std::numeric_limits<std::size_t>::max());
  const auto most = static_cast<std::size_t>(
      std::clamp(request.max_results.value_or(most_summaries), 1, most_summaries));
  const std::string after = request.next_token.value_or("");
  const auto token_of = [](const ContributorInsightsSummary& summary) {
    return *summary.table_name + "/" + summary.index_name.value_or("");
  };
  const std::string after_table = after.substr(0, after.find('/'));
  ListContributorInsightsResponse response;
  response.contributor_insights_summaries.emplace();
  auto& summaries = *response.contributor_insights_summaries;
  for (const std::string& name : names) {
    if (name < after_table) continue;
    const TableRecord& table = catalog_.require(context, name);
    for (const auto& [index, insights] : table.insights) {
      if (!after.empty() && name == after_table && index <= after.substr(after.find('/') + 1))
        continue;
      if (summaries.size() == most) {
        response.next_token = token_of(summaries.back());
        return response;
      }
      summaries.push_back(summary_of(table, index, insights));
    }
  }
  return response;
}

}  // namespace matinee::dynamodb
