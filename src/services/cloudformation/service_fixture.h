// Stacks on a simulated machine, with a type of resources whose world is a map, for the tests
// beside the code. Every place where a handler waits is counted, and the server can be killed at
// each.
#pragma once

#include <fmt/format.h>

#include <map>
#include <set>

#include "runtime/channel.h"
#include "services/cloudformation/service.h"
#include "services/keyed_service_fixture.h"
#include "templates/reader.h"

namespace matinee::cloudformation {

/// Things have the properties Name (another one makes another thing), Size, Refs and Fails, and the
/// attribute Arn.
class ThingSchema final : public resources::Schema {
 public:
  std::string_view type_name() const override { return "Test::Thing"; }
  std::vector<resources::Fault> check(const Value& properties) const override {
    if (properties.find("Invalid"))
      return {{.path = "",
               .problem = "required key [Type] not found",
               .place = {},
               .rule = resources::Fault::Rule::required,
               .name = "Type"}};
    return {};
  }
  const std::vector<std::string>& properties() const override { return properties_; }
  const std::vector<std::string>& create_only() const override { return create_only_; }
  const std::vector<std::string>& conditional_create_only() const override { return none_; }
  const std::vector<std::string>& read_only() const override { return read_only_; }
  const std::vector<std::string>& write_only() const override { return none_; }
  const std::vector<std::string>& primary_identifier() const override { return create_only_; }
  bool has_attribute(std::string_view attribute) const override { return attribute == "Arn"; }
  std::string_view tag_property() const override { return "Tags"; }
  Value shape(const Value& told) const override { return told; }

 private:
  std::vector<std::string> properties_ = {"Name", "Size", "Refs", "Fails", "Tags", "Invalid"};
  std::vector<std::string> create_only_ = {"/properties/Name"};
  std::vector<std::string> read_only_ = {"/properties/Arn"};
  std::vector<std::string> none_;
};

/// What there is besides stacks: it outlives the servers of a test.
struct World {
  std::map<std::string, std::string> things;  // by id: JSON of properties
  std::map<std::string, int> made;            // how often each was made
  std::set<std::string> broken;               // "create Size", "remove ID" ... fails
  int places = 0;                             // where handlers have waited
  std::optional<int> dies_at;                 // nothing goes on from there
  bool is_dead = false;
};

class ThingType final : public resources::ResourceType {
 public:
  ThingType(World& world, storage::Store& store, runtime::Loop& loop)
      : world_(world), store_(store), loop_(loop) {}

  const resources::Schema& schema() const override { return schema_; }

  runtime::Task<resources::Made> create(resources::Subject& subject,
                                        const Value& properties) const override {
    co_await wait();
    fail_if("create", properties.text_or("Fails"));
    std::string id = subject.made_id;
    if (id.empty()) {
      id = properties.text_or("Name");
      if (id.empty()) id = fmt::format("{}-{}", subject.logical_id, subject.token.substr(0, 8));
      if (world_.things.contains(id))
        throw resources::HandlerError("AlreadyExists", id + " already exists");
      storage::Transaction transaction(store_);
      subject.made(id);
      world_.things[id] = templates::to_json(properties);
      ++world_.made[id];
      transaction.commit();
    }
    co_await wait();
    fail_if("finish", properties.text_or("Fails"));
    co_return made_of(id);
  }

  /// As those of services, it sets what differs and nothing else.
  runtime::Task<resources::Made> update(resources::Subject&, const std::string& id,
                                        const Value& before, const Value& after) const override {
    co_await wait();
    fail_if("update", after.text_or("Fails"));
    if (!world_.things.contains(id)) throw resources::HandlerError("NotFound", id + " is gone");
    if (world_.broken.contains("update " + id))
      throw resources::HandlerError("AccessDenied", id + " is locked");
    world_.things[id] = changed(templates::read_value(world_.things[id]), before, after);
    co_await wait();
    if (world_.broken.contains("end update " + id))
      throw resources::HandlerError("AccessDenied", id + " is locked");
    fail_if("end update", after.text_or("Fails"));
    co_return made_of(id);
  }

  runtime::Task<void> remove(resources::Subject&, const std::string& id,
                             const Value&) const override {
    co_await wait();
    if (world_.broken.contains("remove " + id))
      throw resources::HandlerError("ResourceConflict", id + " is in use");
    world_.things.erase(id);
    co_await wait();
  }

  runtime::Task<Value> read(resources::Subject&, const std::string& id) const override {
    co_await wait();
    if (world_.broken.contains("read " + id))
      throw resources::HandlerError("AccessDenied", id + " may not be read");
    const auto found = world_.things.find(id);
    if (found == world_.things.end())
      throw resources::HandlerError("NotFound", id + " is not there");
    Value value = templates::read_value(found->second);
    value.set("Arn", Value("arn:" + id));
    co_return value;
  }

  runtime::Task<std::vector<std::string>> list(resources::Subject&, const Value&) const override {
    co_return std::vector<std::string>();
  }

 private:
  World& world_;
  storage::Store& store_;
  runtime::Loop& loop_;
  ThingSchema schema_;

