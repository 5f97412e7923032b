#include "services/s3/transfer/content.h"

#include <fmt/format.h>

#include "protocol/base64.h"
#include "s3/errors.h"

namespace matinee::s3 {

namespace {

/// Pieces are gathered up to this size before they go to the disk.
constexpr std::size_t write_bytes = 256 * 1024;

[[noreturn]] void throw_disk_error(const runtime::DiskError& error) {
  throw InternalError("The storage refused: " + error.message);
}

template <class Error>
Error with_details(Error error, std::vector<std::pair<std::string, std::string>> details) {
  error.details = std::move(details);
  return error;
}

void compare_sha256(const std::string& expected, const std::string& computed) {
  if (expected == computed) return;
  throw with_details(
      XAmzContentSHA256Mismatch(
          "The provided 'x-amz-content-sha256' header does not match what was computed."),
      {{"ClientComputedContentSHA256", to_hex(expected)},
       {"S3ComputedContentSHA256", to_hex(computed)}});
}

void compare_md5(const std::string& expected, const std::string& computed) {
  if (expected == computed) return;
  throw with_details(BadDigest("The Content-MD5 you specified did not match what we received."),
                     {{"ExpectedDigest", protocol::base64_encode(expected)},
                      {"CalculatedDigest", protocol::base64_encode(computed)}});
}

void compare_checksum(const Checksum& expected, const Checksum& computed) {
  if (expected == computed) return;
  throw BadDigest(fmt::format("The {} you specified did not match the calculated checksum.",
                              name_of(expected.algorithm)));
}

std::string digest_of(Algorithm algorithm, std::string_view content) {
  Hasher hasher(algorithm);
  hasher.update(content);
  return hasher.finish();
}

}  // namespace

void check_digests(std::string_view content, const Expectations& expectations) {
  if (expectations.md5) compare_md5(*expectations.md5, digest_of(Algorithm::md5, content));
  if (expectations.sha256)
    compare_sha256(*expectations.sha256, digest_of(Algorithm::sha256, content));
  if (const auto& expected = expectations.checksum)
    compare_checksum(*expected, {.algorithm = expected->algorithm,
                                 .digest = digest_of(expected->algorithm, content)});
}

const Checksum* ReceivedContent::find_checksum(Algorithm algorithm) const {
  const auto found = std::ranges::find(checksums, algorithm, &Checksum::algorithm);
  return found == checksums.end() ? nullptr : &*found;
}

ContentReceiver::ContentReceiver(storage::Blobs& blobs, Expectations expectations,
                                 const WantedChecksums& wanted, Md5Time md5_time)
    : blobs_(blobs),
      expectations_(std::move(expectations)),
      is_md5_left_(md5_time == Md5Time::later && !expectations_.md5) {
  if (expectations_.sha256) sha256_.emplace(Algorithm::sha256);
  const std::optional<Algorithm> from_client = expectations_.algorithm();
  if (from_client) checksums_.emplace_back(*from_client);
  if (!from_client || wanted.always)
    for (const Algorithm each : wanted.algorithms)
      if (each != from_client) checksums_.emplace_back(each);
  if (expectations_.length && *expectations_.length <= storage::blob_threshold_bytes)
    buffer_.reserve(*expectations_.length);
}

void ContentReceiver::write(std::string_view bytes) {
  size_ += bytes.size();
  if (size_ > max_upload_bytes)
    throw with_details(EntityTooLarge("Your proposed upload exceeds the maximum allowed size"),
                       {{"ProposedSize", fmt::to_string(size_)},
                        {"MaxSizeAllowed", fmt::to_string(max_upload_bytes)}});
  // In steps that stay in the processor's cache from one digest to the next.
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, write_bytes);
    bytes.remove_prefix(piece.size());
    if (!is_md5_left_) md5_.update(piece);
    if (sha256_) sha256_->update(piece);
    for (Hasher& hasher : checksums_) hasher.update(piece);
    store(piece);
  }
}

void ContentReceiver::store(std::string_view bytes) {
  if (!writer_) {
    if (buffer_.size() + bytes.size() <= storage::blob_threshold_bytes) {
      buffer_ += bytes;
      return;
    }
    runtime::DiskResult<storage::BlobWriter> created = blobs_.create();
    if (!created) throw_disk_error(created.error());
    writer_ = std::move(*created);
    if (std::exchange(is_md5_left_, false)) {
      md5_.update(buffer_);
      md5_.update(bytes);
    }
  }
  if (buffer_.size() + bytes.size() < write_bytes) {
    buffer_ += bytes;
    return;
  }
  flush();
  if (const auto written = writer_->write(bytes); !written) throw_disk_error(written.error());
}

void ContentReceiver::flush() {
  if (buffer_.empty()) return;
  if (const auto written = writer_->write(buffer_); !written) throw_disk_error(written.error());
  buffer_.clear();
}

