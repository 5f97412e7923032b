// The movie job on a simulated machine: what it leaves behind is the same whenever it is killed.
#include "job_machine.h"
#include "services/dynamodb/values/size.h"

namespace matinee::simulation {
namespace {

using jobs::movies::Clients;
using jobs::movies::MovieOptions;
using jobs::movies::Role;

/// What an undisturbed run leaves behind.
const Remains& undisturbed() {
  static const Remains remains = [] {
    JobMachine machine;
    EXPECT_TRUE(machine.run(small_job()).summary->verified());
    return machine.remains(small_job());
  }();
  return remains;
}

TEST(MovieJob, every_movie_is_in_the_table_and_in_the_object_and_none_in_the_queue) {
  JobMachine machine;
  const Ending ending = machine.run(small_job());
  ASSERT_TRUE(ending.summary) << ending.error;
  EXPECT_TRUE(ending.summary->verified()) << ending.summary->differences.front();
  EXPECT_EQ(ending.summary->sent, 4005U);
  EXPECT_EQ(ending.summary->received, 4005U);
  EXPECT_EQ(ending.summary->stored, 4005U);
  EXPECT_EQ(ending.summary->parts, 3U);
  EXPECT_EQ(ending.summary->duplicates, 0U);
  const Remains remains = machine.remains(small_job());
  EXPECT_EQ(remains.items.size(), 4U) << "a header and three parts, no chunks";
  EXPECT_EQ(remains.object.size(), ending.summary->object_bytes);
  EXPECT_EQ(remains.messages, 0U);
  EXPECT_EQ(remains.dead_letters, 0U);
}

TEST(MovieJob, it_says_what_it_creates_and_refuses_if_told_to) {
  JobMachine machine;
  MovieOptions options = small_job();
  options.count = 10;
  options.create = false;
  EXPECT_EQ(machine.run(options).error,
            "There is no queue movie-load.fifo. Without --no-create the job would make it.");
  options.create = true;
  EXPECT_TRUE(machine.run(options).summary);
  EXPECT_EQ(machine.notes.notes,
            (std::vector<std::string>{"Created the dead-letter queue movie-load-dlq.fifo.",
                                      "Created the queue movie-load.fifo.",
                                      "Created the table movie-job-information.",
                                      "Created the bucket movie-bucket."}));
  options.job_id = "K";
  options.create = false;
  EXPECT_TRUE(machine.run(options).summary);
}

TEST(MovieJob, the_producer_waits_when_the_backlog_passes_its_bound) {
  JobMachine machine;
  MovieOptions options = small_job();
  options.max_backlog = 300;
  ASSERT_TRUE(machine.run(options).summary);
  EXPECT_LE(machine.notes.most_outstanding, 310U);
}

TEST(MovieJob, killed_at_any_write_and_started_again_it_leaves_the_same_behind) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    JobMachine machine(seed);
    MovieOptions options = small_job();
    int kills = 0;
    Ending ending;
    // What the job says holds, also where the machine died as it said so.
    while (!ending.summary) {
      machine.kill_after(machine.machine.random.below(60));
      ending = machine.run(options);
      if (!machine.machine.disk.has_crashed()) break;
      ++kills;
      machine.stop();
      machine.start();
      ASSERT_LT(kills, 500);
    }
    machine.kill_after(UINT64_MAX);
    ASSERT_TRUE(ending.summary) << ending.error;
    EXPECT_GT(kills, 0);
    Remains remains = machine.remains(options);
    // The header says when the job was first begun.
    remains.items["{S:J}{S:000000}"] = undisturbed().items.at("{S:J}{S:000000}");
    EXPECT_EQ(remains, undisturbed()) << "seed " << seed << " after " << kills << " kills";
  }
}

