// What a service answers instead of a result. Generated error types derive from ServiceError; it is
// thrown where the fault is found and caught once, in Endpoint::invoke or by a client's caller.
#pragma once

#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "protocol/shape.h"

namespace matinee::protocol {

class ServiceError;

/// An error shape of a model.
struct ErrorInfo {
  std::string_view name;        // the shape's name: JSON's __type
  std::string_view code;        // <Code> in XML
  std::string_view query_code;  // of awsQueryCompatible services: x-amzn-query-error
  int status;                   // HTTP
  bool sender_fault;            // <Type>Sender</Type>; the service's fault otherwise
  const Structure* members;     // further members, or null
  /// The generated type, so that a client can build it from the wire: `make_error<T>`. Null for
  /// errors without further members, which a plain ServiceError stands for.
  std::shared_ptr<ServiceError> (*make)(std::string message) = nullptr;
  /// What the query protocol says instead of any message; empty where it says the same.
  std::string_view query_message = "";
  /// Whether the model spells the member with the text "Message".
  bool capital_message = false;
};

class ServiceError : public std::exception {
 public:
  ServiceError(const ErrorInfo& info, std::string message)
      : name_(info.name),
        code_(info.code),
        query_code_(info.query_code),
        status_(info.status),
        sender_fault_(info.sender_fault),
        message_(std::move(message)),
        info_(&info) {}
  /// An error that the model does not name.
  ServiceError(std::string code, int status, std::string message)
      : name_(code),
        code_(code),
        query_code_(std::move(code)),
        status_(status),
        sender_fault_(status < 500),
        message_(std::move(message)) {}

  const std::string& name() const { return name_; }
  const std::string& code() const { return code_; }
  const std::string& query_code() const { return query_code_; }
  int status() const { return status_; }
  bool sender_fault() const { return sender_fault_; }
  const std::string& message() const { return message_; }
  const char* what() const noexcept override { return message_.c_str(); }

  /// Whether this is the generated error type T, also when it came over the wire.
  template <class T>
  bool is() const {
    return info_ == &T::info;
  }
  const ErrorInfo* info() const { return info_; }
  /// The object that `info()->members` describes; null where there are no further members.
  virtual const void* members() const { return nullptr; }
  /// Throws a copy with its own type. Types with members override it: `throw *this;`.
  [[noreturn]] virtual void raise() const { throw *this; }  // NOLINT: by design
  /// A copy with its own type, to outlive the catch block. Types with members override it.
  virtual std::shared_ptr<ServiceError> clone() const {
    return std::make_shared<ServiceError>(*this);
  }

  /// Extra XML elements of S3's errors (BucketName, Key, Resource …), in order.
  std::vector<std::pair<std::string, std::string>> details;
  /// Headers of the reply, where its status alone does not tell all (x-amz-delete-marker, Allow,
  /// the ETag of a 304).
  std::vector<std::pair<std::string, std::string>> headers;

 private:
  std::string name_;
  std::string code_;
  std::string query_code_;
  int status_;
  bool sender_fault_;
  std::string message_;
  const ErrorInfo* info_ = nullptr;
};

template <class T>
std::shared_ptr<ServiceError> make_error(std::string message) {
  return std::make_shared<T>(std::move(message));
}

}  // namespace matinee::protocol