std::shared_ptr<ReceivedContent> ContentReceiver::finish(const ChunkedDecoder::Trailers& trailers) {
  if (expectations_.length && *expectations_.length != size_)
    throw IncompleteBody(
        "You did not provide the number of bytes specified by the Content-Length HTTP header");
  auto content = std::make_shared<ReceivedContent>();
  content->size = size_;
  if (!is_md5_left_) content->md5 = md5_.finish();
  content->has_client_checksum = expectations_.algorithm().has_value();
  for (Hasher& hasher : checksums_)
    content->checksums.push_back({.algorithm = hasher.algorithm(), .digest = hasher.finish()});
  check_digests(*content, trailers);
  if (writer_) {
    flush();
    const runtime::DiskResult<storage::BlobRef> finished = writer_->finish();
    if (!finished) throw_disk_error(finished.error());
    content->blob = *finished;
    content->writer = std::move(writer_);
  } else {
    content->bytes = std::move(buffer_);
  }
  return content;
}

void ContentReceiver::check_digests(const ReceivedContent& content,
                                    const ChunkedDecoder::Trailers& trailers) {
  if (expectations_.md5) compare_md5(*expectations_.md5, content.md5);
  if (sha256_) compare_sha256(*expectations_.sha256, sha256_->finish());
  std::optional<Checksum> expected = expectations_.checksum;
  if (expectations_.trailer) {
    expected = read_checksum([&](std::string_view name) -> std::optional<std::string_view> {
      for (const auto& [trailer, value] : trailers)
        if (trailer == name) return value;
      return std::nullopt;
    });
    if (!expected || expected->algorithm != *expectations_.trailer)
      throw MalformedTrailerError(
          "The request contained trailing data that was not well-formed or did not conform to our "
          "published schema.");
  }
  if (expected) compare_checksum(*expected, content.checksums.front());
}

UploadSink::UploadSink(storage::Blobs& blobs, const protocol::HttpRequest& head,
                       const WantedChecksums& wanted)
    : receiver_(blobs, read_expectations(head.headers), wanted, Md5Time::later) {
  if (is_chunked(head.headers)) decoder_.emplace(head.chunk_signer);
}

void UploadSink::write(std::span<const char> bytes) {
  const std::string_view text(bytes.data(), bytes.size());
  if (!decoder_) return receiver_.write(text);
  using Fault = ChunkedDecoder::Fault;
  switch (decoder_->feed(text, [this](std::string_view piece) { receiver_.write(piece); })) {
    case Fault::none:
      return;
    case Fault::malformed:
      throw IncompleteBody("The request body terminated unexpectedly");
    case Fault::malformed_trailer:
      throw MalformedTrailerError(
          "The request contained trailing data that was not well-formed or did not conform to our "
          "published schema.");
    case Fault::wrong_signature:
      throw SignatureDoesNotMatch(
          "The request signature we calculated does not match the signature you provided. Check "
          "your key and signing method.");
  }
}

protocol::Body UploadSink::finish() {
  if (decoder_ && !decoder_->complete())
    throw IncompleteBody("The request body terminated unexpectedly");
  protocol::Body body;
  body.received = receiver_.finish(decoder_ ? decoder_->trailers() : ChunkedDecoder::Trailers());
  return body;
}

std::shared_ptr<ReceivedContent> receive(storage::Blobs& blobs, const protocol::Body& body,
                                         Expectations expectations, const WantedChecksums& wanted) {
  if (auto received = std::dynamic_pointer_cast<ReceivedContent>(body.received)) return received;
  ContentReceiver receiver(blobs, std::move(expectations), wanted);
  receiver.write(body.bytes);
  read_slices(body.slices, [&](std::string_view piece) { receiver.write(piece); });
  return receiver.finish();
}

void read_slices(std::span<const protocol::Slice> slices,
                 const std::function<void(std::string_view)>& visit) {
  std::string buffer;
  for (const protocol::Slice& slice : slices) {
    if (slice.source->descriptor() < 0) {
      visit(slice.source->bytes().substr(slice.offset, slice.length));
      continue;
    }
    const auto* source = dynamic_cast<const BlobSource*>(slice.source.get());
    if (!source) throw NotImplemented("A file that is not an object cannot be sent in process.");
    buffer.resize(write_bytes);
    for (std::uint64_t done = 0; done < slice.length;) {
      const std::size_t step = std::min<std::uint64_t>(write_bytes, slice.length - done);
      const auto got = source->blob().read_at(slice.offset + done, std::span(buffer.data(), step));
      if (!got) throw_disk_error(got.error());
      if (*got == 0) throw InternalError("The stored object is shorter than its record says.");
      visit(std::string_view(buffer.data(), *got));
      done += *got;
    }
  }
}

}  // namespace matinee::s3
