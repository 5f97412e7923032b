// HTTP endpoints: subscribers of topics. `Delivery::parameters` is {"method": "POST",
// "headers": {"Name": "value"}}, both of which may be left out.
#pragma once

#include "services/http_pool.h"

namespace matinee::delivery {

/// A subscriber has at most `most_calls` of the connections that all share.
class HttpTarget final : public services::DeliveryTarget {
 public:
  /// Without a client nothing is reached. `clock` must outlive it.
  HttpTarget(runtime::HttpClient* http, runtime::Clock& clock) : http_(http), pool_(clock) {}

  runtime::Task<services::Refusals> send(std::vector<services::Delivery> deliveries) override;
  /// One that is slow keeps no more of those of all.
  std::size_t most_calls() const override { return 4; }
  /// More than have a connection: which of those that wait gets one, the pool decides.
  std::size_t most_calls_of_all() const override { return services::HttpPool::most_waiting; }

 private:
  runtime::HttpClient* http_;
  services::HttpPool pool_;
};

}  // namespace matinee::delivery
