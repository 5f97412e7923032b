// Groups of schedules, and their tags. The group "default" is always there.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "scheduler/errors.h"
#include "services/arn.h"
#include "services/from_cloudformation.h"
#include "services/scheduler/names.h"
#include "services/scheduler/service.h"

namespace matinee::scheduler {

namespace {

constexpr std::size_t most_groups = 500;
constexpr std::size_t most_tags = 200;
constexpr std::int32_t page_size = 100;
constexpr runtime::Duration wait_for_disk = std::chrono::seconds(1);

std::string state_of(const GroupRecord& record) {
  return record.deleting ? "DELETING" : "ACTIVE";
}

void add_tags(GroupRecord& record, const std::vector<Tag>& tags, const Context& context) {
  for (const Tag& tag : tags) {
    if (tag.key.starts_with("aws:") && !services::comes_from_cloudformation(context))
      throw ValidationException("Tag keys that begin with aws: are reserved for AWS.");
    record.tags[tag.key] = tag.value;
  }
  if (record.tags.size() > most_tags)
    throw ServiceQuotaExceededException(
        fmt::format("The maximum number of tags for a resource is {}.", most_tags));
}

}  // namespace

/// The default group is as old as the first look at it.
void Service::make_default_group(const Context& context) {
  const GroupKey key{context.account, context.region, default_group};
  if (!groups_.contains(key))
    groups_.put(key, {.created = to_the_millisecond(), .modified = to_the_millisecond()});
}

GroupRecord Service::require_group(const Context& context, const std::string& name) {
  if (name == default_group) make_default_group(context);
  std::optional<GroupRecord> record = groups_.find({context.account, context.region, name});
  if (!record)
    throw ResourceNotFoundException(fmt::format("Schedule group {} does not exist.", name));
  return *std::move(record);
}

CreateScheduleGroupResponse Service::create_schedule_group(
    const Context& context, const CreateScheduleGroupRequest& request) {
  const GroupKey key{context.account, context.region, request.name};
  GroupRecord record{.created = to_the_millisecond(),
                     .modified = to_the_millisecond(),
                     .token = request.client_token.value_or("")};
  if (request.tags) add_tags(record, *request.tags, context);
  make_default_group(context);
  if (const std::optional<GroupRecord> known = groups_.find(key)) {
    // The same call, repeated by a client that has not heard the answer.
    const bool is_repeated = !record.token.empty() && known->token == record.token &&
                             known->tags == record.tags && !known->deleting;
    if (!is_repeated)
      throw ConflictException(fmt::format("Schedule group {} already exists.", request.name));
    return {.schedule_group_arn = arn_of_group(key)};
  }
  std::size_t count = 0;
  for (auto place = groups_.cursor(groups_.prefix(context.account, context.region));
       place.valid() && count < most_groups; place.next())
    ++count;
  if (count >= most_groups)
    throw ServiceQuotaExceededException(
        fmt::format("The maximum number of schedule groups is {}.", most_groups));
  groups_.put(key, record);
  return {.schedule_group_arn = arn_of_group(key)};
}

GetScheduleGroupResponse Service::get_schedule_group(const Context& context,
                                                     const GetScheduleGroupRequest& request) {
  const GroupKey key{context.account, context.region, request.name};
  const GroupRecord record = require_group(context, request.name);
  return {.arn = arn_of_group(key),
          .name = request.name,
          .state = state_of(record),
          .creation_date = record.created,
          .last_modification_date = record.modified};
}

ListScheduleGroupsResponse Service::list_schedule_groups(const Context& context,
                                                         const ListScheduleGroupsRequest& request) {
  const auto most = static_cast<std::size_t>(request.max_results.value_or(page_size));
  const std::string prefix = request.name_prefix.value_or("");
  std::string after;
  if (request.next_token) after = read_page_token("groups", *request.next_token, 1).front();
  make_default_group(context);
  ListScheduleGroupsResponse response;
  auto place = groups_.cursor(groups_.prefix(context.account, context.region));
  place.seek(std::tuple(context.account, context.region, std::max(prefix, after)));
  for (; place.valid(); place.next()) {
    const GroupKey key = place.key();
    const std::string& name = std::get<2>(key);
    if (!name.starts_with(prefix)) break;
    if (name <= after) continue;
    if (response.schedule_groups.size() == most) {
      response.next_token = page_token("groups", {*response.schedule_groups.back().name});
      break;
    }
    const GroupRecord record = place.record();
    response.schedule_groups.push_back({.arn = arn_of_group(key),
                                        .name = name,
                                        .state = state_of(record),
                                        .creation_date = record.created,
                                        .last_modification_date = record.modified});
  }
  return response;
}

DeleteScheduleGroupResponse Service::delete_schedule_group(
    const Context& context, const DeleteScheduleGroupRequest& request) {
  const GroupKey key{context.account, context.region, request.name};
  if (request.name == default_group)
    throw ValidationException("The default schedule group cannot be deleted.");
  const ScheduleKey deleted{context.account, context.region, request.name, ""};
  if (was_deleted_by(deleted, request.client_token)) return {};
  GroupRecord record = require_group(context, request.name);
  if (record.deleting) return {};
  remember_deletion(deleted, request.client_token);
  record.deleting = true;
  record.modified = to_the_millisecond();
  groups_.put(key, record);
  removals_.put(key, {});
  store_.on_commit([this] { post(&Service::remove_groups); });
  return {};
}

/// A group stays, DELETING, until the last of its schedules is removed; each round removes some.
void Service::remove_groups() {
  const auto first = removals_.first();
  if (!first) return;
  try {
    storage::Transaction transaction(store_);
    if (!remove_piece(first->first)) {
      groups_.erase(first->first);
      removals_.erase(first->first);
    }
    transaction.commit();
  } catch (const storage::StoreFailure& failure) {
    spdlog::error("A group of schedules cannot be removed: {}", failure.what());
    runtime_.clock.call_at(now() + wait_for_disk, [this, lives = lives_] {
      if (*lives) remove_groups();
    });
    return;
  }
  post(&Service::remove_groups);
}

/// False once nothing is left.
bool Service::remove_piece(const GroupKey& group) {
  constexpr std::size_t most_at_once = 200;
  std::size_t count = 0;
  const auto& [account, region, name] = group;
  for (auto place = schedules_.cursor(schedules_.prefix(account, region, name));
       place.valid() && count < most_at_once; place.next(), ++count) {
    const ScheduleKey key = place.key();
    unplan(key);
    schedules_.erase(key);
  }
  return count > 0;
}

/// Only groups have tags: the model lets no other ARNs through.
GroupRecord Service::require_tagged(const Context& context, const std::string& arn, GroupKey& key) {
  const std::optional<services::Arn> parts = services::parse_arn(arn);
  const std::string name = parts ? parts->resource.substr(parts->resource.find('/') + 1) : arn;
  key = {context.account, context.region, name};
  if (!parts || parts->account != context.account || parts->region != context.region)
    throw ResourceNotFoundException(fmt::format("Schedule group {} does not exist.", name));
  return require_group(context, name);
}

TagResourceResponse Service::tag_resource(const Context& context,
                                          const TagResourceRequest& request) {
  GroupKey key;
  GroupRecord record = require_tagged(context, request.resource_arn, key);
  add_tags(record, request.tags, context);
  record.modified = to_the_millisecond();
  groups_.put(key, record);
  return {};
}

UntagResourceResponse Service::untag_resource(const Context& context,
                                              const UntagResourceRequest& request) {
  GroupKey key;
  GroupRecord record = require_tagged(context, request.resource_arn, key);
  for (const std::string& tag : request.tag_keys) record.tags.erase(tag);
  record.modified = to_the_millisecond();
  groups_.put(key, record);
  return {};
}

ListTagsForResourceResponse Service::list_tags_for_resource(
    const Context& context, const ListTagsForResourceRequest& request) {
  GroupKey key;
  const GroupRecord record = require_tagged(context, request.resource_arn, key);
  ListTagsForResourceResponse response{.tags = std::vector<Tag>{}};
  for (const auto& [name, value] : record.tags)
    response.tags->push_back({.key = name, .value = value});
  return response;
}

}  // namespace matinee::scheduler
