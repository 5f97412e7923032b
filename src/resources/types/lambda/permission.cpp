// Statements of the policies of functions and layers' versions.
#include <fmt/format.h>

#include "resources/types/lambda/lambda_types.h"

namespace matinee::resources::types::lambda {

namespace {

constexpr std::size_t longest_statement_id = 100;

/// The statement of that id in a policy's text; null where there is none.
Value statement_in(const Value& policy, const std::string& sid) {
  const std::optional<Value> document = read_json(policy.text_or("Policy"));
  if (!document) return {};
  for (const Value& statement : member(*document, "Statement").elements())
    if (statement.text_or("Sid") == sid) return statement;
  return {};
}

/// Of a statement's principal: what it was given as.
std::string principal_of(const Value& statement) {
  const Value principal = member(statement, "Principal");
  if (principal.is_scalar()) return principal.text();
  return principal.members().empty() ? "" : principal.members().front().value.text();
}

Value permission_of(const Value& statement) {
  const Value condition = member(statement, "Condition");
  Value properties = fields({{"Action", member(statement, "Action")},
                             {"Principal", principal_of(statement)},
                             {"Id", member(statement, "Sid")}});
  const auto take = [&](std::string_view property, std::string_view test, std::string_view key) {
    const Value tested = member(condition, test);
    if (const Value value = member(tested, key); !value.is_null()) properties.set(property, value);
  };
  take("SourceArn", "ArnLike", "AWS:SourceArn");
  take("SourceAccount", "StringEquals", "AWS:SourceAccount");
  take("EventSourceToken", "StringEquals", "lambda:EventSourceToken");
  take("FunctionUrlAuthType", "StringEquals", "lambda:FunctionUrlAuthType");
  take("InvokedViaFunctionUrl", "Bool", "lambda:InvokedViaFunctionUrl");
  take("PrincipalOrgID", "StringEquals", "aws:PrincipalOrgID");
  return properties;
}

Made made(const std::string& id) {
  return {.id = id, .attributes = fields({{"Id", id}})};
}

/// Ref is the statement's id. Cloud Control's identifier "FUNCTION|ID" serves for reading, too.
class Permission final : public CodedType {
 public:
  Permission() : CodedType("AWS::Lambda::Permission") {}

  Task<Made> create(Subject& subject, const Value& properties) const override {
    const std::string sid = generated_name(subject, {.most = longest_statement_id});
    Value request = pick(properties, {"FunctionName", "Action", "Principal", "SourceArn",
                                      "SourceAccount", "EventSourceToken", "FunctionUrlAuthType",
                                      "InvokedViaFunctionUrl", "PrincipalOrgID"});
    co_await make(subject, {.operation = "lambda:AddPermission",
                            .request = request.set("StatementId", sid),
                            .id_of = [sid](const Value&) { return sid; }});
    co_return made(sid);
  }

  /// Every property makes another statement.
  Task<Made> update(Subject&, const std::string& id, const Value&, const Value&) const override {
    co_return made(id);
  }

  Task<void> remove(Subject& subject, const std::string& id,
                    const Value& properties) const override {
    const std::string function = properties.text_or("FunctionName", part_of(id, '|', 0));
    co_await call_if_there(subject, "lambda:RemovePermission",
                           of_function(function).set("StatementId", last_part(id, '|')));
  }

  Task<Value> told(Subject& subject, const std::string& id) const override {
    const std::string sid = last_part(id, '|');
    std::vector<std::string> functions;
    if (sid != id)
      functions.push_back(part_of(id, '|', 0));
    else
      functions = co_await lambda::function().list(subject, Value::map());
    for (const std::string& function : functions) {
      const Value policy =
          co_await call_if_there(subject, "lambda:GetPolicy", of_function(function));
      const Value statement = statement_in(policy, sid);
      if (!statement.is_null())
        co_return permission_of(statement).set(
            "FunctionName", function_as_known(subject, "FunctionName", function));
    }
    not_found(name(), id);
  }

  Task<std::vector<std::string>> list(Subject& subject, const Value& model) const override {
    const std::string function = model.text_or("FunctionName");
    const Value policy = co_await call_if_there(subject, "lambda:GetPolicy", of_function(function));
    std::vector<std::string> ids;
    if (const std::optional<Value> document = read_json(policy.text_or("Policy")))
      for (const Value& statement : member(*document, "Statement").elements())
        ids.push_back(function + "|" + statement.text_or("Sid"));
    co_return ids;
  }
};

/// Its id is "LAYERVERSIONARN#STATEMENT".
class LayerVersionPermission final : public CodedType {
 public:
  LayerVersionPermission() : CodedType("AWS::Lambda::LayerVersionPermission") {}

  Task<Made> create(Subject& subject, const Value& properties) const override {
    const std::string arn = properties.text_or("LayerVersionArn");
    const std::string sid = generated_name(subject, {.most = longest_statement_id});
    const std::string id = arn + "#" + sid;
    Value request = of_version(arn);
    for (const char* each : {"Action", "Principal", "OrganizationId"})
      if (const Value value = member(properties, each); !value.is_null()) request.set(each, value);
    co_await make(subject, {.operation = "lambda:AddLayerVersionPermission",
                            .request = request.set("StatementId", sid),
                            .id_of = [id](const Value&) { return id; }});
    co_return made(id);
  }

  Task<Made> update(Subject&, const std::string& id, const Value&, const Value&) const override {
    co_return made(id);
  }

  Task<void> remove(Subject& subject, const std::string& id, const Value&) const override {
    co_await call_if_there(subject, "lambda:RemoveLayerVersionPermission",
                           of_version(part_of(id, '#', 0)).set("StatementId", last_part(id, '#')));
  }

  Task<Value> told(Subject& subject, const std::string& id) const override {
    const std::string arn = part_of(id, '#', 0);
    const Value policy =
        co_await call_if_there(subject, "lambda:GetLayerVersionPolicy", of_version(arn));
    const Value statement = statement_in(policy, last_part(id, '#'));
    if (statement.is_null()) not_found(name(), id);
    Value properties = fields({{"LayerVersionArn", arn},
                               {"Action", member(statement, "Action")},
                               {"Principal", principal_of(statement)},
                               {"Id", id}});
    if (const Value given = nested(statement, "Condition.StringEquals"); !given.is_null())
      properties.set("OrganizationId", member(given, "aws:PrincipalOrgID"));
    co_return properties;
  }

  Task<std::vector<std::string>> list(Subject& subject, const Value& model) const override {
    const std::string arn = model.text_or("LayerVersionArn");
    const Value policy =
        co_await call_if_there(subject, "lambda:GetLayerVersionPolicy", of_version(arn));
    std::vector<std::string> ids;
    if (const std::optional<Value> document = read_json(policy.text_or("Policy")))
      for (const Value& statement : member(*document, "Statement").elements())
        ids.push_back(arn + "#" + statement.text_or("Sid"));
    co_return ids;
  }

 private:
  /// arn:aws:lambda:REGION:ACCOUNT:layer:NAME:VERSION
  static Value of_version(const std::string& arn) {
    const std::size_t colon = arn.rfind(':');
    return fields({{"LayerName", arn.substr(0, colon)}, {"VersionNumber", last_part(arn, ':')}});
  }
};

}  // namespace

const CodedType& permission() {
  static const Permission type;
  return type;
}

const CodedType& layer_version_permission() {
  static const LayerVersionPermission type;
  return type;
}

}  // namespace matinee::resources::types::lambda
