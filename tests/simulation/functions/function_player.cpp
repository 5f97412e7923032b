// A runtime, as the service sees it.
#include "function_player.h"

#include <csignal>

namespace matinee::simulation {

namespace {

constexpr int ok = 200;
constexpr int accepted = 202;
constexpr int refused = 400;
const std::string runtime_path = "/2018-06-01/runtime/";
const std::string next_path = "invocation/next";

std::uint16_t port_of(const std::string& address) {
  return static_cast<std::uint16_t>(std::stoi(address.substr(address.find(':') + 1)));
}

std::string path_of(const FunctionCall& call, const char* what) {
  return "invocation/" + call.id + "/" + what;
}

}  // namespace

FunctionPlayer::FunctionPlayer(runtime::Loop& loop, SimulatedPorts& ports, FunctionScript& script,
                               std::shared_ptr<runtime::SimulatedProgram> program)
    : loop_(loop),
      ports_(ports),
      script_(script),
      program_(std::move(program)),
      port_(port_of(program_->variable("AWS_LAMBDA_RUNTIME_API"))),
      function_(program_->variable("AWS_LAMBDA_FUNCTION_NAME")) {}

void FunctionPlayer::after(runtime::Duration duration, std::function<void()> what) {
  const auto go_on = [self = shared_from_this(), what = std::move(what)] {
    if (self->is_running()) what();
  };
  if (duration == runtime::Duration::zero()) return loop_.post(go_on);
  runtime::Clock& clock = runtime::real_clock(loop_.clock());
  clock.call_at(clock.now() + duration, go_on);
}

void FunctionPlayer::send(std::string method, std::string path, std::string body,
                          std::function<void(protocol::HttpResponse)> answered) {
  protocol::HttpRequest request{.method = std::move(method)};
  request.set_target(path.starts_with('/') ? path : runtime_path + path);
  request.path = request.target;
  request.body = std::move(body);
  if (path.ends_with("error")) request.headers.add("Lambda-Runtime-Function-Error-Type", "Error");
  ports_.send(port_, std::move(request),
              [self = shared_from_this(),
               answered = std::move(answered)](const protocol::HttpResponse& response) {
                if (self->is_running()) answered(response);
              });
}

void FunctionPlayer::begin() {
  constexpr const char* document = R"({"errorMessage":"cannot begin","errorType":"Error"})";
  switch (script_.on_start(function_)) {
    case Beginning::ready:
      return ask();
    case Beginning::error:
      return send("POST", "init/error", document,
                  [this](const protocol::HttpResponse&) { program_->exit(1); });
    case Beginning::crash:
      return program_->crash(SIGSEGV);
    case Beginning::hang:
      return;
  }
}

void FunctionPlayer::ask() {
  send("GET", next_path, "", [this](const protocol::HttpResponse& response) { take(response); });
}

void FunctionPlayer::take(const protocol::HttpResponse& response) {
  if (response.status != ok) return program_->exit(1);
  call_ = {
      .number = ports_.new_number(),
      .id = std::string(response.headers.find("Lambda-Runtime-Aws-Request-Id").value_or("")),
      .function = function_,
      .version = program_->variable("AWS_LAMBDA_FUNCTION_VERSION"),
      .generation = program_->variable("GENERATION"),
      .payload = response.body.bytes,
  };
  is_at_work_ = true;
  const Reaction reaction = script_.on_call(call_);
  after(reaction.takes, [this, reaction] { act(reaction); });
}

void FunctionPlayer::act(const Reaction& reaction) {
  switch (reaction.deed) {
    case Deed::answer:
      return answer(reaction.body, false);
    case Deed::answer_and_exit:
      return answer(reaction.body, true);
    case Deed::fail:
      return fail(reaction.body);
    case Deed::exit:
      return program_->exit(3);
    case Deed::crash:
      return program_->crash(SIGSEGV);
    case Deed::hang:
      return;
    case Deed::bloat:
      return program_->use_memory(UINT64_MAX);
    case Deed::garble:
      return garble(reaction.body);
  }
}

void FunctionPlayer::answer(const std::string& body, bool exits) {
  script_.on_answer(call_);
  is_at_work_ = false;
  send("POST", path_of(call_, "response"), body,
       [this, exits](const protocol::HttpResponse& response) {
         if (response.status == accepted) script_.on_taken(call_);
         if (exits) return program_->exit(0);
         ask();
       });
}

void FunctionPlayer::fail(const std::string& body) {
  is_at_work_ = false;
  send("POST", path_of(call_, "error"), body, [this](const protocol::HttpResponse&) { ask(); });
}

/// Nothing of it may count but the first answer.
void FunctionPlayer::garble(const std::string& body) {
  const auto refuse = [this](const char* what) {
    return [this, what](const protocol::HttpResponse& response) {
      if (response.status < refused) script_.on_wrong_status(call_, what, response.status);
    };
  };
  send("POST", "invocation/00000000-0000-0000-0000-000000000000/response", "{}",
       refuse("an answer to a call that it does not have"));
  send("POST", path_of(call_, "nonsense"), "{}", refuse("a path that is none"));
  send("GET", next_path, "", refuse("the next call, before an answer"));
  send("POST", "init/error", "{}", refuse("an error of its start, long after that"));
  send("GET", "/elsewhere", "", refuse("another path"));
  script_.on_answer(call_);
  is_at_work_ = false;
  send("POST", path_of(call_, "response"), body, [this](const protocol::HttpResponse& response) {
    if (response.status == accepted) script_.on_taken(call_);
  });
  send("POST", path_of(call_, "error"), "{}", refuse("a second answer"));
  send("POST", path_of(call_, "response"), "[]", refuse("a third answer"));
  ask();
}

}  // namespace matinee::simulation
