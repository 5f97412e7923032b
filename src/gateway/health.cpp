#include "gateway/health.h"

#include <fmt/format.h>

namespace matinee::gateway {

namespace {

constexpr std::string_view our_path = "/_matinee/health";
constexpr std::string_view localstack_path = "/_localstack/health";

/// For a text inside of a JSON string.
std::string without_quotes(std::string text) {
  for (char& letter : text) {
    if (letter == '"' || letter == '\\' || static_cast<unsigned char>(letter) < ' ') letter = '\'';
  }
  return text;
}

}  // namespace

bool asks_for_health(const protocol::HttpRequest& request) {
  return (request.path == our_path || request.path == localstack_path) &&
         (request.method == "GET" || request.method == "HEAD");
}

protocol::HttpResponse health_reply(const protocol::HttpRequest& request,
                                    std::span<const protocol::ServiceModel* const> services,
                                    std::string_view version,
                                    const std::optional<std::string>& trouble) {
  const std::string_view status = trouble ? "failing" : "running";
  protocol::HttpResponse response;
  response.status = trouble ? 503 : 200;
  response.headers.add("Content-Type", "application/json");
  std::string& out = response.body.bytes;
  out = "{";
  if (request.path == our_path) out += fmt::format(R"("status": "{}", )", status);
  if (trouble) out += fmt::format(R"("trouble": "{}.", )", without_quotes(*trouble));
  out += R"("services": {)";
  std::string_view separator;
  for (const protocol::ServiceModel* service : services) {
    if (service->name == "matinee") continue;  // it is no service of a cloud
    out += fmt::format(R"({}"{}": "{}")", separator, service->name, trouble ? "error" : "running");
    separator = ", ";
  }
  out += fmt::format(R"(}}, "edition": "matinee", "version": "{}"}})", version);
  out += "\n";
  return response;
}

bool asks_for_certificate(const protocol::HttpRequest& request) {
  return request.path == "/_matinee/certificate" &&
         (request.method == "GET" || request.method == "HEAD");
}

bool may_ask_for_document(const protocol::HttpRequest& request) {
  return request.path.ends_with(".pem") && (request.method == "GET" || request.method == "HEAD");
}

protocol::HttpResponse certificate_reply(const protocol::HttpRequest& request,
                                         const std::string& trusted) {
  protocol::HttpResponse response;
  response.status = trusted.empty() ? 404 : 200;
  response.headers.add("Content-Type", trusted.empty() ? "text/plain" : "application/x-pem-file");
  response.body.bytes =
      trusted.empty() ? "HTTPS is not spoken here: start Matinee with --tls.\n" : trusted;
  if (request.method == "HEAD") {
    response.head_length = response.body.bytes.size();
    response.body = {};
  }
  return response;
}

}  // namespace matinee::gateway
