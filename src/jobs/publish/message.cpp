// Messages of objects.
#include "jobs/publish/message.h"

#include <fmt/format.h>
#include <simdjson.h>

#include "jobs/report.h"
#include "runtime/assertion.h"

namespace matinee::jobs::publish {

namespace {

/// Of a key's sum every bit counts for every other: keys that differ in little go far apart.
std::uint64_t spread(std::uint64_t sum) {
  sum = (sum ^ (sum >> 33U)) * 0xff51afd7ed558ccd;
  sum = (sum ^ (sum >> 33U)) * 0xc4ceb9fe1a85ec53;
  return sum ^ (sum >> 33U);
}

}  // namespace

OutgoingMessage MessageMaker::make(const Entry& entry) {
  runtime::expect(entry.doubt && entry.doubt->groups > 0, "what is sent is in doubt until then");
  OutgoingMessage message;
  message.body = R"({"bucket":)";
  append_json_string(bucket_, message.body);
  message.body += R"(,"key":)";
  append_json_string(entry.key, message.body);
  message.body += '}';
  // No key has a NUL, so nothing else gives the same bytes.
  constexpr std::string_view separator("\0", 1);
  digest_.add(bucket_);
  digest_.add(separator);
  digest_.add(entry.key);
  digest_.add(separator);
  digest_.add(entry.etag);
  digest_.add(separator);
  digest_.add(std::to_string(entry.edition));
  message.deduplication_id = digest_.finish();
  message.group = fmt::format("publish-{}", spread(checksum(entry.key)) % entry.doubt->groups);
  return message;
}

bool is_utf8(const std::string& key) {
  return simdjson::validate_utf8(key);
}

}  // namespace matinee::jobs::publish
