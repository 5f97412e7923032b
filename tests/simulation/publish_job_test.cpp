// The publisher on a simulated machine: each object gives one message, whenever it is killed.
#include "publish_machine.h"
#include "s3/operations.h"

namespace matinee::simulation {
namespace {

using jobs::publish::InDoubt;
using jobs::publish::PublishOptions;
using jobs::publish::PublishSummary;
using std::chrono::minutes;
using std::chrono::seconds;

/// A machine with the queue "work.fifo".
class PublishJob : public testing::Test {
 protected:
  PublishMachine machine;

  void SetUp() override { machine.create_queue("work.fifo"); }

  PublishSummary publish(const PublishOptions& options = films_to_work()) {
    PublishEnding ending = machine.run(options);
    EXPECT_TRUE(ending.summary) << ending.error;
    return ending.summary.value_or(PublishSummary());
  }
};

/// Each of these keys, once.
std::map<std::string, int> once(const std::vector<std::string>& keys) {
  std::map<std::string, int> counts;
  for (const std::string& key : keys) counts[key] = 1;
  return counts;
}

TEST_F(PublishJob, each_object_gives_one_message) {
  const auto keys = machine.put_digests(2500);
  const PublishSummary summary = publish();
  EXPECT_EQ(summary.seen, 2500U);
  EXPECT_EQ(summary.published, 2500U);
  EXPECT_EQ(summary.skipped, 0U);
  EXPECT_GE(summary.pages, 3U);
  EXPECT_TRUE(summary.succeeded());
  EXPECT_EQ(machine.take_messages("work.fifo"), once(keys));
}

TEST_F(PublishJob, an_empty_bucket_is_no_error) {
  const PublishSummary summary = publish();
  EXPECT_EQ(summary.published, 0U);
  EXPECT_EQ(summary.pages, 1U);
  EXPECT_TRUE(summary.succeeded());
}

TEST_F(PublishJob, a_second_run_publishes_what_is_new_or_changed) {
  machine.put_digests(1500);
  machine.put("changes", "before");
  publish();
  machine.take_messages("work.fifo");
  EXPECT_EQ(publish().published, 0U);
  machine.put("changes", "after");
  machine.put("new");
  const PublishSummary summary = publish();
  EXPECT_EQ(summary.published, 2U);
  EXPECT_EQ(summary.skipped, 1500U);
  EXPECT_EQ(machine.take_messages("work.fifo"), once({"changes", "new"}));
}

TEST_F(PublishJob, keys_of_all_kinds_arrive_as_they_are) {
  const std::vector<std::string> keys = {"a/b/c",
                                         "with space",
                                         "plus+and%20",
                                         "no-extension",
                                         "stem.txt",
                                         "stem.json",
                                         "größe/ü",
                                         "\"quoted\\",
                                         "tab\tand\x01",
                                         "\xf0\x9f\x8e\xac",
                                         "x\xef\xbf\xbf",
                                         "/",
                                         "a//b",
                                         "\xe4\xb8\xad\xe6\x96\x87",
                                         std::string(1024, 'k')};
  for (const std::string& key : keys) machine.put(key);
  EXPECT_EQ(publish().published, keys.size());
  EXPECT_EQ(machine.take_messages("work.fifo"), once(keys));
}

TEST_F(PublishJob, a_standard_queue_works_too) {
  machine.create_queue("work");
  const auto keys = machine.put_digests(300);
  PublishOptions options = films_to_work();
  options.queue = "work";
  EXPECT_EQ(publish(options).published, 300U);
  EXPECT_EQ(machine.take_messages("work"), once(keys));
}

TEST(PublishKills, killed_at_any_write_and_started_again_at_once_it_publishes_each_key_once) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    PublishMachine machine(seed);
    machine.create_queue("work.fifo");
    const auto keys = machine.put_digests(600);
    machine.is_one_program = seed % 2 == 0;
    const PublishEnding ending = machine.run_with_kills(films_to_work(), 120, seconds(3));
    ASSERT_TRUE(ending.summary) << ending.error;
    EXPECT_GT(machine.kills, 0);
    EXPECT_EQ(ending.summary->in_doubt, 0U);
    EXPECT_EQ(machine.take_messages("work.fifo"), once(keys))
        << "seed " << seed << " after " << machine.kills << " kills";
  }
}

TEST(PublishKills, a_run_goes_on_with_other_concurrency_and_groups) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    PublishMachine machine(seed);
    machine.create_queue("work.fifo");
    const auto keys = machine.put_digests(1200);
    PublishOptions options = films_to_work();
    PublishEnding ending;
    for (std::uint64_t concurrency = 1; !ending.summary; concurrency = concurrency % 40 + 7) {
      options.concurrency = concurrency;
      options.groups = machine.machine.random.below(100) + 1;
      machine.kill_publisher_after(machine.machine.random.below(200));
      ending = machine.run(options);
      if (!ending.is_killed) break;
      machine.machine.loop.advance(seconds(2));
    }
    ASSERT_TRUE(ending.summary) << ending.error;
    EXPECT_EQ(machine.take_messages("work.fifo"), once(keys)) << "seed " << seed;
  }
}

