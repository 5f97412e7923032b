// Ports by which callables that stand for programs speak with their service: no sockets, each
// request and each answer in a round of the loop of its own.
#pragma once

#include <functional>
#include <unordered_map>

#include "runtime/loop.h"
#include "services/local_api.h"

namespace matinee::simulation {

/// Of one life of the program: it must not outlive the loop.
class SimulatedPorts final : public services::LocalPorts {
 public:
  using Answered = std::function<void(protocol::HttpResponse)>;

  explicit SimulatedPorts(runtime::Loop& loop) : loop_(loop) {}

  std::expected<std::uint16_t, std::string> open(services::LocalApi& api) override {
    apis_[++last_] = &api;
    return last_;
  }
  void close(std::uint16_t port) override { apis_.erase(port); }
  /// One that nobody else has.
  std::uint64_t new_number() { return ++last_number_; }

  /// What a program sends. Its answer may never come: 410 where the port is closed before.
  void send(std::uint16_t port, protocol::HttpRequest request, Answered answered) {
    loop_.post(
        [this, port, request = std::move(request), answered = std::move(answered)]() mutable {
          const auto api = apis_.find(port);
          if (api == apis_.end()) return answered({.status = gone});
          api->second->handle(
              {.port = port, .peer = "127.0.0.1", .http = std::move(request)},
              [&loop = loop_, answered = std::move(answered)](protocol::HttpResponse response) {
                loop.post([answered, response = std::move(response)]() mutable {
                  answered(std::move(response));
                });
              });
        });
  }

 private:
  static constexpr int gone = 410;

  runtime::Loop& loop_;
  std::uint16_t last_ = 1000;
  std::uint64_t last_number_ = 0;
  std::unordered_map<std::uint16_t, services::LocalApi*> apis_;
};

}  // namespace matinee::simulation
