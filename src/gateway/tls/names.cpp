#include "gateway/tls/names.h"

#include <algorithm>
#include <cctype>

namespace matinee::gateway::tls {

namespace {

constexpr std::size_t most_name_bytes = 253;
constexpr std::string_view https_port = "443";

std::string in_lower_case(std::string_view name) {
  std::string text(name);
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool is_host_letter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.' || c == '_';
}

bool is_of(std::string_view name, std::string_view domain) {
  if (name == domain) return true;
  return name.size() > domain.size() + 1 && name.ends_with(domain) &&
         name[name.size() - domain.size() - 1] == '.';
}

bool is_of_this_machine(std::string_view name) {
  return name == "127.0.0.1" || name == "[::1]" || is_of(name, "localhost");
}

}  // namespace

bool may_stand_for(std::string_view name) {
  if (name.empty() || name.size() > most_name_bytes || name.starts_with('.') ||
      name.contains("..") || !std::ranges::all_of(name, is_host_letter))
    return false;
  const std::string host = in_lower_case(name);
  return std::ranges::any_of(domains, [&](std::string_view domain) { return is_of(host, domain); });
}

bool is_tunnel_target(std::string_view authority, std::string_view own_port) {
  const std::size_t colon = authority.rfind(':');
  if (colon == std::string_view::npos) return false;
  const std::string host = in_lower_case(authority.substr(0, colon));
  const std::string_view port = authority.substr(colon + 1);
  if (is_of_this_machine(host)) return port == https_port || port == own_port;
  return port == https_port && may_stand_for(host);
}

}  // namespace matinee::gateway::tls
