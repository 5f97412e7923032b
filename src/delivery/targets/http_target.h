// HTTP endpoints: subscribers of topics. `Delivery::parameters` is {"method": "POST",
// "headers": {"Name": "value"}}, both of which may be left out.
#pragma once

#include "services/http_delivery.h"

namespace matinee::delivery {

class HttpTarget final : public services::DeliveryTarget {
 public:
  /// Without a client nothing is reached.
  explicit HttpTarget(runtime::HttpClient* http) : http_(http) {}

  runtime::Task<services::Refusals> send(std::vector<services::Delivery> deliveries) override;
  /// One that is slow keeps no more of those of all.
  std::size_t most_calls() const override { return 4; }
  std::size_t most_calls_of_all() const override { return services::most_http_calls; }

 private:
  runtime::HttpClient* http_;
};

}  // namespace matinee::delivery
