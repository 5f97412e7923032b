// AWS Signature Version 4, both sides: signing a request and checking one, as an Authorization
// header, as a presigned URL, and chunk by chunk for aws-chunked bodies. Pure functions: the time
// and the keys are parameters.
//
// A server that accepts any credentials still reads the claim: the access key names the account and
// the scope names the region and the service.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "protocol/http.h"
#include "runtime/clock.h"

namespace matinee::protocol::sigv4 {

using Digest = std::array<std::uint8_t, 32>;

Digest sha256(std::string_view bytes);
Digest hmac_sha256(std::string_view key, std::string_view message);
/// Lower-case hexadecimal.
std::string to_hex(std::span<const std::uint8_t> bytes);
/// SHA-256 of nothing, in hexadecimal.
extern const std::string_view empty_sha256;
inline constexpr std::string_view unsigned_payload = "UNSIGNED-PAYLOAD";

/// "20130524T000000Z", in which AWS writes when a request was signed.
std::string format_timestamp(runtime::Time time);
std::optional<runtime::Time> parse_timestamp(std::string_view text);

struct Credentials {
  std::string access_key;
  std::string secret_key;
  std::string session_token;  // empty for long-term keys
};

/// What a key is good for: one service in one region.
struct Target {
  std::string region;
  std::string service;  // "s3"
};

enum class Scheme : std::uint8_t {
  anonymous,
  v4_header,  // Authorization: AWS4-HMAC-SHA256 Credential=…
  v4_query,   // ?X-Amz-Algorithm=… : a presigned URL
  v2_header,  // Authorization: AWS KEY:SIGNATURE, of S3 before 2014
  v2_query,   // ?AWSAccessKeyId=…&Expires=…&Signature=…
  unknown     // some other Authorization header
};

/// Who a request says it comes from. The views point into the request and live as long as it does.
struct Claim {
  Scheme scheme = Scheme::anonymous;
  std::string_view access_key;
  std::string_view date;  // "20130524"
  std::string_view region;
  std::string_view service;
  std::string_view signed_headers;  // "host;x-amz-date"
  std::string_view signature;
  /// "20130524T000000Z", as it is signed, also where the Date header says it in HTTP's form; of
  /// v2_query the Expires.
  std::string timestamp;
  std::optional<std::string_view> expires;  // seconds, as sent; v4_query only
  std::string_view session_token;           // of temporary credentials; empty for others
  /// What is wrong with its form: the name of the first part that is missing or malformed.
  std::string_view fault;
  bool lacks_part = false;  // the fault is that the part is missing
};

/// Reads what the request claims; checks nothing but its form.
Claim read_claim(const HttpRequest& request);

/// "20130524/us-east-1/s3/aws4_request"
std::string scope_text(const Claim& claim);

/// The key that signs, derived from a secret for one day, region and service.
Digest derive_key(std::string_view secret, std::string_view date, const Target& target);

/// Derived keys, because deriving one costs four times what using it costs. From any thread.
class KeyCache {
 public:
  Digest find_or_derive(std::string_view secret, const Claim& claim);

 private:
  static constexpr std::size_t most_keys = 1024;

  std::mutex mutex_;
  std::unordered_map<std::string, Digest> keys_;
};

/// What the two sides have to agree on, in words; for the details of S3's SignatureDoesNotMatch.
struct Computed {
  std::string canonical_request;
  std::string string_to_sign;
  std::string signature;
};

/// Whether the claim has the signature that the key gives. `payload_hash` stands for the body: its
/// SHA-256 in hexadecimal, or for S3 what x-amz-content-sha256 says. Takes the same time wherever
/// the signatures differ.
bool verify(const HttpRequest& request, const Claim& claim, std::string_view payload_hash,
            const Digest& key);
/// What `verify` compared with.
Computed compute(const HttpRequest& request, const Claim& claim, std::string_view payload_hash,
                 const Digest& key);

/// Compares in constant time, so that a guesser learns nothing from how long it takes.
bool same_signature(std::string_view one, std::string_view other);

/// What stands for the body of this request in its signature. S3 believes x-amz-content-sha256 (and
/// UNSIGNED-PAYLOAD for presigned URLs without one); all other services hash what they received.
std::string payload_hash(const HttpRequest& request, const Claim& claim);

/// Where and when a signature is made.
struct Occasion {
  Target target;
  runtime::Time time;
};

/// Signs by header: sets X-Amz-Date, X-Amz-Security-Token where there is a token, for S3
/// X-Amz-Content-Sha256, and Authorization. Host must be set. All headers present are signed but
/// those that proxies change (User-Agent, Connection, Expect, Transfer-Encoding, Accept-Encoding,
/// Content-Length). `payload_hash` empty means that of `request.body.bytes`.
void sign(HttpRequest& request, const Credentials& credentials, const Occasion& occasion,
          std::string payload_hash = "");

/// Adds a signature to the query of the target, good for `lifetime` (at most 7 days).
void presign(HttpRequest& request, const Credentials& credentials, const Occasion& occasion,
             std::chrono::seconds lifetime);

/// The chain of signatures of an aws-chunked body: each chunk's depends on the one before it, the
/// first chunk's on the request's. Both sides call it in the order of the chunks.
class ChunkSigner {
 public:
  /// `timestamp` and `scope` as in the request: "20130524T000000Z", "20130524/…/aws4_request".
  ChunkSigner(const Digest& key, std::string timestamp, std::string scope, std::string seed)
      : key_(key),
        timestamp_(std::move(timestamp)),
        scope_(std::move(scope)),
        previous_(std::move(seed)) {}

  /// The signature of the next chunk, whose bytes have this SHA-256. The last, empty chunk too.
  const std::string& next(const Digest& chunk);
  /// The signature of the trailer (x-amz-trailer-signature): `trailer` is its "name:value\n" lines.
  const std::string& trailer(std::string_view trailer);

 private:
  Digest key_;
  std::string timestamp_;
  std::string scope_;
  std::string previous_;

  const std::string& advance(std::string_view algorithm, std::string_view content);
};

}  // namespace matinee::protocol::sigv4
