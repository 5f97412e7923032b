#include "services/s3/notifications/object_event.h"

#include <fmt/format.h>

#include "protocol/base64.h"
#include "protocol/http.h"
#include "protocol/json_writer.h"
#include "protocol/timestamps.h"
#include "services/s3/headers/names.h"

namespace matinee::s3 {

namespace {

using protocol::json::append_member;
using protocol::json::append_string;

/// Of an empty object: what messages about delete markers name.
constexpr std::string_view empty_etag = "d41d8cd98f00b204e9800998ecf8427e";

void append_text(std::string& out, std::string_view name, std::string_view text) {
  if (!out.ends_with('{')) out += ',';
  append_member(out, name);
  append_string(out, text);
}

void open_member(std::string& out, std::string_view name) {
  if (!out.ends_with('{')) out += ',';
  append_member(out, name);
  out += '{';
}

/// The events that came later have a later version of the message, which is otherwise the same.
std::string_view version_of(std::string_view event) {
  constexpr std::array<std::string_view, 2> first = {"ObjectCreated:", "ObjectRemoved:"};
  const bool is_first = std::ranges::any_of(
      first, [&](std::string_view prefix) { return event.starts_with(prefix); });
  return is_first ? "2.1" : "2.3";
}

bool has_sequence(std::string_view event) {
  return event.starts_with("ObjectCreated:") || event.starts_with("ObjectRemoved:") ||
         event.starts_with("LifecycleExpiration:");
}

/// The short form in which messages name an account: "A" and 13 letters and digits.
std::string principal_of_account(const std::string& account) {
  std::string id = "A";
  for (const char c : canonical_user_id(account).substr(0, 13))
    id += static_cast<char>(c >= 'a' ? c - 'a' + 'A' : c);
  return id;
}

std::string principal_of(const services::Context& context) {
  if (!context.service_principal.empty()) return context.service_principal;
  if (context.anonymous) return "Anonymous";
  if (context.access_key.empty() || context.caller_arn.ends_with(":root"))
    return principal_of_account(context.account);
  return "AWS:" + (context.caller_id.empty() ? context.access_key : context.caller_id);
}

std::string time_text(runtime::Time time) {
  std::string text;
  protocol::append_iso8601_milliseconds(text, time);
  return text;
}

/// As forms encode it, but with its slashes: a space is a plus.
std::string encoded_key(const std::string& key) {
  const std::string encoded = protocol::percent_encode(key, true);
  std::string text;
  for (std::size_t index = 0; index < encoded.size(); ++index) {
    if (encoded.compare(index, 3, "%20") == 0) {
      text += '+';
      index += 2;
    } else {
      text += encoded[index];
    }
  }
  return text;
}

void append_object(std::string& out, const EventPlace& place, const ObjectEvent& event) {
  open_member(out, "object");
  append_text(out, "key", encoded_key(event.key));
  if (event.size) {
    out += ',';
    append_member(out, "size");
    protocol::json::append_integer(out, static_cast<std::int64_t>(*event.size));
  }
  const bool marker = event.name.ends_with(":DeleteMarkerCreated");
  if (marker || !event.etag.empty())
    append_text(out, "eTag", marker ? empty_etag : std::string_view(event.etag));
  if (!event.version_id.empty()) append_text(out, "versionId", event.version_id);
  if (has_sequence(event.name))
    append_text(out, "sequencer", fmt::format("{:018X}", place.sequence));
  out += '}';
}

void append_bucket(std::string& out, const EventPlace& place) {
  open_member(out, "bucket");
  append_text(out, "name", place.bucket);
  open_member(out, "ownerIdentity");
  append_text(out, "principalId", principal_of_account(place.account));
  out += '}';
  append_text(out, "arn", "arn:aws:s3:::" + place.bucket);
  out += '}';
}

}  // namespace

ObjectEvent event_of(std::string_view name, const std::string& key, const ObjectRecord& object) {
  ObjectEvent event{.name = name, .key = key, .etag = object.etag};
  if (name.starts_with("ObjectCreated:")) event.size = object.size;
  if (object.version) event.version_id = object.version->id;
  if (name == "LifecycleTransition")
    event.moved_to = object.attributes.storage_class.value_or("STANDARD");
  return event;
}

std::string event_message(const services::Context& context, const EventPlace& place,
                          const ObjectEvent& event, std::string_view configuration_id) {
  const bool by_service = !context.service_principal.empty();
  std::string out = "{\"Records\":[{";
  append_text(out, "eventVersion", version_of(event.name));
  append_text(out, "eventSource", "aws:s3");
  append_text(out, "awsRegion", place.region);
  append_text(out, "eventTime", time_text(place.time));
  append_text(out, "eventName", event.name);
  open_member(out, "userIdentity");
  append_text(out, "principalId", principal_of(context));
  out += '}';
  open_member(out, "requestParameters");
  append_text(out, "sourceIPAddress", by_service ? context.service_principal : context.source_ip);
  out += '}';
  open_member(out, "responseElements");
  append_text(out, "x-amz-request-id", context.request_id);
  append_text(out, "x-amz-id-2", protocol::base64_encode(context.request_id));
  out += '}';
  open_member(out, "s3");
  append_text(out, "s3SchemaVersion", "1.0");
  append_text(out, "configurationId", configuration_id);
  append_bucket(out, place);
  append_object(out, place, event);
  out += '}';
  if (!event.moved_to.empty()) {
    open_member(out, "lifecycleEventData");
    open_member(out, "transitionEventData");
    append_text(out, "destinationStorageClass", event.moved_to);
    out += "}}";
  }
  out += "}]}";
  return out;
}

std::string test_message(const services::Context& context, const std::string& bucket,
                         runtime::Time time) {
  std::string out = "{";
  append_text(out, "Service", "Amazon S3");
  append_text(out, "Event", "s3:TestEvent");
  append_text(out, "Time", time_text(time));
  append_text(out, "Bucket", bucket);
  append_text(out, "RequestId", context.request_id);
  append_text(out, "HostId", protocol::base64_encode(context.request_id));
  out += '}';
  return out;
}

}  // namespace matinee::s3
