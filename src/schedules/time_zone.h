// Time zones by their IANA names, read from the database that the operating system keeps.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/disk.h"

namespace matinee::schedules {

/// Offsets from UTC over the years. After the last change that the database lists its rule goes on.
class TimeZone {
 public:
  /// UTC.
  TimeZone() = default;

  /// The content of a file of the database (RFC 8536); empty where it is none.
  static std::optional<TimeZone> parse(std::string_view file);

  std::chrono::seconds offset_at(std::chrono::sys_seconds time) const;
  std::chrono::local_seconds to_local(std::chrono::sys_seconds time) const {
    return std::chrono::local_seconds(time.time_since_epoch() + offset_at(time));
  }
  /// When the clocks of the zone show `local`; the first time where they show it twice. Empty where
  /// they skip it, as they do when they are put forward.
  std::optional<std::chrono::sys_seconds> first_time(std::chrono::local_seconds local) const;
  /// As above; a time that is skipped is as much later as the clocks are put forward.
  std::chrono::sys_seconds first_time_or_later(std::chrono::local_seconds local) const;

 private:
  struct Change {
    std::chrono::sys_seconds time;
    std::chrono::seconds offset;
  };
  /// When in a year the clocks are put forward or back, by the local time before that.
  struct YearlyChange {
    enum class Form : std::uint8_t { weekday, day_without_leap, day } form = Form::day;
    int month = 0;
    int week = 0;
    int day = 0;
    std::chrono::seconds time{0};
    std::chrono::local_seconds in(std::chrono::year year) const;
  };
  struct Rule {
    std::chrono::seconds standard{0};
    std::chrono::seconds summer{0};
    std::optional<YearlyChange> begin;  // of summer time; none where there is no such
    YearlyChange end;
    std::chrono::seconds offset_at(std::chrono::sys_seconds time) const;
  };

  class Reader;
  class RuleReader;

  std::chrono::seconds first_offset_{0};
  std::vector<Change> changes_;
  std::optional<Rule> rule_;
};

struct ZoneError {
  enum class Kind : std::uint8_t { unknown, no_database };
  Kind kind = Kind::unknown;
  /// For a log or an answer: which zone, and what to do where the database is missing.
  std::string message;
};

/// The content of the file of a zone, empty where there is none.
using ReadZone = std::function<std::optional<std::string>(const std::string& name)>;

/// Reads /usr/share/zoneinfo.
ReadZone zone_files(const runtime::Disk& disk);

/// Each zone that was asked for, read once. "UTC" needs no database.
class TimeZones {
 public:
  explicit TimeZones(ReadZone read) : read_(std::move(read)) {}

  /// The zone stays as long as this does.
  std::expected<const TimeZone*, ZoneError> find(std::string_view name);

 private:
  ReadZone read_;
  std::map<std::string, TimeZone, std::less<>> zones_;
};

}  // namespace matinee::schedules
