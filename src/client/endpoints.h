// Where services are: AWS's own endpoints by region, or one URL for all or some of them.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "protocol/http.h"

namespace matinee::client {

/// A program's trouble with its surroundings: settings, credentials, addresses. what() is a
/// sentence for the user.
class ClientError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// "https://sqs.eu-central-1.amazonaws.com", in the partition that the region belongs to.
std::string aws_url(std::string_view service, std::string_view region);

/// Which URL serves which service.
class Endpoints {
 public:
  explicit Endpoints(std::string region) : region_(std::move(region)) {}

  const std::string& region() const { return region_; }
  /// The same in another region.
  Endpoints in(std::string region) const {
    Endpoints moved = *this;
    moved.region_ = std::move(region);
    return moved;
  }
  /// `url` serves every service that has none of its own. Throws ClientError unless it is http or
  /// https with a host.
  void set_url(std::string url);
  /// `service` as in "sqs".
  void set_url(std::string_view service, std::string url);
  /// Without a slash at its end.
  std::string url(std::string_view service) const;
  /// Whether that is AWS's own.
  bool is_aws(std::string_view service) const;

 private:
  std::string region_;
  std::string common_url_;
  std::map<std::string, std::string, std::less<>> urls_;
};

/// Completes a request that a codec has made: sets its Host and target for the endpoint, with the
/// bucket in the host's name where AWS wants it there, and returns its URL.
std::string direct_request(const Endpoints& endpoints, std::string_view service,
                           protocol::HttpRequest& request);

/// Whether a bucket's name can stand in a host name below amazonaws.com: S3's certificate covers
/// one more label, so not with dots.
bool fits_host_name(std::string_view bucket);

/// "localhost:4566" of "http://localhost:4566/x"; the port is left out where it is the scheme's
/// own.
std::string host_of_url(std::string_view url);
/// Whether a URL's host is this machine: localhost, 127.0.0.0/8 or ::1.
bool is_loopback_url(std::string_view url);

}  // namespace matinee::client
