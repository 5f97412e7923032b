// CloudFormation's own types of resources on a simulated machine, each asked as the engine asks.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "runtime/simulated/simulation.h"
#include "runtime/task_group.h"
#include "services/cloudformation/preparing/preparing_fixture.h"
#include "services/cloudformation/special/answers.h"
#include "services/cloudformation/special/macros.h"
#include "services/cloudformation/special/own_types.h"
#include "services/cloudformation/special/stack_watch.h"
#include "storage/store.h"
#include "templates/reader.h"

namespace matinee::cloudformation {

using templates::Value;

/// What came of a step.
struct StepEnd {
  std::optional<resources::Made> made;
  std::string code;
  std::string failure;  // empty: none
};

class OwnTypesTest : public testing::Test {
 protected:
  static constexpr const char* stack_id =
      "arn:aws:cloudformation:us-east-1:111122223333:stack/parent/6c1d8a00-aaaa-bbbb";

  runtime::Simulation machine;
  runtime::Runtime runtime = machine.runtime();
  std::unique_ptr<storage::Store> store;
  std::unique_ptr<Answers> answers;
  std::unique_ptr<Macros> macros;
  std::unique_ptr<StackWatch> stacks;
  std::unique_ptr<OwnTypes> types;
  ToldCalls calls;
  resources::Halt halt;
  std::vector<std::string> noted;  // by `made`
  std::map<std::string, std::shared_ptr<StepEnd>> steps;
  std::unique_ptr<runtime::TaskGroup> running;

  OwnTypesTest() { start(); }
  ~OwnTypesTest() override { stop(); }

  void start() {
    auto opened = storage::Store::open({.directory = "/data", .disk = &machine.disk});
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    store = *std::move(opened);
    machine.loop.set_flush([this] { ASSERT_TRUE(store->flush().has_value()); });
    calls.store = store.get();
    answers = std::make_unique<Answers>(*store, runtime);
    answers->use_endpoint("http://127.0.0.1:4566");
    macros = std::make_unique<Macros>(*store);
    stacks = std::make_unique<StackWatch>(machine.loop);
    types = std::make_unique<OwnTypes>(
        OwnTypes::Parts{.answers = *answers, .macros = *macros, .stacks = *stacks});
    running = std::make_unique<runtime::TaskGroup>(100);
  }
  /// What waits is destroyed, as by a server that is killed.
  void stop() {
    running.reset();
    types.reset();
    stacks.reset();
    macros.reset();
    answers.reset();
    store.reset();
  }
  void kill_and_restart() {
    machine.crash(runtime::SimulatedDisk::Crash::process);
    stop();
    machine.restart();
    start();
  }

  resources::Subject subject(const std::string& token, bool is_repeated = false) {
    resources::Subject subject{
        .calls = calls, .runtime = runtime, .account = "111122223333", .region = "us-east-1"};
    subject.stack_name = "parent";
    subject.stack_id = stack_id;
    subject.logical_id = "Thing";
    subject.token = token;
    subject.is_repeated = is_repeated;
    subject.made = [this](std::string id) { noted.push_back(std::move(id)); };
    subject.halt = &halt;
    return subject;
  }
  const resources::ResourceType& type(std::string_view name) { return *types->find(name); }

  using Work = std::function<runtime::Task<resources::Made>(resources::Subject&)>;
  /// Starts it, and goes on as far as it goes.
  std::shared_ptr<StepEnd> begin(const std::string& token, Work work, bool is_repeated = false) {
    const auto end = std::make_shared<StepEnd>();
    auto task =
        std::make_shared<runtime::Task<>>(run(subject(token, is_repeated), std::move(work), end));
    machine.loop.post([this, task] {
      runtime::start(running->spawn(std::move(*task)), [](const std::exception_ptr&) {});
    });
    machine.loop.run_until_idle();
    return end;
  }
  std::shared_ptr<StepEnd> create(std::string_view name, const std::string& properties,
                                  const std::string& token = "token-1", bool is_repeated = false) {
    const resources::ResourceType& made = type(name);
    const Value value = templates::read_value(properties);
    return begin(
        token,
        [&made, value](resources::Subject& step) -> runtime::Task<resources::Made> {
          const Value copy = value;
          co_return co_await made.create(step, copy);
        },
        is_repeated);
  }
  std::shared_ptr<StepEnd> remove(std::string_view name, const std::string& id,
                                  const std::string& properties, const std::string& token) {
    const resources::ResourceType& removed = type(name);
    const Value value = templates::read_value(properties);
    return begin(token,
                 [&removed, id, value](resources::Subject& step) -> runtime::Task<resources::Made> {
                   const Value copy = value;
                   const std::string physical = id;
                   co_await removed.remove(step, physical, copy);
                   co_return resources::Made{.id = physical, .attributes = Value()};
                 });
  }

  /// PUTs a document to a URL, and gives the status.
  int put(const std::string& url, std::string document) {
    services::LocalRequest request;
    request.http.method = "PUT";
    request.http.path = url.substr(url.find('/', url.find("://") + 3));
    request.http.body = std::move(document);
    EXPECT_TRUE(answers->claims(request.http));
    int status = 0;
    answers->handle(std::move(request),
                    [&](protocol::HttpResponse response) { status = response.status; });
    machine.loop.run_until_idle();
    return status;
  }

 private:
  static runtime::Task<> run(resources::Subject step, Work work, std::shared_ptr<StepEnd> end) {
    try {
      end->made = co_await work(step);
    } catch (const resources::HandlerError& error) {
      end->code = error.code;
      end->failure = error.message;
    } catch (const protocol::ServiceError& error) {
      end->code = error.code();
      end->failure = error.message();
    }
  }
};

}  // namespace matinee::cloudformation
