// Which operation of which service a request means, and in which protocol. Driven by the models;
// there is no list of operations here.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gateway/rest_routes.h"
#include "protocol/error.h"
#include "protocol/http.h"
#include "protocol/operation.h"

namespace matinee::gateway {

/// Where a request goes. Service and protocol are always known, be it only to encode an error.
struct Target {
  const protocol::ServiceModel* service = nullptr;
  protocol::Protocol protocol = protocol::Protocol::json;
  /// Null as long as only the form in the body, which is still to come, names the operation.
  const protocol::Operation* operation = nullptr;
};

/// Why a request has no target, with what is needed to tell the client in its own protocol.
struct Unresolved {
  Target target;
  protocol::ServiceError error;
};

using Resolution = std::expected<Target, Unresolved>;

/// What a request says besides its head about the service it means.
struct ServiceHint {
  std::string_view scope;  // of its credentials: "sqs"; empty without
  std::string_view port;   // the service that its port is for; empty for all
};

class Router {
 public:
  /// The models must outlive the router.
  explicit Router(std::span<const protocol::ServiceModel* const> models);

  /// From the head alone. For S3 with the bucket in the Host header, rewrites the path into path
  /// style.
  Resolution resolve(protocol::HttpRequest& head, const ServiceHint& hint) const;
  /// For a target whose operation was not known: from the form in the body.
  Resolution resolve_form(const protocol::HttpRequest& request, const Target& target) const;

 private:
  struct Service {
    const protocol::ServiceModel* model;
    std::unordered_map<std::string_view, const protocol::Operation*> operations;
    std::vector<RestRoutes> routes;  // one for REST services, else none
  };

  std::vector<Service> services_;

  const Service* find_service(std::string_view name) const;
  const Service* find_for_action(const protocol::Parameters& parameters) const;
  const Service* find_for_target(std::string_view target) const;
  const Service* find_for_prefix(std::string_view prefix) const;
  Resolution resolve_json(std::string_view target) const;
  Resolution resolve_cbor(std::string_view path) const;
  Resolution resolve_query(const Service& service, const protocol::HttpRequest& request,
                           const protocol::Parameters& parameters) const;
  Resolution resolve_rest(const Service& service, protocol::HttpRequest& head) const;
};

/// The bucket that a Host header names: "b" of "b.s3.localhost:4566",
/// "b.s3.eu-west-1.amazonaws.com" and "b.localhost". Empty for a host that names none.
std::string_view bucket_of_host(std::string_view host);

}  // namespace matinee::gateway
