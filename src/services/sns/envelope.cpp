// The JSON that subscribers get: names, order and blanks are those of AWS.
#include <fmt/format.h>

#include "protocol/base64.h"
#include "protocol/json_writer.h"
#include "protocol/timestamps.h"
#include "services/sns/message.h"

namespace matinee::sns {

namespace {

namespace json = protocol::json;

std::string timestamp_of(runtime::Time time) {
  std::string text;
  protocol::append_iso8601_milliseconds(text, std::chrono::floor<std::chrono::milliseconds>(time));
  return text;
}

void append_line(std::string& signed_text, std::string_view name, std::string_view value) {
  signed_text.append(name).append(1, '\n').append(value).append(1, '\n');
}

/// `  "Name" : "value",` on a line of its own.
class Lines {
 public:
  void add(std::string_view name, std::string_view text) {
    begin(name);
    json::append_string(out_, text);
  }
  void add_raw(std::string_view name, std::string_view value) {
    begin(name);
    out_.append(value);
  }
  std::string finish() {
    out_.append("\n}");
    return std::move(out_);
  }

 private:
  std::string out_{"{"};

  void begin(std::string_view name) {
    out_.append(out_.size() == 1 ? "\n  " : ",\n  ");
    json::append_string(out_, name);
    out_.append(" : ");
  }
};

void append_attribute(std::string& out, const services::MessageAttribute& attribute) {
  out.append(R"({"Type":)");
  json::append_string(out, attribute.type);
  out.append(R"(,"Value":)");
  if (attribute.type.starts_with("Binary"))
    json::append_blob(out, attribute.value);
  else
    json::append_string(out, attribute.value);
  out.append(1, '}');
}

std::string attribute_lines(const std::vector<services::MessageAttribute>& attributes) {
  std::string out("{");
  std::string_view separator = "\n    ";
  for (const services::MessageAttribute& attribute : attributes) {
    out.append(separator);
    json::append_string(out, attribute.name);
    out.append(" : ");
    append_attribute(out, attribute);
    separator = ",\n    ";
  }
  out.append("\n  }");
  return out;
}

/// Members of a JSON object without blanks, separated.
class Members {
 public:
  explicit Members(std::string& out) : out_(out) { out_.append(1, '{'); }
  void add(std::string_view name, std::string_view text) {
    begin(name);
    json::append_string(out_, text);
  }
  void begin(std::string_view name) {
    if (out_.back() != '{') out_.append(1, ',');
    json::append_member(out_, name);
  }

