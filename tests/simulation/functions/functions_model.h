// What must have become of every event that was acknowledged: too simple to be wrong.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "function_player.h"
#include "runtime/clock.h"

namespace matinee::simulation {

/// Each event and message has a number, which everything that comes of it has.
using Token = int;

std::string text_of(Token token);
/// Of the first one in it.
std::optional<Token> find_token(const std::string& body);

/// A program has got it.
struct Attempt {
  int life = 0;  // of the machine
  runtime::Time began;
  bool answered = false;  // a program has said that it is done
  bool taken = false;     // and the service has taken that
};

/// An event for a function, or a message of a queue.
struct Sent {
  bool in_doubt = false;  // the machine died before the reply
  bool wanted = true;     // by the mapping's filter
  runtime::Time at;
  int life = 0;
  std::string group;       // FIFO
  int start_failures = 0;  // of the function, until it was sent
  int paused = 0;          // the mapping was disabled for that time
  std::vector<Attempt> attempts;
  std::map<std::string, std::vector<std::string>> found;  // bodies, by the queue that had them

  bool is_answered() const;
  bool is_taken(int life) const;
  std::size_t count(const std::string& queue) const;
};

/// How a function is called asynchronously.
struct AsyncRules {
  std::size_t retries = 2;
  runtime::Duration age = std::chrono::hours(6);
  std::string succeeded;  // where records go, or the function that gets them; empty: nowhere
  std::string failed;
  bool is_throttled = false;  // now and then
};

/// `place` is a function's name, or a queue's.
class FunctionsModel {
 public:
  Token next() { return ++last_; }

  Sent& expect(const std::string& place, Token token);
  /// Null for one that nobody sent.
  Sent* find(const std::string& place, Token token);

  /// A program has got these. All must be known, none may have been done before, and of FIFO
  /// queues each is the next of its group.
  void began(const std::string& place, const std::vector<Token>& tokens, const Attempt& attempt);
  void answered(const std::string& place, const std::vector<Token>& tokens);
  void taken(const std::string& place, const std::vector<Token>& tokens);
  /// A queue has given it. Of `id` each message counts once.
  void found(const std::string& queue, const std::string& id, const std::string& body);
  /// By the machine's time.
  void start_failed(const std::string& function, runtime::Time time) {
    start_failures_[function].push_back(time);
  }
  /// Of those a call hears no more that is made at that time.
  int start_failures_before(const std::string& function, runtime::Time time) const;

  /// Once nothing is on its way any more.
  void check(int life);

  static const std::map<std::string, AsyncRules>& rules();

 private:
  Token last_ = 0;
  std::map<std::pair<std::string, Token>, Sent> sent_;
  std::set<std::pair<std::string, std::string>> seen_;                // messages
  std::map<std::string, std::vector<runtime::Time>> start_failures_;  // by function

  /// That a call may have heard of.
  int start_failures(const std::string& function, const Sent& one) const;
  void check_order(const std::string& place, const std::vector<Token>& tokens);
  void check_retry(const std::string& place, Token token, const Attempt& attempt);
  void check_call(const std::string& function, Token token, const Sent& one, int life);
  void check_record(const std::string& what, const AsyncRules& rule, const Sent& one, int failures);
  void check_message(const std::string& queue, Token token, const Sent& one, int life);
};

}  // namespace matinee::simulation
