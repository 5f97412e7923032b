// A Parameter Store on a simulated machine, for the tests beside the code, with a KMS that encrypts
// by turning the text around.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "runtime/simulated/simulation.h"
#include "services/ssm/service.h"
#include "ssm/errors.h"
#include "storage/store.h"

namespace matinee::ssm {

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

class SsmTest : public testing::Test {
 protected:
  SsmTest() { start(); }

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
    service = std::make_unique<Service>(*store, runtime, Neighbours{.keys = &keys});
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
    storage::Transaction transaction(*store);
    Response response = (service.get()->*operation)(context, request);
    transaction.commit();
    EXPECT_TRUE(store->flush().has_value());
    return response;
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

  PutParameterResponse put(const std::string& name, const std::string& value,
                           PutParameterRequest more = {}) {
    more.name = name;
    more.value = value;
    if (!more.type && !more.overwrite) more.type = "String";
    return call(&Service::put_parameter, more);
  }
  PutParameterResponse overwrite(const std::string& name, const std::string& value,
                                 PutParameterRequest more = {}) {
    more.overwrite = true;
    return put(name, value, std::move(more));
  }
  std::string error_of_put(const std::string& name, const std::string& value = "v",
                           const PutParameterRequest& more = {}) {
    return error_of([&] { put(name, value, more); });
  }
  Parameter get(const std::string& name, bool decrypted = false) {
    return *call(&Service::get_parameter,
                 GetParameterRequest{.name = name, .with_decryption = decrypted})
                .parameter;
  }
  std::string value_of(const std::string& name, bool decrypted = true) {
    return *get(name, decrypted).value;
  }
  std::string error_of_get(const std::string& name, bool decrypted = false) {
    return error_of([&] { get(name, decrypted); });
  }
  std::vector<std::string> names_below(const std::string& path, bool recursive,
                                       std::vector<ParameterStringFilter> filters = {}) {
    std::vector<std::string> names;
    GetParametersByPathRequest request{
        .path = path, .recursive = recursive, .parameter_filters = std::move(filters)};
    do {
      const auto page = call(&Service::get_parameters_by_path, request);
      for (const Parameter& parameter : *page.parameters) names.push_back(*parameter.name);
      request.next_token = page.next_token;
    } while (request.next_token);
    return names;
  }
  std::vector<std::string> described(std::vector<ParameterStringFilter> filters) {
    std::vector<std::string> names;
    DescribeParametersRequest request{.parameter_filters = std::move(filters)};
    do {
      const auto page = call(&Service::describe_parameters, request);
      for (const ParameterMetadata& parameter : *page.parameters) names.push_back(*parameter.name);
      request.next_token = page.next_token;
    } while (request.next_token);
    return names;
  }
  std::string error_of_filter(const ParameterStringFilter& filter) {
    return error_of([&] { described({filter}); });
  }
  ParameterMetadata describe(const std::string& name) {
    const auto page = call(
        &Service::describe_parameters,
        DescribeParametersRequest{.parameter_filters = {{{.key = "Name", .values = {{name}}}}}});
    return page.parameters->at(0);
  }
};

}  // namespace matinee::ssm
