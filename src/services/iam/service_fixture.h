// IAM on a simulated machine, for the tests beside the code.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runtime/simulated/simulation.h"
#include "services/iam/service.h"
#include "storage/store.h"

namespace matinee::iam {

class IamTest : public testing::Test {
 protected:
  IamTest() { start(); }

  runtime::Simulation machine;
  runtime::Runtime runtime = machine.runtime();
  std::unique_ptr<storage::Store> store;
  std::unique_ptr<Service> service;
  Context context{.account = "111111111111", .caller_arn = "arn:aws:iam::111111111111:root"};

  const std::string allow_s3 =
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]})";
  const std::string deny_all =
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]})";
  const std::string trust_lambda = trust(R"({"Service":"lambda.amazonaws.com"})");

  static std::string trust(const std::string& principal) {
    return R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":)" + principal +
           R"(,"Action":"sts:AssumeRole"}]})";
  }

  void start() {
    auto opened = storage::Store::open({.directory = "/data", .disk = &machine.disk});
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    store = *std::move(opened);
    service = std::make_unique<Service>(*store, runtime);
  }
  /// The program ends as if killed, and starts again from what its disk has.
  void kill_and_restart() {
    machine.crash(runtime::SimulatedDisk::Crash::process);
    service.reset();
    store.reset();
    machine.restart();
    start();
  }

  /// Runs an operation as the endpoint does: in a transaction, and flushed before its reply.
  template <class Owner, class Response, class Request>
  Response call(Response (Owner::*operation)(const Context&, const Request&),
                const std::type_identity_t<Request>& request) {
    storage::Transaction transaction(*store);
    Response response = (service.get()->*operation)(context, request);
    transaction.commit();
    EXPECT_TRUE(store->flush().has_value());
    return response;
  }
  /// What an operation is refused with: "404 NoSuchEntity: ...".
  template <class Owner, class Response, class Request>
  std::string error_of(Response (Owner::*operation)(const Context&, const Request&),
                       const std::type_identity_t<Request>& request) {
    try {
      call(operation, request);
    } catch (const protocol::ServiceError& error) {
      return std::to_string(error.status()) + " " + error.code() + ": " + error.message();
    }
    return "no error";
  }

  User create_user(const std::string& name, const std::string& path = "/") {
    return *call(&Service::create_user, {.path = path, .user_name = name}).user;
  }
  Group create_group(const std::string& name) {
    return call(&Service::create_group, {.group_name = name}).group;
  }
  Role create_role(const std::string& name) {
    return call(&Service::create_role,
                {.role_name = name, .assume_role_policy_document = trust_lambda})
        .role;
  }
  /// Its ARN.
  std::string create_policy(const std::string& name) {
    return *call(&Service::create_policy, {.policy_name = name, .policy_document = allow_s3})
                .policy->arn;
  }
  Role get_role(const std::string& name) {
    return call(&Service::get_role, {.role_name = name}).role;
  }
  User get_user(const std::string& name) {
    return call(&Service::get_user, {.user_name = name}).user;
  }
  std::shared_ptr<const identity::Identity> user_identity(const std::string& name) {
    return service->directory().find_user(context.account, name);
  }
  std::shared_ptr<const identity::Identity> role_identity(const std::string& name) {
    return service->directory().find_role(context.account, name);
  }
};

}  // namespace matinee::iam
