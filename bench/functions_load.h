// Functions to be measured: their packages, how they are made, and calls of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "http_load.h"

namespace bench {

/// A zip archive with one file that is not compressed.
std::string stored_zip(std::string_view name, std::string_view content);

/// The same archive with a comment, so that it is another package: what a server knows of the one
/// without it does not help. `zip` must have none.
std::string with_comment(std::string zip, std::string_view comment);

/// What CreateFunction is told.
struct NewFunction {
  std::string name;
  std::string runtime;
  std::string handler;
  std::string zip;
  /// Of the probe, `probe.cpp`: whom it tells of events; zero for nobody.
  std::uint16_t told_port = 0;
};

/// Throws std::runtime_error.
void create_function(std::uint16_t port, const NewFunction& function);
/// Until it can be called, half a minute at most. Throws std::runtime_error.
void await_active(std::uint16_t port, const std::string& name);
/// Both.
void make_function(std::uint16_t port, const NewFunction& function);
void delete_function(std::uint16_t port, const std::string& name);

/// A synchronous call with an event of 200 bytes.
std::string invoke_request(std::uint16_t port, const std::string& name);

/// Checks that an answer is the event of invoke_request. Throws std::runtime_error.
void require_event(std::string_view body);

/// Calls of a function that gives back its event.
class InvokeLoad final : public Workload {
 public:
  InvokeLoad(std::uint16_t port, const std::string& name) : request_(invoke_request(port, name)) {}

  std::string_view next_request(int) override { return request_; }
  std::uint64_t accept(int, std::string_view body) override {
    require_event(body);
    return 1;
  }

 private:
  std::string request_;
};

}  // namespace bench
