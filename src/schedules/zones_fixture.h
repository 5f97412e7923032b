// The time zones of this machine, for tests.
#pragma once

#include <fstream>
#include <sstream>

#include "schedules/time_zone.h"

namespace matinee::schedules {

inline std::optional<std::string> read_zone_file(const std::string& name) {
  std::ifstream file("/usr/share/zoneinfo/" + name, std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

inline const TimeZone& zone_of(const std::string& name) {
  static TimeZones zones(read_zone_file);
  const auto zone = zones.find(name);
  if (!zone) throw std::runtime_error(zone.error().message);
  return **zone;
}

}  // namespace matinee::schedules
