// Types of resources on a whole cloud in memory: made, changed, read and removed as the engine does
// it, by calls of the services' own operations.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cloud/cloud_fixture.h"
#include "delivery/api_calls.h"
#include "resources/types/coded_type.h"
#include "services/calls_maker.h"

namespace matinee::cloud {

class Resources : public CloudFixture {
 protected:
  using Value = templates::Value;

  Resources() {
    calls.emplace(cloud->endpoint(), simulation.random,
                  services::Context{.source_ip = services::cloudformation_address});
  }

  /// Of JSON.
  static Value tree(std::string_view json) {
    std::optional<Value> value = resources::types::read_json(json);
    if (!value) throw std::runtime_error("no JSON: " + std::string(json));
    return *std::move(value);
  }
  static const resources::ResourceType& type(std::string_view name) {
    for (const resources::types::CodedType* each : resources::types::coded_types())
      if (each->name() == name) return *each;
    throw std::runtime_error("no type " + std::string(name));
  }

  /// A step of a stack "shop" for the logical id "It".
  resources::Subject subject() {
    return {.calls = *calls,
            .runtime = runtime,
            .account = "000000000000",
            .region = "us-east-1",
            .stack_name = "shop",
            .stack_id = "arn:aws:cloudformation:us-east-1:000000000000:stack/shop/1",
            .logical_id = logical_id,
            .token = token,
            .is_repeated = is_repeated,
            .made_id = made_id,
            .stack_tags = stack_tags,
            .made = [this](std::string id) { noted = std::move(id); }};
  }
  resources::Made create(std::string_view name, std::string_view properties) {
    resources::Subject it = subject();
    noted.clear();
    const Value tree_of_properties = tree(properties);
    resources::Made made = run(type(name).create(it, tree_of_properties));
    if (made_id.empty() && !is_repeated) EXPECT_EQ(noted, made.id) << name;
    if (!is_bookkeeping(name)) expect_found(name, made.id);
    return made;
  }
  /// IAM knows no ids of these: they are found where their properties are known.
  static bool is_bookkeeping(std::string_view name) {
    return name == "AWS::IAM::Policy" || name == "AWS::IAM::UserToGroupAddition";
  }
  resources::Made update(std::string_view name, const std::string& id, std::string_view before,
                         std::string_view after) {
    resources::Subject it = subject();
    const Value old_properties = tree(before);
    const Value new_properties = tree(after);
    return run(type(name).update(it, id, old_properties, new_properties));
  }
  void remove(std::string_view name, const std::string& id, std::string_view properties = "{}") {
    resources::Subject it = subject();
    const Value tree_of_properties = tree(properties);
    run(type(name).remove(it, id, tree_of_properties));
  }
  /// What is told of it has what Cloud Control identifies it by, and that finds it.
  void expect_found(std::string_view name, const std::string& id) {
    resources::Subject it = subject();
    const Value told = run(type(name).read(it, id));
    Value identifying = Value::map();
    for (const std::string& path : type(name).schema().primary_identifier()) {
      const std::string property = path.substr(path.rfind('/') + 1);
      const Value* value = told.find(property);
      ASSERT_NE(value, nullptr) << name << " tells no " << property << ": " << to_json(told);
      identifying.set(property, *value);
    }
    resources::Subject other = subject();
    other.known = identifying;
    const std::string found = type(name).id_of(identifying);
    EXPECT_EQ(to_sorted_json(run(type(name).read(other, found))), to_sorted_json(told)) << name;
  }
  /// As JSON, with members in the order of their names.
  std::string read(std::string_view name, const std::string& id) {
    resources::Subject it = subject();
    return to_sorted_json(run(type(name).read(it, id)));
  }
  std::vector<std::string> list(std::string_view name, std::string_view model = "{}") {
    resources::Subject it = subject();
    const Value tree_of_model = tree(model);
    return run(type(name).list(it, tree_of_model));
  }
  /// What an operation answers.
  Value call(std::string_view operation, std::string_view request) {
    return run(calls->call(operation, tree(request)));
  }
  /// A part of it, by path, as JSON.
  std::string told(std::string_view operation, std::string_view request, std::string_view path) {
    return to_sorted_json(resources::types::nested(call(operation, request), path));
  }
  /// "CODE: message" of what the work ends with; empty where it does not fail.
  template <class Work>
  std::string failure(Work work) {
    try {
      work();
    } catch (const resources::HandlerError& error) {
      return error.code + ": " + error.message;
    } catch (const protocol::ServiceError& error) {
      return error.code() + ": " + error.message();
    }
    return {};
  }
  std::string failure_of_read(std::string_view name, const std::string& id) {
    return failure([&] { read(name, id); });
  }

  std::optional<delivery::ApiCalls> calls;
  std::string logical_id = "It";
  std::string token = "0d5f7a9e-0000-4000-8000-000000000001";
  bool is_repeated = false;
  std::string made_id;
  Value stack_tags = Value::list();
  std::string noted;  // the id that the type told last
};

}  // namespace matinee::cloud
