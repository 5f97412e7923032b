// Cross-origin requests of browsers, by the CORS configuration of their bucket.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "policy/wildcard.h"
#include "s3/errors.h"
#include "services/s3/access/access.h"

namespace matinee::s3 {

namespace {

using services::BrowserQuestion;

/// A bucket's or an object's, as the error calls it.
std::string_view resource_type(std::string_view path) {
  const std::size_t slash = path.find('/', 1);
  return slash == std::string_view::npos || slash + 1 == path.size() ? "BUCKET" : "OBJECT";
}

[[noreturn]] void forbid(const BrowserQuestion& question, const char* reason) {
  AccessForbidden error(std::string("CORSResponse: ") + reason);
  error.details = {{"Method", question.method},
                   {"ResourceType", std::string(resource_type(question.path))}};
  throw error;
}

/// Only the star is a wildcard in these rules.
bool fits(std::string_view pattern, std::string_view text, policy::Case letters) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos)
    return letters == policy::Case::insensitive ? policy::equals_ignoring_case(pattern, text)
                                                : pattern == text;
  const std::string_view tail = pattern.substr(star + 1);
  if (text.size() < star + tail.size()) return false;
  return fits(pattern.substr(0, star), text.substr(0, star), letters) &&
         fits(tail, text.substr(text.size() - tail.size()), letters);
}

bool allows(const CORSRule& rule, const BrowserQuestion& question, const std::string& method) {
  const auto has = [](const std::vector<std::string>& patterns, std::string_view text,
                      policy::Case letters) {
    return std::ranges::any_of(
        patterns, [&](const std::string& pattern) { return fits(pattern, text, letters); });
  };
  if (!has(rule.allowed_origins, question.origin, policy::Case::sensitive)) return false;
  if (std::ranges::find(rule.allowed_methods, method) == rule.allowed_methods.end()) return false;
  const std::vector<std::string> none;
  const std::vector<std::string>& headers = rule.allowed_headers ? *rule.allowed_headers : none;
  return std::ranges::all_of(question.headers, [&](const std::string& header) {
    return has(headers, header, policy::Case::insensitive);
  });
}

protocol::Headers describe(const CORSRule& rule, const BrowserQuestion& question) {
  protocol::Headers headers;
  const bool to_all = std::ranges::find(rule.allowed_origins, "*") != rule.allowed_origins.end();
  headers.add("Access-Control-Allow-Origin", to_all ? "*" : question.origin);
  headers.add("Access-Control-Allow-Methods",
              fmt::format("{}", fmt::join(rule.allowed_methods, ", ")));
  if (!question.headers.empty())
    headers.add("Access-Control-Allow-Headers",
                fmt::format("{}", fmt::join(question.headers, ", ")));
  if (rule.expose_headers && !rule.expose_headers->empty())
    headers.add("Access-Control-Expose-Headers",
                fmt::format("{}", fmt::join(*rule.expose_headers, ", ")));
  if (rule.max_age_seconds)
    headers.add("Access-Control-Max-Age", fmt::to_string(*rule.max_age_seconds));
  if (!to_all) headers.add("Access-Control-Allow-Credentials", "true");
  headers.add("Vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
  return headers;
}

}  // namespace

/// The first rule that fits is the one. A request that is no preflight may name a method in
/// Access-Control-Request-Method all the same; then its reply's headers are about that one.
services::BrowserAnswer BucketAccess::answer_browser(const BrowserQuestion& question) const {
  const std::string bucket =
      question.path.substr(1, std::min(question.path.find('/', 1), question.path.size()) - 1);
  const std::optional<CORSConfiguration> configuration = find_cors(bucket);
  const auto find_rule = [&](const std::string& method) -> const CORSRule* {
    if (!configuration) return nullptr;
    const auto found = std::ranges::find_if(configuration->cors_rules, [&](const CORSRule& rule) {
      return allows(rule, question, method);
    });
    return found == configuration->cors_rules.end() ? nullptr : &*found;
  };
  const CORSRule* rule = find_rule(question.method);
  services::BrowserAnswer answer{.is_permitted = rule != nullptr};
  if (!question.named_method.empty()) rule = find_rule(question.named_method);
  if (rule) answer.headers = describe(*rule, question);
  if (rule || !question.preflight) return answer;
  if (!owners_.contains(bucket)) {
    NoSuchBucket error("The specified bucket does not exist");
    error.details = {{"BucketName", bucket}};
    throw error;
  }
  if (!configuration) forbid(question, "CORS is not enabled for this bucket.");
  constexpr std::string_view methods[] = {"GET", "PUT", "POST", "DELETE", "HEAD"};
  if (std::ranges::find(methods, question.method) == std::end(methods))
    throw BadRequest("Invalid Access-Control-Request-Method: " + question.method);
  forbid(question,
         "This CORS request is not allowed. This is usually because the evalution of Origin, "
         "request method / Access-Control-Request-Method or Access-Control-Request-Headers are "
         "not whitelisted by the resource's CORS spec.");
}

}  // namespace matinee::s3