/// Runs with kills and ten minutes between them, when the queue has forgotten what it took.
PublishEnding run_with_late_restarts(PublishMachine& machine, InDoubt in_doubt) {
  PublishOptions options = films_to_work();
  options.in_doubt = in_doubt;
  PublishEnding ending;
  for (int run = 0; run < 100; ++run) {
    machine.kill_publisher_after(run < 6 ? machine.machine.random.below(150) : UINT64_MAX);
    ending = machine.run(options);
    if (!ending.is_killed) break;
    machine.machine.loop.advance(minutes(10));
  }
  machine.kill_publisher_after(UINT64_MAX);
  return ending;
}

TEST(PublishKills, after_ten_minutes_what_is_in_doubt_is_sent_again) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    PublishMachine machine(seed);
    machine.create_queue("work.fifo");
    const auto keys = machine.put_digests(600);
    const PublishEnding ending = run_with_late_restarts(machine, InDoubt::send);
    ASSERT_TRUE(ending.summary) << ending.error;
    const auto messages = machine.take_messages("work.fifo");
    EXPECT_EQ(messages.size(), keys.size()) << "nothing is missing";
    std::uint64_t twice = 0;
    for (const auto& [key, count] : messages) twice += static_cast<std::uint64_t>(count - 1);
    // No more than 16 batches are on their way when a run is killed, and there were six kills.
    EXPECT_LE(twice, 6U * 160);
  }
}

TEST(PublishKills, after_ten_minutes_what_is_in_doubt_is_left_where_that_is_wanted) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    PublishMachine machine(seed);
    machine.create_queue("work.fifo");
    const auto keys = machine.put_digests(600);
    const PublishEnding ending = run_with_late_restarts(machine, InDoubt::skip);
    ASSERT_TRUE(ending.summary) << ending.error;
    const auto messages = machine.take_messages("work.fifo");
    for (const auto& [key, count] : messages) EXPECT_EQ(count, 1) << key;
    EXPECT_LE(keys.size() - messages.size(), ending.summary->in_doubt);
    // They are still in doubt, and can be sent.
    const PublishEnding last = machine.run(films_to_work());
    EXPECT_EQ(last.summary->in_doubt, ending.summary->in_doubt);
    EXPECT_EQ(last.summary->published, ending.summary->in_doubt);
    EXPECT_EQ(machine.run(films_to_work()).summary->in_doubt, 0U);
  }
}

TEST(PublishKills, a_power_cut_may_repeat_what_was_sent_last_but_loses_nothing) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    PublishMachine machine(seed);
    machine.create_queue("work.fifo");
    const auto keys = machine.put_digests(600);
    machine.ledger_disk.crash_after(machine.machine.random.below(100) + 5,
                                    runtime::SimulatedDisk::Crash::power);
    EXPECT_TRUE(machine.run(films_to_work()).is_killed);
    machine.machine.loop.advance(seconds(20));
    const PublishEnding ending = machine.run(films_to_work());
    ASSERT_TRUE(ending.summary) << ending.error;
    // The queue remembers what the disk has forgotten.
    EXPECT_EQ(machine.take_messages("work.fifo"), once(keys)) << "seed " << seed;
  }
}

TEST_F(PublishJob, again_publishes_everything_anew_and_goes_on_after_a_kill) {
  const auto keys = machine.put_digests(500);
  publish();
  EXPECT_EQ(machine.take_messages("work.fifo"), once(keys));
  PublishOptions options = films_to_work();
  options.again = true;
  const PublishEnding ending = machine.run_with_kills(options, 60, seconds(1));
  ASSERT_TRUE(ending.summary) << ending.error;
  EXPECT_GT(machine.kills, 0);
  EXPECT_EQ(machine.take_messages("work.fifo"), once(keys)) << "although the queue knows them";
  EXPECT_EQ(publish().published, 0U);
  EXPECT_EQ(publish(options).published, 500U) << "a finished one is not gone on with";
}

TEST_F(PublishJob, entries_that_a_busy_queue_leaves_over_are_sent_again) {
  const auto keys = machine.put_digests(500);
  FlakyChannel flaky(machine.channel(), machine.machine.random, 4);
  machine.in_front = &flaky;
  const PublishSummary summary = publish();
  EXPECT_EQ(summary.published, 500U);
  EXPECT_EQ(summary.failed, 0U);
  EXPECT_GT(flaky.refused(), 100U);
  EXPECT_EQ(machine.take_messages("work.fifo"), once(keys));
}

