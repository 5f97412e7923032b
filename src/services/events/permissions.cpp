// The policies of buses: who else may send events to them.
#include <fmt/format.h>
#include <simdjson.h>

#include <vector>

#include "events/errors.h"
#include "policy/document.h"
#include "protocol/json_writer.h"
#include "services/events/service.h"

namespace matinee::events {

namespace {

using protocol::json::append_string;

constexpr std::size_t longest_policy = 10240;

/// The statements of a policy as they stand there, with their Sids.
struct Statements {
  std::string version = "2012-10-17";
  std::vector<std::pair<std::string, std::string>> list;

  static Statements read(const Text& policy) {
    Statements result;
    if (!policy) return result;
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    if (parser.parse(*policy).get(root) != simdjson::SUCCESS) return result;
    std::string_view version;
    if (root["Version"].get(version) == simdjson::SUCCESS) result.version = version;
    const auto add = [&](simdjson::dom::element statement) {
      std::string_view sid;
      if (statement["Sid"].get(sid) != simdjson::SUCCESS) sid = {};
      result.list.emplace_back(sid, simdjson::minify(statement));
    };
    simdjson::dom::element found;
    if (root["Statement"].get(found) != simdjson::SUCCESS) return result;
    if (!found.is_array()) {
      add(found);
      return result;
    }
    for (const simdjson::dom::element statement : found.get_array()) add(statement);
    return result;
  }

  Text write() const {
    if (list.empty()) return std::nullopt;
    std::string out = R"({"Version":)";
    append_string(out, version);
    out += R"(,"Statement":[)";
    for (std::size_t index = 0; index < list.size(); ++index) {
      if (index > 0) out += ',';
      out += list[index].second;
    }
    return out += "]}";
  }
};

std::string statement_of(const BusKey& bus, const PutPermissionRequest& request) {
  std::string out = R"({"Sid":)";
  append_string(out, *request.statement_id);
  out += R"(,"Effect":"Allow","Principal":)";
  if (*request.principal == "*")
    out += "\"*\"";
  else
    out += fmt::format(R"({{"AWS":"arn:aws:iam::{}:root"}})", *request.principal);
  out += R"(,"Action":)";
  append_string(out, *request.action);
  out += R"(,"Resource":)";
  append_string(out, arn_of(bus));
  if (request.condition) {
    out += R"(,"Condition":{)";
    append_string(out, request.condition->type);
    out += ":{";
    append_string(out, request.condition->key);
    out += ':';
    append_string(out, request.condition->value);
    out += "}}";
  }
  return out += '}';
}

void require(const Text& value, std::string_view name) {
  if (!value) refuse(fmt::format("Parameter {} must be specified.", name));
}

}  // namespace

PutPermissionResponse Service::put_permission(const Context& context,
                                              const PutPermissionRequest& request) {
  const BusKey key = bus_key(context, request.event_bus_name.value_or(""));
  BusRecord record = require_bus(key);
  if (request.policy) {
    if (request.statement_id || request.action || request.principal || request.condition)
      refuse("Parameter Policy cannot be specified together with other parameters.");
    if (const auto parsed = policy::parse(*request.policy); !parsed)
      refuse(fmt::format("Parameter Policy is not valid. Reason: {}", parsed.error().message));
    record.policy = compact_object(*request.policy);
  } else {
    require(request.action, "Action");
    require(request.principal, "Principal");
    require(request.statement_id, "StatementId");
    if (*request.action != "events:PutEvents")
      refuse("Provided value in parameter 'action' is not supported.");
    // The documentation names one type and one key.
    if (request.condition && (request.condition->type != "StringEquals" ||
                              request.condition->key != "aws:PrincipalOrgID"))
      refuse("Provided value in parameter 'condition' is not supported.");
    Statements statements = Statements::read(record.policy);
    std::erase_if(statements.list,
                  [&](const auto& statement) { return statement.first == *request.statement_id; });
    statements.list.emplace_back(*request.statement_id, statement_of(key, request));
    record.policy = statements.write();
  }
  if (record.policy && record.policy->size() > longest_policy)
    throw PolicyLengthExceededException("The event bus policy is too long.");
  record.modified = now();
  buses_.put(key.stored(), record);
  return {};
}

RemovePermissionResponse Service::remove_permission(const Context& context,
                                                    const RemovePermissionRequest& request) {
  const BusKey key = bus_key(context, request.event_bus_name.value_or(""));
  BusRecord record = require_bus(key);
  if (request.remove_all_permissions.value_or(false)) {
    record.policy.reset();
  } else {
    require(request.statement_id, "StatementId");
    Statements statements = Statements::read(record.policy);
    const std::size_t removed = std::erase_if(statements.list, [&](const auto& statement) {
      return statement.first == *request.statement_id;
    });
    if (removed == 0)
      throw ResourceNotFoundException("Statement with the provided id does not exist.");
    record.policy = statements.write();
  }
  record.modified = now();
  buses_.put(key.stored(), record);
  return {};
}

}  // namespace matinee::events
