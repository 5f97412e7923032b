// A reset on a whole cloud: what is removed is gone from the store, from memory and from the disk,
// and what belongs to others stays.
#include <gtest/gtest.h>

#include "client/in_process_channel.h"
#include "cloud/cloud.h"
#include "dynamodb/client.h"
#include "runtime/simulated/simulation.h"
#include "s3/client.h"
#include "sqs/client.h"

namespace matinee::cloud {
namespace {

using services::ResetScope;

constexpr const char* first = "111111111111";
constexpr const char* second = "222222222222";
constexpr std::size_t blob_bytes = 100'000;

const std::string let_bucket_send = R"({"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sqs:SendMessage",
    "Resource": "*"}]})";

/// One account as its clients see it.
class Account {
 public:
  Account(runtime::Simulation& simulation, Cloud& cloud, std::string account)
      : simulation_(simulation),
        account_(std::move(account)),
        channel_(cloud.endpoint(), simulation.random,
                 {.account = account_,
                  .access_key = account_,
                  .caller_arn = "arn:aws:iam::" + account_ + ":root",
                  .host = "localhost"}) {}

  template <class Client, class Response, class Request>
  Response call(runtime::Task<Response> (Client::*method)(Request) const, Request request) {
    const Client client(channel_);
    std::optional<Response> response;
    std::exception_ptr failure;
    runtime::start((client.*method)(std::move(request)),
                   [&](std::optional<Response> result, const std::exception_ptr& error) {
                     response = std::move(result);
                     failure = error;
                   });
    simulation_.loop.run_until_idle();
    if (failure) std::rethrow_exception(failure);
    return std::move(response.value());
  }
  /// A call that goes on while others are made; gives its error once it has one.
  std::shared_ptr<std::string> start_receiving(const std::string& queue) {
    auto outcome = std::make_shared<std::string>("waiting");
    clients_.push_back(std::make_unique<sqs::Client>(channel_));
    runtime::start(
        clients_.back()->receive_message({.queue_url = url(queue), .wait_time_seconds = 20}),
        [outcome](const auto&, const std::exception_ptr& error) {
          try {
            if (error) std::rethrow_exception(error);
            *outcome = "answered";
          } catch (const std::exception& refused) {
            *outcome = refused.what();
          }
        });
    simulation_.loop.run_until_idle();
    return outcome;
  }

  std::string url(const std::string& queue) const {
    return "http://localhost/" + account_ + "/" + queue;
  }
  std::string arn(const std::string& queue) const {
    return "arn:aws:sqs:us-east-1:" + account_ + ":" + queue;
  }

