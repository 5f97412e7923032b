#include "services/lambda/running/log_lines.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "protocol/timestamps.h"
#include "services/lambda/catalog/names.h"

namespace matinee::lambda {

namespace {

constexpr std::size_t longest_line = std::size_t{256} << 10;
}  // namespace

void LineCutter::add(std::string_view bytes, runtime::Time time, std::vector<LogText>& out) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    if (end == std::string_view::npos) {
      rest_ += bytes;
      break;
    }
    if (end > 0 || !rest_.empty())
      out.push_back({.time = time, .text = rest_ + std::string(bytes.substr(0, end + 1))});
    rest_.clear();
    bytes.remove_prefix(end + 1);
  }
  while (rest_.size() > longest_line) {
    out.push_back({.time = time, .text = rest_.substr(0, longest_line)});
    rest_.erase(0, longest_line);
  }
}

void LineCutter::finish(runtime::Time time, std::vector<LogText>& out) {
  if (!rest_.empty()) out.push_back({.time = time, .text = std::exchange(rest_, {})});
}

std::string time_text(runtime::Time time) {
  std::string text;
  protocol::append_iso8601_milliseconds(text, time);
  return text;
}

std::string log_stream_name(const VersionKey& version, const Settings& settings, runtime::Time now,
                            std::string_view uuid) {
  std::string digits;
  for (const char c : uuid)
    if (c != '-') digits += c;
  const std::string& name = std::get<2>(version);
  const bool is_shared = settings.logging.group != "/aws/lambda/" + name;
  return fmt::format("{:%Y/%m/%d}/{}[{}]{}", std::chrono::floor<std::chrono::seconds>(now),
                     is_shared ? name : "", text_of_version(std::get<3>(version)), digits);
}

}  // namespace matinee::lambda