  static std::string changed(const Value& now, const Value& before, const Value& after) {
    Value result = Value::map();
    for (const std::string& name : ThingSchema().properties()) {
      const Value* old = before.find(name);
      const Value* wanted = after.find(name);
      const bool is_same =
          old && wanted ? templates::to_json(*old) == templates::to_json(*wanted) : old == wanted;
      const Value* set = is_same ? now.find(name) : wanted;
      if (set) result.set(name, *set);
    }
    return templates::to_json(result);
  }

  /// As types do it, it tells a property among its attributes.
  resources::Made made_of(const std::string& id) const {
    Value attributes = Value::map("Arn", Value("arn:" + id));
    const Value thing = templates::read_value(world_.things.at(id));
    if (const Value* size = thing.find("Size")) attributes.set("Size", *size);
    return {.id = id, .attributes = std::move(attributes)};
  }

  void fail_if(std::string_view step, const std::string& fails) const {
    if (fails == step)
      throw resources::HandlerError("GeneralServiceException", fmt::format("It does not {}", step));
  }

  /// Until the next round; for ever once the server has died.
  runtime::Task<> wait() const {
    if (world_.dies_at && world_.places >= *world_.dies_at) world_.is_dead = true;
    ++world_.places;
    runtime::Event event;
    if (!world_.is_dead) {
      const std::shared_ptr<bool> lives = std::make_shared<bool>(true);
      struct End {
        std::shared_ptr<bool> lives;
        ~End() { *lives = false; }
      } end{lives};
      loop_.post([&event, lives] {
        if (*lives) event.notify();
      });
      co_await event.wait();
      co_return;
    }
    co_await event.wait();
  }
};

/// Nothing of the test's templates calls an operation.
class NoCalls final : public services::CallsMaker, public services::ObjectReader {
  class Refusing final : public resources::Calls {
    runtime::Task<Value> call(std::string_view, Value, Keep) override {
      throw protocol::ServiceError("NotImplemented", 501, "There are no services here.");
      co_return Value();
    }
  };

 public:
  std::unique_ptr<resources::Calls> calls_as(Context) override {
    return std::make_unique<Refusing>();
  }
  runtime::Task<std::string> read(Context, services::ObjectToRead) override {
    co_return std::string();
  }
};

class StacksTest : public services::KeyedServiceTest<Service> {
 protected:
  World world;

  StacksTest() { start(); }
  ~StacksTest() override {
    machine.loop.run_until_idle();
    service.reset();
  }

  void create(const std::string& body, bool disable_rollback = false) {
    call(&Service::create_stack,
         CreateStackRequest{
             .stack_name = "stack", .template_body = body, .disable_rollback = disable_rollback});
    machine.loop.run_until_idle();
  }
  void update(const std::string& body, bool disable_rollback = false) {
    call(&Service::update_stack,
         UpdateStackRequest{
             .stack_name = "stack", .template_body = body, .disable_rollback = disable_rollback});
    machine.loop.run_until_idle();
  }
  void remove() {
    call(&Service::delete_stack, DeleteStackRequest{.stack_name = id});
    machine.loop.run_until_idle();
  }

  Stack stack(const std::string& name = "stack") {
    Stack told =
        call(&Service::describe_stacks, DescribeStacksRequest{.stack_name = name}).stacks->front();
    id = *told.stack_id;
    return told;
  }
  std::string status() { return stack(id).stack_status; }

  /// "LogicalId STATUS reason", oldest first.
  std::vector<std::string> events() {
    std::vector<std::string> told;
    const auto response =
        call(&Service::describe_stack_events, DescribeStackEventsRequest{.stack_name = id});
    for (const StackEvent& event : *response.stack_events) {
      std::string line = fmt::format("{} {}", *event.logical_resource_id, *event.resource_status);
      if (event.resource_status_reason) line += " " + *event.resource_status_reason;
      told.insert(told.begin(), line);
    }
    return told;
  }

  std::string id = "stack";
  // Of servers that are started from now on:
  bool keeps_quotas = false;
  services::ObjectReader* objects = nullptr;  // null: all objects are empty

  /// The program ends where it is, and another one begins with what was stored.
  void die_and_restart() {
    machine.loop.run_until_idle();
    service.reset();
    types_.reset();
    world.is_dead = false;
    world.dies_at.reset();
    service = make();
    machine.loop.run_until_idle();
  }

 private:
  NoCalls no_calls_;
  std::unique_ptr<ThingType> types_;

  std::unique_ptr<Service> make() override {
    types_ = std::make_unique<ThingType>(world, *store, machine.loop);
    return std::make_unique<Service>(
        *store, runtime,
        Neighbours{.calls = &no_calls_,
                   .objects = objects ? objects : &no_calls_,
                   .keeps_quotas = keeps_quotas,
                   .find_type = [this](std::string_view name) -> const resources::ResourceType* {
                     return name == "Test::Thing" ? types_.get() : nullptr;
                   }});
  }
};

}  // namespace matinee::cloudformation
