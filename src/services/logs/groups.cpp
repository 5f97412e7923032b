// Log groups: made, removed, listed.
#include <algorithm>

#include "services/logs/documents.h"
#include "services/logs/filters/values.h"
#include "services/logs/service.h"

namespace matinee::logs {

namespace {

constexpr std::size_t default_page = 50;
constexpr std::string_view standard = "STANDARD";
constexpr std::string_view delivery = "DELIVERY";
/// Documented: events of the class for deliveries are kept for one day.
constexpr std::int32_t delivery_days = 1;

/// Documented: who asks for one of these two classes gets both.
bool has_class(const GroupRecord& group, const std::optional<std::string>& wanted) {
  if (!wanted) return true;
  const auto normal = [](const std::string& name) {
    return name == "ESSENTIALS" ? std::string_view("INFREQUENT_ACCESS") : std::string_view(name);
  };
  return normal(group.log_class) == normal(*wanted);
}

/// Names of groups as ListLogGroups looks for them: parts that are joined by |, each of which may
/// begin with ^.
bool fits_name_pattern(std::string_view name, std::string_view pattern) {
  while (true) {
    const std::size_t end = pattern.find('|');
    const std::string_view part = pattern.substr(0, end);
    if (part.starts_with('^') ? name.starts_with(part.substr(1)) : name.contains(part)) return true;
    if (end == std::string_view::npos) return false;
    pattern.remove_prefix(end + 1);
  }
}

/// "!" in front negates, * at either end stands for anything.
bool fits_tag_value(const std::string& value, std::string_view wanted) {
  const bool negated = wanted.starts_with('!');
  if (negated) wanted.remove_prefix(1);
  return filters::fits_wildcards(value, wanted) != negated;
}

bool has_tags(const GroupRecord& group, const std::optional<std::vector<TagFilter>>& filters) {
  return !filters || std::ranges::all_of(*filters, [&](const TagFilter& filter) {
    const auto tag = group.tags.find(filter.key);
    if (tag == group.tags.end()) return false;
    return !filter.values || filter.values->empty() ||
           std::ranges::any_of(*filter.values, [&](const std::string& wanted) {
             return fits_tag_value(tag->second, wanted);
           });
  });
}

LogGroup describe(const Catalog& catalog, const Group& group, const Retention& retention,
                  bool in_short) {
  const GroupRecord& record = group.record;
  LogGroup described{.log_group_name = group.name(),
                     .creation_time = record.created,
                     .retention_in_days = retention.days,
                     .metric_filter_count = record.metric_filters,
                     .arn = arn_of(group) + ":*",
                     .kms_key_id = record.kms_key,
                     .log_group_class = record.log_class,
                     .log_group_arn = arn_of(group)};
  if (!retention.policy.empty()) described.retention_policy_name = retention.policy;
  if (record.data_protection_policy)
    described.data_protection_status = "ACTIVATED";
  else if (record.had_data_protection)
    described.data_protection_status = "DELETED";
  if (in_short) return described;
  described.stored_bytes =
      static_cast<std::int64_t>(catalog.counters_of(record.number).stored_bytes);
  described.deletion_protection_enabled = record.deletion_protection;
  return described;
}

void check_filters(const DescribeLogGroupsRequest& request) {
  if (request.log_group_name_prefix && request.log_group_name_pattern)
    throw InvalidParameterException(
        "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.");
  const bool has_others =
      request.log_group_name_prefix || request.log_group_name_pattern || request.log_group_class;
  if (request.log_group_identifiers && has_others)
    throw InvalidParameterException(
        "LogGroup identifiers and other filters are mutually exclusive parameters.");
}

/// Walks over the groups of the caller in pieces, and gives way between them.
class GroupWalk {
 public:
  GroupWalk(const Catalog& catalog, const Context& context, const PageQuery& page)
      : page_(page),
        place_(catalog.groups.cursor(catalog.groups.prefix(context.account, context.region))) {
    place_.seek(key_of(context, std::max(page.prefix, page.after.value_or(""))));
    if (page.after && place_.valid() && std::get<2>(place_.key()) == *page.after) place_.next();
  }

  /// The next one that is `wanted`, if any before the turn is over.
  template <class Wanted>
  std::optional<Group> next(runtime::Turns& turns, Wanted wanted) {
    for (; place_.valid(); place_.next()) {
      if (turns.is_over()) return std::nullopt;
      Group group{.key = place_.key(), .record = place_.record()};
      if (!group.name().starts_with(page_.prefix)) break;
      if (!wanted(group)) continue;
      place_.next();
      return group;
    }
    done_ = true;
    return std::nullopt;
  }
  bool is_done() const { return done_; }