TEST(MovieJob, entries_that_a_busy_service_leaves_over_are_sent_again) {
  JobMachine machine;
  machine.make_flaky(4);
  const Ending ending = machine.run(small_job());
  ASSERT_TRUE(ending.summary) << ending.error;
  EXPECT_TRUE(ending.summary->verified());
  EXPECT_GT(machine.refused(), 1000U);
  EXPECT_EQ(machine.remains(small_job()).object, undisturbed().object);
  EXPECT_EQ(machine.remains(small_job()).messages, 0U);
}

TEST(MovieJob, a_rerun_keeps_when_the_job_was_first_begun) {
  JobMachine machine;
  ASSERT_TRUE(machine.run(small_job()).summary);
  const Remains before = machine.remains(small_job());
  machine.machine.loop.advance(std::chrono::hours(3));
  const Ending again = machine.run(small_job());
  ASSERT_TRUE(again.summary) << again.error;
  EXPECT_EQ(again.summary->sent, 0U);
  EXPECT_EQ(again.summary->stored_before, 4005U);
  EXPECT_EQ(machine.remains(small_job()), before);
}

TEST(MovieJob, what_is_sent_twice_is_dropped_and_counted_once) {
  JobMachine machine;
  MovieOptions produce = small_job();
  produce.role = Role::produce;
  ASSERT_EQ(machine.run(produce).summary->sent, 4005U);
  // After five minutes the queue has forgotten the deduplication ids.
  machine.machine.loop.advance(std::chrono::minutes(6));
  ASSERT_EQ(machine.run(produce).summary->sent, 4005U);
  MovieOptions consume = small_job();
  consume.role = Role::consume;
  const Ending ending = machine.run(consume);
  ASSERT_TRUE(ending.summary) << ending.error;
  EXPECT_EQ(ending.summary->received, 8010U);
  EXPECT_EQ(ending.summary->duplicates, 4005U);
  Remains remains = machine.remains(small_job());
  remains.items["{S:J}{S:000000}"] = undisturbed().items.at("{S:J}{S:000000}");
  EXPECT_EQ(remains, undisturbed());
}

TEST(MovieJob, a_producer_and_a_consumer_can_be_two_processes) {
  JobMachine machine;
  std::vector<MovieOptions> both(2, small_job());
  both[0].role = Role::produce;
  both[1].role = Role::consume;
  // The queue is made by whoever comes first.
  both[0].count = both[1].count = 4005;
  const std::vector<Ending> endings = machine.run_together(std::move(both));
  ASSERT_TRUE(endings[0].summary) << endings[0].error;
  ASSERT_TRUE(endings[1].summary) << endings[1].error;
  EXPECT_TRUE(endings[1].summary->verified());
  EXPECT_EQ(machine.remains(small_job()), undisturbed());
}

TEST(MovieJob, two_consumers_of_one_job_share_the_work) {
  JobMachine machine;
  MovieOptions produce = small_job();
  produce.role = Role::produce;
  ASSERT_TRUE(machine.run(produce).summary);
  std::vector<MovieOptions> consumers(2, small_job());
  for (MovieOptions& options : consumers) {
    options.role = Role::consume;
    options.receivers = 3;
  }
  const std::vector<Ending> endings = machine.run_together(std::move(consumers));
  for (const Ending& ending : endings) {
    ASSERT_TRUE(ending.summary) << ending.error;
    EXPECT_TRUE(ending.summary->verified());
    EXPECT_GT(ending.summary->received, 0U);
  }
  EXPECT_EQ(endings[0].summary->received + endings[1].summary->received, 4005U);
  EXPECT_EQ(machine.remains(small_job()), undisturbed());
}

TEST(MovieJob, messages_of_other_jobs_stay_in_the_queue_and_do_not_count) {
  JobMachine machine;
  MovieOptions other = small_job();
  other.job_id = "K";
  other.count = 55;
  other.role = Role::produce;
  ASSERT_TRUE(machine.run(other).summary);
  const Ending ending = machine.run(small_job());
  ASSERT_TRUE(ending.summary) << ending.error;
  EXPECT_TRUE(ending.summary->verified());
  EXPECT_EQ(ending.summary->received, 4005U);
  EXPECT_GT(ending.summary->foreign, 0U);
  EXPECT_EQ(machine.remains(small_job()).messages, 55U);
  // They are there for their own job, and at once.
  other.role = Role::consume;
  const Ending theirs = machine.run(other);
  ASSERT_TRUE(theirs.summary) << theirs.error;
  EXPECT_EQ(theirs.summary->received, 55U);
  EXPECT_EQ(machine.remains(small_job()).messages, 0U);
}

