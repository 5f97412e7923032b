// ARNs of schedules and groups, and the tokens of pages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "services/scheduler/records.h"

namespace matinee::scheduler {

inline constexpr std::string_view service_principal = "scheduler.amazonaws.com";
inline constexpr const char* default_group = "default";

std::string arn_of_group(const GroupKey& key);
std::string arn_of_schedule(const ScheduleKey& key);
GroupKey group_of(const ScheduleKey& key);
DueKey due_key(runtime::Time due, const ScheduleKey& key);
ScheduleKey schedule_of(const DueKey& key);

/// Leads to what follows after those names.
std::string page_token(std::string_view kind, const std::vector<std::string>& names);
/// The names. Throws ValidationException for what page_token has not made.
std::vector<std::string> read_page_token(std::string_view kind, const std::string& token,
                                         std::size_t names);

/// 2022-03-22T18:59:43Z
std::string text_of(runtime::Time time);

}  // namespace matinee::scheduler
