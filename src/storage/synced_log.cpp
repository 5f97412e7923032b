#include "storage/synced_log.h"

#include <fmt/format.h>

#include <charconv>
#include <sstream>

namespace matinee::storage {

namespace {

/// Older ones than these were flushed long ago.
constexpr std::size_t most_logs = 8;

/// FNV-1a.
std::uint64_t checksum(std::string_view text) {
  std::uint64_t sum = 0xcbf29ce484222325;
  for (const char letter : text) sum = (sum ^ static_cast<unsigned char>(letter)) * 0x100000001b3;
  return sum;
}

}  // namespace

std::string read_boot_id(const runtime::Disk& disk) {
  std::string id = disk.read("/proc/sys/kernel/random/boot_id").value_or("");
  while (id.ends_with('\n')) id.pop_back();
  return id;
}

SyncedLogFile::SyncedLogFile(runtime::Disk& disk, std::string path)
    : disk_(disk), path_(std::move(path)) {
  known_.boot_id = read_boot_id(disk);
}

void SyncedLogFile::note(const LogExtent& log) {
  std::vector<LogExtent>& logs = known_.logs;
  if (!logs.empty() && logs.back().number == log.number) {
    if (logs.back().bytes == log.bytes) return;
    logs.back() = log;
  } else {
    logs.push_back(log);
    if (logs.size() > most_logs) logs.erase(logs.begin());
  }
  std::string text = fmt::format("boot {}\n", known_.boot_id);
  for (const LogExtent& extent : logs)
    text += fmt::format("log {} {}\n", extent.number, extent.bytes);
  text += fmt::format("sum {:016x}\n", checksum(text));
  auto file = disk_.create(path_);
  if (file) (void)(*file)->write(text);
}

SyncedLogs SyncedLogFile::read(const runtime::Disk& disk, const std::string& path) {
  const std::string text = disk.read(path).value_or("");
  const std::size_t sum = text.rfind("sum ");
  if (sum == std::string::npos ||
      text.substr(sum) != fmt::format("sum {:016x}\n", checksum(text.substr(0, sum))))
    return {};
  SyncedLogs found;
  std::istringstream lines(text.substr(0, sum));
  for (std::string word; lines >> word;) {
    LogExtent log;
    if (word == "boot" && lines.get() == ' ') std::getline(lines, found.boot_id);
    if (word == "log" && lines >> log.number >> log.bytes) found.logs.push_back(log);
  }
  return found;
}

}  // namespace matinee::storage