TEST(MovieJob, two_jobs_on_a_queue_that_was_chosen_for_them_both_end) {
  JobMachine machine;
  std::vector<MovieOptions> both(2, small_job());
  both[0].queue = both[1].queue = "films.fifo";
  both[0].count = both[1].count = 500;
  both[1].job_id = "K";
  both[1].seed = 2;
  for (const Ending& ending : machine.run_together(both)) {
    ASSERT_TRUE(ending.summary) << ending.error;
    EXPECT_TRUE(ending.summary->verified()) << ending.summary->differences.front();
  }
  EXPECT_EQ(machine.count_messages("films.fifo"), 0U);
}

/// A job that is killed when it has sent and stored a part of its movies.
void begin_and_kill(JobMachine& machine, MovieOptions options) {
  machine.kill_after(25);
  EXPECT_FALSE(machine.run(std::move(options)).summary);
  machine.stop();
  machine.start();
  machine.kill_after(UINT64_MAX);
}

MovieOptions job_called(const std::string& id) {
  MovieOptions options = small_job();
  options.job_id = id;
  return options;
}

TEST(MovieJob, of_two_jobs_at_once_one_has_the_default_queue_and_the_other_one_of_its_own) {
  JobMachine machine;
  for (const Ending& ending : machine.run_together({job_called("J"), job_called("K.2")})) {
    ASSERT_TRUE(ending.summary) << ending.error;
    EXPECT_TRUE(ending.summary->verified()) << ending.summary->differences.front();
    EXPECT_EQ(ending.summary->received, 4005U);
    EXPECT_EQ(ending.summary->foreign, 0U);
  }
  EXPECT_TRUE(machine.has_queue("movie-load.fifo"));
  EXPECT_FALSE(machine.has_queue("movie-load-J.fifo"));
  EXPECT_FALSE(machine.has_queue("movie-load-K_2.fifo")) << "it goes with its job";
  EXPECT_EQ(machine.remains(small_job()).items.size(), 8U) << "two headers and six parts";
  EXPECT_EQ(machine.remains(small_job()).messages, 0U);
}

TEST(MovieJob, what_a_killed_job_has_left_in_the_queue_is_nothing_to_later_ones) {
  JobMachine machine;
  begin_and_kill(machine, job_called("J"));
  EXPECT_GT(machine.count_messages("movie-load.fifo"), 0U);
  for (const char* id : {"K", "L"}) {
    const Ending later = machine.run(job_called(id));
    ASSERT_TRUE(later.summary) << later.error;
    EXPECT_TRUE(later.summary->verified());
    EXPECT_EQ(later.summary->foreign, 0U);
    EXPECT_EQ(later.summary->received, 4005U);
  }
  const Ending ending = machine.run(job_called("J"));
  ASSERT_TRUE(ending.summary) << ending.error;
  EXPECT_TRUE(ending.summary->verified());
  EXPECT_EQ(machine.remains(small_job()).items.size(), 12U);
  EXPECT_EQ(machine.remains(small_job()).messages, 0U);
}

