// All faults that somebody has asked for, and whether they hit a call.
//
// What is drawn for a fault depends on the seed, on the fault's number and on how many calls it has
// been asked about, and on nothing else: the same calls in the same order have the same faults,
// whatever other faults there are and whatever else the program draws.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "faults/rule.h"
#include "protocol/operation.h"

namespace matinee::faults {

/// A fault in force.
struct Fault {
  std::uint64_t number = 0;
  Rule rule;
  std::uint64_t asked = 0;  // calls that it was for
  std::uint64_t hits = 0;   // those that it has hit

  std::string id() const { return "f" + std::to_string(number); }
};

/// What is to be done with a call.
struct Verdict {
  std::vector<std::string> ids;  // of the faults that have hit; empty: nothing is to be done
  std::string words;             // what they do, for the journal
  runtime::Duration latency{};   // before anything else
  std::shared_ptr<protocol::ServiceError> error;  // in place of the work; null: the work is done
  bool is_duplicated = false;                     // a delivery
  /// What becomes of it in the end: timeout, reset or lost_reply of a call, refuse or lost_ack of
  /// an attempt, and all that there is for functions.
  std::optional<Action> fate;
};

class Plan {
 public:
  /// Those whose calls faults may be for; must outlive the plan.
  void know(std::span<const protocol::ServiceModel* const> services) {
    services_.assign(services.begin(), services.end());
  }
  /// That everything is drawn from. The faults that are there begin anew; where there are none,
  /// numbers do too.
  void use_seed(std::uint64_t seed);
  std::optional<std::uint64_t> seed() const { return seed_; }

  /// What is wrong with a rule, as a sentence; empty where nothing is.
  std::string find_mistake(const Rule& rule) const;
  /// The rule has no mistake, and there is a seed. There are at most `most_faults`.
  const Fault& add(Rule rule);
  static constexpr std::size_t most_faults = 1000;

  /// In the order in which they were added.
  const std::vector<Fault>& faults() const { return faults_; }
  bool has_any() const { return stages_ != 0; }
  bool has_any(Stage stage) const { return (stages_ & 1U << static_cast<unsigned>(stage)) != 0; }
  /// How many there were: one with the id, or all of them where it is empty.
  std::size_t clear(std::string_view id);

  /// Asks all faults about a call. Without hits there are no ids.
  Verdict judge(const Call& call);
  /// Whether any could hit it. Nothing is drawn.
  bool may_hit(const Call& call) const;

 private:
  std::vector<const protocol::ServiceModel*> services_;
  std::optional<std::uint64_t> seed_;
  std::vector<Fault> faults_;
  std::uint64_t last_number_ = 0;
  unsigned stages_ = 0;  // a bit for each for which there are faults

  void find_stages();
  bool hits(Fault& fault) const;
  std::string judge_one(const Fault& fault, const Call& call, Verdict& verdict) const;
  std::uint64_t draw(const Fault& fault, std::uint64_t purpose) const;
};

}  // namespace matinee::faults
