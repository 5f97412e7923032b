// HTTP endpoints: subscribers of topics. `Delivery::parameters` is {"method": "POST",
// "headers": {"Name": "value"}}, both of which may be left out.
#pragma once

#include <list>

#include "runtime/channel.h"
#include "services/http_delivery.h"

namespace matinee::delivery {

class HttpTarget final : public services::DeliveryTarget {
 public:
  /// Of all subscribers together. One that is slow keeps at most `most_calls` of them.
  static constexpr std::size_t most_connections = 256;

  /// Without a client nothing is reached.
  explicit HttpTarget(runtime::HttpClient* http) : http_(http) {}

  runtime::Task<services::Refusals> send(std::vector<services::Delivery> deliveries) override;
  std::size_t most_calls() const override { return 4; }

 private:
  runtime::HttpClient* http_;
  std::size_t calls_ = 0;
  std::list<runtime::Event*> waiting_;  // for a connection, the first one first

  class Connection;
  class Turn;
};

}  // namespace matinee::delivery
