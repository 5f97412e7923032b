// The Security Token Service on a simulated machine, for the tests beside the code.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/base64.h"
#include "runtime/simulated/simulation.h"
#include "services/sts/service.h"
#include "storage/store.h"

namespace matinee::sts {

/// Users, roles and policies that a test makes up.
class InventedDirectory final : public identity::Directory {
 public:
  using Known = std::shared_ptr<const identity::Identity>;
  std::map<std::string, Known, std::less<>> users;  // by name
  std::map<std::string, Known, std::less<>> roles;

  Known find_user(std::string_view account, std::string_view name) const override {
    return find(users, account, name);
  }
  Known find_role(std::string_view account, std::string_view name) const override {
    return find(roles, account, name);
  }
  std::shared_ptr<const identity::AttachedPolicy> find_policy(std::string_view) const override {
    return nullptr;
  }

 private:
  static Known find(const std::map<std::string, Known, std::less<>>& all, std::string_view account,
                    std::string_view name) {
    const auto found = all.find(name);
    return found == all.end() || found->second->account != account ? nullptr : found->second;
  }
};

class StsTest : public testing::Test {
 protected:
  StsTest() { start(); }

  runtime::Simulation machine;
  std::unique_ptr<storage::Store> store;
  std::unique_ptr<Service> service;
  const Context root{.account = "111111111111",
                     .access_key = "111111111111",
                     .caller_arn = "arn:aws:iam::111111111111:root"};
  const Context ann{.account = "111111111111",
                    .access_key = "AKIAEXAMPLE",
                    .caller_arn = "arn:aws:iam::111111111111:user/staff/ann",
                    .principal = services::PrincipalKind::user,
                    .caller_id = "AIDAEXAMPLE"};
  const std::string allow_all = R"({"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})";
  const std::string role = "arn:aws:iam::222222222222:role/team/projector";

  InventedDirectory directory;
  Neighbours neighbours;

  void start() {
    auto opened = storage::Store::open({.directory = "/data", .disk = &machine.disk});
    ASSERT_TRUE(opened.has_value());
    store = *std::move(opened);
    service = std::make_unique<Service>(*store, machine.loop.clock(), machine.random, neighbours);
  }
  void kill_and_restart() {
    machine.crash(runtime::SimulatedDisk::Crash::process);
    service.reset();
    store.reset();
    machine.restart();
    start();
  }

  template <class Response, class Request>
  Response call(Response (Service::*operation)(const Context&, const Request&),
                const Request& request, const Context& context) {
    storage::Transaction transaction(*store);
    Response response = (service.get()->*operation)(context, request);
    transaction.commit();
    EXPECT_TRUE(store->flush().has_value());
    return response;
  }
  AssumeRoleWithWebIdentityResponse assume_with_web_identity(
      const AssumeRoleWithWebIdentityRequest& request) {
    std::optional<AssumeRoleWithWebIdentityResponse> response;
    std::exception_ptr error;
    runtime::start(service->assume_role_with_web_identity(Context(), request),
                   [&](auto result, std::exception_ptr failure) {
                     response = std::move(result);
                     error = failure;
                   });
    machine.loop.run_until_idle();
    if (error) std::rethrow_exception(error);
    return *std::move(response);
  }
  AssumeRoleResponse assume(AssumeRoleRequest request) {
    return call(&Service::assume_role, request, root);
  }
  /// The session as the gateway finds it.
  Context act_as(const Credentials& credentials) {
    const std::optional<Issued> issued = service->session_key()->open(credentials.session_token);
    EXPECT_TRUE(issued.has_value());
    EXPECT_EQ(issued->secret_key, credentials.secret_access_key);
    EXPECT_EQ(issued->session.access_key, credentials.access_key_id);
    return {.account = issued->session.account,
            .access_key = issued->session.access_key,
            .caller_arn = issued->session.arn,
            .principal = issued->session.kind,
            .caller_id = issued->session.user_id,
            .role_arn = issued->session.role_arn,
            .session = issued->session.details};
  }
  GetCallerIdentityResponse identity_of(const Context& context) {
    return service->get_caller_identity(context, {});
  }
  template <class Operation>
  std::string error_of(Operation operation) {
    try {
      operation();
    } catch (const protocol::ServiceError& error) {
      return std::to_string(error.status()) + " " + error.code() + ": " + error.message();
    }
    return "no error";
  }
  std::string error_of_assume(AssumeRoleRequest request) {
    return error_of([&] { assume(std::move(request)); });
  }
  AssumeRoleWithWebIdentityRequest web_request(const std::string& claims) {
    std::string payload = protocol::base64_encode(claims);
    std::ranges::replace(payload, '+', '-');
    std::ranges::replace(payload, '/', '_');
    payload.resize(payload.find_last_not_of('=') + 1);
    return {.role_arn = role,
            .role_session_name = "web",
            .web_identity_token = "eyJhbGciOiJub25lIn0." + payload + ".c2ln"};
  }
  std::string error_of_web(const std::string& claims) {
    return error_of([&] { assume_with_web_identity(web_request(claims)); });
  }
};

}  // namespace matinee::sts
