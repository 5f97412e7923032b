// What functions have on the ports of the API itself, beside its operations: their URLs, by path or
// by host name, and the archives that GetFunction points to.
#pragma once

#include "services/lambda/service.h"
#include "services/local_api.h"

namespace matinee::lambda {

class Site final : public services::LocalSite {
 public:
  /// `checks_signatures`: URLs of type AWS_IAM are refused, because nobody checks theirs here.
  Site(Service& service, runtime::Runtime& runtime, bool checks_signatures)
      : service_(service), runtime_(runtime), checks_signatures_(checks_signatures) {}

  bool claims(const protocol::HttpRequest& head) const override;
  void handle(services::LocalRequest request, services::LocalReply reply) override;

 private:
  Service& service_;
  runtime::Runtime& runtime_;
  bool checks_signatures_;

  protocol::HttpResponse give_code(const protocol::HttpRequest& request) const;
  void call(services::LocalRequest request, services::LocalReply reply);
};

}  // namespace matinee::lambda
