#include "services/s3/notifications/bus_event.h"

#include <fmt/format.h>

#include "protocol/json_writer.h"

namespace matinee::s3 {

namespace {

using protocol::json::append_string;

/// Of an empty object: what events about delete markers name.
constexpr std::string_view empty_etag = "d41d8cd98f00b204e9800998ecf8427e";

struct Words {
  std::string_view event;  // the beginning of the name that messages to queues have
  std::string_view detail_type;
  std::string_view reason = {};
  std::string_view deletion_type = {};
};

/// The first one that fits counts.
constexpr Words all_words[] = {
    {"ObjectCreated:Put", "Object Created", "PutObject"},
    {"ObjectCreated:Post", "Object Created", "POST Object"},
    {"ObjectCreated:Copy", "Object Created", "CopyObject"},
    {"ObjectCreated:CompleteMultipartUpload", "Object Created", "CompleteMultipartUpload"},
    {"ObjectRemoved:DeleteMarkerCreated", "Object Deleted", "DeleteObject",
     "Delete Marker Created"},
    {"ObjectRemoved:Delete", "Object Deleted", "DeleteObject", "Permanently Deleted"},
    {"LifecycleExpiration:DeleteMarkerCreated", "Object Deleted", "Lifecycle Expiration",
     "Delete Marker Created"},
    {"LifecycleExpiration:Delete", "Object Deleted", "Lifecycle Expiration", "Permanently Deleted"},
    {"LifecycleTransition", "Object Storage Class Changed"},
    {"ObjectTagging:Put", "Object Tags Added"},
    {"ObjectTagging:Delete", "Object Tags Deleted"},
    {"ObjectAcl:Put", "Object ACL Updated"},
    {"ObjectRestore:Post", "Object Restore Initiated"},
    {"ObjectRestore:Completed", "Object Restore Completed"},
    {"ObjectRestore:Delete", "Object Restore Expired"}};

const Words* find_words(std::string_view name) {
  for (const Words& words : all_words)
    if (name.starts_with(words.event)) return &words;
  return nullptr;
}

void add(std::string& out, std::string_view name, std::string_view text) {
  if (text.empty()) return;
  if (!out.ends_with('{')) out += ',';
  append_string(out, name);
  out += ':';
  append_string(out, text);
}

std::string detail_of(const services::Context& context, const EventPlace& place,
                      const ObjectEvent& event, const Words& words) {
  const bool by_service = !context.service_principal.empty();
  std::string out = "{";
  add(out, "version", "0");
  add(out, "event-version", "1.1");
  out += ",\"bucket\":{";
  add(out, "name", place.bucket);
  out += "},\"object\":{";
  add(out, "key", event.key);
  if (event.size) out += fmt::format(",\"size\":{}", *event.size);
  const bool is_marker = words.deletion_type == "Delete Marker Created";
  add(out, "etag", is_marker ? empty_etag : std::string_view(event.etag));
  add(out, "version-id", event.version_id);
  add(out, "sequencer", words.reason.empty() ? "" : fmt::format("{:018X}", place.sequence));
  out += '}';
  add(out, "request-id", context.request_id);
  add(out, "requester", by_service ? context.service_principal : context.account);
  add(out, "source-ip-address", by_service ? "" : context.source_ip);
  add(out, "reason", words.reason);
  add(out, "deletion-type", words.deletion_type);
  add(out, "destination-storage-class", event.moved_to);
  out += '}';
  return out;
}

}  // namespace

std::optional<services::ServiceEvent> bus_event(const services::Context& context,
                                                const EventPlace& place, const ObjectEvent& event) {
  const Words* words = find_words(event.name);
  if (!words) return std::nullopt;
  return services::ServiceEvent{.account = place.account,
                                .region = place.region,
                                .source = "aws.s3",
                                .detail_type = std::string(words->detail_type),
                                .resources = {"arn:aws:s3:::" + place.bucket},
                                .detail = detail_of(context, place, event, *words),
                                .time = place.time,
                                .trace_header = context.trace_header};
}

}  // namespace matinee::s3
