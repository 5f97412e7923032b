// What answers on the server's port beside operations: each site for paths or host names of its
// own.
#pragma once

#include <vector>

#include "services/local_api.h"

namespace matinee::cloud {

class Sites final : public services::LocalSite {
 public:
  /// All must outlive it. The first one that claims a request gets it.
  explicit Sites(std::vector<services::LocalSite*> sites) : sites_(std::move(sites)) {}

  bool claims(const protocol::HttpRequest& head) const override { return find(head) != nullptr; }
  bool is_for_strangers(const protocol::HttpRequest& head) const override {
    const services::LocalSite* site = find(head);
    return !site || site->is_for_strangers(head);
  }
  void handle(services::LocalRequest request, services::LocalReply reply) override {
    constexpr int not_found = 404;
    if (services::LocalSite* site = find(request.http))
      return site->handle(std::move(request), std::move(reply));
    reply(protocol::HttpResponse{.status = not_found});
  }

 private:
  std::vector<services::LocalSite*> sites_;

  services::LocalSite* find(const protocol::HttpRequest& head) const {
    for (services::LocalSite* site : sites_)
      if (site->claims(head)) return site;
    return nullptr;
  }
};

}  // namespace matinee::cloud
