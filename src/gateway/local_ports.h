// Ports for programs of this machine that speak HTTP with a service: a server of its own, so that
// the limits of clients are not theirs.
#pragma once

#include <memory>
#include <mutex>
#include <unordered_map>

#include "gateway/server.h"
#include "runtime/loop.h"
#include "services/local_api.h"

namespace matinee::gateway {

class OpenPorts;

/// Starts nothing before the first port is opened.
class LocalPorts final : public services::LocalPorts {
 public:
  /// All must outlive it.
  LocalPorts(runtime::Loop& loop, runtime::Clock& clock, runtime::Workers& workers);
  ~LocalPorts() override;

  std::expected<std::uint16_t, std::string> open(services::LocalApi& api) override;
  void close(std::uint16_t port) override;
  /// Ends all; afterwards nothing is handed to an API any more. Before they end.
  void stop();

 private:
  runtime::Loop& loop_;
  runtime::Clock& clock_;
  runtime::Workers& workers_;
  std::shared_ptr<OpenPorts> open_;
  std::unique_ptr<Server> server_;
};

}  // namespace matinee::gateway
