// What must hold whatever happens: clients that send, receive, delete, hide and redrive at random,
// on one standard or FIFO queue with a dead-letter queue, while time passes and the program is
// killed now and then. A model that is too simple to be wrong watches.
//
// MATINEE_SEEDS=5000 runs so many seeds instead of a few; MATINEE_SEED=17 replays the one that a
// failure has printed.
#include <cstdlib>
#include <numeric>

#include "services/sqs/service_fixture.h"

namespace matinee::sqs {
namespace {

enum class Place { queue, dead_letter_queue };

struct Known {
  std::string body;
  std::string group;
  Place place = Place::queue;
  runtime::Time visible_at;
  int receives = 0;  // from the queue where it is
  std::optional<Message> held;
  std::vector<Message> handles;  // of all receives from the queue where it is; standard queues
  std::uint64_t order = 0;
  bool deleted = false;
  bool order_unknown = false;  // it was, or may have been, moved back
};

constexpr int max_receives = 3;
constexpr int timeout_seconds = 30;
constexpr auto longest_interval = minutes(5) + std::chrono::milliseconds(100);

}  // namespace

class Properties : public SqsTest, public testing::WithParamInterface<std::uint64_t> {
 protected:
  runtime::SeededRandom dice{GetParam()};
  bool fifo = GetParam() % 2 == 1;
  std::string suffix = fifo ? ".fifo" : "";
  std::string dead;
  std::string url;
  std::map<std::string, Known> known;                           // by message id
  std::vector<std::pair<std::string, runtime::Time>> sent_ids;  // deduplication
  std::map<std::string, std::string> id_of_deduplication;
  std::uint64_t next_body = 0;

  void create_queues() {
    const Attributes kind = fifo ? Attributes{{"FifoQueue", "true"}} : Attributes{};
    dead = create("dead" + suffix, kind);
    Attributes attributes = kind;
    attributes["RedrivePolicy"] = redrive_policy(dead, max_receives);
    url = create("films" + suffix, std::move(attributes));
  }

