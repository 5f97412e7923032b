#include "services/s3/catalog/catalog.h"

#include <fmt/format.h>

#include "protocol/base64.h"
#include "runtime/assertion.h"
#include "s3/errors.h"

namespace matinee::s3 {

using storage::TableId;

namespace {

constexpr std::size_t upload_id_time_digits = 16;
constexpr std::size_t upload_id_random_characters = 48;
constexpr std::string_view upload_id_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";

}  // namespace

std::string ChecksumRecord::text() const {
  std::string base64 = protocol::base64_encode(digest);
  if (parts > 0) base64 += fmt::format("-{}", parts);
  return base64;
}

Catalog::Catalog(storage::Store& store, runtime::Random& random)
    : buckets(store, TableId{0x0301}),
      owned(store, TableId{0x0302}),
      objects(store, TableId{0x0303}),
      versions(store, TableId{0x0308}),
      contents(store, TableId{0x0304}),
      uploads(store, TableId{0x0305}),
      parts(store, TableId{0x0306}),
      remains(store, TableId{0x030A}),
      store_(store),
      random_(random),
      null_versions_(store, TableId{0x0309}),
      further_references_(store, TableId{0x0307}) {
  if (const auto last = contents.first(contents.all(), storage::Order::backward))
    last_content_ = last->first;
  may_have_uploads_ = !uploads.is_empty(uploads.all());
}

std::string new_upload_id(runtime::Time initiated, runtime::Random& random) {
  return fmt::format("{:0{}x}", initiated.time_since_epoch().count(), upload_id_time_digits) +
         random.text(upload_id_random_characters, upload_id_alphabet);
}

bool is_upload_id(std::string_view id) {
  if (id.size() != upload_id_time_digits + upload_id_random_characters) return false;
  const auto in = [](std::string_view alphabet) {
    return [alphabet](char c) { return alphabet.find(c) != std::string_view::npos; };
  };
  return std::ranges::all_of(id.substr(0, upload_id_time_digits), in("0123456789abcdef")) &&
         std::ranges::all_of(id.substr(upload_id_time_digits), in(upload_id_alphabet));
}

std::uint64_t Catalog::next_content() {
  return ++last_content_;
}

ContentRecord Catalog::require_content(const ObjectRecord& record) const {
  std::optional<ContentRecord> content = contents.find(record.content);
  runtime::expect(content.has_value(), "every object has its content");
  return std::move(*content);
}

void Catalog::begin_upload(const UploadKey& key, UploadRecord& upload) {
  const auto& [bucket, object, id] = key;
  const std::optional<ObjectRecord> current = objects.find(object_key(bucket, object));
  upload.found_content = current ? current->content : 0;
  uploads.put(key, upload);
  may_have_uploads_ = true;
}

bool Catalog::is_overtaken(const UploadRecord& upload,
                           const std::optional<ObjectRecord>& current) const {
  if (!upload.found_content) return false;
  return upload.overtaken || *upload.found_content != (current ? current->content : 0);
}

void Catalog::overtake_uploads(const ObjectKey& key) {
  if (!may_have_uploads_) return;
  std::vector<std::pair<UploadKey, UploadRecord>> found;
  const auto& [bucket, object] = key;
  uploads.scan(uploads.prefix(bucket, object.bytes),
               [&](const UploadKey& upload, const UploadRecord& record) {
                 if (!record.overtaken) found.emplace_back(upload, record);
                 return true;
               });
  for (auto& [upload, record] : found) {
    record.overtaken = true;
    uploads.put(upload, record);
  }
}

void Catalog::remove_upload(const UploadKey& key, std::vector<std::uint32_t> taken) {
  const std::string& id = std::get<2>(key);
  uploads.erase(key);
  std::vector<std::pair<PartKey, PartRecord>> found;
  parts.scan(parts.prefix(id), [&](PartKey part, PartRecord record) {
    found.emplace_back(std::move(part), std::move(record));
    return found.size() <= most_at_once;
  });
  if (found.size() > most_at_once) return leave({.upload_id = id, .taken = std::move(taken)});
  for (const auto& [part, record] : found) {
    if (!std::ranges::binary_search(taken, std::get<1>(part))) release(record.segments);
    parts.erase(part);
  }
}

void Catalog::leave(const RemainsRecord& record) {
  const auto last = remains.first(remains.all(), storage::Order::backward);
  remains.put(last ? last->first + 1 : 1, record);
  store_.on_commit([this] {
    if (on_remains) on_remains();
  });
}

Segment Catalog::keep(ReceivedContent& content) {
  Segment segment{.length = content.size};
  if (content.writer)
    segment.blob = blobs().keep(std::move(*content.writer));
  else
    segment.bytes = std::move(content.bytes);
  return segment;
}

void Catalog::share(const std::vector<Segment>& segments) {
  for (const Segment& segment : segments) {
    if (segment.blob.id == 0) continue;
    const std::uint32_t further = further_references_.find(segment.blob.id).value_or(0);
    further_references_.put(segment.blob.id, further + 1);
  }
}

void Catalog::release(const std::vector<Segment>& segments) {
  for (const Segment& segment : segments) {
    if (segment.blob.id == 0) continue;
    const std::uint32_t further = further_references_.find(segment.blob.id).value_or(0);
    if (further == 0)
      blobs().remove(segment.blob);
    else if (further == 1)
      further_references_.erase(segment.blob.id);
    else
      further_references_.put(segment.blob.id, further - 1);
  }
}

protocol::Body Catalog::read(const std::vector<Segment>& segments, const ByteRange& range) const {
  protocol::Body body;
  std::vector<Segment> wanted = cut(segments, range);
  if (wanted.size() == 1 && wanted.front().blob.id == 0) {
    body.bytes = std::move(wanted.front().bytes);
    return body;
  }
  for (Segment& segment : wanted) {
    protocol::Slice slice{.offset = segment.offset, .length = segment.length};
    if (segment.blob.id == 0) {
      slice.source = std::make_shared<BytesSource>(std::move(segment.bytes));
    } else {
      auto blob = blobs().open(segment.blob);
      if (!blob) throw InternalError("The stored object cannot be read: " + blob.error().message);
      slice.source = std::make_shared<BlobSource>(std::move(*blob));
    }
    body.slices.push_back(std::move(slice));
  }
  return body;
}

protocol::Body Catalog::read_whole(const ObjectRecord& object) const {
  const ContentRecord content = require_content(object);
  protocol::Body body = read(content.segments, {.offset = 0, .length = object.size});
  const bool single = object.parts == 0 && content.segments.size() == 1;
  if (!object.checksum || body.slices.size() != content.segments.size()) return body;
  if (!single && content.parts.size() != content.segments.size()) return body;
  for (std::size_t i = 0; i < body.slices.size(); ++i) {
    const Segment& segment = content.segments[i];
    const std::string& digest = single ? object.checksum->digest : content.parts[i].digest;
    if (digest.empty() || segment.blob.id == 0 || !blobs().is_old(segment.blob)) continue;
    if (!single && content.parts[i].size != segment.length) continue;
    if (checked_->contains(segment.blob.id)) continue;
    auto source = std::dynamic_pointer_cast<const BlobSource>(body.slices[i].source);
    body.slices[i].source = std::make_shared<CheckedSource>(
        std::move(source), Stretch{segment.blob.id, segment.offset, segment.length},
        Checksum{.algorithm = object.checksum->algorithm, .digest = digest}, checked_);
  }
  return body;
}

std::vector<Segment> cut(const std::vector<Segment>& segments, const ByteRange& range) {
  std::vector<Segment> wanted;
  std::uint64_t start = 0;  // of the segment in the object
  const std::uint64_t end = range.offset + range.length;
  for (const Segment& segment : segments) {
    const std::uint64_t from = std::max(start, range.offset);
    const std::uint64_t to = std::min(start + segment.length, end);
    if (from < to) {
      Segment piece{.blob = segment.blob, .length = to - from};
      if (segment.blob.id == 0)
        piece.bytes = segment.bytes.substr(from - start, to - from);
      else
        piece.offset = segment.offset + (from - start);
      wanted.push_back(std::move(piece));
    }
    start += segment.length;
  }
  return wanted;
}

}  // namespace matinee::s3