/// A queue that refuses some messages for good, and has too much to do now and then.
class RefusingChannel final : public client::Channel {
 public:
  RefusingChannel(client::Channel& inner, std::string refused)
      : inner_(inner), refused_(std::move(refused)) {}

  runtime::Task<protocol::Object> call(const protocol::Operation& operation,
                                       protocol::Object request) override {
    if (&operation != &sqs::operations::SendMessageBatch)
      co_return co_await inner_.call(operation, std::move(request));
    if (calls_++ % 3 == 1)
      throw protocol::ServiceError("RequestThrottled", 403, "Request is throttled.");
    auto& entries = request.as<sqs::SendMessageBatchRequest>().entries;
    std::vector<sqs::BatchResultErrorEntry> failed;
    std::erase_if(entries, [&](const auto& entry) {
      if (!entry.message_body.contains(refused_)) return false;
      failed.push_back({.id = entry.id,
                        .sender_fault = true,
                        .code = "InvalidMessageContents",
                        .message = "No."});
      return true;
    });
    if (entries.empty()) {
      protocol::Object response(*operation.response);
      response.as<sqs::SendMessageBatchResponse>().failed = failed;
      co_return response;
    }
    protocol::Object response = co_await inner_.call(operation, std::move(request));
    std::ranges::move(failed,
                      std::back_inserter(response.as<sqs::SendMessageBatchResponse>().failed));
    co_return response;
  }

 private:
  client::Channel& inner_;
  std::string refused_;
  int calls_ = 0;
};

TEST_F(PublishJob, what_the_queue_refuses_is_reported_and_tried_again_by_the_next_run) {
  std::vector<std::string> keys = machine.put_digests(200);
  machine.put("bad/1");
  machine.put("bad/2");
  RefusingChannel refusing(machine.channel(), "bad/");
  machine.in_front = &refusing;
  const PublishSummary summary = publish();
  EXPECT_EQ(summary.published, 200U);
  EXPECT_EQ(summary.failed, 2U);
  EXPECT_FALSE(summary.succeeded());
  std::vector<std::string> failures = summary.failures;
  std::ranges::sort(failures);
  EXPECT_EQ(failures, (std::vector<std::string>{"bad/1: InvalidMessageContents: No.",
                                                "bad/2: InvalidMessageContents: No."}));
  EXPECT_EQ(machine.take_messages("work.fifo"), once(keys));
  machine.in_front = nullptr;
  EXPECT_EQ(publish().published, 2U);
  EXPECT_EQ(machine.take_messages("work.fifo"), once({"bad/1", "bad/2"}));
}

TEST_F(PublishJob, a_queue_that_refuses_everything_ends_the_run_early) {
  machine.put_digests(3000);
  RefusingChannel refusing(machine.channel(), "films");
  machine.in_front = &refusing;
  const PublishSummary summary = publish();
  EXPECT_TRUE(summary.stopped);
  EXPECT_GE(summary.failed, 1000U);
  EXPECT_LT(summary.failed, 1400U);
  EXPECT_EQ(summary.failures.size(), 10U);
}

TEST_F(PublishJob, a_selection_publishes_only_what_it_selects) {
  for (const char* key : {"a/1.json", "a/2.txt", "a/b/3.json", "b/1.json"}) machine.put(key);
  machine.machine.loop.advance(minutes(10));
  machine.put("a/4.json");
  PublishOptions options = films_to_work();
  options.prefix = "a/";
  options.suffix = ".json";
  options.dry_run = true;
  EXPECT_EQ(publish(options).published, 3U);
  EXPECT_TRUE(machine.take_messages("work.fifo").empty());
  options.dry_run = false;
  options.since_text = "5m";
  options.since = machine.machine.loop.now() - minutes(5);
  PublishSummary summary = publish(options);
  EXPECT_EQ(summary.seen, 4U);
  EXPECT_EQ(summary.not_selected, 3U);
  EXPECT_EQ(machine.take_messages("work.fifo"), once({"a/4.json"}));
  options.since.reset();
  publish(options);
  EXPECT_EQ(machine.take_messages("work.fifo"), once({"a/1.json", "a/b/3.json"}));
  publish();
  EXPECT_EQ(machine.take_messages("work.fifo"), once({"a/2.txt", "b/1.json"}));
}

TEST_F(PublishJob, a_limit_is_kept_and_the_next_run_publishes_more) {
  const auto keys = machine.put_digests(100);
  PublishOptions options = films_to_work();
  options.limit = 60;
  PublishSummary summary = publish(options);
  EXPECT_EQ(summary.published, 60U);
  EXPECT_TRUE(summary.limited);
  summary = publish(options);
  EXPECT_EQ(summary.published, 40U);
  EXPECT_FALSE(summary.limited);
  EXPECT_EQ(machine.take_messages("work.fifo"), once(keys));
}

