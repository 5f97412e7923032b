// A service on a simulated machine that keeps things encrypted, for the tests beside the code, with
// a KMS that encrypts by turning the text around.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "runtime/simulated/simulation.h"
#include "runtime/task.h"
#include "services/endpoint.h"
#include "services/key_service.h"
#include "storage/store.h"

namespace matinee::services {

/// Remembers with which key and context it was called; refuses the keys that are told to it.
class MirrorKeys final : public services::KeyService {
 public:
  std::map<std::string, std::string> refusals;  // key to KMS's error code
  services::KeyUse last;

  std::string require_key(const Context&, const services::KeyUse& use) override {
    last = use;
    const auto refused = refusals.find(use.key);
    if (refused != refusals.end())
      throw protocol::ServiceError(refused->second, 400, "The key " + use.key + " is refused.");
    return use.key;
  }
  std::string encrypt(const Context& context, const services::KeyUse& use,
                      std::string_view plaintext) override {
    return require_key(context, use) + "|" + std::string(plaintext.rbegin(), plaintext.rend());
  }
  std::string decrypt(const Context& context, const services::KeyUse& use,
                      std::string_view ciphertext) override {
    const std::size_t end = ciphertext.find('|');
    services::KeyUse found = use;
    found.key = ciphertext.substr(0, end);
    require_key(context, found);
    const std::string_view text = ciphertext.substr(end + 1);
    return {text.rbegin(), text.rend()};
  }
};

/// Whoever derives from it says how the service is made, and starts it.
template <class Service>
class KeyedServiceTest : public testing::Test {
 protected:
  runtime::Simulation machine;
  runtime::Runtime runtime = machine.runtime();
  MirrorKeys keys;
  std::unique_ptr<storage::Store> store;
  std::unique_ptr<Service> service;
  Context context{.account = "111122223333", .caller_arn = "arn:aws:iam::111122223333:user/ada"};

  void start() {
    auto opened = storage::Store::open({.directory = "/data", .disk = &machine.disk});
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    store = *std::move(opened);
    machine.loop.set_flush([this] { ASSERT_TRUE(store->flush().has_value()); });
    service = make();
  }
  void kill_and_restart() {
    machine.loop.run_until_idle();
    machine.crash(runtime::SimulatedDisk::Crash::process);
    service.reset();
    store.reset();
    machine.restart();
    start();
  }
  void advance(runtime::Duration duration) { machine.loop.advance(duration); }

  template <class Response, class Request>
  Response call(Response (Service::*operation)(const Context&, const Request&),
                const Request& request) {
    while (true) {
      try {
        storage::Transaction transaction(*store);
        Response response = (service.get()->*operation)(context, request);
        transaction.commit();
        EXPECT_TRUE(store->flush().has_value());
        return response;
      } catch (services::Later& later) {
        // Called again in a later round, as the endpoint does.
        machine.loop.post([&] { later.work(); });
        machine.loop.run_until_idle();
      }
    }
  }
  /// A task that does not wait; its transactions are its own.
  template <class Response, class Request>
  Response call(runtime::Task<Response> (Service::*operation)(const Context&, const Request&),
                const Request& request) {
    std::optional<Response> result;
    std::exception_ptr failure;
    runtime::start((service.get()->*operation)(context, request),
                   [&](std::optional<Response> response, std::exception_ptr error) {
                     result = std::move(response);
                     failure = error;
                   });
    machine.loop.run_until_idle();
    EXPECT_TRUE(store->flush().has_value());
    if (failure) std::rethrow_exception(failure);
    return std::move(*result);
  }
  /// What an operation is refused with: "Code: message".
  template <class Operation>
  std::string error_of(Operation operation) {
    try {
      operation();
    } catch (const protocol::ServiceError& error) {
      return error.code() + ": " + error.message();
    }
    return "no error";
  }

 private:
  /// On `store`, with `runtime` and `keys`.
  virtual std::unique_ptr<Service> make() = 0;
};

}  // namespace matinee::services
