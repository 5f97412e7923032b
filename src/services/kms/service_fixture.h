// A key service on a simulated machine, for the tests beside the code.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "kms/operations.h"
#include "runtime/simulated/simulation.h"
#include "services/endpoint.h"
#include "services/kms/service.h"
#include "storage/store.h"

namespace matinee::kms {

using std::chrono::days;
using std::chrono::seconds;

class KmsTest : public testing::Test {
 protected:
  KmsTest() { start(); }
  ~KmsTest() override { stop(); }

  runtime::Simulation machine;
  runtime::Runtime runtime = machine.runtime();
  std::unique_ptr<storage::Store> store;
  std::unique_ptr<services::Endpoint> endpoint;
  std::unique_ptr<Service> service;
  Context context{.region = "us-east-1", .caller_arn = "arn:aws:iam::000000000000:root"};

  void start() {
    auto opened = storage::Store::open({.directory = "/data", .disk = &machine.disk});
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    store = *std::move(opened);
    machine.loop.set_flush([this] { ASSERT_TRUE(store->flush().has_value()); });
    endpoint = std::make_unique<services::Endpoint>(machine.loop, *store, &machine.workers);
    service = std::make_unique<Service>(*store, runtime);
    endpoint->add(*service, Service::handlers());
  }
  void stop() {
    machine.loop.run_until_idle();
    service.reset();
    endpoint.reset();
    store.reset();
  }
  /// The program ends as if killed, and starts again from what its disk has.
  void kill_and_restart() {
    machine.loop.run_until_idle();
    machine.crash(runtime::SimulatedDisk::Crash::process);
    service.reset();
    endpoint.reset();
    store.reset();
    machine.restart();
    start();
  }
  void advance(runtime::Duration duration) { machine.loop.advance(duration); }

  /// As a client calls it: validated, in a transaction, to its end. Throws what it answers.
  template <class Response, class Request>
  Response call(const protocol::Operation& operation, Request request) {
    services::Input input{.request = protocol::Object(*operation.request)};
    input.request.template as<Request>() = std::move(request);
    std::optional<services::Outcome> outcome;
    endpoint->invoke(context, operation, std::move(input),
                     [&](services::Outcome result) { outcome = std::move(result); });
    machine.loop.run_until_idle();
    if (!outcome) throw std::runtime_error("the operation has not ended");
    if (auto* error = std::get_if<std::shared_ptr<protocol::ServiceError>>(&*outcome))
      (*error)->raise();
    return std::move(std::get<protocol::Object>(*outcome).template as<Response>());
  }

  KeyMetadata create(CreateKeyRequest request = {}) {
    return *call<CreateKeyResponse>(operations::CreateKey, std::move(request)).key_metadata;
  }
  KeyMetadata create(const std::string& spec, const std::string& usage) {
    return create({.key_usage = usage, .key_spec = spec});
  }
  KeyMetadata describe(const std::string& key) {
    return *call<DescribeKeyResponse>(operations::DescribeKey, DescribeKeyRequest{.key_id = key})
                .key_metadata;
  }
  std::string encrypt(const std::string& key, const std::string& text,
                      std::optional<EncryptionContext> bound = std::nullopt) {
    return call<EncryptResponse>(
               operations::Encrypt,
               EncryptRequest{
                   .key_id = key, .plaintext = {text}, .encryption_context = std::move(bound)})
        .ciphertext_blob->bytes;
  }
  std::string decrypt(const std::string& blob,
                      std::optional<EncryptionContext> bound = std::nullopt) {
    return call<DecryptResponse>(operations::Decrypt,
                                 DecryptRequest{.ciphertext_blob = protocol::Blob{blob},
                                                .encryption_context = std::move(bound)})
        .plaintext->bytes;
  }
  /// "CODE: message" of what the call throws, or "" where it succeeds.
  template <class Call>
  static std::string error_of(Call call) {
    try {
      call();
      return "";
    } catch (const protocol::ServiceError& error) {
      return error.name() + ": " + error.message();
    }
  }
};

}  // namespace matinee::kms
