// What functions have on the ports of the API itself, beside its operations: their URLs, by path or
// by host name, and the archives that GetFunction points to.
#pragma once

#include "services/lambda/service.h"
#include "services/local_api.h"

namespace matinee::lambda {

class Site final : public services::LocalSite {
 public:
  Site(Service& service, runtime::Runtime& runtime) : service_(service), runtime_(runtime) {}

  bool claims(const protocol::HttpRequest& head) const override;
  void handle(services::LocalRequest request, services::LocalReply reply) override;

 private:
  Service& service_;
  runtime::Runtime& runtime_;

  protocol::HttpResponse give_code(const protocol::HttpRequest& request) const;
  std::optional<protocol::HttpResponse> refuse(const FoundUrl& url,
                                               const services::LocalRequest& request) const;
  void call(services::LocalRequest request, services::LocalReply reply);
};

}  // namespace matinee::lambda
