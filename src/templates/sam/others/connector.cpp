// AWS::Serverless::Connector: lets one resource do with another what the profile of their types
// says, by a policy of a role, of a queue or of a topic, or by a permission of a function.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "templates/sam/data.h"
#include "templates/sam/others/others.h"
#include "templates/sam/properties.h"
#include "templates/sam/shapes.h"

namespace matinee::templates::sam {

namespace {

/// A source or a destination: what is known of it, by the names that profiles use (Arn, Id, Name,
/// Qualifier, Url, and Role, a name).
struct End {
  std::string_view side;   // "Source"
  std::string id;          // empty: it is not of the template
  std::string type;        // AWS::Lambda::Function
  std::string given_type;  // AWS::Serverless::Function
  std::map<std::string, Value, std::less<>> known;

  const Value* find(std::string_view name) const {
    const auto found = known.find(name);
    return found == known.end() || found->second.is_null() ? nullptr : &found->second;
  }
};

struct Connector {
  Translation& translation;
  const std::string& id;
  const Value& source;  // the resource
  std::string suffix;   // of several destinations
  End from;
  End to;
  Value profile;

  [[noreturn]] void refuse(std::string message, const Value& at) const {
    throw SamFault{id, std::move(message), at.place()};
  }
};

/// The role of a made resource, by its name: {"Ref": ROLE} of {"Fn::GetAtt": [ROLE, Arn]}.
Value role_name(const Value* arn) {
  if (!arn || !is_function(*arn, "Fn::GetAtt")) return {};
  const Value& parts = arn->members().front().value;
  const bool is_arn = parts.elements().size() == 2 && parts.elements()[1] == Value("Arn");
  return is_arn && parts.elements()[0].is_string() ? ref_to(parts.elements()[0].text()) : Value();
}

/// Of a rule: that by which it reaches the target.
const Value* find_rule_role(const Value& properties, const Value* arn) {
  const Value* targets = properties.find("Targets");
  if (!targets || !arn) return nullptr;
  for (const Value& target : targets->elements()) {
    const Value* one = target.find("Arn");
    if (one && *one == *arn) return target.find("RoleArn");
  }
  return nullptr;
}

Value resolve_outputs(const Value& output, const std::string& id) {
  if (output.is_string()) return output == Value("%{logicalId}") ? Value(id) : output;
  Value resolved = output;
  for (Value& element : resolved.elements()) element = resolve_outputs(element, id);
  for (Member& member : resolved.members()) member.value = resolve_outputs(member.value, id);
  return resolved;
}

void read_outputs(End& end) {
  const auto connectable = find_connectable(end.type);
  if (!connectable) return;
  if (const Value* outputs = connectable->find("Outputs"))
    for (const Member& output : outputs->members())
      end.known[output.name == "Id" ? "ResourceId" : output.name] =
          resolve_outputs(output.value, end.id);
}

/// `arn`: of the other end.
void read_role(Translation& translation, End& end, const Value* arn) {
  const auto connectable = find_connectable(end.type);
  const Value* inputs = connectable ? connectable->find("Inputs") : nullptr;
  const Value* made = end.id.empty() ? nullptr : translation.find_made(end.id);
  const Value* properties = made ? made->find("Properties") : nullptr;
  if (!inputs || !properties) return;
  const Value& role = *inputs->find("Role");
  end.known["Role"] = role_name(role.is_string() ? properties->find(role.text())
                                                 : find_rule_role(*properties, arn));
}

/// "AWS::Serverless::Function" is what it becomes.
std::string made_type(Translation& translation, const std::string& id, const std::string& given) {
  const Value* made = translation.find_made(id);
  return made ? made->text_or("Type", given) : given;
}

End read_end(const Connector& connector, std::string_view side, const Value& given) {
  constexpr std::string_view refusal =
      "Must provide 'Id' (with optional 'Qualifier') or a supported combination of other "
      "properties.";
  End end{.side = side, .id = {}, .type = {}, .given_type = {}, .known = {}};
  const Value* id = find_given(given, "Id");
  if (!id && !find_given(given, "Type")) connector.refuse(std::string(refusal), given);
  if (id) {
    for (const Member& member : given.members())
      if (member.name != "Id" && member.name != "Qualifier")
        connector.refuse(std::string(refusal), member.value);
    if (!id->is_string()) connector.refuse("'Id' is missing or not a string.", *id);
    const Value* source = connector.translation.find_source(id->text());
    if (!source)
      connector.refuse(fmt::format("Unable to find resource with logical ID '{}'.", id->text()),
                       *id);
    end.id = id->text();
    end.given_type = source->text_or("Type");
    end.type = made_type(connector.translation, end.id, end.given_type);
    read_outputs(end);
  } else {
    end.given_type = end.type = given.text_or("Type");
    constexpr auto names =
        std::to_array<std::pair<std::string_view, std::string_view>>({{"Arn", "Arn"},
                                                                      {"Name", "Name"},
                                                                      {"ResourceId", "ResourceId"},
                                                                      {"QueueUrl", "Url"},
                                                                      {"RoleName", "Role"}});
    for (const auto& [property, name] : names)
      if (const Value* value = find_given(given, property)) end.known[std::string(name)] = *value;
  }
  if (const Value* qualifier = find_given(given, "Qualifier")) end.known["Qualifier"] = *qualifier;
  return end;
}

/// %{Source.Arn} alone is the value, in a longer text it is substituted.
Value substitute_text(const Connector& connector, const std::string& text) {
  Value given = Value::map();
  std::string out;
  std::string_view rest = text;
  for (;;) {
    const std::size_t begin = rest.find("%{");
    const std::size_t end = begin == std::string_view::npos ? begin : rest.find('}', begin);
    if (end == std::string_view::npos) break;
    const std::string_view reference = rest.substr(begin + 2, end - begin - 2);
    const std::size_t point = reference.find('.');
    const End& of = reference.starts_with("Source") ? connector.from : connector.to;
    const std::string_view name = reference.substr(point + 1);
    const Value* value = of.find(name);
    if (!value) connector.refuse(fmt::format("{}.{} is missing.", of.side, name), connector.source);
    if (begin == 0 && end + 1 == rest.size() && out.empty()) return *value;
    const std::string variable = fmt::format("{}{}", of.side, name);
    given.set(variable, *value);
    out.append(rest.substr(0, begin)).append(fmt::format("${{{}}}", variable));
    rest.remove_prefix(end + 1);
  }
  out.append(rest);
  if (!given.members().empty())
    return Value::map("Fn::Sub", list_of({std::move(out), std::move(given)}));
  return out.find("${") == std::string::npos ? Value(out) : Value::map("Fn::Sub", out);
}

Value substitute(const Connector& connector, const Value& value) {
  if (value.is_string()) return substitute_text(connector, value.text());
  Value made = value;
  for (Value& element : made.elements()) element = substitute(connector, element);
  for (Member& member : made.members()) member.value = substitute(connector, member.value);
  return made;
}

Value make(const Connector& connector, std::string_view type) {
  Value made = make_main_resource(type, connector.source);
  set_given(made, "UpdatePolicy", find_given(connector.source, "UpdatePolicy"));
  const Value* given = find_given(connector.source, "Metadata");
  Value metadata = given ? *given : Value::map();
  Value& ends = metadata["aws:sam:connectors"][connector.id];
  ends["Source"].set("Type", connector.from.given_type);
  ends["Destination"].set("Type", connector.to.given_type);
  made.set("Metadata", std::move(metadata));
  return made;
}

Value policy_document(const Connector& connector, const std::vector<std::string>& categories) {
  Value statements = Value::list();
  for (const Member& category :
       connector.profile.find("Properties")->find("AccessCategories")->members())
    if (std::ranges::find(categories, category.name) != categories.end())
      for (const Value& statement : category.value.find("Statement")->elements())
        statements.append(substitute(connector, statement));
  Value document;
  document.set("Version", "2012-10-17");
  return std::move(document.set("Statement", std::move(statements)));
}

void depend(Value& resource, const std::string& id) {
  Value* given = resource.find("DependsOn");
  if (!given)
    resource.set("DependsOn", list_of({id}));
  else if (given->is_list())
    given->append(id);
  else
    resource.set("DependsOn", list_of({*given, id}));
}

/// Whether it is a reference to the resource or to an attribute of it.
bool refers_to(const Value* value, const std::string& id) {
  if (!value) return false;
  if (is_function(*value, "Ref")) return value->members().front().value == Value(id);
  if (!is_function(*value, "Fn::GetAtt")) return false;
  const Value& parts = value->members().front().value;
  return !parts.elements().empty() && parts.elements()[0] == Value(id);
}

/// The mapping by which the function reads the source, where there is only one.
Value* find_mapping(Connector& connector) {
  Value* found = nullptr;
  for (Member& made : connector.translation.made()) {
    if (made.value.text_or("Type") != "AWS::Lambda::EventSourceMapping") continue;
    const Value* properties = made.value.find("Properties");
    if (!properties || !refers_to(properties->find("FunctionName"), connector.to.id) ||
        !refers_to(properties->find("EventSourceArn"), connector.from.id))
      continue;
    if (found) return nullptr;
    found = &made.value;
  }
  return found;
}

/// The mapping between the two, or the source itself, waits for the policy.
void add_dependencies(Connector& connector, const std::string& policy) {
  const std::string dependent = connector.profile.find("Properties")->text_or("DependedBy");
  if (connector.from.id.empty() || connector.to.id.empty()) return;
  Value* waiting = nullptr;
  if (dependent == "SOURCE") waiting = connector.translation.find_made(connector.from.id);
  if (dependent == "DESTINATION_EVENT_SOURCE_MAPPING") waiting = find_mapping(connector);
  if (waiting) depend(*waiting, policy);
}

void add_managed_policy(Connector& connector, const std::vector<std::string>& categories) {
  const Value* of_source = connector.profile.find("Properties")->find("SourcePolicy");
  const End& end = of_source && of_source->truth() ? connector.from : connector.to;
  const Value* role = end.find("Role");
  if (!role)
    connector.refuse(fmt::format("Unable to get IAM role name from '{}' resource.", end.side),
                     connector.source);
  Value made = make(connector, "AWS::IAM::ManagedPolicy");
  made["Properties"].set("PolicyDocument", policy_document(connector, categories));
  made["Properties"].set("Roles", list_of({*role}));
  const std::string id = connector.id + "Policy" + connector.suffix;
  connector.translation.add(id, std::move(made));
  add_dependencies(connector, id);
}

void add_queue_policy(const Connector& connector, const std::vector<std::string>& categories) {
  const Value* url = connector.to.find("Url");
  if (!url)
    connector.refuse("Unable to get SQS queue URL from 'Destination' resource.", connector.source);
  Value made = make(connector, "AWS::SQS::QueuePolicy");
  made["Properties"].set("PolicyDocument", policy_document(connector, categories));
  made["Properties"].set("Queues", list_of({*url}));
  connector.translation.add(connector.id + "QueuePolicy" + connector.suffix, std::move(made));
}

void add_topic_policy(const Connector& connector, const std::vector<std::string>& categories) {
  const Value* arn = connector.to.find("Arn");
  if (!arn)
    connector.refuse("Unable to get SNS topic ARN from 'Destination' resource.", connector.source);
  Value made = make(connector, "AWS::SNS::TopicPolicy");
  made["Properties"].set("PolicyDocument", policy_document(connector, categories));
  made["Properties"].set("Topics", list_of({*arn}));
  connector.translation.add(connector.id + "TopicPolicy" + connector.suffix, std::move(made));
}

void add_permissions(const Connector& connector, const std::vector<std::string>& categories) {
  const Value* function = connector.to.find("Arn");
  if (!function)
    connector.refuse("Unable to get Lambda function ARN from 'Destination' resource.",
                     connector.source);
  const Value& all = *connector.profile.find("Properties")->find("AccessCategories");
  for (const std::string& category : categories) {
    Value made = make(connector, "AWS::Lambda::Permission");
    for (const Member& member : all.find(category)->members())
      made["Properties"].set(member.name, substitute(connector, member.value));
    made["Properties"].set("FunctionName", *function);
    connector.translation.add(
        fmt::format("{}{}LambdaPermission{}", connector.id, category, connector.suffix),
        std::move(made));
  }
}

/// The categories that are wanted (Read, Write), which the profile has.
std::vector<std::string> read_permissions(const Connector& connector, const Value& given) {
  std::vector<std::string> wanted;
  for (const Value& one : given.elements()) wanted.push_back(one.text());
  std::ranges::sort(wanted);
  const auto repeated = std::ranges::unique(wanted);
  wanted.erase(repeated.begin(), repeated.end());
  if (wanted.empty())
    connector.refuse("'Permissions' cannot be empty; valid values are: Read, Write.", given);
  const Value& properties = *connector.profile.find("Properties");
  std::vector<std::string> valid;
  for (const Member& category : properties.find("AccessCategories")->members())
    valid.push_back(category.name);
  std::ranges::sort(valid);
  const std::string start =
      fmt::format("Unsupported 'Permissions' provided for connector from {} to {};",
                  connector.from.type, connector.to.type);
  for (const std::string& one : wanted)
    if (std::ranges::find(valid, one) == valid.end())
      connector.refuse(fmt::format("{} valid values are: {}.", start, fmt::join(valid, ", ")),
                       given);
  const Value* combinations = properties.find("ValidAccessCategories");
  if (!combinations) return wanted;
  std::vector<std::string> texts;
  for (const Value& combination : combinations->elements()) {
    std::vector<std::string> names;
    for (const Value& name : combination.elements()) names.push_back(name.text());
    if (names == wanted) return wanted;
    texts.push_back(fmt::format("{}", fmt::join(names, " + ")));
  }
  connector.refuse(fmt::format("{} valid combinations are: {}.", start, fmt::join(texts, ", ")),
                   given);
}

void connect(Connector& connector, const Value& permissions) {
  auto profile = find_connector_profile(connector.from.type, connector.to.type);
  if (!profile)
    connector.refuse(fmt::format("Unable to create connector from {} to {}; it's not supported or "
                                 "the template is invalid.",
                                 connector.from.type, connector.to.type),
                     connector.source);
  connector.profile = std::move(*profile);
  const std::vector<std::string> categories = read_permissions(connector, permissions);
  const std::string kind = connector.profile.text_or("Type");
  if (kind == "AWS_IAM_ROLE_MANAGED_POLICY")
    add_managed_policy(connector, categories);
  else if (kind == "AWS_SQS_QUEUE_POLICY")
    add_queue_policy(connector, categories);
  else if (kind == "AWS_SNS_TOPIC_POLICY")
    add_topic_policy(connector, categories);
  else
    add_permissions(connector, categories);
}

Value read_embedded(const std::string& id, const Member& given, const Value& owner) {
  const std::string full = id + given.name;
  if (!given.value.is_map())
    throw SamFault{full, fmt::format("{}.{} should be a map.", id, full), given.place};
  const Value* properties = given.value.find("Properties");
  if (!properties || !properties->is_map())
    throw SamFault{id,
                   fmt::format("Attribute 'Connectors.{}.Properties' should be a map.", given.name),
                   given.place};
  Value connector = given.value;
  connector.set("Type", "AWS::Serverless::Connector");
  Value& made = connector["Properties"];
  Value source = Value::map("Id", id);
  if (const Value* reference = made.find("SourceReference"))
    for (const Member& member : reference->members()) source.set(member.name, member.value);
  made.erase("SourceReference");
  made.set("Source", std::move(source));
  connector.set_place(owner.place());
  return connector;
}

}  // namespace

void translate_connector(Translation& translation, const std::string& id, const Value& source) {
  const Value* given = source.find("Properties");
  check_properties({id, "AWS::Serverless::Connector", given}, rules_of_resource("Connector"));
  const Value& destination = *given->find("Destination");
  if (!destination.is_map() && !destination.is_list())
    throw SamFault{id, "Type of property 'Destination' is invalid.", destination.place()};
  if (destination.is_list() && destination.elements().empty())
    throw SamFault{id, "'Destination' is an empty list", destination.place()};
  const Value::List single{destination};
  const Value::List& destinations = destination.is_list() ? destination.elements() : single;
  for (std::size_t i = 0; i < destinations.size(); ++i) {
    Connector connector{.translation = translation,
                        .id = id,
                        .source = source,
                        .suffix = destination.is_list() ? fmt::format("Destination{}", i) : "",
                        .from = {},
                        .to = {},
                        .profile = {}};
    connector.from = read_end(connector, "Source", *given->find("Source"));
    connector.to = read_end(connector, "Destination", destinations[i]);
    read_role(translation, connector.from, connector.to.find("Arn"));
    read_role(translation, connector.to, connector.from.find("Arn"));
    connect(connector, *given->find("Permissions"));
  }
}

std::vector<Member> take_embedded_connectors(Value& root) {
  std::vector<Member> all;
  for (Member& resource : root["Resources"].members()) {
    const Value* connectors = resource.value.find("Connectors");
    if (!connectors) continue;
    if (!connectors->is_map())
      throw SamFault{resource.name,
                     fmt::format("Attribute '{}.Connectors' should be a map.", resource.name),
                     connectors->place()};
    for (const Member& connector : connectors->members())
      all.push_back({resource.name + connector.name,
                     read_embedded(resource.name, connector, resource.value)});
    resource.value.erase("Connectors");
  }
  return all;
}

}  // namespace matinee::templates::sam
