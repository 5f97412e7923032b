#include "services/scheduler/names.h"

#include <fmt/format.h>

#include "protocol/base64.h"
#include "protocol/timestamps.h"
#include "scheduler/errors.h"

namespace matinee::scheduler {

std::string arn_of_group(const GroupKey& key) {
  const auto& [account, region, name] = key;
  return fmt::format("arn:aws:scheduler:{}:{}:schedule-group/{}", region, account, name);
}

std::string arn_of_schedule(const ScheduleKey& key) {
  const auto& [account, region, group, name] = key;
  return fmt::format("arn:aws:scheduler:{}:{}:schedule/{}/{}", region, account, group, name);
}

GroupKey group_of(const ScheduleKey& key) {
  return {std::get<0>(key), std::get<1>(key), std::get<2>(key)};
}

DueKey due_key(runtime::Time due, const ScheduleKey& key) {
  return std::tuple_cat(std::tuple(due), key);
}

ScheduleKey schedule_of(const DueKey& key) {
  return {std::get<1>(key), std::get<2>(key), std::get<3>(key), std::get<4>(key)};
}

/// Names have no blanks.
std::string page_token(std::string_view kind, const std::vector<std::string>& names) {
  return protocol::base64_encode(fmt::format("{} {}", kind, fmt::join(names, " ")));
}

std::vector<std::string> read_page_token(std::string_view kind, const std::string& token,
                                         std::size_t names) {
  std::vector<std::string> parts;
  std::string text = protocol::base64_decode(token).value_or("");
  text += ' ';
  for (std::size_t from = 0, blank = 0; (blank = text.find(' ', from)) != std::string::npos;
       from = blank + 1)
    parts.push_back(text.substr(from, blank - from));
  if (parts.size() != names + 1 || parts.front() != kind)
    throw ValidationException("Invalid NextToken.");
  parts.erase(parts.begin());
  return parts;
}

std::string text_of(runtime::Time time) {
  std::string text;
  protocol::append_iso8601(text, std::chrono::floor<std::chrono::seconds>(time));
  return text;
}

}  // namespace matinee::scheduler
