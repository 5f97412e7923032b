// An operation of a service as data. modelc writes one constant for each operation of a model,
// served or not; everything that handles requests is driven by it.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "protocol/error.h"
#include "protocol/shape.h"

namespace matinee::protocol {

/// `query_json` is the query protocol of a client that wants its reply in JSON: the request is the
/// same form. `cbor` is Smithy RPC v2.
enum class Protocol : std::uint8_t { json, query, query_json, rest_json, rest_xml, cbor };

constexpr bool is_query(Protocol used) {
  return used == Protocol::query || used == Protocol::query_json;
}

struct Operation;

struct ServiceModel {
  std::string_view name;           // "sqs": scope of credentials, mostly namespace and directory
  std::string_view id;             // "SQS": serviceId
  std::string_view api_version;    // "2012-11-05"
  Protocol protocol;               // of today's clients
  bool also_query;                 // also speaks the older query protocol (awsQueryCompatible)
  std::string_view target_prefix;  // JSON: "AmazonSQS"
  std::string_view json_version;   // "1.0"
  std::string_view xml_namespace;
  std::string_view error_namespace;  // JSON: what stands before '#' in __type
  std::span<const Operation* const> operations;
  std::span<const ErrorInfo* const> errors = {};  // of any operation
  bool tells_crc32 = false;                       // of the body of each reply, in x-amz-crc32
  bool also_cbor = false;                         // Smithy RPC v2, beside its JSON protocol
  /// JSON and CBOR tell the status and code of the query protocol only to clients that ask for them
  /// with x-amzn-query-mode; an error without a message has no member for one.
  bool heeds_query_mode = false;
  std::string_view action_prefix = "";  // of policies: "sqs"
  /// All actions that policies may name, a line each: "SendMessage W". The letter is that of the
  /// access level (List, Read, Write, Permissions management, Tagging); a star behind it: no
  /// resource. Empty where another model has them.
  std::string_view actions = "";
  /// Condition keys that are members of requests, a line each: "sts:externalid=ExternalId".
  std::string_view key_members = "";
};

/// Makes, and ends, a request or response object of an operation.
struct ObjectAccess {
  void* (*create)();
  void (*destroy)(void* object);
};

template <class T>
inline constexpr ObjectAccess object_access = {
    .create = []() -> void* { return new T(); },
    .destroy = [](void* object) { delete static_cast<T*>(object); }};

/// Of an object that somebody else owns.
inline constexpr ObjectAccess borrowed_access = {.create = nullptr, .destroy = [](void*) {}};

/// A request or response whose type only its operation knows.
class Object {
 public:
  Object() = default;
  explicit Object(const ObjectAccess& access) : access_(&access), object_(access.create()) {}
  Object(const ObjectAccess& access, void* owned) : access_(&access), object_(owned) {}
  Object(Object&& other) noexcept
      : access_(other.access_), object_(std::exchange(other.object_, nullptr)) {}
  Object& operator=(Object&& other) noexcept {
    std::swap(access_, other.access_);
    std::swap(object_, other.object_);
    return *this;
  }
  ~Object() {
    if (object_) access_->destroy(object_);
  }

  void* get() { return object_; }
  const void* get() const { return object_; }
  explicit operator bool() const { return object_ != nullptr; }

  template <class T>
  T& as() {
    return *static_cast<T*>(object_);
  }
  template <class T>
  const T& as() const {
    return *static_cast<const T*>(object_);
  }

 private:
  const ObjectAccess* access_ = nullptr;
  void* object_ = nullptr;
};

/// `input`, `output` and their accesses are null where the model trims the operation to its name:
/// such an operation resolves, and answers 501.
struct Operation {
  const ServiceModel* service;
  std::string_view name;             // "sqs": scope of credentials, mostly namespace and directory
  std::string_view method = "POST";  // HTTP
  std::string_view uri = "/";        // "/{Bucket}/{Key+}?uploads"
  int status = 200;                  // of a success
  const Structure* input = nullptr;
  const Structure* output = nullptr;
  const ObjectAccess* request = nullptr;
  const ObjectAccess* response = nullptr;
  std::string_view result_wrapper = "";  // query: "GetCallerIdentityResult"
  std::span<const ErrorInfo* const> errors = {};
  bool streaming_input = false;  // the payload is a Body
  bool streaming_output = false;
  std::span<const std::string_view> required_query = {};  // REST: members that must be present
  std::span<const std::string_view> required_headers = {};
  std::string_view needs = "";  // what its caller must be allowed: services/needs.h reads it
};

}  // namespace matinee::protocol
