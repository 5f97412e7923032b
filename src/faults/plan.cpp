#include "faults/plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "faults/errors.h"
#include "policy/wildcard.h"
#include "runtime/assertion.h"

namespace matinee::faults {

namespace {

/// The finalizer of splitmix64: every bit of the result depends on every bit of the argument.
std::uint64_t mix(std::uint64_t bits) {
  bits += 0x9e3779b97f4a7c15;
  bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9;
  bits = (bits ^ bits >> 27) * 0x94d049bb133111eb;
  return bits ^ bits >> 31;
}

/// In [0, 1): the 53 bits that a double holds.
double to_fraction(std::uint64_t bits) {
  return static_cast<double>(bits >> 11) * 0x1p-53;
}

constexpr std::uint64_t for_hit = 1;
constexpr std::uint64_t for_length = 2;

/// How far a delivery is put out of its order where nobody says it.
constexpr runtime::Duration usual_disorder = std::chrono::seconds(1);

bool has_operation(const protocol::ServiceModel& service, std::string_view pattern) {
  return std::ranges::any_of(service.operations, [&](const protocol::Operation* operation) {
    return policy::matches_wildcards(pattern, operation->name);
  });
}

std::string has_no(const Rule& rule) {
  return rule.service.empty() ? "No service has an" : rule.service + " has no";
}

std::string find_mistake_of_frequency(const Rule& rule) {
  if (!(rule.probability > 0 && rule.probability <= 1))
    return "Probability is above 0 and at most 1.";
  if (rule.every == 0) return "Every is at least 1.";
  if (rule.times == 0) return "Times is at least 1.";
  return "";
}

bool is_of_a_code(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == '_' || c == ':';
}

/// XML has none, and terminals take some as orders.
bool is_control_character(char c) {
  return (c >= 0 && c < ' ') || c == '\x7f';
}

std::string find_mistake_of_length(const Rule& rule) {
  if (rule.error.size() > longest_error)
    return fmt::format("The code of an error has at most {} bytes.", longest_error);
  if (rule.message.size() > longest_message)
    return fmt::format("A message has at most {} bytes.", longest_message);
  for (const std::string* pattern : {&rule.service, &rule.operation, &rule.resource, &rule.caller})
    if (pattern->size() > longest_pattern)
      return fmt::format("Service, Operation, Resource and Caller have at most {} bytes each.",
                         longest_pattern);
  return "";
}

/// Of members that only some actions have.
std::string find_mistake_of_action(const Rule& rule) {
  const bool is_error = rule.action == Action::error;
  if (is_error && rule.error.empty())
    return "An error needs its code, such as ThrottlingException, or one of the words throttling, "
           "internal and unavailable.";
  if (!std::ranges::all_of(rule.error, is_of_a_code))
    return "The code of an error has letters, digits, dots, hyphens, underscores and colons.";
  if (std::ranges::any_of(rule.message, is_control_character))
    return "A message has no control characters.";
  if (!is_error && (!rule.error.empty() || !rule.message.empty() || rule.status))
    return fmt::format("Error, Message and Status are for the action error, and this is {}.",
                       to_text(rule.action));
  if (rule.status && (*rule.status < 400 || *rule.status > 599))
    return "Status is between 400 and 599.";
  const bool needs_latency = rule.action == Action::latency || rule.action == Action::delay;
  if (needs_latency && !rule.latency)
    return fmt::format("A {} needs its length, Latency, such as 200ms.", to_text(rule.action));
  if (!needs_latency && rule.action != Action::reorder && rule.latency)
    return fmt::format("Latency is for latency, delay and reorder, and this is {}.",
                       to_text(rule.action));
  return "";
}

/// Of what only some stages have.
std::string find_mistake_of_stage(const Rule& rule) {
  const Stage stage = stage_of(rule.action);
  if (stage != Stage::call && !rule.operation.empty())
    return fmt::format("Operation is for faults of calls, and this is {}.", to_text(rule.action));
  if (stage != Stage::function) return "";
  if (!rule.caller.empty())
    return fmt::format("{} is for whoever calls the function, and takes no Caller.",
                       to_text(rule.action));
  if (!rule.service.empty() && !policy::equals_ignoring_case(rule.service, "lambda"))
    return fmt::format("{} is for functions, and so of lambda.", to_text(rule.action));
  return "";
}

}  // namespace

void Plan::use_seed(std::uint64_t seed) {
  seed_ = seed;
  if (faults_.empty()) last_number_ = 0;
  for (Fault& fault : faults_) fault.asked = fault.hits = 0;
}

std::string Plan::find_mistake(const Rule& rule) const {
  if (faults_.size() >= most_faults)
    return fmt::format("There are {} faults already, and no more than that.", most_faults);
  for (std::string mistake : {find_mistake_of_length(rule), find_mistake_of_frequency(rule),
                              find_mistake_of_action(rule), find_mistake_of_stage(rule)})
    if (!mistake.empty()) return mistake;
  std::vector<const protocol::ServiceModel*> services = services_;
  if (!rule.service.empty())
    std::erase_if(services, [&](const protocol::ServiceModel* service) {
      return !policy::equals_ignoring_case(service->name, rule.service);
    });
  if (services.empty()) {
    std::vector<std::string_view> names;
    for (const protocol::ServiceModel* service : services_) names.push_back(service->name);
    std::ranges::sort(names);
    return fmt::format("There is no service \"{}\"; there are {}.", rule.service,
                       fmt::join(names, ", "));
  }
  if (!rule.operation.empty())
    std::erase_if(services, [&](const protocol::ServiceModel* service) {
      return !has_operation(*service, rule.operation);
    });
  if (services.empty()) return fmt::format("{} operation \"{}\".", has_no(rule), rule.operation);
  if (rule.action != Action::error || rule.status) return "";
  if (std::ranges::any_of(services,
                          [&](const auto* each) { return knows_error(*each, rule.error); }))
    return "";
  return fmt::format("{} error \"{}\"; with a Status it can be any.", has_no(rule), rule.error);
}

const Fault& Plan::add(Rule rule) {
  runtime::expect(seed_.has_value(), "faults are drawn from a seed");
  faults_.push_back({.number = ++last_number_, .rule = std::move(rule)});
  find_stages();
  return faults_.back();
}

std::size_t Plan::clear(std::string_view id) {
  const std::size_t cleared =
      std::erase_if(faults_, [&](const Fault& fault) { return id.empty() || fault.id() == id; });
  find_stages();
  return cleared;
}

void Plan::find_stages() {
  stages_ = 0;
  for (const Fault& fault : faults_)
    stages_ |= 1U << static_cast<unsigned>(stage_of(fault.rule.action));
}

std::uint64_t Plan::draw(const Fault& fault, std::uint64_t purpose) const {
  return mix(mix(mix(*seed_ + purpose) ^ fault.number) ^ fault.asked);
}

bool Plan::hits(Fault& fault) const {
  const Rule& rule = fault.rule;
  ++fault.asked;
  if (rule.times && fault.hits >= *rule.times) return false;
  if (fault.asked % rule.every != 0) return false;
  if (rule.probability < 1 && to_fraction(draw(fault, for_hit)) >= rule.probability) return false;
  ++fault.hits;
  return true;
}

bool Plan::may_hit(const Call& call) const {
  return std::ranges::any_of(faults_,
                             [&](const Fault& fault) { return concerns(fault.rule, call); });
}

/// What it does, in words.
std::string Plan::judge_one(const Fault& fault, const Call& call, Verdict& verdict) const {
  const Rule& rule = fault.rule;
  std::string words(to_text(rule.action));
  switch (rule.action) {
    case Action::error: {
      auto error =
          make_error(*call.model, rule, fmt::format("Fault {} was asked for.", fault.id()));
      words += " " + error->code();
      if (!verdict.error) verdict.error = std::move(error);
      break;
    }
    case Action::latency:
    case Action::delay:
    case Action::reorder: {
      const Span span = rule.latency.value_or(Span{.least = {}, .most = usual_disorder});
      const runtime::Duration length =
          span.least + std::chrono::duration_cast<runtime::Duration>(
                           (span.most - span.least) * to_fraction(draw(fault, for_length)));
      verdict.latency += length;
      words += " of " + to_text(Span{.least = length, .most = length});
      break;
    }
    case Action::duplicate:
      verdict.is_duplicated = true;
      break;
    default:
      if (!verdict.fate) verdict.fate = rule.action;
  }
  return words;
}

Verdict Plan::judge(const Call& call) {
  Verdict verdict;
  for (Fault& fault : faults_) {
    if (!concerns(fault.rule, call) || !hits(fault)) continue;
    const std::string words = judge_one(fault, call, verdict);
    verdict.words += fmt::format("{}{}: {}", verdict.ids.empty() ? "" : ", ", fault.id(), words);
    verdict.ids.push_back(fault.id());
  }
  return verdict;
}

}  // namespace matinee::faults
