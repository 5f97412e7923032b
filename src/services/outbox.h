// What services hand over to be delivered to resources of other services: a bucket's notifications
// to a queue, a topic's messages to its subscribers, an event to the targets of a rule.
// src/delivery keeps its promises.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/task.h"

namespace matinee::services {

/// An attribute of a message, as queues and topics have them.
struct MessageAttribute {
  std::string name;
  std::string type;   // "String", "Number", "Binary", or one of them with ".custom"
  std::string value;  // of Binary the bytes themselves
};

/// Waits between tries: `count` of them, from `first` to `last`.
struct RetryPhase {
  enum class Growth : std::uint8_t { arithmetic, exponential, geometric, linear };

  std::uint32_t count = 0;
  runtime::Duration first{};
  runtime::Duration last{};
  Growth growth = Growth::linear;
};

/// How long a source tries. All times are of the movable clock.
struct RetryPolicy {
  enum class Kind : std::uint8_t {
    notification,  // of a bucket: a day, with waits from 1 s to 60 s
    topic,         // SNS to SQS and functions: 3 at once, 2 after 1 s, 10 up to 20 s, then 20 s
    topic_people,  // SNS to mail, SMS and devices: 2 after 10 s, 10 up to 600 s, 38 after 600 s
    event,         // EventBridge and Scheduler: exponential with jitter, 185 times, a day
    phases,        // as `phases` say: SNS to HTTP
    never,
  };
  Kind kind = Kind::notification;
  std::vector<RetryPhase> phases = {};
  /// Beyond the kind's own limits; none where absent.
  std::optional<std::uint32_t> most_retries = {};
  std::optional<runtime::Duration> oldest = {};
  /// How long a target that refuses for good (it is gone, it denies) is tried all the same.
  runtime::Duration patience_when_refused{};
};

/// Where a delivery goes that its target has not taken.
struct DeadLetter {
  std::string queue;  // an ARN; empty: it is dropped, and the journal says why
  /// What goes there, where that is not the delivery's own body.
  std::optional<std::string> body = {};
  /// Of the message in that queue: RULE_ARN, TARGET_ARN.
  std::vector<MessageAttribute> attributes = {};
  /// Adds ERROR_CODE, ERROR_MESSAGE, EXHAUSTED_RETRY_CONDITION and RETRY_ATTEMPTS, as EventBridge.
  bool tells_reasons = false;
};

/// The `via` of deliveries that are dead letters.
inline constexpr std::string_view via_dead_letters = "dead letters";

/// One message, and in whose name it is sent: what policies of the target see. What `retries`,
/// `role` and the queue of `dead_letter` say goes for all that waits in a lane: the newest counts.
struct Delivery {
  std::string target;  // an ARN, or the URL of an HTTP subscriber
  std::string body;
  std::string service_principal;  // "s3.amazonaws.com"
  std::string source_arn;
  std::string source_account;
  std::string trace_header = {};  // of the call that caused it, as Context has it

  /// The role in whose name the target is called; empty: the service's own.
  std::string role = {};
  /// Under which the journal knows what is delivered: SNS's MessageId, an event's id.
  std::string id = {};
  /// Tells apart lanes of one source to one target: the rule or the subscription.
  std::string via = {};
  std::vector<MessageAttribute> attributes = {};
  std::string subject = {};           // for topics and mail
  std::string group = {};             // MessageGroupId of queues and topics
  std::string deduplication_id = {};  // likewise
  /// Of a schedule whose input tells which try it is: what `body` is made of for each one
  /// (services/schedule_tries.h). Empty for others.
  std::string told_of_tries = {};
  /// What only one kind of target knows, as JSON in the words of its API: headers and path
  /// parameters of an HTTP call, parameters of a universal target. Empty without.
  std::string parameters = {};
  /// Whether it must not overtake, nor be overtaken by, others of its lane.
  bool in_order = true;
  RetryPolicy retries = {};
  DeadLetter dead_letter = {};
};

/// How a delivery has ended, or how a try of it went.
struct DeliveryResult {
  enum class Outcome : std::uint8_t { delivered, put_off, dead_lettered, dropped };

  Outcome outcome = Outcome::delivered;
  std::string reason = {};    // a sentence; empty where it was delivered
  std::string code = {};      // of the target's error
  int status = 0;             // of HTTP, where there is one
  std::uint32_t tries = 0;    // so far
  runtime::Duration took{};   // from the first try; not of the movable clock
  std::string response = {};  // what the target answered, its beginning
  std::string id = {};        // under which the target knows it: the MessageId of a queue
};

/// Hears what becomes of deliveries of its service principal: SNS writes delivery logs of it.
class DeliveryListener {
 public:
  virtual ~DeliveryListener() = default;

  /// On the state thread, inside the transaction that settles it. Must not throw.
  virtual void settled(const Delivery& delivery, const DeliveryResult& result) = 0;
  /// Whether `settled` looks at the bodies of deliveries like this one: else they may be gone, as
  /// their target has taken them.
  virtual bool reads_bodies(const Delivery&) { return false; }
};

class DeliveryTarget;

class Outbox {
 public:
  virtual ~Outbox() = default;

  /// Who takes deliveries to targets that begin with `prefix`, such as "arn:aws:events:": of
  /// several that fit, the one with the longest prefix. Before anything is added; `target` must
  /// outlive the outbox's work.
  virtual void provide(const std::string& prefix, DeliveryTarget& target) = 0;

  /// Part of the current transaction: committed, it is delivered at least once, even if the program
  /// is killed; rolled back, never. Deliveries of one lane (source, target, `via`) that ask for it
  /// keep their order.
  virtual void add(const Delivery& delivery) = 0;
  /// The same for all that one call causes: they are handed over together where they go together.
  virtual void add_all(std::vector<Delivery> deliveries) {
    for (const Delivery& delivery : deliveries) add(delivery);
  }

  // What Gathering calls.
  virtual void begin_gathering() {}
  virtual void add_gathered() {}
  virtual void forget_gathered() {}

  /// Delivers at once, without being kept or tried again: to find out whether a target takes it.
  /// Throws ServiceError, the target's own or NotImplemented for an ARN of a kind that is not
  /// served.
  virtual runtime::Task<> deliver_now(Delivery delivery) = 0;

  /// Why the target would refuse this delivery now; nothing where it would take it, or where only a
  /// try can tell. Changes nothing.
  virtual std::optional<std::string> find_refusal(const Delivery&) { return std::nullopt; }

  /// Whether targets of the form of this ARN or URL are served at all.
  virtual bool serves(const std::string& target) const = 0;

  /// `principal` is "sns.amazonaws.com"; the listener must outlive the outbox's work.
  virtual void listen(const std::string& principal, DeliveryListener& listener) = 0;
};

/// What is added while it lives is handed over together by `finish`, as by `add_all`: for an
/// operation whose parts cause deliveries each for itself. Without `finish`, because something was
/// thrown, it is forgotten. One at a time, inside of one transaction.
class Gathering {
 public:
  /// `outbox` may be null: then nothing happens.
  explicit Gathering(Outbox* outbox) : outbox_(outbox) {
    if (outbox_) outbox_->begin_gathering();
  }
  ~Gathering() {
    if (outbox_) outbox_->forget_gathered();
  }
  Gathering(const Gathering&) = delete;
  Gathering& operator=(const Gathering&) = delete;

  void finish() {
    if (Outbox* outbox = std::exchange(outbox_, nullptr)) outbox->add_gathered();
  }

 private:
  Outbox* outbox_;
};

}  // namespace matinee::services
