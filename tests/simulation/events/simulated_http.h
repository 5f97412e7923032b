// Subscribers and API destinations that answer as a test says, and remember each call.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "runtime/http_client.h"
#include "runtime/movable_clock.h"
#include "runtime/real/real_loop.h"

namespace matinee::simulation {

class SimulatedHttp final : public runtime::HttpClient {
 public:
  struct Answer {
    int status = 200;           // 0: the connection breaks
    runtime::Duration takes{};  // of the machine's time
    std::chrono::seconds retry_after{};
  };
  struct Called {
    std::string url;
    std::string body;
    runtime::Time at;       // by the clock of the program
    runtime::Time replied;  // likewise
    int life = 0;           // of the program
    int status = -1;        // -1: the program did not live to see the answer
    runtime::Duration retry_after{};
  };

  /// Who answers.
  std::function<Answer(const runtime::HttpCall&)> answer;
  std::vector<Called> calls;

  /// The program has started.
  void use(runtime::RealLoop& loop, int life) {
    loop_ = &loop;
    life_ = life;
  }
  /// The program has ended.
  void forget() {
    waiting_.clear();
    loop_ = nullptr;
  }

 private:
  struct Waiting {
    Done done;
    runtime::ClockHold hold;
    Answer answer;
    std::size_t call;
  };

  runtime::RealLoop* loop_ = nullptr;
  int life_ = 0;
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, std::unique_ptr<Waiting>> waiting_;

  std::uint64_t start(runtime::HttpCall call, Done done) override {
    const Answer said = answer(call);
    calls.push_back({.url = call.url,
                     .body = call.body,
                     .at = loop_->now(),
                     .replied = loop_->now(),
                     .life = life_});
    waiting_.emplace(++last_, new Waiting{std::move(done), runtime::ClockHold(loop_->clock()), said,
                                          calls.size() - 1});
    const auto finish = [this, number = last_] { reply(number); };
    if (said.takes == runtime::Duration::zero())
      loop_->post(finish);
    else
      loop_->real_clock().call_at(loop_->wall_time() + said.takes, finish);
    return last_;
  }
  void cancel(std::uint64_t number) override { waiting_.erase(number); }

  void reply(std::uint64_t number) {
    const auto found = waiting_.find(number);
    if (found == waiting_.end()) return;
    const std::unique_ptr<Waiting> waiting = std::move(found->second);
    waiting_.erase(found);
    const Answer& said = waiting->answer;
    calls[waiting->call].status = said.status;
    calls[waiting->call].replied = loop_->now();
    calls[waiting->call].retry_after = said.retry_after;
    if (said.status == 0)
      return waiting->done(std::unexpected(runtime::HttpFailure{
          runtime::HttpFailure::Kind::broken, "The connection ended on the way."}));
    runtime::HttpReply reply{.status = said.status, .headers = {}, .body = "said"};
    if (said.retry_after.count() > 0)
      reply.headers.emplace_back("Retry-After", std::to_string(said.retry_after.count()));
    waiting->done(std::move(reply));
  }
};

}  // namespace matinee::simulation
