// Where services are.
#include "client/endpoints.h"

#include <fmt/format.h>

namespace matinee::client {

namespace {

/// AWS's partitions differ in the domain.
std::string_view domain_of(std::string_view region) {
  if (region.starts_with("cn-")) return "amazonaws.com.cn";
  if (region.starts_with("us-isob-")) return "sc2s.sgov.gov";
  if (region.starts_with("us-iso-")) return "c2s.ic.gov";
  return "amazonaws.com";
}

bool is_plain(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

std::string require_url(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  const bool known = url.starts_with("http://") || url.starts_with("https://");
  if (!known || host_of_url(url).empty())
    throw ClientError(fmt::format(
        "An endpoint must be a URL such as http://localhost:4566, and \"{}\" is not.", url));
  return url;
}

/// What comes after the scheme and the host of a URL: "" or "/path".
std::string_view path_of(std::string_view url) {
  const std::size_t slash = url.find('/', url.find("://") + 3);
  return slash == std::string_view::npos ? "" : url.substr(slash);
}

}  // namespace

std::string aws_url(std::string_view service, std::string_view region) {
  if (!is_plain(region))
    throw ClientError(fmt::format("\"{}\" is not the name of a region.", region));
  return fmt::format("https://{}.{}.{}", service, region, domain_of(region));
}

void Endpoints::set_url(std::string url) {
  common_url_ = require_url(std::move(url));
}

void Endpoints::set_url(std::string_view service, std::string url) {
  urls_[std::string(service)] = require_url(std::move(url));
}

std::string Endpoints::url(std::string_view service) const {
  if (const auto place = urls_.find(service); place != urls_.end()) return place->second;
  return common_url_.empty() ? aws_url(service, region_) : common_url_;
}

bool Endpoints::is_aws(std::string_view service) const {
  return common_url_.empty() && !urls_.contains(service);
}

bool fits_host_name(std::string_view bucket) {
  return bucket.size() >= 3 && bucket.size() <= 63 && is_plain(bucket) && bucket.front() != '-' &&
         bucket.back() != '-';
}

std::string host_of_url(std::string_view url) {
  const std::size_t begin = url.find("://");
  if (begin == std::string_view::npos) return "";
  const std::string_view scheme = url.substr(0, begin);
  url.remove_prefix(begin + 3);
  std::string host(url.substr(0, url.find_first_of("/?#")));
  const std::string_view own_port = scheme == "https" ? ":443" : ":80";
  if (host.ends_with(own_port)) host.resize(host.size() - own_port.size());
  return host;
}

bool is_loopback_url(std::string_view url) {
  std::string host = host_of_url(url);
  if (host.starts_with("[::1]")) return true;
  host = host.substr(0, host.find(':'));
  return host == "localhost" || host.ends_with(".localhost") || host.starts_with("127.");
}

std::string direct_request(const Endpoints& endpoints, std::string_view service,
                           protocol::HttpRequest& request) {
  std::string url = endpoints.url(service);
  if (service == "s3" && endpoints.is_aws(service)) {
    const std::string_view target = request.target;
    const std::size_t end = std::min(target.find_first_of("/?", 1), target.size());
    const std::string bucket(target.substr(1, end - 1));
    if (fits_host_name(bucket)) {
      std::string rest(target.substr(end));
      if (!rest.starts_with('/')) rest.insert(0, "/");
      request.set_target(rest);
      url.insert(url.find("://") + 3, bucket + ".");
    }
  }
  if (const std::string_view prefix = path_of(url); !prefix.empty()) {
    request.set_target(std::string(prefix) + request.target);
    url.resize(url.size() - prefix.size());
  }
  request.headers.set("Host", host_of_url(url));
  return url + request.target;
}

}  // namespace matinee::client