  void make_queues() {
    call(&sqs::Client::create_queue, sqs::CreateQueueRequest{.queue_name = "dead"});
    sqs::CreateQueueRequest request{.queue_name = "films"};
    request.attributes = {{"Policy", let_bucket_send},
                          {"RedrivePolicy", R"({"maxReceiveCount": 1, "deadLetterTargetArn": ")" +
                                                arn("dead") + "\"}"}};
    call(&sqs::Client::create_queue, std::move(request));
    call(&sqs::Client::create_queue, sqs::CreateQueueRequest{.queue_name = "deleted"});
    call(&sqs::Client::delete_queue, sqs::DeleteQueueRequest{.queue_url = url("deleted")});
    for (const char* queue : {"films", "dead"})
      call(&sqs::Client::send_message,
           sqs::SendMessageRequest{.queue_url = url(queue), .message_body = "from " + account_});
    call(&sqs::Client::start_message_move_task,
         sqs::StartMessageMoveTaskRequest{.source_arn = arn("dead"),
                                          .destination_arn = arn("films"),
                                          .max_number_of_messages_per_second = 1});
  }

  void make_table() {
    dynamodb::CreateTableRequest request{.table_name = "films", .billing_mode = "PAY_PER_REQUEST"};
    request.attribute_definitions = {{.attribute_name = "id", .attribute_type = "S"},
                                     {.attribute_name = "year", .attribute_type = "S"}};
    request.key_schema = {{.attribute_name = "id", .key_type = "HASH"}};
    request.global_secondary_indexes.emplace().push_back(
        {.index_name = "years",
         .key_schema = {{.attribute_name = "year", .key_type = "HASH"}},
         .projection = {.projection_type = "ALL"}});
    call(&dynamodb::Client::create_table, std::move(request));
    dynamodb::TransactWriteItemsRequest write{.client_request_token = "token of " + account_};
    dynamodb::Put put{.table_name = "films"};
    put.item = {{"id", dynamodb::AttributeValue("M")}, {"year", dynamodb::AttributeValue("1931")}};
    write.transact_items.push_back({.put = std::move(put)});
    call(&dynamodb::Client::transact_write_items, std::move(write));
  }

  void put(const std::string& bucket, const std::string& key, std::size_t size) {
    s3::PutObjectRequest request{.bucket = bucket, .key = key};
    request.body = std::string(size, 'x');
    call(&s3::Client::put_object, std::move(request));
  }

  void make_buckets() {
    const std::string bucket = "films-" + account_;
    call(&s3::Client::create_bucket,
         s3::CreateBucketRequest{.bucket = bucket, .object_lock_enabled_for_bucket = true});
    s3::PutBucketNotificationConfigurationRequest notify{.bucket = bucket};
    notify.notification_configuration.queue_configurations = {
        {.queue_arn = arn("films"), .events = {"s3:ObjectCreated:*"}}};
    call(&s3::Client::put_bucket_notification_configuration, std::move(notify));
    s3::PutBucketLifecycleConfigurationRequest expire{.bucket = bucket};
    expire.lifecycle_configuration.emplace().rules = {
        {.expiration = s3::LifecycleExpiration{.days = 3},
         .filter = s3::LifecycleRuleFilter{.prefix = ""},
         .status = "Enabled"}};
    call(&s3::Client::put_bucket_lifecycle_configuration, std::move(expire));
    for (const std::size_t size : {std::size_t{10}, blob_bytes, blob_bytes}) put(bucket, "M", size);
    call(&s3::Client::put_object_legal_hold,
         s3::PutObjectLegalHoldRequest{
             .bucket = bucket, .key = "M", .legal_hold = s3::ObjectLockLegalHold{.status = "ON"}});
    call(&s3::Client::delete_object, s3::DeleteObjectRequest{.bucket = bucket, .key = "M"});
    const auto upload = call(&s3::Client::create_multipart_upload,
                             s3::CreateMultipartUploadRequest{.bucket = bucket, .key = "parts"});
    s3::UploadPartRequest part{.bucket = bucket, .key = "parts", .part_number = 1};
    part.upload_id = *upload.upload_id;
    part.body = std::string(blob_bytes, 'p');
    call(&s3::Client::upload_part, std::move(part));
  }

  /// Something of every kind.
  void fill() {
    make_queues();
    make_table();
    make_buckets();
  }

  std::string describe() {
    const auto queues = call(&sqs::Client::list_queues, sqs::ListQueuesRequest{});
    const auto tables = call(&dynamodb::Client::list_tables, dynamodb::ListTablesRequest{});
    const auto buckets = call(&s3::Client::list_buckets, s3::ListBucketsRequest{});
    return std::to_string(queues.queue_urls.value_or(std::vector<std::string>()).size()) +
           " queues, " + std::to_string(tables.table_names->size()) + " tables, " +
           std::to_string(buckets.buckets->size()) + " buckets";
  }

 private:
  runtime::Simulation& simulation_;
  std::string account_;
  client::InProcessChannel channel_;
  std::vector<std::unique_ptr<sqs::Client>> clients_;
};

constexpr const char* everything = "2 queues, 1 tables, 1 buckets";
constexpr const char* nothing = "0 queues, 0 tables, 0 buckets";

class Reset : public testing::Test {
 protected:
  Reset() { open(); }
  ~Reset() override { close(); }

  void open() {
    auto opened = Cloud::open(runtime, {.directory = "/data",
                                        .durability = storage::Durability::process,
                                        .disk = &simulation.disk});
    if (!opened) throw std::runtime_error(opened.error().message);
    cloud = std::move(*opened);
    one.emplace(simulation, *cloud, first);
    other.emplace(simulation, *cloud, second);
  }
  void close() {
    cloud.reset();
    one.reset();
    other.reset();
  }
  void kill_and_restart() {
    simulation.crash(runtime::SimulatedDisk::Crash::process);
    close();
    simulation.restart();
    open();
  }

  void reset(const ResetScope& scope) {
    bool is_done = false;
    runtime::start(cloud->endpoint().reset(scope), [&](const std::exception_ptr& error) {
      is_done = true;
      EXPECT_FALSE(error);
    });
    simulation.loop.run_until_idle();
    EXPECT_TRUE(is_done);
  }

  /// How many entries of the store have these bytes in their key or value.
  std::size_t entries_with(std::string_view bytes) {
    std::size_t count = 0;
    for (auto place = cloud->store().cursor({}); place.valid(); place.next())
      if (place.key().contains(bytes) || place.value().contains(bytes)) ++count;
    return count;
  }
  /// The tables that have anything in them, by number.
  std::set<unsigned> tables() {
    std::set<unsigned> found;
    for (auto place = cloud->store().cursor({}); place.valid(); place.next())
      found.insert(static_cast<unsigned char>(place.key()[0]) << 8 |
                   static_cast<unsigned char>(place.key()[1]));
    return found;
  }
  std::size_t blob_files() {
    simulation.loop.run_until_idle();
    cloud->store().sync().value();
    simulation.loop.run_until_idle();
    std::size_t count = 0;
    for (const std::string& shard : simulation.disk.list("/data/blobs").value())
      count += simulation.disk.list("/data/blobs/" + shard).value().size();
    return count;
  }

