// Rules that EventBridge itself makes on a bus: one feeds each archive. Users see them, and may
// take them away by force; then the archive rests, until it is updated. All words are recorded of
// AWS.
#include "services/events/managed_rules.h"

#include <fmt/format.h>

#include "events/errors.h"
#include "protocol/json_writer.h"
#include "services/events/event.h"
#include "services/events/event_paths.h"
#include "services/events/service.h"

namespace matinee::events {

namespace {

/// Whom AWS names as the manager of such rules.
constexpr std::string_view archive_manager = "prod.vhs.events.aws.internal";
constexpr std::string_view prefix = "Events-Archive-";

std::string rule_of(const std::string& archive) {
  return std::string(prefix) + archive;
}

BusKey bus_of(const NameKey& key, const ArchiveRecord& archive) {
  return {std::get<0>(key), std::get<1>(key), archive.bus};
}

/// What the archive asks for, but for replayed events, which are not archived again.
std::string pattern_of(const ArchiveRecord& archive) {
  std::string pattern = R"({"replay-name":[{"exists":false}])";
  const std::string own = compact_object(archive.pattern.value_or("{}")).value_or("{}");
  const std::string rest = without_member(own, "replay-name");
  if (rest.size() > 2) pattern += ',' + rest.substr(1, rest.size() - 2);
  return pattern + '}';
}

/// No service is called: it stands there as AWS shows it.
Target target_of(const NameKey& key, const ArchiveRecord& archive) {
  Target target{.id = rule_of(std::get<2>(key)),
                .arn = fmt::format("arn:aws:events:{}:::", std::get<1>(key))};
  target.input_transformer = InputTransformer{
      .input_paths_map = std::map<std::string, std::string>{},
      .input_template = fmt::format(R"({{"archive-arn": "{}:{}","event": <aws.events.event.json>,)"
                                    R"("ingestion-time": <aws.events.event.ingestion-time>}})",
                                    arn_of("archive", key), archive.incarnation)};
  return target;
}

}  // namespace

void require_unmanaged(const std::string& name, const RuleRecord& rule) {
  if (rule.managed_by) throw ManagedRuleException(fmt::format("{} is a managed rule.", name));
}

void require_unmanaged_or_force(const std::string& name, const RuleRecord& rule,
                                std::optional<bool> force) {
  if (rule.managed_by && !force.value_or(false))
    throw ManagedRuleException(
        fmt::format("{} is a managed rule. Set 'force' parameter to true to override.", name));
}

void require_unmanaged_for_tags(const std::string& name, const RuleRecord& rule) {
  if (rule.managed_by)
    throw ManagedRuleException(
        fmt::format("Tag related operations on the managed rule {} is not allowed.", name));
}

std::string archive_of(const std::string& rule, const RuleRecord& record) {
  if (record.managed_by != archive_manager || record.targets == 0) return {};
  return rule.substr(prefix.size());
}

bool Service::is_fed(const NameKey& key, const ArchiveRecord& archive) const {
  const auto& [account, region, name] = key;
  const auto rule = rules_.find({account, region, archive.bus, rule_of(name)});
  return rule && archive_of(rule_of(name), *rule) == name;
}

/// Of an archive that is new, or was changed.
void Service::feed(const NameKey& key, const ArchiveRecord& archive) {
  const BusKey bus = bus_of(key, archive);
  const std::string name = rule_of(std::get<2>(key));
  std::optional<BusRecord> owner = find_bus(bus);
  if (!owner)
    throw ResourceNotFoundException(
        fmt::format("Archive {} managed rule does not exist.", std::get<2>(key)));
  std::optional<RuleRecord> rule = rules_.find({bus.account, bus.region, bus.name, name});
  if (rule && !rule->managed_by)
    throw ResourceAlreadyExistsException(
        fmt::format("A rule with the pattern '{}' already exists. Please choose a different "
                    "archive name or delete your rule, then, try again.",
                    name));
  if (!rule) {
    rule = RuleRecord{
        .state = "ENABLED", .managed_by = std::string(archive_manager), .created_by = bus.account};
    owner->rules += 1;
    buses_.put(bus.stored(), *owner);
  }
  rule->pattern = pattern_of(archive);
  const Target target = target_of(key, archive);
  if (rule->targets == 0) {
    rule->targets = 1;
    change_count(bus, name, target.arn, 1);
  }
  std::string json;
  protocol::json::append_structure(json, Target::shape, &target);
  targets_.put({bus.account, bus.region, bus.name, name, target.id}, json);
  keep_rule(bus, name, *rule);
}

/// Of an archive that goes. Its rule may have been taken away by force, its bus too.
void Service::stop_feeding(const NameKey& key, const ArchiveRecord& archive) {
  const BusKey bus = bus_of(key, archive);
  const std::string name = rule_of(std::get<2>(key));
  const std::optional<RuleRecord> rule = rules_.find({bus.account, bus.region, bus.name, name});
  if (!rule || rule->managed_by != archive_manager) return;
  const Target target = target_of(key, archive);
  if (rule->targets > 0) change_count(bus, name, target.arn, -1);
  targets_.erase({bus.account, bus.region, bus.name, name, target.id});
  remove_rule(bus, name, *rule);
}

}  // namespace matinee::events
