// Services that answer as a test has told them, for what prepares templates and makes resources of
// CloudFormation's own types.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "protocol/error.h"
#include "resources/calls.h"
#include "runtime/task.h"
#include "services/object_reader.h"
#include "storage/store.h"

namespace matinee::cloudformation {

class ToldCalls final : public resources::Calls {
 public:
  using Answer = std::function<templates::Value(const templates::Value& request)>;

  std::map<std::string, Answer, std::less<>> answers;
  std::vector<std::pair<std::string, templates::Value>> made;
  storage::Store* store = nullptr;  // in whose transaction responses are kept

  runtime::Task<templates::Value> call(std::string_view operation, templates::Value request,
                                       Keep keep) override {
    made.emplace_back(operation, request);
    const auto answer = answers.find(operation);
    if (answer == answers.end())
      throw protocol::ServiceError("NotImplemented", 501, std::string(operation));
    templates::Value response = answer->second(request);
    if (keep && store) {
      storage::Transaction transaction(*store);
      keep(response);
      transaction.commit();
    }
    co_return response;
  }
};

class ToldObjects final : public services::ObjectReader {
 public:
  std::map<std::string, std::string> texts;  // by "BUCKET/KEY"

  runtime::Task<std::string> read(services::Context, services::ObjectToRead object) override {
    const auto found = texts.find(object.bucket + "/" + object.key);
    if (found == texts.end())
      throw protocol::ServiceError("NoSuchKey", 404, "The specified key does not exist.");
    if (found->second.size() > object.most_bytes)
      throw protocol::ServiceError("EntityTooLarge", 400, "too large");
    co_return found->second;
  }
};

/// Of a task that does not wait.
template <class T>
T result_of(runtime::Task<T> task) {
  std::optional<T> result;
  std::exception_ptr failure;
  runtime::start(std::move(task), [&](std::optional<T> value, std::exception_ptr error) {
    result = std::move(value);
    failure = error;
  });
  if (failure) std::rethrow_exception(failure);
  return std::move(result.value());
}

}  // namespace matinee::cloudformation
