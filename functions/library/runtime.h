// The loop of a function: takes events from the Runtime API of AWS Lambda (2018-06-01) and gives
// back what a handler answers.
//
//   int main() {
//     return lambda::run([] {
//       Settings settings = read_settings();          // once; what it throws is an error of init
//       return lambda::on<lambda::SqsEvent>([settings](const lambda::SqsEvent& event,
//                                                      const lambda::Context& context) {
//         return lambda::Json::object();
//       });
//     });
//   }
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "library/errors.h"
#include "library/json.h"

namespace lambda {

/// What is known of one invocation.
struct Context {
  std::string request_id;
  std::string function_arn;  // as the caller named it
  std::string trace_id;      // also in _X_AMZN_TRACE_ID while the handler runs; may be empty
  std::string client_context;
  std::string cognito_identity;
  std::string tenant_id;
  /// When the function is ended if it has not answered.
  std::chrono::system_clock::time_point deadline;

  /// Not below zero.
  std::chrono::milliseconds remaining() const;
  /// When to stop working, so that there is time to answer: half a second before the deadline, or a
  /// tenth of what remains now, if that is less.
  std::chrono::system_clock::time_point work_until() const;
};

/// Takes an event and gives the answer, both as JSON text. What it throws becomes the error of the
/// invocation; the function goes on with the next one.
using Handler = std::function<std::string(std::string_view event, const Context& context)>;

/// Makes the handler, once, and then calls it for each event. Returns the program's exit code when
/// it cannot go on: AWS then starts the function anew. An exception of `make` is reported as an
/// error of init.
int run(const std::function<Handler()>& make);

/// A handler that reads its event first: `Event` is Json, or a type with a static `read(Json)`.
/// The function gets the event and the context, and gives Json.
template <class Event, class Function>
Handler on(Function function) {
  return [function = std::move(function)](std::string_view text, const Context& context) {
    if constexpr (std::is_same_v<Event, Json>)
      return function(Json::parse(text), context).dump();
    else
      return function(Event::read(Json::parse(text)), context).dump();
  };
}

}  // namespace lambda
