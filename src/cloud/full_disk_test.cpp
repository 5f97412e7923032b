// A disk that fills up under a whole cloud: writes are refused in time, the rest goes on, and what
// was acknowledged is there after a crash.
#include <gtest/gtest.h>

#include "client/in_process_channel.h"
#include "cloud/cloud.h"
#include "dynamodb/client.h"
#include "runtime/simulated/simulation.h"
#include "s3/client.h"
#include "sqs/client.h"

namespace matinee::cloud {
namespace {

const std::string url = "http://localhost/000000000000/films";
constexpr std::uint64_t megabyte = 1 << 20;

class FullDisk : public testing::Test {
 protected:
  FullDisk() {
    open();
    call(&sqs::Client::create_queue, sqs::CreateQueueRequest{.queue_name = "films"});
    call(&s3::Client::create_bucket, s3::CreateBucketRequest{.bucket = "films"});
  }

  void open() {
    auto opened = Cloud::open(runtime, {.directory = "/data",
                                        .durability = storage::Durability::process,
                                        .disk = &simulation.disk});
    if (!opened) throw std::runtime_error(opened.error().message);
    cloud = std::move(*opened);
    channel.emplace(cloud->endpoint(), simulation.random, caller);
  }
  void kill_and_restart() {
    simulation.crash(runtime::SimulatedDisk::Crash::process);
    channel.reset();
    cloud.reset();
    simulation.restart();
    open();
  }

  template <class Client, class Response, class Request>
  Response call(runtime::Task<Response> (Client::*method)(Request) const, Request request) {
    const Client client(*channel);
    std::optional<Response> response;
    std::exception_ptr failure;
    runtime::start((client.*method)(std::move(request)),
                   [&](std::optional<Response> result, std::exception_ptr error) {
                     response = std::move(result);
                     failure = error;
                   });
    simulation.loop.run_until_idle();
    if (failure) std::rethrow_exception(failure);
    return std::move(response.value());
  }
  /// What an operation is refused with, and "" where it is not.
  template <class Operation>
  std::string refusal(Operation operation) {
    try {
      operation();
      return "";
    } catch (const protocol::ServiceError& error) {
      return error.code() + " " + std::to_string(error.status());
    }
  }

  std::string send(const std::string& body) {
    return refusal([&] {
      call(&sqs::Client::send_message,
           sqs::SendMessageRequest{.queue_url = url, .message_body = body});
    });
  }
  std::string put(const std::string& key, std::size_t size) {
    return refusal([&] {
      s3::PutObjectRequest request{.bucket = "films", .key = key};
      request.body = std::string(size, 'x');
      call(&s3::Client::put_object, std::move(request));
    });
  }
  /// Receives all messages and deletes them; returns how many there were.
  int take_all() {
    for (int taken = 0;;) {
      const auto response =
          call(&sqs::Client::receive_message,
               sqs::ReceiveMessageRequest{.queue_url = url, .max_number_of_messages = 10});
      if (!response.messages || response.messages->empty()) return taken;
      for (const sqs::Message& message : *response.messages) {
        call(
            &sqs::Client::delete_message,
            sqs::DeleteMessageRequest{.queue_url = url, .receipt_handle = *message.receipt_handle});
        ++taken;
      }
    }
  }
  int fill_with_messages() {
    simulation.disk.set_capacity(40 * megabyte);
    for (int sent = 0;; ++sent) {
      const std::string refused = send(std::string(200'000, 'm'));
      if (refused.empty()) continue;
      EXPECT_EQ(refused, "InternalFailure 500");
      return sent;
    }
  }

  runtime::Simulation simulation;
  runtime::Runtime runtime = simulation.runtime();
  services::Context caller{.caller_arn = "arn:aws:iam::000000000000:root"};
  std::unique_ptr<Cloud> cloud;
  std::optional<client::InProcessChannel> channel;
};

TEST_F(FullDisk, refuses_messages_and_objects_but_gives_and_deletes_what_there_is) {
  ASSERT_EQ(put("small", 100), "");
  const int sent = fill_with_messages();
  EXPECT_GT(sent, 50);
  EXPECT_EQ(put("one more", 100), "InternalError 500");
  EXPECT_EQ(refusal([&] {
              call(&sqs::Client::create_queue, sqs::CreateQueueRequest{.queue_name = "more"});
            }),
            "InternalFailure 500");
  EXPECT_EQ(call(&s3::Client::get_object, s3::GetObjectRequest{.bucket = "films", .key = "small"})
                .content_length,
            100);
  EXPECT_EQ(take_all(), sent);
  call(&s3::Client::delete_object, s3::DeleteObjectRequest{.bucket = "films", .key = "small"});
}

TEST_F(FullDisk, loses_nothing_that_was_acknowledged) {
  const int sent = fill_with_messages();
  kill_and_restart();
  // What a crash has left half written is gone, so that there may be room.
  const int more = send("one more").empty() ? 1 : 0;
  EXPECT_EQ(take_all(), sent + more);
}

TEST_F(FullDisk, has_room_again_once_enough_was_deleted) {
  const int sent = fill_with_messages();
  EXPECT_EQ(take_all(), sent);
  // The first ones that are refused let the files be merged.
  for (int i = 0; i < 3 && !send("one more").empty(); ++i) continue;
  EXPECT_EQ(send("and one more"), "");
}

TEST_F(FullDisk, can_be_started_and_emptied_with_hardly_any_room) {
  for (int i = 0; i < 20; ++i) ASSERT_EQ(send(std::string(200'000, 'm')), "");
  simulation.disk.set_capacity(simulation.disk.used() + megabyte / 2);
  kill_and_restart();
  EXPECT_EQ(send("one more"), "InternalFailure 500");
  EXPECT_EQ(take_all(), 20);
}

TEST_F(FullDisk, takes_messages_again_once_there_is_room) {
  const int sent = fill_with_messages();
  simulation.disk.set_capacity(80 * megabyte);
  EXPECT_EQ(send("one more"), "");
  EXPECT_EQ(take_all(), sent + 1);
}

TEST_F(FullDisk, leaves_nothing_of_an_upload_that_did_not_fit) {
  simulation.disk.set_capacity(40 * megabyte);
  int stored = 0;
  while (put(std::to_string(stored), megabyte).empty()) ++stored;
  EXPECT_GT(stored, 10);
  const std::uint64_t used = simulation.disk.used();
  EXPECT_EQ(put("more", 8 * megabyte), "InternalError 500");
  EXPECT_LT(simulation.disk.used(), used + megabyte);
  const auto listed =
      call(&s3::Client::list_objects_v2, s3::ListObjectsV2Request{.bucket = "films"});
  EXPECT_EQ(listed.key_count, stored);
}

}  // namespace
}  // namespace matinee::cloud