TEST(MovieJob, a_job_goes_on_in_its_own_queue_after_a_kill_with_both_ends_or_one) {
  JobMachine machine;
  begin_and_kill(machine, job_called("J"));
  begin_and_kill(machine, job_called("K"));
  begin_and_kill(machine, job_called("L"));
  EXPECT_GT(machine.count_messages("movie-load-K.fifo"), 0U);
  EXPECT_GT(machine.count_messages("movie-load-L.fifo"), 0U);
  EXPECT_TRUE(machine.run(job_called("K")).summary->verified());
  MovieOptions produce = job_called("L");
  produce.role = Role::produce;
  MovieOptions consume = job_called("L");
  consume.role = Role::consume;
  ASSERT_TRUE(machine.run(produce).summary);
  const Ending ending = machine.run(consume);
  ASSERT_TRUE(ending.summary) << ending.error;
  EXPECT_TRUE(ending.summary->verified());
  EXPECT_EQ(ending.summary->foreign, 0U);
  for (const char* queue : {"movie-load-K.fifo", "movie-load-L.fifo"})
    EXPECT_FALSE(machine.has_queue(queue)) << queue;
}

TEST(MovieJob, a_complete_job_that_is_run_again_leaves_the_queue_of_another_one_alone) {
  JobMachine machine;
  ASSERT_TRUE(machine.run(job_called("J")).summary);
  begin_and_kill(machine, job_called("K"));
  const Ending again = machine.run(job_called("J"));
  ASSERT_TRUE(again.summary) << again.error;
  EXPECT_TRUE(again.summary->verified()) << again.summary->differences.front();
  EXPECT_EQ(again.summary->foreign, 0U);
  EXPECT_TRUE(machine.run(job_called("K")).summary->verified());
}

TEST(MovieJob, two_processes_that_work_on_one_job_in_its_own_queue_both_end) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    JobMachine machine(seed);
    begin_and_kill(machine, job_called("J"));
    begin_and_kill(machine, job_called("K"));
    for (const Ending& ending : machine.run_together({job_called("K"), job_called("K")})) {
      ASSERT_TRUE(ending.summary) << ending.error;
      EXPECT_TRUE(ending.summary->verified()) << ending.summary->differences.front();
    }
    EXPECT_FALSE(machine.has_queue("movie-load-K.fifo"));
  }
}

TEST(MovieJob, a_message_that_nobody_understands_ends_in_the_dead_letters_with_the_reason) {
  JobMachine machine;
  MovieOptions options = small_job();
  options.count = 30;
  ASSERT_TRUE(machine.run(options).summary);
  machine.send("movie-load.fifo", "this is no movie");
  options.job_id = "K";
  const Ending ending = machine.run(options);
  ASSERT_TRUE(ending.summary) << ending.error;
  EXPECT_EQ(ending.summary->unintelligible, 1U);
  ASSERT_EQ(machine.notes.warnings.size(), 1U);
  EXPECT_TRUE(machine.notes.warnings[0].ends_with(
      "to the dead-letter queue: The message is not a JSON object."))
      << machine.notes.warnings[0];
  const Remains remains = machine.remains(options);
  EXPECT_EQ(remains.messages, 0U);
  EXPECT_EQ(remains.dead_letters, 1U);
}

TEST(MovieJob, messages_that_somebody_purges_are_sent_again) {
  JobMachine machine;
  MovieOptions produce = small_job();
  produce.role = Role::produce;
  ASSERT_TRUE(machine.run(produce).summary);
  machine.wait_for(
      machine.clients().sqs.purge_queue({.queue_url = machine.queue_url("movie-load.fifo")}));
  // A queue that has been purged takes the deduplication ids of before.
  const Ending ending = machine.run(small_job());
  ASSERT_TRUE(ending.summary) << ending.error;
  EXPECT_TRUE(ending.summary->verified());
  EXPECT_EQ(ending.summary->sent, 4005U);
}

TEST(MovieJob, a_consumer_whose_producer_never_comes_gives_up_with_a_sentence) {
  JobMachine machine;
  MovieOptions consume = small_job();
  consume.role = Role::consume;
  const std::string error = machine.run(consume).error;
  EXPECT_TRUE(error.starts_with("Nothing has come for 300 seconds, and 0 of 4005 movies")) << error;
}

TEST(MovieJob, another_count_or_seed_for_the_same_job_is_refused) {
  JobMachine machine;
  MovieOptions options = small_job();
  options.count = 20;
  ASSERT_TRUE(machine.run(options).summary);
  options.count = 30;
  EXPECT_EQ(machine.run(options).error,
            "The job J was begun with --count 20 --seed 1; go on with these, or choose another "
            "--job-id.");
}

