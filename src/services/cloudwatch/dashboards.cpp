// Dashboards: kept and told as they were given; nothing here draws them. They are those of an
// account, the same in all regions.
#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

#include "cloudwatch/errors.h"
#include "services/cloudwatch/service.h"

namespace matinee::cloudwatch {

namespace {

constexpr std::size_t longest_name = 255;
constexpr std::size_t page_size = 100;

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= longest_name && std::ranges::all_of(name, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

void require_name(std::string_view parameter, const std::string& name) {
  if (!is_name(name))
    throw InvalidParameterValueException(
        fmt::format("The value {} for parameter {} is invalid.", name, parameter));
}

void require_body(const std::string& body) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(body).get(object) == simdjson::SUCCESS) return;
  constexpr std::string_view message = "The field DashboardBody must be a valid JSON object";
  throw DashboardInvalidInputError(
      std::string(message),
      {.dashboard_validation_messages = {{{.data_path = "/", .message = std::string(message)}}}});
}

std::string arn_of(const DashboardKey& key) {
  const auto& [account, name] = key;
  return fmt::format("arn:aws:cloudwatch::{}:dashboard/{}", account, name);
}

}  // namespace

PutDashboardResponse Service::put_dashboard(const Context& context,
                                            const PutDashboardRequest& request) {
  require_name("DashboardName", request.dashboard_name);
  require_body(request.dashboard_body);
  const DashboardKey key{context.account, request.dashboard_name};
  DashboardRecord record = dashboards_.find(key).value_or(DashboardRecord());
  record.body = request.dashboard_body;
  record.modified = now();
  if (request.tags)
    for (const Tag& tag : *request.tags) record.tags[tag.key] = tag.value;
  dashboards_.put(key, record);
  PutDashboardResponse response;
  response.dashboard_validation_messages.emplace();
  return response;
}

GetDashboardResponse Service::get_dashboard(const Context& context,
                                            const GetDashboardRequest& request) {
  const DashboardKey key{context.account, request.dashboard_name};
  const std::optional<DashboardRecord> record = dashboards_.find(key);
  if (!record)
    throw DashboardNotFoundError(
        fmt::format("Dashboard {} does not exist", request.dashboard_name));
  GetDashboardResponse response;
  response.dashboard_arn = arn_of(key);
  response.dashboard_body = record->body;
  response.dashboard_name = request.dashboard_name;
  return response;
}

ListDashboardsResponse Service::list_dashboards(const Context& context,
                                                const ListDashboardsRequest& request) {
  const std::string prefix = request.dashboard_name_prefix.value_or("");
  ListDashboardsResponse response;
  auto& entries = response.dashboard_entries.emplace();
  auto place = dashboards_.cursor(dashboards_.prefix(context.account));
  place.seek(DashboardKey{context.account, std::max(prefix, request.next_token.value_or(""))});
  for (; place.valid(); place.next()) {
    const DashboardKey key = place.key();
    const std::string& name = std::get<1>(key);
    if (!name.starts_with(prefix)) break;
    if (entries.size() == page_size) {
      response.next_token = name;
      break;
    }
    const DashboardRecord record = place.record();
    DashboardEntry& entry = entries.emplace_back();
    entry.dashboard_name = name;
    entry.dashboard_arn = arn_of(key);
    entry.last_modified = record.modified;
    entry.size = static_cast<std::int64_t>(record.body.size());
  }
  return response;
}

/// All of them or none: one that is missing leaves the others.
DeleteDashboardsResponse Service::delete_dashboards(const Context& context,
                                                    const DeleteDashboardsRequest& request) {
  for (const std::string& name : request.dashboard_names)
    if (!dashboards_.contains({context.account, name}))
      throw DashboardNotFoundError(fmt::format("Dashboard {} does not exist", name));
  for (const std::string& name : request.dashboard_names)
    dashboards_.erase({context.account, name});
  return {};
}

std::optional<DashboardKey> Service::find_dashboard(const Context& context,
                                                    const std::string& arn) const {
  const std::string prefix = arn_of({context.account, ""});
  if (!arn.starts_with(prefix)) return std::nullopt;
  DashboardKey key{context.account, arn.substr(prefix.size())};
  if (!dashboards_.contains(key))
    throw ResourceNotFoundException("", {.resource_type = "dashboard", .resource_id = arn});
  return key;
}

}  // namespace matinee::cloudwatch
