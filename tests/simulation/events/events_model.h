// What must have become of everything that was acknowledged: too simple to be wrong.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/clock.h"
#include "simulated_http.h"

namespace matinee::simulation {

/// Each message, event and schedule has a number, which every body that comes of it has.
using Token = int;

std::string text_of(Token token);
/// Of the first one in it.
std::optional<Token> find_token(const std::string& body);

/// How often something may be at a place.
struct Range {
  int least = 1;
  int most = 1;
};

struct Expected {
  std::string id;  // under which the journal knows it; empty where it was not acknowledged
  /// The machine died before the reply: then it is at all of its places, or nowhere.
  bool in_doubt = false;
  /// The machine died while it was on its way: what was kept on the way may come twice.
  bool may_double = false;
  std::map<std::string, Range> places;  // names of queues, or URLs
  /// ARNs or URLs that dropped it, and subscriptions that did not want it.
  std::vector<std::string> dropped;
  std::vector<std::string> unwanted;
};

/// A schedule or a rule that fires by the clock.
struct Timetable {
  runtime::Time first;
  runtime::Duration period{};  // none: it falls once
  runtime::Duration window{};
  std::optional<runtime::Time> ended;  // nothing after that
};

struct Fired {
  runtime::Time scheduled;  // whole seconds
  runtime::Time sent;
  std::string execution;
};

class EventsModel {
 public:
  Token next() { return ++last_; }
  /// Nothing of what has been until now may be seen any more.
  void forget();

  /// FIFO: what is later in its group.
  void put_in_line(Token token, const std::string& group, const std::string& sequence);

  /// A message that a queue has given.
  void saw(const std::string& place, const std::string& message_id, const std::string& body);
  void fired(Token token, const Fired& fired);

  /// Once nothing is on its way any more.
  void check(const std::vector<SimulatedHttp::Called>& calls, runtime::Time now);
  /// What has become of each at the subscriber and the API destination: where it is dead, it has to
  /// be in the queue for dead letters.
  void judge_calls(const std::vector<SimulatedHttp::Called>& calls);

  std::map<Token, Expected> expected;
  std::map<Token, Timetable> timetables;
  std::map<Token, std::vector<Fired>> firings;

 private:
  struct Line {
    std::string group;
    std::string sequence;
  };

  Token last_ = 0;
  Token forgotten_ = 0;
  std::map<Token, Line> lines_;
  std::map<std::pair<std::string, std::string>, std::string> last_of_group_;  // by queue and group
  std::map<std::string, std::map<Token, std::set<std::string>>> seen_;        // by place
  std::set<std::pair<std::string, Token>> ended_;  // of HTTP calls, by URL

  int count(const std::string& place, Token token) const;
  void check_token(Token token, const Expected& one);
  void check_timetable(Token token, const Timetable& table, runtime::Time now);
  void judge(const std::string& url, Token token,
             const std::vector<const SimulatedHttp::Called*>& calls);
};

}  // namespace matinee::simulation
