// A command that is one call: it runs the loop until the answer is there.
#pragma once

#include <exception>
#include <optional>
#include <string>
#include <utility>

#include "runtime/loop.h"
#include "runtime/task.h"

namespace matinee::cli {

template <class Response>
struct Answer {
  std::optional<Response> response;
  std::string failure;  // one sentence where there is no response
};

/// `make_task` makes the call's task, on the loop.
template <class Response, class MakeTask>
Answer<Response> wait_for(runtime::Loop& loop, MakeTask make_task) {
  Answer<Response> answer;
  loop.post([&] {
    runtime::start(make_task(), [&](std::optional<Response> response, std::exception_ptr error) {
      answer.response = std::move(response);
      try {
        if (error) std::rethrow_exception(error);
      } catch (const std::exception& failure) {
        answer.failure = failure.what();
      }
      loop.stop();
    });
  });
  loop.run();
  return answer;
}

}  // namespace matinee::cli
