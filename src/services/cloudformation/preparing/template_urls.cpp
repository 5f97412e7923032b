#include "services/cloudformation/preparing/template_urls.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "protocol/http.h"
#include "services/cloudformation/preparing/faults.h"

namespace matinee::cloudformation {

namespace {

std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

std::string_view without_port(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  return colon == std::string_view::npos || host.ends_with(']') ? host : host.substr(0, colon);
}

/// The beginning of a host before "s3.amazonaws.com", "s3.eu-west-1.amazonaws.com",
/// "s3-eu-west-1.amazonaws.com", "s3.dualstack.eu-west-1.amazonaws.com": the bucket with its dot,
/// or nothing. No value where the host is none of S3's.
std::optional<std::string_view> before_s3_of_aws(std::string_view host) {
  for (const std::string_view domain : {".amazonaws.com", ".amazonaws.com.cn"}) {
    if (!host.ends_with(domain)) continue;
    const std::string_view name = host.substr(0, host.size() - domain.size());
    // The last label that begins the part of S3: names of buckets may hold dots, and "s3" too.
    for (std::size_t end = name.size();;) {
      const std::size_t dot = end == 0 ? std::string_view::npos : name.rfind('.', end - 1);
      const std::size_t begin = dot == std::string_view::npos ? 0 : dot + 1;
      const std::string_view label = name.substr(begin, name.find('.', begin) - begin);
      if (label == "s3" || label.starts_with("s3-")) return name.substr(0, begin);
      if (dot == std::string_view::npos) return std::nullopt;
      end = dot;
    }
  }
  return std::nullopt;
}

/// Likewise for the names of this cloud.
std::optional<std::string_view> before_own_host(std::string_view host, std::string_view own) {
  const std::array<std::string_view, 4> names = {own, "localhost", "127.0.0.1", "[::1]"};
  for (const std::string_view name : names) {
    if (name.empty() || !host.ends_with(name)) continue;
    std::string_view before = host.substr(0, host.size() - name.size());
    if (!before.empty() && !before.ends_with('.')) continue;
    constexpr std::string_view service = "s3.";
    if (before == service || before.ends_with(".s3.")) before.remove_suffix(service.size());
    return before;
  }
  return std::nullopt;
}

std::string version_of(std::string_view query) {
  constexpr std::string_view name = "versionId=";
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view part = query.substr(0, end);
    if (part.starts_with(name))
      return protocol::percent_decode(part.substr(name.size())).value_or("");
    query = end == std::string_view::npos ? "" : query.substr(end + 1);
  }
  return "";
}

services::ObjectToRead bucket_and_key(std::string_view path) {
  const std::size_t slash = path.find('/');
  services::ObjectToRead object;
  object.bucket = std::string(path.substr(0, slash));
  if (slash != std::string_view::npos) object.key = std::string(path.substr(slash + 1));
  return object;
}

}  // namespace

services::ObjectToRead object_of_url(std::string_view url, std::string_view own_host) {
  const std::size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) throw invalid("TemplateURL must be a supported URL.");
  const std::string scheme = in_lower_case(url.substr(0, scheme_end));
  std::string_view rest = url.substr(scheme_end + 3);
  if (scheme == "s3")
    throw invalid(fmt::format("S3 error: Domain name specified in {} is not a valid S3 domain",
                              rest.substr(0, rest.find('/'))));
  if (scheme != "https" && scheme != "http") throw invalid("TemplateURL must be a supported URL.");
  rest = rest.substr(0, rest.find('#'));
  std::string version;
  if (const std::size_t query = rest.find('?'); query != std::string_view::npos) {
    version = version_of(rest.substr(query + 1));
    rest = rest.substr(0, query);
  }
  const std::size_t slash = rest.find('/');
  const std::string host = in_lower_case(without_port(rest.substr(0, slash)));
  const std::string_view path = slash == std::string_view::npos ? "" : rest.substr(slash + 1);
  std::optional<std::string_view> before = before_s3_of_aws(host);
  if (!before) before = before_own_host(host, in_lower_case(without_port(own_host)));
  if (!before) throw invalid("TemplateURL must be a supported URL.");
  const std::optional<std::string> decoded = protocol::percent_decode(path);
  if (!decoded) throw invalid("TemplateURL must be a supported URL.");
  services::ObjectToRead object;
  if (before->empty()) {
    object = bucket_and_key(*decoded);
  } else {
    object.bucket = std::string(before->substr(0, before->size() - 1));
    object.key = *decoded;
  }
  object.version = std::move(version);
  if (object.bucket.empty() || object.key.empty())
    throw invalid("TemplateURL must reference a valid S3 object to which you have access.");
  return object;
}

services::ObjectToRead object_of_s3_location(std::string_view location) {
  constexpr std::string_view scheme = "s3://";
  if (!in_lower_case(location.substr(0, scheme.size())).starts_with(scheme)) return {};
  services::ObjectToRead object = bucket_and_key(location.substr(scheme.size()));
  if (object.key.empty()) return {};
  return object;
}

}  // namespace matinee::cloudformation