TEST(MovieJob, a_table_whose_only_key_is_the_job_works_too) {
  JobMachine machine;
  dynamodb::CreateTableRequest request{.table_name = small_job().table};
  request.attribute_definitions.emplace() = {{.attribute_name = "job_id", .attribute_type = "S"}};
  request.key_schema.emplace() = {{.attribute_name = "job_id", .key_type = "HASH"}};
  request.billing_mode = "PAY_PER_REQUEST";
  machine.wait_for(machine.clients().dynamodb.create_table(std::move(request)));
  const Ending ending = machine.run(small_job());
  ASSERT_TRUE(ending.summary) << ending.error;
  EXPECT_TRUE(ending.summary->verified());
  const Remains remains = machine.remains(small_job());
  EXPECT_EQ(remains.items.size(), 4U);
  EXPECT_TRUE(remains.items.contains("{S:J}"));
  EXPECT_TRUE(remains.items.contains("{S:J#000003}"));
  EXPECT_EQ(remains.object, undisturbed().object);
}

TEST(MovieJob, a_standard_queue_works_too) {
  JobMachine machine;
  MovieOptions options = small_job();
  options.queue = "movie-load";
  const Ending ending = machine.run(options);
  ASSERT_TRUE(ending.summary) << ending.error;
  EXPECT_TRUE(ending.summary->verified());
}

TEST(MovieJob, an_object_that_differs_is_told) {
  JobMachine machine;
  MovieOptions options = small_job();
  options.count = 2005;
  ASSERT_TRUE(machine.run(options).summary);
  // Somebody changes the year of one movie in the table; the next run exports it.
  dynamodb::UpdateItemRequest request{.table_name = options.table};
  request.key = {{"job_id", dynamodb::AttributeValue("J")},
                 {"part", dynamodb::AttributeValue("000002")}};
  request.update_expression = "SET movies[3].#year = :year";
  request.expression_attribute_names.emplace()["#year"] = "year";
  request.expression_attribute_values.emplace()[":year"] =
      dynamodb::AttributeValue(dynamodb::Number(1900));
  machine.wait_for(machine.clients().dynamodb.update_item(std::move(request)));
  const Ending ending = machine.run(options);
  ASSERT_TRUE(ending.summary) << ending.error;
  EXPECT_FALSE(ending.summary->verified());
  EXPECT_TRUE(ending.summary->differences.front().starts_with("The object differs"));
}

TEST(MovieJob, a_download_is_a_copy_of_the_object) {
  JobMachine machine;
  MovieOptions options = small_job();
  options.download = "/downloads/today";
  const Ending ending = machine.run(options);
  ASSERT_TRUE(ending.summary) << ending.error;
  EXPECT_EQ(ending.summary->downloaded_to, "/downloads/today/J.json");
  EXPECT_EQ(machine.machine.disk.read("/downloads/today/J.json").value(),
            machine.remains(options).object);
}

TEST(MovieJob, a_part_of_the_largest_movies_fits_into_an_item) {
  using namespace jobs::movies;  // NOLINT: the test is about these names
  const Movie largest{std::string(max_title_bytes, 't'), max_year, std::string(max_name_bytes, 'd'),
                      std::string(max_name_bytes, 'a')};
  ASSERT_EQ(find_fault(largest), "");
  for (const KeyStyle style : {KeyStyle::job_only, KeyStyle::job_and_part}) {
    Item item = ItemKeys(std::string(60, 'j'), style).part(999'998);
    add_part(max_count - movies_per_part,
             std::vector<AttributeValue>(movies_per_part, to_attribute(largest)), item);
    EXPECT_LE(dynamodb::size_of(item), dynamodb::max_item_bytes);
    EXPECT_GT(dynamodb::size_of(item), dynamodb::max_item_bytes * 95 / 100);
  }
}

}  // namespace
}  // namespace matinee::simulation