  void send_batch() {
    SendMessageBatchRequest request{.queue_url = url, .entries = {}};
    const std::uint64_t count = 1 + dice.below(10);
    for (std::uint64_t i = 0; i < count; ++i) {
      SendMessageBatchRequestEntry& entry = request.entries.emplace_back();
      entry.id = std::to_string(i);
      entry.message_body = "message " + std::to_string(next_body++);
      if (dice.below(20) == 0) entry.message_body.append(dice.below(20'000), 'x');
      if (fifo) {
        entry.message_group_id = "group" + std::to_string(dice.below(4));
        entry.message_deduplication_id = "id" + std::to_string(dice.below(2000));
      } else {
        if (dice.below(4) == 0) entry.delay_seconds = static_cast<std::int32_t>(dice.below(40));
        if (dice.below(3) == 0) entry.message_group_id = "group" + std::to_string(dice.below(4));
      }
    }
    const auto response = call(&Service::send_message_batch, request);
    ASSERT_TRUE(response.failed.empty());
    for (std::size_t i = 0; i < request.entries.size(); ++i)
      note_sent(request.entries[i], response.successful[i]);
  }

  void note_sent(const SendMessageBatchRequestEntry& entry,
                 const SendMessageBatchResultEntry& result) {
    const runtime::Time now = machine.loop.now();
    if (fifo) {
      const std::string& id = *entry.message_deduplication_id;
      const auto last =
          std::ranges::find(sent_ids, id, [](const auto& sent) { return sent.first; });
      // After crashes the interval may last a little longer.
      const bool may_be_known = last != sent_ids.end() && now < last->second + longest_interval &&
                                result.message_id == id_of_deduplication[id];
      if (may_be_known || (last != sent_ids.end() && now < last->second + minutes(5))) {
        ASSERT_EQ(result.message_id, id_of_deduplication[id]) << "a duplicate is answered alike";
        return;
      }
      if (last != sent_ids.end()) sent_ids.erase(last);
      sent_ids.emplace_back(id, now);
      id_of_deduplication[id] = result.message_id;
    }
    ASSERT_FALSE(known.contains(result.message_id)) << "ids are unique";
    Known& message = known[result.message_id];
    message.body = entry.message_body;
    message.group = entry.message_group_id.value_or("");
    message.visible_at = now + seconds(entry.delay_seconds.value_or(0));
    message.order = next_body + known.size();
  }

  /// Messages that were received as often as allowed and are visible again have moved by the time a
  /// receive has looked at them: the model learns of it where the message turns up.
  void receive_some(Place place) {
    const auto most = static_cast<std::int32_t>(1 + dice.below(10));
    const auto messages = receive(place == Place::queue ? url : dead, most);
    for (const Message& received : messages) note_received(received, place);
    if (!HasFatalFailure() && messages.size() < static_cast<std::size_t>(most)) check_none(place);
  }

  /// A receive that had room for more has left no message there that it could have given.
  void check_none(Place place) {
    const runtime::Time now = machine.loop.now();
    for (const auto& [id, message] : known) {
      const bool may_have_moved = place == Place::queue && message.receives == max_receives;
      if (message.deleted || message.place != place || message.visible_at > now || may_have_moved ||
          message.order_unknown)
        continue;
      ASSERT_TRUE(fifo && is_behind_a_hidden_one(message)) << message.body << " was left out";
    }
  }

  bool is_behind_a_hidden_one(const Known& message) {
    return std::ranges::any_of(known, [&](const auto& entry) {
      const Known& other = entry.second;
      return !other.deleted && other.place == message.place && other.group == message.group &&
             (other.order < message.order || other.order_unknown) &&
             other.visible_at > machine.loop.now();
    });
  }

  void note_received(const Message& received, Place place) {
    const runtime::Time now = machine.loop.now();
    if (!known.contains(*received.message_id)) note_moved_back(received, place);
    ASSERT_TRUE(known.contains(*received.message_id)) << "nothing comes that was not sent";
    Known& message = known[*received.message_id];
    ASSERT_FALSE(message.deleted) << "what was deleted never comes back";
    ASSERT_EQ(message.body, *received.body);
    ASSERT_LE(message.visible_at, now) << "nothing in flight or delayed is delivered";
    if (place != message.place) {
      ASSERT_EQ(place, Place::dead_letter_queue) << "nothing comes back from there";
      ASSERT_EQ(message.receives, max_receives) << "it moves after exactly so many receives";
      message.place = place;
      message.receives = 0;
      message.handles.clear();
    }
    if (fifo) check_order(message, *received.message_id);
    ++message.receives;
    if (place == Place::queue) ASSERT_LE(message.receives, max_receives);
    message.visible_at = now + seconds(timeout_seconds);
    message.held = received;
    message.handles.push_back(received);
  }

  /// What comes back from the dead-letter queue is a new message with the body of an old one, which
  /// is never seen again.
  void note_moved_back(const Message& received, Place place) {
    const auto old = std::ranges::find_if(
        known, [&](const auto& entry) { return entry.second.body == *received.body; });
    ASSERT_NE(old, known.end()) << "nothing comes that was not sent";
    ASSERT_TRUE(old->second.order_unknown) << "messages move back only when told to, and once";
    Known message = std::move(old->second);
    known.erase(old);
    ASSERT_FALSE(message.deleted) << "what was deleted does not move back";
    message.place = Place::queue;
    message.receives = place == Place::queue ? 0 : max_receives;
    message.held.reset();
    message.handles.clear();
    known.emplace(*received.message_id, std::move(message));
  }

  void redrive() {
    for (auto& [id, message] : known)
      if (message.place == Place::dead_letter_queue || message.receives == max_receives)
        message.order_unknown = true;
    call(&Service::start_message_move_task,
         StartMessageMoveTaskRequest{.source_arn = attribute(dead, "QueueArn")});
    if (dice.below(4) == 0) kill_and_restart();
    advance(std::chrono::milliseconds(1));
    const auto tasks = call(
        &Service::list_message_move_tasks,
        ListMessageMoveTasksRequest{.source_arn = attribute(dead, "QueueArn"), .max_results = 1});
    ASSERT_EQ(tasks.results->front().status, "COMPLETED");
  }

  void check_order(const Known& message, const std::string& id) {
    const runtime::Time now = machine.loop.now();
    for (const auto& [other_id, other] : known) {
      if (other_id == id || other.deleted || other.group != message.group ||
          other.place != message.place || other.order > message.order || other.order_unknown ||
          message.order_unknown)
        continue;
      // All that is before it came with the same receive, or has gone to the dead-letter queue.
      const bool same_receive = other.visible_at == now + seconds(timeout_seconds);
      const bool moved = other.place == Place::queue && other.receives == max_receives;
      ASSERT_TRUE(same_receive || moved) << message.body << " came before " << other.body;
    }
  }

  Known* any_held() {
    std::vector<Known*> held;
    for (auto& [id, message] : known)
      if (message.held && !message.deleted && message.visible_at > machine.loop.now())
        held.push_back(&message);
    return held.empty() ? nullptr : held[dice.below(held.size())];
  }

  void delete_one() {
    Known* message = any_held();
    if (!message) return;
    remove(message->place == Place::queue ? url : dead, *message->held);
    message->deleted = true;
  }

  /// On a standard queue any handle will do, whether or not the message is visible again; but where
  /// it was received often enough, it may have moved.
  Known* any_received() {
    std::vector<Known*> received;
    for (auto& [id, message] : known) {
      const bool may_have_moved = message.place == Place::queue && message.receives == max_receives;
      if (!message.handles.empty() && !message.deleted && !may_have_moved && !message.order_unknown)
        received.push_back(&message);
    }
    return received.empty() ? nullptr : received[dice.below(received.size())];
  }

  void hide_one() {
    Known* message = fifo ? any_held() : any_received();
    if (!message) return;
    const auto timeout = static_cast<std::int32_t>(dice.below(100));
    const Message& handle =
        fifo ? *message->held : message->handles[dice.below(message->handles.size())];
    hide(message->place == Place::queue ? url : dead, handle, timeout);
    message->visible_at = machine.loop.now() + seconds(timeout);
  }

  void check_counts() {
    std::uint64_t expected = 0;
    for (const auto& [id, message] : known) expected += !message.deleted;
    std::uint64_t counted = 0;
    for (const std::string& queue : {url, dead})
      for (const char* name : {"ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed",
                               "ApproximateNumberOfMessagesNotVisible"})
        counted += std::stoull(attribute(queue, name));
    ASSERT_EQ(counted, expected) << "counters add up";
  }

  void step() {
    switch (dice.below(10)) {
      case 0:
      case 1:
        return send_batch();
      case 2:
      case 3:
      case 4:
        return receive_some(dice.below(4) == 0 ? Place::dead_letter_queue : Place::queue);
      case 5:
      case 6:
        return delete_one();
      case 7:
        return hide_one();
      case 8:
        return advance(std::chrono::milliseconds(dice.below(40'000)));
      default:
        if (dice.below(5) == 0) kill_and_restart();
        if (dice.below(5) == 0) redrive();
        return check_counts();
    }
  }

  /// Everything that was acknowledged and not deleted comes out in the end.
  void drain() {
    for (int round = 0; round < 2000; ++round) {
      std::size_t got = 0;
      for (const Place place : {Place::queue, Place::dead_letter_queue}) {
        const std::string& queue = place == Place::queue ? url : dead;
        for (const Message& message : receive(queue, 10)) {
          note_received(message, place);
          if (HasFatalFailure()) return;
          remove(queue, message);
          known[*message.message_id].deleted = true;
          ++got;
        }
      }
      if (got == 0) advance(seconds(timeout_seconds));
      if (std::ranges::all_of(known, [](const auto& entry) { return entry.second.deleted; })) break;
    }
    for (const auto& [id, message] : known) EXPECT_TRUE(message.deleted) << message.body << " lost";
    EXPECT_EQ(counts(url), "0/0/0");
    EXPECT_EQ(counts(dead), "0/0/0");
  }
};

TEST_P(Properties, hold_for_any_sequence_of_calls_pauses_and_crashes) {
  SCOPED_TRACE("replay with MATINEE_SEED=" + std::to_string(GetParam()));
  create_queues();
  for (int i = 0; i < 600 && !HasFatalFailure(); ++i) step();
  if (!HasFatalFailure()) drain();
}

namespace {

constexpr std::uint64_t seeds_of_every_run = 32;

std::vector<std::uint64_t> chosen_seeds() {
  if (const char* seed = std::getenv("MATINEE_SEED")) return {std::stoull(seed)};
  const char* count = std::getenv("MATINEE_SEEDS");
  std::vector<std::uint64_t> seeds(count ? std::stoull(count) : seeds_of_every_run);
  std::iota(seeds.begin(), seeds.end(), 1);
  return seeds;
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(Seeds, Properties, testing::ValuesIn(chosen_seeds()));

}  // namespace matinee::sqs
