// Versions of objects: which one is current, which are covered by it, and what they are called.
#include <algorithm>

#include "runtime/assertion.h"
#include "services/s3/catalog/catalog.h"

namespace matinee::s3 {

namespace {

/// An id is 24 bytes, four characters for three of them: the sequence number, hidden by the 8
/// random bytes that follow, and a check over both. So an id leads to its version without a table
/// of ids, and ids that no bucket has issued are known as such. Ids of Matinee before the check
/// have random bytes in its place: those are only known where their version is still there.
constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";
constexpr std::size_t id_bytes = 24;
constexpr std::size_t id_length = 32;
constexpr std::size_t sequence_bytes = 8;
constexpr std::size_t checked_bytes = 16;

using IdBytes = std::array<std::uint8_t, id_bytes>;

std::string encode_id(const IdBytes& bytes) {
  std::string id;
  for (std::size_t at = 0; at < id_bytes; at += 3) {
    const std::uint32_t group = std::uint32_t{bytes[at]} << 16 | std::uint32_t{bytes[at + 1]} << 8 |
                                std::uint32_t{bytes[at + 2]};
    for (int shift = 18; shift >= 0; shift -= 6) id += alphabet[group >> shift & 63];
  }
  return id;
}

std::optional<IdBytes> decode_id(std::string_view id) {
  if (id.size() != id_length) return std::nullopt;
  IdBytes bytes{};
  for (std::size_t at = 0; at < id_length; at += 4) {
    std::uint32_t group = 0;
    for (const char c : id.substr(at, 4)) {
      const std::size_t digit = alphabet.find(c);
      if (digit == std::string_view::npos) return std::nullopt;
      group = group << 6 | static_cast<std::uint32_t>(digit);
    }
    for (std::size_t i = 0; i < 3; ++i)
      bytes[at / 4 * 3 + i] = static_cast<std::uint8_t>(group >> (16 - 8 * i));
  }
  return bytes;
}

std::string check_of(const IdBytes& bytes) {
  std::string checked = "version id ";
  checked.append(bytes.begin(), bytes.begin() + checked_bytes);
  return digest(Algorithm::crc64nvme, checked);
}

std::string new_id(std::uint64_t sequence, runtime::Random& random) {
  IdBytes bytes;
  random.fill(std::span(bytes).subspan(sequence_bytes, checked_bytes - sequence_bytes));
  for (std::size_t i = 0; i < sequence_bytes; ++i)
    bytes[i] = static_cast<std::uint8_t>(sequence >> (56 - 8 * i)) ^ bytes[sequence_bytes + i];
  const std::string check = check_of(bytes);
  std::ranges::copy(check, bytes.begin() + checked_bytes);
  return encode_id(bytes);
}

std::uint64_t sequence_of(const IdBytes& bytes) {
  std::uint64_t sequence = 0;
  for (std::size_t i = 0; i < sequence_bytes; ++i)
    sequence = sequence << 8 | static_cast<std::uint8_t>(bytes[i] ^ bytes[sequence_bytes + i]);
  return sequence;
}

std::uint64_t sequence_of(const ObjectRecord& record) {
  return record.version ? record.version->sequence : 0;
}

bool is_null_version(const ObjectRecord& record) {
  return !record.version || record.version->id.empty();
}

Catalog::VersionKey version_key(const Catalog::ObjectKey& key, std::uint64_t sequence) {
  return {std::get<0>(key), std::get<1>(key).bytes, ~sequence};
}

Version current_version(ObjectRecord object) {
  return {.object = std::move(object)};
}

Version stored_version(VersionRecord record) {
  return {.object = std::move(record.object),
          .delete_marker = record.delete_marker,
          .latest = !record.noncurrent_since,
          .noncurrent_since = record.noncurrent_since};
}

}  // namespace

std::string version_id_of(const ObjectRecord& record) {
  return is_null_version(record) ? "null" : record.version->id;
}

bool is_version_id(std::string_view id) {
  return id == "null" || decode_id(id);
}

bool is_issued_id(std::string_view id) {
  if (id == "null") return true;
  const std::optional<IdBytes> bytes = decode_id(id);
  return bytes && std::ranges::equal(check_of(*bytes), std::span(*bytes).subspan(checked_bytes),
                                     [](char of_check, std::uint8_t of_id) {
                                       return static_cast<std::uint8_t>(of_check) == of_id;
                                     });
}

Catalog::Target Catalog::find_target(const BucketRecord& record, const std::string& bucket,
                                     const std::string& key) const {
  Target target{.versioning = record.versioning, .key = object_key(bucket, key)};
  target.current = objects.find(target.key);
  return target;
}

void Catalog::put_object(const Target& target, ObjectRecord& record, const ContentRecord& content) {
  make_room(target, record, record.modified);
  record.content = next_content();
  contents.put(record.content, content);
  objects.put(target.key, record);
}

std::optional<Version> Catalog::remove_object(const Target& target, runtime::Time now) {
  VersionRecord marker{.delete_marker = true};
  marker.object.modified = now;
  make_room(target, marker.object, now);
  if (target.current) objects.erase(target.key);
  overtake_uploads(target.key);
  if (target.versioning == Versioning::none) return std::nullopt;
  put_version(target.key, marker);
  return stored_version(std::move(marker));
}

void Catalog::make_room(const Target& target, ObjectRecord& successor, runtime::Time now) {
  const std::optional<ObjectRecord>& current = target.current;
  if (target.versioning == Versioning::none) {
    if (current) discard(*current);
    return;
  }
  successor.version = next_version(target);
  // With versioning suspended, a key has one null version, and a new one takes its place.
  const bool suspended = target.versioning == Versioning::suspended;
  if (suspended) remove_null_version(target.key);
  if (!current) {
    cover_delete_marker(target.key, now);
  } else if (suspended && is_null_version(*current)) {
    discard(*current);
  } else {
    put_version(target.key, {.object = *current, .noncurrent_since = now});
  }
}

VersionIdentity Catalog::next_version(const Target& target) {
  VersionIdentity identity{.sequence = 1};
  if (target.current)
    identity.sequence += sequence_of(*target.current);
  else if (const auto newest = find_newest(target.key))
    identity.sequence += sequence_of(newest->object);
  if (target.versioning == Versioning::enabled) identity.id = new_id(identity.sequence, random_);
  return identity;
}

void Catalog::cover_delete_marker(const ObjectKey& key, runtime::Time now) {
  std::optional<VersionRecord> newest = find_newest(key);
  if (!newest || newest->noncurrent_since) return;
  newest->noncurrent_since = now;
  put_version(key, *newest);
}

void Catalog::remove_null_version(const ObjectKey& key) {
  const std::optional<std::uint64_t> sequence = null_versions_.find(key);
  if (!sequence) return;
  const std::optional<VersionRecord> version = versions.find(version_key(key, *sequence));
  runtime::expect(version.has_value(), "every null version is where its key says");
  if (!version->delete_marker) discard(version->object);
  erase_version(key, version->object);
}

void Catalog::remove_version(const ObjectKey& key, const Version& version) {
  if (!version.delete_marker) discard(version.object);
  if (version.latest && !version.delete_marker)
    objects.erase(key);
  else
    erase_version(key, version.object);
  if (!version.latest) return;
  promote(key);
  overtake_uploads(key);
}

void Catalog::promote(const ObjectKey& key) {
  std::optional<VersionRecord> newest = find_newest(key);
  if (!newest) return;
  if (newest->delete_marker) {
    newest->noncurrent_since.reset();
    put_version(key, *newest);
  } else {
    erase_version(key, newest->object);
    objects.put(key, newest->object);
  }
}

void Catalog::update_object(const ObjectKey& key, const ObjectRecord& record) {
  const std::optional<ObjectRecord> current = objects.find(key);
  if (current && sequence_of(*current) == sequence_of(record)) {
    objects.put(key, record);
    return;
  }
  std::optional<VersionRecord> version = versions.find(version_key(key, sequence_of(record)));
  runtime::expect(version.has_value(), "a version that changes is there");
  version->object = record;
  put_version(key, *version);
}

void Catalog::put_version(const ObjectKey& key, const VersionRecord& version) {
  const std::uint64_t sequence = sequence_of(version.object);
  versions.put(version_key(key, sequence), version);
  if (is_null_version(version.object)) null_versions_.put(key, sequence);
}

void Catalog::erase_version(const ObjectKey& key, const ObjectRecord& record) {
  versions.erase(version_key(key, sequence_of(record)));
  if (is_null_version(record)) null_versions_.erase(key);
}

void Catalog::discard(const ObjectRecord& record) {
  const ContentRecord content = require_content(record);
  if (content.segments.size() > most_at_once) return leave({.content = record.content});
  release(content.segments);
  contents.erase(record.content);
}

std::optional<VersionRecord> Catalog::find_newest(const ObjectKey& key) const {
  auto place = versions.cursor(versions.prefix(std::get<0>(key), std::get<1>(key).bytes));
  if (!place.valid()) return std::nullopt;
  return place.record();
}

std::optional<std::uint64_t> Catalog::find_sequence(const ObjectKey& key,
                                                    const std::string& id) const {
  if (id != "null") return decode_id(id).transform([](const IdBytes& b) { return sequence_of(b); });
  const std::optional<ObjectRecord> current = objects.find(key);
  if (current && is_null_version(*current)) return sequence_of(*current);
  return null_versions_.find(key);
}

std::optional<Version> Catalog::find_version(const ObjectKey& key, const std::string& id) const {
  const std::optional<std::uint64_t> sequence = find_sequence(key, id);
  if (!sequence) return std::nullopt;
  std::optional<ObjectRecord> current = objects.find(key);
  if (current && version_id_of(*current) == id) return current_version(std::move(*current));
  std::optional<VersionRecord> version = versions.find(version_key(key, *sequence));
  if (!version || version_id_of(version->object) != id) return std::nullopt;
  return stored_version(std::move(*version));
}

std::optional<Version> Catalog::find_latest(const ObjectKey& key) const {
  if (auto current = objects.find(key)) return current_version(std::move(*current));
  return find_newest(key).transform(stored_version);
}

bool Catalog::is_empty(const std::string& bucket) const {
  return objects.is_empty(objects.prefix(bucket)) && versions.is_empty(versions.prefix(bucket));
}

}  // namespace matinee::s3
