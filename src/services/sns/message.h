// A message that was published, with its parameters checked; and the texts that its subscribers
// get of it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/clock.h"
#include "services/outbox.h"
#include "services/sns/signing_key.h"
#include "sns/shapes.h"

namespace matinee::sns {

using MessageAttributes = std::map<std::string, MessageAttributeValue>;

/// Points into the request.
struct Published {
  std::string_view message;
  const std::optional<std::string>& subject;
  const std::optional<std::string>& structure;
  const std::optional<MessageAttributes>& attributes;
  const std::optional<std::string>& group;
  const std::optional<std::string>& deduplication_id;
};

/// The texts for each protocol of a message with the structure "json".
using Texts = std::map<std::string, std::string, std::less<>>;

/// Throws InvalidParameter for what is wrong with a message itself: its length beyond `most` bytes,
/// its subject, its structure, its attributes. Gives the texts where the structure is json.
std::optional<Texts> require_message(const Published& published, std::size_t most);

/// The texts in a message whose structure is json, and was checked. Throws InvalidParameter.
Texts texts_of(std::string_view json);

/// Bytes of the message and of names, types and values of its attributes.
std::size_t size_of(const Published& published);

/// A message on its way.
struct Message {
  std::string id;
  std::string_view topic_arn;
  std::string_view text;
  std::optional<Texts> texts;
  std::optional<std::string> subject;
  std::vector<services::MessageAttribute> attributes;
  runtime::Time at;
  std::string group;
  std::string deduplication_id;
  std::optional<std::uint64_t> sequence;  // of a FIFO topic
  bool replayed = false;

  /// What subscribers of a protocol get. The first of the names that the message has a text for.
  std::string_view text_for(std::string_view protocol) const;
};

std::vector<services::MessageAttribute> attributes_of(
    const std::optional<MessageAttributes>& given);

/// Of a message without an id of its own: SHA-256 of its text, in hexadecimal.
std::string content_deduplication_id(std::string_view message);

/// The first sequence of a moment: those of FIFO topics are times.
std::uint64_t sequence_at(runtime::Time time);

/// "10000000000000001000": 20 digits.
std::string sequence_text(std::uint64_t sequence);

/// How a server signs, and where it is.
struct Signer {
  const SigningKey* key;
  std::string certificate_name;  // "SimpleNotificationService-HEX.pem"
  std::string address;           // "http://localhost:4566"
  bool with_sha256 = false;
};

/// What all subscribers of one text get alike: all but the address to unsubscribe at.
class Envelope {
 public:
  /// Both must outlive it. The text is one of the message's.
  Envelope(const Message& message, std::string_view text, const Signer& signer);

  /// The JSON that queues, HTTP endpoints and mail get.
  std::string json(std::string_view subscription_arn) const;
  /// The event that a function gets.
  std::string function_event(std::string_view subscription_arn) const;

 private:
  const Message& message_;
  std::string_view text_;
  const Signer& signer_;
  std::string timestamp_;
  std::string signature_;  // of standard topics; base64
};

/// What a subscriber is asked with that has to confirm, or has gone.
struct Confirmation {
  std::string_view type;  // "SubscriptionConfirmation" or "UnsubscribeConfirmation"
  std::string id;
  std::string_view topic_arn;
  std::string_view subscription_arn;
  std::string_view token;
  runtime::Time at;
};

std::string confirmation_json(const Confirmation& confirmation, const Signer& signer);
/// The same as a mail for people, with the link.
std::string confirmation_mail(const Confirmation& confirmation, const Signer& signer);

/// "http://HOST/?Action=ConfirmSubscription&TopicArn=...&Token=...".
std::string confirm_url(std::string_view address, std::string_view topic_arn,
                        std::string_view token);
std::string unsubscribe_url(std::string_view address, std::string_view subscription_arn);

}  // namespace matinee::sns
