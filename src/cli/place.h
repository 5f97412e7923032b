// Where a server is, in its own words: the line that it prints when it is ready, and what it leaves
// in its lock for `matinee status` and `matinee down`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jobs/report.h"
#include "runtime/clock.h"

namespace matinee::cli {

/// A port that is for one service alone.
struct ServicePort {
  std::uint16_t port = 0;
  std::string service;  // "s3"

  bool operator==(const ServicePort&) const = default;
};

struct Place {
  std::string url;  // "http://127.0.0.1:4566"
  std::vector<ServicePort> legacy_ports;
  int process_id = 0;
  std::string directory;  // of the data; empty where nothing is kept

  std::vector<std::uint16_t> ports() const;
};

/// "http://127.0.0.1:4566", with brackets around an IPv6 address.
std::string url_of(const std::string& address, std::uint16_t port);

/// The lock's text: the URL, and a "4572=s3" for each further port. And back; nothing for the text
/// of what is no server.
std::string lock_text(const Place& place);
std::optional<Place> read_lock_text(std::string_view text);

/// " and on port 4572 for S3 alone, ..." of a sentence; or nothing.
std::string legacy_text(const Place& place);

/// "address", "port", "ports", "legacy_ports", "pid" and "data", null where nothing is kept.
void add_to(jobs::JsonObject& json, const Place& place);

/// One line each.
std::string ready_text(const Place& place, runtime::Duration took);
std::string ready_json(const Place& place, runtime::Duration took);

}  // namespace matinee::cli