TEST_F(PublishJob, a_run_that_is_told_to_stop_keeps_what_it_has_done) {
  const auto keys = machine.put_digests(3000);
  machine.notes.on_progress = [&](const jobs::publish::Progress& now) {
    if (now.published >= 500) machine.stop_request.is_made = true;
  };
  const PublishSummary stopped = publish();
  EXPECT_TRUE(stopped.stopped);
  EXPECT_FALSE(stopped.succeeded());
  EXPECT_LT(stopped.published, 1000U);
  machine.notes.on_progress = nullptr;
  machine.stop_request.is_made = false;
  machine.machine.loop.advance(minutes(20));
  const PublishSummary summary = publish();
  EXPECT_EQ(summary.run_id, stopped.run_id);
  EXPECT_EQ(summary.skipped, stopped.published);
  EXPECT_EQ(summary.in_doubt, 0U) << "it has heard what came of all that it sent";
  EXPECT_EQ(machine.take_messages("work.fifo"), once(keys));
}

TEST_F(PublishJob, what_is_missing_is_said_in_a_sentence) {
  PublishOptions options = films_to_work();
  options.bucket = "nothing";
  EXPECT_EQ(machine.run(options).error, "There is no bucket nothing in the embedded cloud.");
  options = films_to_work();
  options.queue = "nothing.fifo";
  EXPECT_EQ(machine.run(options).error,
            "There is no queue nothing.fifo in the embedded cloud (us-east-1).");
  options.queue = "http://localhost:4566/000000000000/nothing.fifo";
  EXPECT_TRUE(machine.run(options).error.starts_with("There is no queue http://localhost:4566/"));
  options.queue = "https://sqs.eu-west-1.amazonaws.com/123456789012/work.fifo";
  EXPECT_TRUE(machine.run(options).error.ends_with("add --cloud aws."));
  options.cloud_id = "aws";
  EXPECT_TRUE(machine.run(options).error.contains("is in eu-west-1, and the region is us-east-1"));
}

/// A cloud that answers one operation with an error.
class ErrorChannel final : public client::Channel {
 public:
  ErrorChannel(client::Channel& inner, const protocol::Operation& failing,
               protocol::ServiceError error)
      : inner_(inner), failing_(failing), error_(std::move(error)) {}

  runtime::Task<protocol::Object> call(const protocol::Operation& operation,
                                       protocol::Object request) override {
    if (&operation == &failing_) throw error_;
    co_return co_await inner_.call(operation, std::move(request));
  }

 private:
  client::Channel& inner_;
  const protocol::Operation& failing_;
  protocol::ServiceError error_;
};

TEST_F(PublishJob, refusals_of_the_cloud_are_said_in_a_sentence_that_names_what_is_needed) {
  machine.put("one");
  const auto error_with = [&](const protocol::Operation& failing, const std::string& code,
                              int status) {
    ErrorChannel channel(machine.channel(), failing, {code, status, "No."});
    machine.in_front = &channel;
    const std::string error = machine.run(films_to_work()).error;
    machine.in_front = nullptr;
    return error;
  };
  const protocol::Operation& list = s3::operations::ListObjectsV2;
  const protocol::Operation& send = sqs::operations::SendMessageBatch;
  EXPECT_EQ(error_with(list, "PermanentRedirect", 301),
            "The bucket films is in another region than us-east-1; name its region with --region "
            "(the embedded cloud answers PermanentRedirect: No.).");
  EXPECT_EQ(error_with(list, "AccessDenied", 403),
            "The bucket films may not be listed, which needs s3:ListBucket: the embedded cloud "
            "answers AccessDenied: No.");
  EXPECT_EQ(error_with(send, "AccessDenied", 403),
            "Nothing may be sent to the queue work.fifo, which needs sqs:SendMessage: the embedded "
            "cloud answers AccessDenied: No.");
  EXPECT_EQ(error_with(send, "ConnectionFailed", 503), "the embedded cloud gives no answer: No.");
  EXPECT_EQ(publish().published, 1U) << "the batch that was in doubt is settled";
  EXPECT_EQ(machine.take_messages("work.fifo"), once({"one"}));
}

TEST_F(PublishJob, ledgers_of_other_queues_and_clouds_are_their_own) {
  machine.create_queue("other.fifo");
  machine.put_digests(20);
  publish();
  PublishOptions options = films_to_work();
  options.queue = "other.fifo";
  EXPECT_EQ(publish(options).published, 20U);
  options = films_to_work();
  options.cloud_id = "http://elsewhere";
  EXPECT_EQ(publish(options).skipped, 0U);
}

}  // namespace
}  // namespace matinee::simulation
