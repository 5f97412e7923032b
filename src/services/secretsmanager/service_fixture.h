// Secrets Manager on a simulated machine, for the tests beside the code, with a KMS that encrypts
// by turning the text around.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "runtime/simulated/simulation.h"
#include "secretsmanager/errors.h"
#include "services/secretsmanager/service.h"
#include "storage/store.h"

namespace matinee::secretsmanager {

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

class SecretsTest : public testing::Test {
 protected:
  SecretsTest() { start(); }

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
    service = std::make_unique<Service>(*store, runtime, &keys);
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

  /// A token as SDKs make them.
  std::string token() { return runtime.random.uuid(); }

  CreateSecretResponse create(const std::string& name, std::optional<std::string> text = "value",
                              CreateSecretRequest more = {}) {
    more.name = name;
    more.secret_string = std::move(text);
    if (!more.client_request_token) more.client_request_token = token();
    return call(&Service::create_secret, more);
  }
  PutSecretValueResponse put(const std::string& id, const std::string& text,
                             std::optional<std::vector<std::string>> stages = std::nullopt) {
    return call(&Service::put_secret_value,
                PutSecretValueRequest{.secret_id = id,
                                      .client_request_token = token(),
                                      .secret_string = text,
                                      .version_stages = std::move(stages)});
  }
  GetSecretValueResponse get(const std::string& id, std::optional<std::string> stage = {},
                             std::optional<std::string> version = {}) {
    return call(
        &Service::get_secret_value,
        GetSecretValueRequest{
            .secret_id = id, .version_id = std::move(version), .version_stage = std::move(stage)});
  }
  std::string value_of(const std::string& id, std::optional<std::string> stage = {}) {
    return *get(id, std::move(stage)).secret_string;
  }
  DescribeSecretResponse describe(const std::string& id) {
    return call(&Service::describe_secret, DescribeSecretRequest{.secret_id = id});
  }
  /// The labels of a version as text: "AWSCURRENT,AWSPENDING".
  std::string stages_of(const std::string& id, const std::string& version) {
    const auto all = describe(id).version_ids_to_stages;
    std::string text;
    if (!all || !all->contains(version)) return text;
    for (const std::string& stage : all->at(version)) text += (text.empty() ? "" : ",") + stage;
    return text;
  }
  DeleteSecretResponse remove(const std::string& id, std::optional<std::int64_t> days = {},
                              std::optional<bool> force = {}) {
    return call(&Service::delete_secret,
                DeleteSecretRequest{.secret_id = id,
                                    .recovery_window_in_days = days,
                                    .force_delete_without_recovery = force});
  }
  std::vector<std::string> names(ListSecretsRequest request = {}) {
    std::vector<std::string> names;
    do {
      const auto page = call(&Service::list_secrets, request);
      for (const SecretListEntry& entry : *page.secret_list) names.push_back(*entry.name);
      request.next_token = page.next_token;
    } while (request.next_token);
    return names;
  }
  std::vector<std::string> filtered(const std::string& key, const std::string& value) {
    return names({.filters = {{{.key = key, .values = {{value}}}}}});
  }
  std::string error_of_get(const std::string& id, std::optional<std::string> stage = {},
                           std::optional<std::string> version = {}) {
    return error_of([&] { get(id, stage, version); });
  }
};

}  // namespace matinee::secretsmanager