  runtime::Simulation simulation{1};
  runtime::Runtime runtime = simulation.runtime();
  std::unique_ptr<Cloud> cloud;
  std::optional<Account> one;
  std::optional<Account> other;
};

TEST_F(Reset, of_everything_leaves_only_what_numbers_have_been_used) {
  one->fill();
  other->fill();
  ASSERT_EQ(one->describe(), everything);
  ASSERT_GT(blob_files(), 4U);
  reset({});
  EXPECT_EQ(one->describe(), nothing);
  EXPECT_EQ(other->describe(), nothing);
  EXPECT_EQ(blob_files(), 0U);
  // Counters of SQS, numbers of tables of DynamoDB and of deliveries, and the last midnight of
  // lifecycle rules.
  for (const unsigned table : tables())
    EXPECT_TRUE(table >> 8 == 0 || table == 0x0103 || table == 0x0204 || table == 0x0804 ||
                table == 0x0311)
        << std::hex << table;
}

TEST_F(Reset, of_one_account_leaves_nothing_of_it_and_everything_of_the_others) {
  one->fill();
  other->fill();
  const std::size_t files = blob_files();
  const std::size_t entries = entries_with(second);
  reset({.account = first});
  EXPECT_EQ(one->describe(), nothing);
  EXPECT_EQ(other->describe(), everything);
  EXPECT_EQ(entries_with(first), 0U);
  EXPECT_EQ(entries_with(second), entries);
  EXPECT_EQ(blob_files(), files / 2);
  simulation.loop.run_until_idle();
  EXPECT_EQ(other
                ->call(&s3::Client::list_object_versions,
                       s3::ListObjectVersionsRequest{.bucket = std::string("films-") + second})
                .versions->size(),
            3U);
}

TEST_F(Reset, everything_can_be_made_anew_at_once_and_numbers_are_not_used_again) {
  one->fill();
  reset({.account = first});
  one->fill();
  EXPECT_EQ(one->describe(), everything);
  const auto received = one->call(&sqs::Client::receive_message,
                                  sqs::ReceiveMessageRequest{.queue_url = one->url("dead")});
  ASSERT_TRUE(received.messages);
  EXPECT_EQ(received.messages->size(), 1U);
}

TEST_F(Reset, survives_a_kill) {
  one->fill();
  reset({});
  kill_and_restart();
  EXPECT_EQ(one->describe(), nothing);
  EXPECT_EQ(blob_files(), 0U);
  one->fill();
  EXPECT_EQ(one->describe(), everything);
}

TEST_F(Reset, that_is_cut_off_goes_on_after_the_next_start_and_holds_the_name_until_then) {
  one->make_queues();
  one->make_buckets();
  const std::string bucket = std::string("films-") + first;
  for (int i = 0; i < 500; ++i) one->put(bucket, std::to_string(i), 10);
  runtime::start(cloud->endpoint().reset({}), [](const std::exception_ptr&) {});
  simulation.loop.post([this] { simulation.loop.stop(); });
  simulation.loop.run();
  kill_and_restart();
  EXPECT_EQ(one->describe(), nothing);
  simulation.loop.run_until_idle();
  EXPECT_EQ(entries_with(bucket), 0U);
  EXPECT_EQ(blob_files(), 0U);
  one->call(&s3::Client::create_bucket, s3::CreateBucketRequest{.bucket = bucket});
}

TEST_F(Reset, tells_those_who_wait_for_messages) {
  one->make_queues();
  one->call(&sqs::Client::purge_queue, sqs::PurgeQueueRequest{.queue_url = one->url("films")});
  simulation.loop.run_until_idle();
  one->call(&sqs::Client::create_queue, sqs::CreateQueueRequest{.queue_name = "empty"});
  const auto waiting = one->start_receiving("empty");
  ASSERT_EQ(*waiting, "waiting");
  reset({.account = first});
  EXPECT_NE(waiting->find("does not exist"), std::string::npos) << *waiting;
}

TEST_F(Reset, takes_along_what_is_on_its_way_to_a_queue_of_the_account) {
  one->make_queues();
  one->make_buckets();
  one->call(&sqs::Client::delete_queue, sqs::DeleteQueueRequest{.queue_url = one->url("films")});
  one->put(std::string("films-") + first, "late", 10);
  ASSERT_EQ(tables().count(0x0803), 1U);
  reset({.account = first});
  EXPECT_EQ(tables().count(0x0803), 0U);
  one->make_queues();
  simulation.loop.advance(std::chrono::minutes(2));
  const auto received = one->call(
      &sqs::Client::receive_message,
      sqs::ReceiveMessageRequest{.queue_url = one->url("films"), .max_number_of_messages = 10});
  for (const sqs::Message& message : received.messages.value_or(std::vector<sqs::Message>()))
    EXPECT_EQ(message.body, std::string("from ") + first);
}

}  // namespace
}  // namespace matinee::cloud