 private:
  const PageQuery& page_;
  storage::TableCursor<NameKey, GroupRecord> place_;
  bool done_ = false;
};

}  // namespace

CreateLogGroupResponse Service::create_log_group(const Context& context,
                                                 const CreateLogGroupRequest& request) {
  if (request.log_group_name.starts_with("aws/"))
    throw InvalidParameterException("Log groups starting with AWS/ are reserved for AWS.");
  const NameKey key = key_of(context, request.log_group_name);
  if (catalog_.groups.contains(key))
    throw ResourceAlreadyExistsException("The specified log group already exists");
  GroupRecord record{
      .created = now(),
      .log_class = request.log_group_class.value_or(std::string(standard)),
      .deletion_protection = request.deletion_protection_enabled.value_or(false),
      .tags = request.tags.value_or(std::map<std::string, std::string>{}),
  };
  if (record.log_class == delivery) record.retention_days = delivery_days;
  if (request.kms_key_id) record.kms_key = require_key(context, key, *request.kms_key_id);
  catalog_.add_group(key, std::move(record));
  return {};
}

DeleteLogGroupResponse Service::delete_log_group(const Context& context,
                                                 const DeleteLogGroupRequest& request) {
  const Group group = require_group(context, request.log_group_name);
  if (group.record.deletion_protection)
    throw ValidationException(
        "The specified log group has deletion protection enabled and cannot be deleted.");
  metric_rules_.forget(group.record.number);
  catalog_.remove(group);
  return {};
}

runtime::Task<DescribeLogGroupsResponse> Service::describe_log_groups(
    const Context& context, const DescribeLogGroupsRequest& request) {
  check_filters(request);
  DescribeLogGroupsResponse response;
  std::vector<LogGroup>& groups = response.log_groups.emplace();
  if (request.log_group_identifiers) {
    for (const std::string& identifier : *request.log_group_identifiers)
      if (const auto key = read_group_identifier(context, identifier))
        if (const auto group = catalog_.find_group(*key))
          groups.push_back(describe(catalog_, *group, retention_.of(*group, now()), false));
    co_return response;
  }
  constexpr std::string_view kind = "groups";
  PageQuery page{.prefix = request.log_group_name_prefix.value_or("")};
  if (request.next_token) page.after = read_page_token(kind, *request.next_token);
  const std::string part = request.log_group_name_pattern.value_or("");
  const auto limit = static_cast<std::size_t>(request.limit.value_or(std::int32_t{default_page}));
  GroupWalk walk(catalog_, context, page);
  while (!walk.is_done()) {
    const std::optional<Group> group = walk.next(runtime_.loop.turns(), [&](const Group& one) {
      return one.name().contains(part) && has_class(one.record, request.log_group_class);
    });
    if (!group) {
      if (!walk.is_done()) co_await runtime_.loop.turns().next();
      continue;
    }
    if (groups.size() == limit) {
      response.next_token = page_token(kind, *groups.back().log_group_name);
      break;
    }
    groups.push_back(describe(catalog_, *group, retention_.of(*group, now()),
                              request.log_group_name_pattern.has_value()));
  }
  co_return response;
}

runtime::Task<ListLogGroupsResponse> Service::list_log_groups(const Context& context,
                                                              const ListLogGroupsRequest& request) {
  constexpr std::string_view kind = "list";
  ListLogGroupsResponse response;
  std::vector<LogGroupSummary>& groups = response.log_groups.emplace();
  PageQuery page;
  if (request.next_token) page.after = read_page_token(kind, *request.next_token);
  const auto limit = static_cast<std::size_t>(request.limit.value_or(std::int32_t{default_page}));
  // No group here has data sources, nor fields that are indexed unless a policy names them.
  const auto is_wanted = [&](const Group& group) {
    if (request.data_sources || !has_class(group.record, request.log_group_class)) return false;
    if (!has_tags(group.record, request.log_group_tags)) return false;
    if (request.field_index_names) {
      const std::vector<std::string> fields = indexed_fields(group.record);
      for (const std::string& name : *request.field_index_names)
        if (std::ranges::find(fields, name) == fields.end()) return false;
    }
    return !request.log_group_name_pattern ||
           fits_name_pattern(group.name(), *request.log_group_name_pattern);
  };
  GroupWalk walk(catalog_, context, page);
  while (!walk.is_done()) {
    const std::optional<Group> group = walk.next(runtime_.loop.turns(), is_wanted);
    if (!group) {
      if (!walk.is_done()) co_await runtime_.loop.turns().next();
      continue;
    }
    if (groups.size() == limit) {
      response.next_token = page_token(kind, *groups.back().log_group_name);
      break;
    }
    groups.push_back({.log_group_name = group->name(),
                      .log_group_arn = arn_of(*group),
                      .log_group_class = group->record.log_class});
  }
  co_return response;
}

}  // namespace matinee::logs
