// Secrets Manager on a simulated machine, for the tests beside the code, with a KMS that encrypts
// by turning the text around.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "secretsmanager/errors.h"
#include "services/keyed_service_fixture.h"
#include "services/secretsmanager/service.h"

namespace matinee::secretsmanager {

class SecretsTest : public services::KeyedServiceTest<Service> {
 protected:
  SecretsTest() { start(); }

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

 private:
  std::unique_ptr<Service> make() override {
    return std::make_unique<Service>(*store, runtime, &keys);
  }
};

}  // namespace matinee::secretsmanager
