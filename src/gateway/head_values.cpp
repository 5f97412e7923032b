#include "gateway/head_values.h"

#include <algorithm>

namespace matinee::gateway {

using protocol::HttpRequest;

std::optional<std::string> find_text(const HttpRequest& head, std::string_view name) {
  const auto value = head.headers.find(name);
  return value ? std::optional<std::string>(*value) : std::nullopt;
}

std::string host_for_urls(const HttpRequest& head, const Peer& peer) {
  std::string host(head.headers.find("host").value_or("localhost"));
  if (peer.port != 80 && (host == "localhost" || host == "127.0.0.1"))
    host.append(":").append(std::to_string(peer.port));
  return host;
}

std::string trace_header_of(const HttpRequest& head) {
  const std::string_view text = head.headers.find("x-amzn-trace-id").value_or("");
  if (!std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; })) return {};
  return std::string(text);
}

}  // namespace matinee::gateway
