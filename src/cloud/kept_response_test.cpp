// What is kept of an operation's response is there exactly if what the operation did is.
#include <gtest/gtest.h>

#include "cloud/cloud.h"
#include "runtime/simulated/simulation.h"
#include "sqs/operations.h"
#include "sqs/shapes.h"
#include "storage/table.h"

namespace matinee::cloud {
namespace {

struct Note {
  std::string text;
  static constexpr auto fields = std::tuple{storage::field<1>(&Note::text)};
};

class KeptResponse : public testing::Test {
 protected:
  KeptResponse() { open(); }

  void open() {
    auto opened = Cloud::open(runtime, {.directory = "/data",
                                        .durability = storage::Durability::process,
                                        .disk = &simulation.disk});
    if (!opened) throw std::runtime_error(opened.error().message);
    cloud = std::move(*opened);
  }
  void kill_and_restart() {
    simulation.crash(runtime::SimulatedDisk::Crash::process);
    cloud.reset();
    simulation.restart();
    open();
  }
  storage::Table<std::string, Note> notes() { return {cloud->store(), storage::TableId{0xfe01}}; }

  /// Whether the operation has succeeded.
  bool create(const std::string& queue, std::function<void(const protocol::Object&)> keep) {
    protocol::Object request(*sqs::operations::CreateQueue.request);
    request.as<sqs::CreateQueueRequest>().queue_name = queue;
    std::optional<bool> has_succeeded;
    cloud->endpoint().invoke({}, sqs::operations::CreateQueue,
                             {.request = std::move(request), .keep = std::move(keep)},
                             [&](services::Outcome outcome) {
                               has_succeeded = std::holds_alternative<protocol::Object>(outcome);
                             });
    simulation.loop.run_until_idle();
    return has_succeeded.value();
  }
  bool exists(const std::string& queue) {
    protocol::Object request(*sqs::operations::GetQueueUrl.request);
    request.as<sqs::GetQueueUrlRequest>().queue_name = queue;
    std::optional<bool> is_there;
    cloud->endpoint().invoke({}, sqs::operations::GetQueueUrl, {.request = std::move(request)},
                             [&](services::Outcome outcome) {
                               is_there = std::holds_alternative<protocol::Object>(outcome);
                             });
    simulation.loop.run_until_idle();
    return is_there.value();
  }

  runtime::Simulation simulation;
  runtime::Runtime runtime = simulation.runtime();
  std::unique_ptr<Cloud> cloud;
};

TEST_F(KeptResponse, is_there_after_a_crash_together_with_what_the_operation_made) {
  EXPECT_TRUE(create("films", [&](const protocol::Object& response) {
    notes().put("films", {response.as<sqs::CreateQueueResponse>().queue_url.value()});
  }));
  kill_and_restart();
  ASSERT_TRUE(notes().contains("films"));
  EXPECT_TRUE(notes().find("films")->text.ends_with("/films"));
  EXPECT_TRUE(exists("films"));
}

TEST_F(KeptResponse, that_cannot_be_kept_leaves_nothing_of_the_operation) {
  EXPECT_FALSE(create("films", [&](const protocol::Object&) {
    notes().put("films", {"half"});
    throw protocol::ServiceError("NotKept", 400, "It is not to be kept.");
  }));
  EXPECT_FALSE(notes().contains("films"));
  EXPECT_FALSE(exists("films"));
}

TEST_F(KeptResponse, is_not_asked_for_where_the_operation_fails) {
  bool is_asked = false;
  EXPECT_FALSE(create("no such name!", [&](const protocol::Object&) { is_asked = true; }));
  EXPECT_FALSE(is_asked);
}

}  // namespace
}  // namespace matinee::cloud
