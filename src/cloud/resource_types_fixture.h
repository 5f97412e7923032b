// Resources of any type on a whole cloud in memory, without stacks.
#pragma once

#include <gtest/gtest.h>

#include "cloud/cloud_fixture.h"
#include "delivery/api_calls.h"
#include "resources/type.h"
#include "templates/text_readers.h"

namespace matinee::cloud {

using templates::Value;

class ResourceTypeFixture : public CloudFixture {
 protected:
  ResourceTypeFixture() {
    maker.emplace(cloud->endpoint(), simulation.random);
    calls = maker->calls_as(caller);
    subject.emplace(resources::Subject{
        .calls = *calls,
        .runtime = runtime,
        .account = "000000000000",
        .region = "us-east-1",
        .stack_name = "stack",
        .stack_id = "arn:aws:cloudformation:us-east-1:000000000000:stack/stack/1",
        .logical_id = "Thing",
        .token = "0e7d3f9c-0000-4000-8000-000000000001",
        .made = [this](std::string id) { noted = std::move(id); }});
  }

  static Value json(std::string_view text) { return templates::read_json(text); }
  static const resources::ResourceType& type_of(std::string_view name) {
    const resources::ResourceType* type = resources::find_type(name);
    if (!type) throw std::logic_error("there is no type " + std::string(name));
    return *type;
  }

  Value call(std::string_view operation, std::string_view request) {
    return run(calls->call(operation, json(request)));
  }

  resources::Made create(std::string_view type, std::string_view properties) {
    noted.clear();
    next_token();
    resources::Made made = run(type_of(type).create(*subject, valid(type, properties)));
    EXPECT_EQ(noted, made.id) << type;
    return made;
  }
  resources::Made update(std::string_view type, const std::string& id, std::string_view before,
                         std::string_view after) {
    next_token();
    return run(type_of(type).update(*subject, id, json(before), valid(type, after)));
  }
  /// Each step of a stack has one of its own.
  void next_token() { subject->token = simulation.random.uuid(); }
  void remove(std::string_view type, const std::string& id, std::string_view properties = "{}") {
    run(type_of(type).remove(*subject, id, json(properties)));
  }
  Value read(std::string_view type, const std::string& id, std::string_view known = "{}") {
    subject->known = json(known);
    return run(type_of(type).read(*subject, id));
  }
  std::vector<std::string> list(std::string_view type, std::string_view model = "{}") {
    return run(type_of(type).list(*subject, json(model)));
  }
  /// "CODE: MESSAGE", or "none".
  template <class Work>
  static std::string failure_of(Work work) {
    try {
      work();
    } catch (const resources::HandlerError& error) {
      return error.code + ": " + error.message;
    }
    return "none";
  }
  bool is_gone(std::string_view type, const std::string& id, std::string_view known = "{}") {
    return failure_of([&] { read(type, id, known); }).starts_with("NotFound: ");
  }

  /// Properties as templates have them, which the schema has nothing against.
  static Value valid(std::string_view type, std::string_view properties) {
    Value value = json(properties);
    for (const resources::Fault& fault : type_of(type).schema().check(value))
      ADD_FAILURE() << type << fault.path << ": " << fault.problem;
    return value;
  }

  /// A resource is made as the first state says and changed to each that follows; what is read is
  /// always what was set. Then it is removed, twice.
  void live(std::string_view type, const std::vector<std::string>& states) {
    std::string id = create(type, states.front()).id;
    expect_state(type, id, states.front());
    for (std::size_t i = 1; i < states.size(); ++i) {
      EXPECT_EQ(update(type, id, states[i - 1], states[i]).id, id) << type << states[i];
      expect_state(type, id, states[i]);
    }
    remove(type, id, states.back());
    EXPECT_TRUE(is_gone(type, id, states.back())) << type;
    remove(type, id, states.back());
  }

  void expect_state(std::string_view type, const std::string& id, const std::string& state) {
    const Value told = read(type, id, state);
    const resources::Schema& schema = type_of(type).schema();
    const Value wanted = schema.shape(json(state));
    for (const templates::Member& member : wanted.members()) {
      const bool is_write_only = std::ranges::any_of(
          schema.write_only(),
          [&](const std::string& path) { return path.starts_with("/properties/" + member.name); });
      if (is_write_only) continue;
      const Value* found = told.find(member.name);
      ASSERT_NE(found, nullptr) << type << " tells no " << member.name << ": " << to_json(told);
      EXPECT_TRUE(has_all(*found, member.value))
          << type << "/" << member.name << " is " << to_json(*found) << " for "
          << to_json(member.value);
    }
    expect_found(type, told);
  }
  /// What Cloud Control identifies it by finds it, whoever has made it.
  void expect_found(std::string_view type, const Value& told) {
    Value identifying = Value::map();
    for (const std::string& path : type_of(type).schema().primary_identifier()) {
      const std::string property = path.substr(path.rfind('/') + 1);
      const Value* value = told.find(property);
      ASSERT_NE(value, nullptr) << type << " tells no " << property << ": " << to_json(told);
      identifying.set(property, *value);
    }
    const std::string id = type_of(type).id_of(identifying);
    EXPECT_EQ(failure_of([&] { read(type, id, to_json(identifying)); }), "none")
        << type << " " << to_json(identifying);
  }
  /// Whether everything of `wanted` is in `found`, which may have more members; elements in any
  /// order.
  static bool has_all(const Value& found, const Value& wanted) {
    if (wanted.is_map())
      return std::ranges::all_of(wanted.members(), [&](const templates::Member& member) {
        const Value* same = found.find(member.name);
        return same && has_all(*same, member.value);
      });
    if (wanted.is_list())
      return found.elements().size() == wanted.elements().size() &&
             std::ranges::all_of(wanted.elements(), [&](const Value& element) {
               return std::ranges::any_of(
                   found.elements(), [&](const Value& other) { return has_all(other, element); });
             });
    return found.text() == wanted.text();
  }

  services::Context caller{.caller_arn = "arn:aws:iam::000000000000:root",
                           .host = "localhost:4566"};
  std::optional<delivery::ApiCallsMaker> maker;
  std::unique_ptr<resources::Calls> calls;
  std::optional<resources::Subject> subject;
  std::string noted;
};

}  // namespace matinee::cloud
