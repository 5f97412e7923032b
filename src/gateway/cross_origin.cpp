#include "gateway/cross_origin.h"

#include <algorithm>

namespace matinee::gateway {

using protocol::HttpRequest;

namespace {

std::vector<std::string> read_list(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    std::string_view name = text.substr(0, text.find(','));
    text.remove_prefix(std::min(name.size() + 1, text.size()));
    while (name.starts_with(' ')) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    std::string& lower = names.emplace_back(name);
    for (char& c : lower)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    if (lower.empty()) names.pop_back();
  }
  return names;
}

std::string_view wanted_method(const HttpRequest& head) {
  return head.headers.find("access-control-request-method").value_or("");
}

std::string_view wanted_headers(const HttpRequest& head) {
  return head.headers.find("access-control-request-headers").value_or("");
}

}  // namespace

bool is_service_preflight(const HttpRequest& head, const Target& target) {
  if (head.method != "OPTIONS" || !head.headers.contains("origin")) return false;
  if (target.service && target.service->name != "s3" && !target.service->name.empty()) return true;
  const std::vector<std::string> headers = read_list(wanted_headers(head));
  if (std::ranges::find(headers, "x-amz-target") != headers.end()) return true;
  // S3 has nothing that is posted to no bucket.
  return head.path == "/" && wanted_method(head) == "POST";
}

protocol::HttpResponse answer_service_preflight(const HttpRequest& head) {
  protocol::HttpResponse response;
  add_service_headers(response.headers);
  response.headers.add("Access-Control-Max-Age", "172800");
  if (const std::string_view method = wanted_method(head); !method.empty())
    response.headers.add("Access-Control-Allow-Methods", method);
  if (const std::string_view headers = wanted_headers(head); !headers.empty())
    response.headers.add("Access-Control-Allow-Headers", headers);
  return response;
}

void add_service_headers(protocol::Headers& headers) {
  headers.add("Access-Control-Allow-Origin", "*");
  headers.add("Access-Control-Expose-Headers",
              "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-query-error,x-amz-crc32,Date");
}

std::optional<services::BrowserQuestion> read_question(const HttpRequest& head) {
  const bool is_preflight = head.method == "OPTIONS";
  const auto origin = head.headers.find("origin");
  if (!origin && !is_preflight) return std::nullopt;
  if (!origin)
    throw protocol::ServiceError("BadRequest", 400,
                                 "Insufficient information. Origin request header needed.");
  services::BrowserQuestion question{.path = head.path,
                                     .origin = std::string(*origin),
                                     .method = head.method,
                                     .headers = {},
                                     .preflight = is_preflight,
                                     .named_method = std::string(wanted_method(head))};
  if (!is_preflight) return question;
  question.method =
      question.named_method.empty() ? "null" : std::exchange(question.named_method, "");
  question.headers = read_list(wanted_headers(head));
  return question;
}

}  // namespace matinee::gateway
