// An event's way through a bus: archives that keep it, rules that match, deliveries to targets.
#include <fmt/format.h>

#include <algorithm>

#include "policy/document.h"
#include "protocol/json_writer.h"
#include "services/events/managed_rules.h"
#include "services/events/service.h"
#include "services/lineage.h"

namespace matinee::events {

namespace {

/// Beyond so many rules nobody reads why one did not match.
constexpr std::size_t most_told = 100;
/// How many buses are kept in memory.
constexpr std::size_t most_live = 1024;

services::RetryPolicy retries_of(const Target& target) {
  services::RetryPolicy policy{.kind = services::RetryPolicy::Kind::event};
  if (!target.retry_policy) return policy;
  if (const auto& most = target.retry_policy->maximum_retry_attempts)
    policy.most_retries = static_cast<std::uint32_t>(*most);
  if (const auto& age = target.retry_policy->maximum_event_age_in_seconds)
    policy.oldest = std::chrono::seconds(*age);
  return policy;
}

class Entering {
 public:
  explicit Entering(std::size_t& depth) : depth_(depth) { ++depth_; }
  ~Entering() { --depth_; }
  Entering(const Entering&) = delete;
  Entering& operator=(const Entering&) = delete;

 private:
  std::size_t& depth_;
};

/// A parameter of a target that is a path stands for what the event has there: AWS calls these
/// dynamic path parameters. Texts go in without quotes, nothing where the event has nothing.
void fill_in(std::string& value, std::string_view event) {
  if (!value.starts_with("$.")) return;
  const std::optional<EventPath> path = EventPath::compile(value);
  if (path) value = plain_text(path->find(event).value_or(""));
}

/// What API destinations are called with, in the words of PutTargets.
std::string http_parameters(const Target& target, std::string_view event) {
  std::string json;
  if (!target.http_parameters) return json;
  HttpParameters filled = *target.http_parameters;
  if (filled.path_parameter_values)
    for (std::string& value : *filled.path_parameter_values) fill_in(value, event);
  for (auto* map : {&filled.header_parameters, &filled.query_string_parameters})
    if (*map)
      for (auto& [name, value] : **map) fill_in(value, event);
  protocol::json::append_structure(json, HttpParameters::shape, &filled);
  return json;
}

}  // namespace

void Service::put(const services::ServiceEvent& told) {
  const BusEvent event{.id = runtime_.random.uuid(),
                       .detail_type = told.detail_type,
                       .source = told.source,
                       .account = told.account,
                       .region = told.region,
                       .time = told.time.value_or(now()),
                       .resources = told.resources,
                       .detail = told.detail,
                       .replay = {}};
  Passage passage{.trace = services::without_lineage(told.trace_header), .caller = told.source};
  enter({told.account, told.region, std::string(default_bus)}, event.id, to_json(event), passage);
}

void Service::add_live(LiveBus& bus, const std::string& name, const RuleRecord& record) {
  if (!record.pattern || record.state == "DISABLED") return;
  auto pattern = patterns::Pattern::compile(patterns::Dialect::event_bus, *record.pattern);
  if (!pattern) throw storage::DamagedRecord("a rule whose pattern does not compile");
  const patterns::PatternSet::Id id = ++bus.last_id;
  bus.patterns.add(id, *std::move(pattern));
  bus.ids[name] = id;
  bus.rules[id] = {.name = name,
                   .arn = rule_arn(bus.key, name),
                   .archive = archive_of(name, record),
                   .targets = nullptr};
}

LiveBus* Service::live_bus(const BusKey& key) {
  const std::string arn = arn_of(key);
  if (const auto found = live_.find(arn); found != live_.end()) return found->second.get();
  const std::optional<BusRecord> record = find_bus(key);
  if (!record) return nullptr;
  // What is being entered refers to its bus.
  if (live_.size() >= most_live && entering_ == 0) live_.clear();
  auto bus = std::make_unique<LiveBus>();
  bus->key = key;
  bus->is_encrypted = record->key.has_value();
  bus->arn = arn;
  rules_.scan(rules_.prefix(key.account, key.region, key.name),
              [&](const RuleKey& rule, const RuleRecord& record) {
                add_live(*bus, std::get<3>(rule), record);
                return true;
              });
  // Of what this transaction has written nothing is known for sure.
  if (store_.in_transaction()) store_.on_rollback([this, arn] { live_.erase(arn); });
  return live_.emplace(arn, std::move(bus)).first->second.get();
}

void Service::forget(const BusKey& key) {
  const std::string arn = arn_of(key);
  live_.erase(arn);
  store_.on_rollback([this, arn] { live_.erase(arn); });
}

void Service::refresh(const BusKey& key, const std::string& rule) {
  const std::string arn = arn_of(key);
  const auto found = live_.find(arn);
  if (found == live_.end()) return;
  store_.on_rollback([this, arn] { live_.erase(arn); });
  LiveBus& bus = *found->second;
  if (const auto id = bus.ids.find(rule); id != bus.ids.end()) {
    bus.patterns.remove(id->second);
    bus.rules.erase(id->second);
    bus.ids.erase(id);
  }
  if (const auto record = rules_.find({key.account, key.region, key.name, rule}))
    add_live(bus, rule, *record);
}

bool Service::enter(const BusKey& key, std::string_view id, const std::string& json,
                    const Passage& passage) {
  LiveBus* bus = live_bus(key);
  if (!bus) return false;
  if (bus->rules.empty()) {
    note(*bus, id, json, passage);
    return true;
  }
  // A target may be a bus that is entered at once: what was found is not to be overwritten.
  if (!parsed_.parse(json)) return false;
  const Entering entering(entering_);
  std::vector<patterns::PatternSet::Id> matching = std::move(matching_);
  bus->patterns.match(parsed_, matching);
  note(*bus, id, json, passage);
  if (!matching.empty()) ++measures_.of(bus->arn).matched;
  for (const patterns::PatternSet::Id rule : matching) {
    LiveRule& live = bus->rules.at(rule);
    if (!live.archive.empty()) {
      keep_in_archive(bus->key, live.archive, json);
      continue;
    }
    const auto filters =
        passage.replay ? std::span(passage.replay->filters) : std::span<const std::string>();
    if (filters.empty() || std::ranges::find(filters, live.arn) != filters.end())
      fire(*bus, live, {id, json, passage});
  }
  parsed_.clear();
  matching_ = std::move(matching);
  return true;
}

void Service::note(const LiveBus& bus, std::string_view id, const std::string& json,
                   const Passage& passage) {
  services::Journal* journal = neighbours_.journal;
  if (!journal) return;
  // Also where nothing is told of it now: when it is delivered there may be less to tell.
  if (bus.is_encrypted) journal->withhold(id);
  if (!(journal->keeps_all() || journal->wants(passage.trace, id))) return;
  services::HopMessage told{.id = id, .bytes = json.size()};
  if (!bus.is_encrypted) told.body = json;
  services::Hop hop{.kind = services::HopKind::sent,
                    .account = bus.key.account,
                    .region = bus.key.region,
                    .trace = passage.trace,
                    .resource = bus.arn,
                    .caller = passage.caller,
                    .messages = std::span(&told, 1)};
  journal->note(hop);
  told.body = {};  // once is enough
  if (bus.rules.size() > most_told) return;
  for (const auto& [number, rule] : bus.rules) {
    const patterns::Pattern* pattern = bus.patterns.find(number);
    const patterns::Explanation why = pattern->explain(parsed_);
    hop.kind = why.matches ? services::HopKind::matched : services::HopKind::not_matched;
    hop.resource = rule.arn;
    hop.peer = bus.arn;
    hop.reason = why.matches ? std::string_view() : std::string_view(why.text);
    hop.caller = {};
    journal->note(hop);
  }
}

void Service::fire(const LiveBus& bus, LiveRule& rule, const Sent& sent) {
  if (!neighbours_.outbox) return;
  if (!rule.targets) {
    rule.targets = std::make_unique<std::vector<LiveTarget>>();
    for (Target& target : targets_of({bus.key.account, bus.key.region, bus.key.name, rule.name})) {
      TargetInput input = TargetInput::compile(target);
      rule.targets->push_back({.target = std::move(target), .input = std::move(input)});
    }
  }
  RuleCounts& counts = measures_.of(rule.arn);
  ++counts.triggered;
  counts.created += rule.targets->size();
  for (const LiveTarget& target : *rule.targets)
    neighbours_.outbox->add(delivery_for(bus, rule, target, sent));
}

services::Delivery Service::delivery_for(const LiveBus& bus, const LiveRule& rule,
                                         const LiveTarget& live, const Sent& sent) const {
  const Target& target = live.target;
  services::Delivery delivery{.target = target.arn,
                              .body = {},
                              .service_principal = std::string(principal),
                              .source_arn = rule.arn,
                              .source_account = bus.key.account,
                              .trace_header = services::without_lineage(sent.passage.trace)};
  if (key_in_arn("event-bus", target.arn)) {
    delivery.parameters = fmt::format(R"({{"hops":{}}})", sent.passage.hops + 1);
    // It goes as it is: its id and origin must be known there.
    delivery.body = sent.json;
  } else {
    delivery.parameters = http_parameters(target, sent.json);
    delivery.body = live.input.is_whole()
                        ? sent.json
                        : live.input.apply(sent.json, {.rule_arn = rule.arn,
                                                       .rule_name = rule.name,
                                                       .ingestion_time = to_text(now())});
  }
  delivery.id = sent.id;
  delivery.via = fmt::format("{}/{}", rule.arn, target.id);
  delivery.role = target.role_arn.value_or("");
  delivery.in_order = false;
  delivery.retries = retries_of(target);
  if (target.sqs_parameters && target.sqs_parameters->message_group_id) {
    delivery.group = *target.sqs_parameters->message_group_id;
    delivery.in_order = true;
    if (target.arn.ends_with(".fifo")) delivery.deduplication_id = delivery.id;
  }
  if (target.dead_letter_config && target.dead_letter_config->arn)
    delivery.dead_letter = {
        .queue = *target.dead_letter_config->arn,
        .body = {},
        .attributes = {{.name = "RULE_ARN", .type = "String", .value = rule.arn},
                       {.name = "TARGET_ARN", .type = "String", .value = target.arn}},
        .tells_reasons = true};
  return delivery;
}

}  // namespace matinee::events
