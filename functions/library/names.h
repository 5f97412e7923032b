// Addresses of host names: /etc/hosts first, then DNS by the servers of /etc/resolv.conf.
//
// getaddrinfo is not used: glibc, linked statically, would load the modules that the machine's
// nsswitch.conf names, which belong to another glibc than ours, and may crash in them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lambda {

/// Where name servers are and how patient to be with them.
struct ResolverOptions {
  std::string hosts_file = "/etc/hosts";
  std::string resolver_file = "/etc/resolv.conf";
  std::uint16_t port = 53;
  std::chrono::milliseconds patience{2000};  // for each try
  int tries = 2;                             // for each server
};

/// Addresses as text, IPv4 before IPv6 of DNS. `host` may be an address itself. Empty where nobody
/// knows the name. Throws FunctionError "NameResolutionFailed" where no server answers.
std::vector<std::string> resolve(const std::string& host, const ResolverOptions& options = {});

// The parts, for tests.

/// The addresses of a name in the text of a hosts file.
std::vector<std::string> find_in_hosts(std::string_view hosts, std::string_view name);

enum class RecordType : std::uint16_t { a = 1, aaaa = 28 };
/// The question as it goes out.
std::string dns_question(std::uint16_t id, std::string_view name, RecordType type);
/// The addresses in a reply to that question; nothing where it is no reply to it, or the server
/// says that it failed. Empty where there is no such name or record.
std::optional<std::vector<std::string>> read_dns_reply(std::string_view reply, std::uint16_t id,
                                                       RecordType type);

}  // namespace lambda