 private:
  std::string& out_;
};

std::string certificate_url(const Signer& signer) {
  return fmt::format("{}/{}", signer.address, signer.certificate_name);
}

std::string version_of(const Signer& signer) {
  return signer.with_sha256 ? "2" : "1";
}

}  // namespace

std::string confirm_url(std::string_view address, std::string_view topic_arn,
                        std::string_view token) {
  return fmt::format("{}/?Action=ConfirmSubscription&TopicArn={}&Token={}", address, topic_arn,
                     token);
}

std::string unsubscribe_url(std::string_view address, std::string_view subscription_arn) {
  return fmt::format("{}/?Action=Unsubscribe&SubscriptionArn={}", address, subscription_arn);
}

Envelope::Envelope(const Message& message, std::string_view text, const Signer& signer)
    : message_(message), text_(text), signer_(signer), timestamp_(timestamp_of(message.at)) {
  if (message.sequence) return;  // what FIFO topics send is not signed
  std::string signed_text;
  signed_text.reserve(text.size() + 300);
  append_line(signed_text, "Message", text);
  append_line(signed_text, "MessageId", message.id);
  if (message.subject) append_line(signed_text, "Subject", *message.subject);
  append_line(signed_text, "Timestamp", timestamp_);
  append_line(signed_text, "TopicArn", message.topic_arn);
  append_line(signed_text, "Type", "Notification");
  signature_ = protocol::base64_encode(signer.key->sign(signed_text, signer.with_sha256));
}

std::string Envelope::json(std::string_view subscription_arn) const {
  Lines lines;
  lines.add("Type", "Notification");
  lines.add("MessageId", message_.id);
  if (message_.sequence) lines.add("SequenceNumber", sequence_text(*message_.sequence));
  lines.add("TopicArn", message_.topic_arn);
  if (message_.subject) lines.add("Subject", *message_.subject);
  lines.add("Message", text_);
  lines.add("Timestamp", timestamp_);
  if (!message_.sequence) {
    lines.add("SignatureVersion", version_of(signer_));
    lines.add("Signature", signature_);
    lines.add("SigningCertURL", certificate_url(signer_));
  }
  lines.add("UnsubscribeURL", unsubscribe_url(signer_.address, subscription_arn));
  if (message_.replayed) lines.add_raw("Replayed", "true");
  if (!message_.attributes.empty())
    lines.add_raw("MessageAttributes", attribute_lines(message_.attributes));
  return lines.finish();
}

std::string Envelope::function_event(std::string_view subscription_arn) const {
  std::string out(R"({"Records":[)");
  Members record(out);
  record.add("EventSource", "aws:sns");
  record.add("EventVersion", "1.0");
  record.add("EventSubscriptionArn", subscription_arn);
  record.begin("Sns");
  Members notification(out);
  notification.add("SignatureVersion", version_of(signer_));
  notification.add("Timestamp", timestamp_);
  notification.add("Signature", signature_);
  notification.add("SigningCertUrl", certificate_url(signer_));
  notification.add("MessageId", message_.id);
  notification.add("Message", text_);
  notification.begin("MessageAttributes");
  Members attributes(out);
  for (const services::MessageAttribute& attribute : message_.attributes) {
    if (out.back() != '{') out.append(1, ',');
    json::append_string(out, attribute.name);
    out.append(1, ':');
    append_attribute(out, attribute);
  }
  out.append(1, '}');
  notification.add("Type", "Notification");
  notification.add("UnsubscribeUrl", unsubscribe_url(signer_.address, subscription_arn));
  notification.add("TopicArn", message_.topic_arn);
  notification.begin("Subject");
  if (message_.subject)
    json::append_string(out, *message_.subject);
  else
    out.append("null");
  out.append("}}]}");
  return out;
}

std::string confirmation_json(const Confirmation& confirmation, const Signer& signer) {
  const bool subscribes = confirmation.type == "SubscriptionConfirmation";
  const std::string text =
      subscribes ? fmt::format(
                       "You have chosen to subscribe to the topic {}.\nTo confirm the "
                       "subscription, visit the SubscribeURL included in this message.",
                       confirmation.topic_arn)
                 : fmt::format(
                       "You have chosen to deactivate subscription {}.\nTo cancel this "
                       "operation and restore the subscription, visit the SubscribeURL "
                       "included in this message.",
                       confirmation.subscription_arn);
  const std::string url = confirm_url(signer.address, confirmation.topic_arn, confirmation.token);
  const std::string timestamp = timestamp_of(confirmation.at);
  std::string signed_text;
  append_line(signed_text, "Message", text);
  append_line(signed_text, "MessageId", confirmation.id);
  append_line(signed_text, "SubscribeURL", url);
  append_line(signed_text, "Timestamp", timestamp);
  append_line(signed_text, "Token", confirmation.token);
  append_line(signed_text, "TopicArn", confirmation.topic_arn);
  append_line(signed_text, "Type", confirmation.type);
  Lines lines;
  lines.add("Type", confirmation.type);
  lines.add("MessageId", confirmation.id);
  lines.add("Token", confirmation.token);
  lines.add("TopicArn", confirmation.topic_arn);
  lines.add("Message", text);
  lines.add("SubscribeURL", url);
  lines.add("Timestamp", timestamp);
  lines.add("SignatureVersion", version_of(signer));
  lines.add("Signature",
            protocol::base64_encode(signer.key->sign(signed_text, signer.with_sha256)));
  lines.add("SigningCertURL", certificate_url(signer));
  return lines.finish();
}

std::string confirmation_mail(const Confirmation& confirmation, const Signer& signer) {
  const std::string url = confirm_url(signer.address, confirmation.topic_arn, confirmation.token);
  if (confirmation.type != "SubscriptionConfirmation")
    return fmt::format(
        "Your subscription to the topic below has been deactivated:\n{}\n\nIf this was in error, "
        "click or visit the link below to subscribe again:\n{}\n",
        confirmation.topic_arn, url);
  return fmt::format(
      "You have chosen to subscribe to the topic:\n{}\n\nTo confirm this subscription, click or "
      "visit the link below (If this was in error no action is necessary):\n{}\n",
      confirmation.topic_arn, url);
}

}  // namespace matinee::sns
