#include "gateway/health.h"

namespace matinee::gateway {

namespace {

constexpr std::string_view our_path = "/_matinee/health";
constexpr std::string_view localstack_path = "/_localstack/health";

}  // namespace

bool asks_for_health(const protocol::HttpRequest& request) {
  return (request.path == our_path || request.path == localstack_path) &&
         (request.method == "GET" || request.method == "HEAD");
}

protocol::HttpResponse health_reply(const protocol::HttpRequest& request,
                                    std::span<const protocol::ServiceModel* const> services,
                                    std::string_view version) {
  protocol::HttpResponse response;
  response.headers.add("Content-Type", "application/json");
  std::string& out = response.body.bytes;
  out = request.path == our_path ? "{\"status\": \"running\", \"services\": {" : "{\"services\": {";
  std::string_view separator;
  for (const protocol::ServiceModel* service : services) {
    out.append(separator).append("\"").append(service->name).append("\": \"running\"");
    separator = ", ";
  }
  out.append("}, \"edition\": \"matinee\", \"version\": \"").append(version).append("\"}\n");
  return response;
}

}  // namespace matinee::gateway
