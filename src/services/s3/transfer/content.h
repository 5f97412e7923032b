// Takes in the content of an object or part, wherever it comes from: computes its digests, checks
// them against what the client said, and keeps small content in memory and large content in a blob.
//
// Everything here may run on any thread; the state thread gets the result.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "protocol/body.h"
#include "protocol/http.h"
#include "services/endpoint.h"
#include "services/s3/transfer/checksums.h"
#include "services/s3/transfer/chunked.h"
#include "storage/blobs.h"

namespace matinee::s3 {

/// The largest object that one PutObject, or part that one UploadPart, may bring: 5 GiB.
inline constexpr std::uint64_t max_upload_bytes = std::uint64_t{5} << 30;

/// What a client says about content that it sends, before it sends it.
struct Expectations {
  std::optional<std::string> md5;     // raw, of Content-MD5
  std::optional<std::string> sha256;  // raw, of x-amz-content-sha256
  std::optional<Checksum> checksum;   // of x-amz-checksum-ALGORITHM
  std::optional<Algorithm> trailer;   // follows the content as x-amz-checksum-ALGORITHM
  std::optional<std::uint64_t> length;

  /// The algorithm of the client's checksum, wherever it stands.
  std::optional<Algorithm> algorithm() const;
};

/// Reads an upload's headers. Throws InvalidDigest, InvalidRequest, InvalidArgument,
/// NotImplemented, MissingContentLength or EntityTooLarge as S3 does.
Expectations read_expectations(const protocol::Headers& headers);

/// Whether the body is framed as aws-chunked. Signed requests say so in x-amz-content-sha256, which
/// anonymous ones do not have.
bool is_chunked(const protocol::Headers& headers);

/// The one checksum among headers, or members with the same names: `find` gives the value of
/// "x-amz-checksum-crc32". Throws InvalidRequest for two, or for one that is malformed.
using FindHeader = std::function<std::optional<std::string_view>(std::string_view)>;
std::optional<Checksum> read_checksum(const FindHeader& find);

/// Content-MD5's value as raw bytes. Throws InvalidDigest.
std::string read_content_md5(std::string_view base64);

/// Content that has arrived and is what the client said it is.
struct ReceivedContent : protocol::Received {
  std::uint64_t size = 0;
  std::string md5;  // raw; empty as long as it is left to a DigestBatch or the operation
  std::vector<Checksum> checksums;
  /// Whether the client sent a checksum, which then is the first.
  bool has_client_checksum = false;
  /// Whether a browser's form brought it, as notifications tell.
  bool from_form = false;
  /// The content, up to storage::blob_threshold_bytes; longer content is in the blob.
  std::string bytes;
  std::optional<storage::BlobWriter> writer;
  storage::BlobRef blob;

  /// Null where it was not computed.
  const Checksum* find_checksum(Algorithm algorithm) const;
};

/// The checksums that are computed of content besides its MD5.
struct WantedChecksums {
  std::span<const Algorithm> algorithms;
  /// Also where the client sends one of its own; otherwise only where it sends none.
  bool always = false;
};

/// When the MD5 of content is computed that fits into memory, and of which the client has not said
/// what it should be.
enum class Md5Time : std::uint8_t { at_once, later };

/// Receives content piece by piece. One that is destroyed before `finish` leaves nothing behind.
class ContentReceiver {
 public:
  ContentReceiver(storage::Blobs& blobs, Expectations expectations, const WantedChecksums& wanted,
                  Md5Time md5_time = Md5Time::at_once);

  /// Throws EntityTooLarge, or InternalError where the disk refuses.
  void write(std::string_view bytes);
  /// Throws BadDigest, XAmzContentSHA256Mismatch, IncompleteBody or MalformedTrailerError.
  std::shared_ptr<ReceivedContent> finish(const ChunkedDecoder::Trailers& trailers = {});

  const Expectations& expectations() const { return expectations_; }

 private:
  void store(std::string_view bytes);
  void flush();
  void check_digests(const ReceivedContent& content, const ChunkedDecoder::Trailers& trailers);

  storage::Blobs& blobs_;
  Expectations expectations_;
  Hasher md5_{Algorithm::md5};
  bool is_md5_left_;  // to somebody else
  std::optional<Hasher> sha256_;
  std::vector<Hasher> checksums_;
  std::uint64_t size_ = 0;
  std::string buffer_;
  std::optional<storage::BlobWriter> writer_;
};

/// The body of PutObject or UploadPart as it comes over HTTP, aws-chunked or not. The MD5 of small
/// content is left to a DigestBatch, or else to the operation.
class UploadSink : public services::BodySink {
 public:
  /// Throws what read_expectations throws.
  UploadSink(storage::Blobs& blobs, const protocol::HttpRequest& head,
             const WantedChecksums& wanted);

  void write(std::span<const char> bytes) override;
  protocol::Body finish() override;

 private:
  ContentReceiver receiver_;
  std::optional<ChunkedDecoder> decoder_;
};

/// Content that is in memory or elsewhere in the store, as in-process callers have it.
std::shared_ptr<ReceivedContent> receive(storage::Blobs& blobs, const protocol::Body& body,
                                         Expectations expectations, const WantedChecksums& wanted);

/// Compares content in memory with what the client said of it. Throws BadDigest or
/// XAmzContentSHA256Mismatch.
void check_digests(std::string_view content, const Expectations& expectations);

/// A blob as a source of replies.
class BlobSource : public protocol::Source {
 public:
  explicit BlobSource(std::shared_ptr<const storage::Blob> blob) : blob_(std::move(blob)) {}
  int descriptor() const override { return blob_->descriptor(); }
  std::string_view bytes() const override { return blob_->bytes(); }
  const storage::Blob& blob() const { return *blob_; }

 private:
  std::shared_ptr<const storage::Blob> blob_;
};

/// Bytes in memory as a source of replies.
class BytesSource : public protocol::Source {
 public:
  explicit BytesSource(std::string bytes) : bytes_(std::move(bytes)) {}
  int descriptor() const override { return -1; }
  std::string_view bytes() const override { return bytes_; }

 private:
  std::string bytes_;
};

/// Calls `visit` with the bytes of the slices, piece by piece. Throws InternalError where the disk
/// refuses. Slices of foreign files cannot be read.
void read_slices(std::span<const protocol::Slice> slices,
                 const std::function<void(std::string_view)>& visit);

}  // namespace matinee::s3
