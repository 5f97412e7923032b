// Turns a service's method into the entry of the dispatch table: used by the generated handlers.h.
#pragma once

#include "services/endpoint.h"

namespace matinee::services {
namespace detail {

template <class Signature>
struct Method;

template <class Service, class Response, class Request>
struct Method<Response (Service::*)(const Context&, const Request&)> {
  using ServiceType = Service;
  using RequestType = Request;
  using ResponseType = Response;
  static constexpr bool waits = false;
};

template <class Service, class Response, class Request>
struct Method<runtime::Task<Response> (Service::*)(const Context&, const Request&)> {
  using ServiceType = Service;
  using RequestType = Request;
  using ResponseType = Response;
  static constexpr bool waits = true;
};

template <auto method>
runtime::Task<protocol::Object> start(void* service, const Context& context, const void* request) {
  using Types = Method<decltype(method)>;
  using Response = Types::ResponseType;
  auto& self = *static_cast<Types::ServiceType*>(static_cast<ServiceBase*>(service));
  protocol::Object result(protocol::object_access<Response>);
  result.as<Response>() =
      co_await (self.*method)(context, *static_cast<const Types::RequestType*>(request));
  co_return result;
}

}  // namespace detail

/// `method` is `Response f(const Context&, const Request&)` or `Task<Response> f(...)` of a class
/// that derives from ServiceBase; `service` in the handler is that ServiceBase.
template <auto method>
constexpr void bind(Handler& handler) {
  using Types = detail::Method<decltype(method)>;
  if constexpr (Types::waits) {
    handler.start = &detail::start<method>;
  } else {
    handler.call = [](void* service, const Context& context, const void* request) {
      using Response = Types::ResponseType;
      auto& self = *static_cast<Types::ServiceType*>(static_cast<ServiceBase*>(service));
      protocol::Object result(protocol::object_access<Response>);
      result.as<Response>() =
          (self.*method)(context, *static_cast<const Types::RequestType*>(request));
      return result;
    };
  }
}

}  // namespace matinee::services
