#include "services/s3/catalog/verification.h"

#include <fmt/format.h>

#include <unordered_map>
#include <unordered_set>

namespace matinee::s3 {

namespace {

/// A stretch of content, and the digest that it was stored with.
struct Expected {
  ByteRange range;
  Checksum checksum;
};

class Verifying {
 public:
  Verifying(const Catalog& catalog, storage::Verification& found)
      : catalog_(catalog), found_(found) {}

  void run() {
    in_table("remains", [this] { read_remains(); });
    in_table("objects", [this] { read_objects(); });
    in_table("versions", [this] { read_versions(); });
    in_table("parts of uploads", [this] { read_parts(); });
    in_table("contents", [this] { read_contents(); });
    for (const auto& [id, count] : references_) {
      const std::uint64_t wanted = catalog_.references({.id = id});
      if (wanted != count)
        report(fmt::format("The blob {:016x} has {} references and should have {}", id, count,
                           wanted));
    }
  }

 private:
  void report(std::string damage) { found_.damages.push_back(std::move(damage)); }

  void in_table(std::string_view name, const std::function<void()>& read) {
    try {
      read();
    } catch (const storage::DamagedRecord& error) {
      report(fmt::format("The {} of S3 cannot be read to their end: {}", name, error.what()));
    }
  }

  /// What nobody sees any more, and what is given back by and by.
  void read_remains() {
    for (auto place = catalog_.remains.cursor(); place.valid(); place.next()) {
      const RemainsRecord record = place.record();
      if (record.content == 0) {
        taken_[record.upload_id] = record.taken;
        continue;
      }
      contents_.insert(record.content);
      if (const auto content = catalog_.contents.find(record.content)) count(content->segments);
    }
  }

  void read_objects() {
    for (auto place = catalog_.objects.cursor(); place.valid(); place.next()) {
      const auto [bucket, key] = place.key();
      check_object(place.record(), fmt::format("The object {}/{}", bucket, key.bytes));
    }
  }

  void read_versions() {
    for (auto place = catalog_.versions.cursor(); place.valid(); place.next()) {
      const VersionRecord version = place.record();
      if (version.delete_marker) continue;
      const auto [bucket, key, sequence] = place.key();
      check_object(version.object, fmt::format("The version {} of the object {}/{}",
                                               version_id_of(version.object), bucket, key));
    }
  }

  void read_parts() {
    for (auto place = catalog_.parts.cursor(); place.valid(); place.next()) {
      const auto [upload, number] = place.key();
      // An object has the content of these.
      const auto taken = taken_.find(upload);
      if (taken != taken_.end() && std::ranges::binary_search(taken->second, number)) continue;
      const PartRecord part = place.record();
      const std::string name = fmt::format("Part {} of the upload {}", number, upload);
      count(part.segments);
      check(name, part.segments,
            {{.range = {.offset = 0, .length = part.size},
              .checksum = {.algorithm = Algorithm::md5, .digest = part.md5}}});
    }
  }

  /// Those that no object has.
  void read_contents() {
    for (auto place = catalog_.contents.cursor(); place.valid(); place.next()) {
      if (!contents_.contains(place.key()))
        report(fmt::format("The content {} belongs to no object", place.key()));
    }
  }

  void check_object(const ObjectRecord& object, const std::string& name) {
    contents_.insert(object.content);
    const std::optional<ContentRecord> content = catalog_.contents.find(object.content);
    if (!content) return report(name + " has no content");
    count(content->segments);
    std::uint64_t length = 0;
    for (const Segment& segment : content->segments) length += segment.length;
    if (length != object.size)
      return report(fmt::format("{} has {} bytes and should have {}", name, length, object.size));
    check(name, content->segments, expectations(object, *content));
  }

  /// Each part of a multipart object has digests of its own.
  static std::vector<Expected> expectations(const ObjectRecord& object,
                                            const ContentRecord& content) {
    std::vector<Expected> expected;
    std::uint64_t offset = 0;
    for (const FinishedPart& part : content.parts) {
      const ByteRange range{.offset = offset, .length = part.size};
      offset += part.size;
      if (!part.md5.empty())
        expected.push_back({range, {.algorithm = Algorithm::md5, .digest = part.md5}});
      else if (object.checksum && !part.digest.empty())
        expected.push_back({range, {object.checksum->algorithm, part.digest}});
    }
    const ByteRange whole{.offset = 0, .length = object.size};
    if (object.checksum && object.checksum->parts == 0 && content.parts.empty())
      expected.push_back({whole, {object.checksum->algorithm, object.checksum->digest}});
    return expected;
  }

  void count(const std::vector<Segment>& segments) {
    for (const Segment& segment : segments)
      if (segment.blob.id != 0) ++references_[segment.blob.id];
  }

  void check(const std::string& name, const std::vector<Segment>& segments,
             const std::vector<Expected>& expected) {
    ++found_.bodies;
    for (const Segment& segment : segments) {
      found_.body_bytes += segment.length;
      if (segment.blob.id == 0) continue;
      // Also where there is no digest to compare with.
      if (const auto blob = catalog_.blobs().open(segment.blob); !blob)
        return report(
            fmt::format("{} has lost a part of its body: {}", name, blob.error().message));
    }
    for (const Expected& each : expected) {
      const protocol::Body body = catalog_.read(segments, each.range);
      Hasher hasher(each.checksum.algorithm);
      hasher.update(body.bytes);
      read_slices(body.slices, [&](std::string_view bytes) { hasher.update(bytes); });
      if (hasher.finish() != each.checksum.digest)
        return report(
            fmt::format("{} has a body that is not what was stored: its {} is another one", name,
                        name_of(each.checksum.algorithm)));
    }
  }

  const Catalog& catalog_;
  storage::Verification& found_;
  std::unordered_map<std::uint64_t, std::uint64_t> references_;  // by blob
  std::unordered_set<std::uint64_t> contents_;
  std::unordered_map<std::string, std::vector<std::uint32_t>>
      taken_;  // numbers of parts, by upload
};

}  // namespace

void verify(const Catalog& catalog, storage::Verification& found) {
  Verifying(catalog, found).run();
}

}  // namespace matinee::s3
