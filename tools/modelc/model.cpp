#include "model.h"

#include <simdjson.h>

#include <array>
#include <cctype>
#include <stdexcept>

namespace modelc {
namespace {

Json convert(simdjson::dom::element element) {
  Json result;
  switch (element.type()) {
    case simdjson::dom::element_type::OBJECT: {
      Json::Members members;
      for (auto [key, value] : simdjson::dom::object(element))
        members.emplace_back(std::string(key), convert(value));
      result.value = std::move(members);
      break;
    }
    case simdjson::dom::element_type::ARRAY: {
      Json::Elements elements;
      for (auto value : simdjson::dom::array(element)) elements.push_back(convert(value));
      result.value = std::move(elements);
      break;
    }
    case simdjson::dom::element_type::STRING:
      result.value = std::string(std::string_view(element));
      break;
    case simdjson::dom::element_type::BOOL:
      result.value = bool(element);
      break;
    case simdjson::dom::element_type::NULL_VALUE:
      break;
    default:
      result.value = double(element);
  }
  return result;
}

const std::set<std::string, std::less<>> keywords = {
    "and",      "auto",     "bool",   "break",    "case",   "catch",  "char",      "class",
    "const",    "default",  "delete", "do",       "double", "else",   "enum",      "export",
    "false",    "float",    "for",    "if",       "int",    "long",   "namespace", "new",
    "not",      "operator", "or",     "private",  "public", "return", "short",     "signed",
    "static",   "struct",   "switch", "template", "this",   "throw",  "true",      "try",
    "typename", "union",    "using",  "virtual",  "void",   "while",  "xor"};

}  // namespace

const Json* Json::find(std::string_view name) const {
  if (const auto* object = std::get_if<Members>(&value))
    for (const auto& [key, member] : *object)
      if (key == name) return &member;
  return nullptr;
}

const Json& Json::at(std::string_view name) const {
  if (const Json* member = find(name)) return *member;
  throw std::runtime_error("the model has no \"" + std::string(name) + "\" where one is needed");
}

std::string Json::text(std::string_view name, std::string otherwise) const {
  const Json* member = find(name);
  const auto* string = member ? std::get_if<std::string>(&member->value) : nullptr;
  return string ? *string : otherwise;
}

bool Json::flag(std::string_view name) const {
  const Json* member = find(name);
  const auto* boolean = member ? std::get_if<bool>(&member->value) : nullptr;
  return boolean && *boolean;
}

double Json::number(std::string_view name, double otherwise) const {
  const Json* member = find(name);
  const auto* number = member ? std::get_if<double>(&member->value) : nullptr;
  return number ? *number : otherwise;
}

const Json::Members& Json::members() const {
  static const Members none;
  const auto* object = std::get_if<Members>(&value);
  return object ? *object : none;
}

const Json::Elements& Json::elements() const {
  static const Elements none;
  const auto* array = std::get_if<Elements>(&value);
  return array ? *array : none;
}

void Json::merge(const Json& patch) {
  const auto* changes = std::get_if<Members>(&patch.value);
  if (!changes) {
    value = patch.value;
    return;
  }
  if (!std::holds_alternative<Members>(value)) value = Members{};
  auto& ours = std::get<Members>(value);
  for (const auto& [name, change] : *changes) {
    const bool removes = std::holds_alternative<std::nullptr_t>(change.value);
    auto place = std::ranges::find(ours, name, &Members::value_type::first);
    if (removes) {
      if (place != ours.end()) ours.erase(place);
    } else if (place != ours.end()) {
      place->second.merge(change);
    } else {
      ours.emplace_back(name, Json{}).second.merge(change);
    }
  }
}

Json read_json(const std::string& path) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (auto error = parser.load(path).get(root))
    throw std::runtime_error(path + ": " + simdjson::error_message(error));
  return convert(root);
}

Model::Model(std::string service, Json definition, const Json& corrections)
    : service_(std::move(service)), definition_(std::move(definition)) {
  if (const Json* facts = corrections.find("service")) facts_ = *facts;
  for (std::string_view part : {"shapes", "operations"}) {
    const Json* patch = corrections.find(part);
    if (!patch) continue;
    Json::Members wrapped;
    wrapped.emplace_back(std::string(part), *patch);
    Json whole;
    whole.value = std::move(wrapped);
    definition_.merge(whole);
  }
  if (const Json* errors = corrections.find("errors"))
    for (const auto& [name, error] : errors->members()) error_corrections_[name] = error;
  for (const auto& [name, shape] : definition_.at("shapes").members())
    if (const std::string type = shape.text("type_name"); !type.empty()) renamed_[name] = type;
  find_operations();
  find_errors();
  for (const Operation& operation : operations_) {
    if (operation.input.empty()) continue;
    visit(operation.input);
    visit(operation.output);
  }
}

void Model::find_operations() {
  auto& root = std::get<Json::Members>(definition_.value);
  auto shapes = std::ranges::find(root, "shapes", &Json::Members::value_type::first);
  for (const auto& [name, operation] : definition_.at("operations").members()) {
    Operation found{.name = name, .definition = &operation, .input = "", .output = ""};
    if (!operation.flag("trimmed")) {
      for (auto [part, suffix, target] :
           {std::tuple{"input", "Request", &found.input}, {"output", "Response", &found.output}}) {
        const Json* reference = operation.find(part);
        *target = reference ? reference->text("shape") : name + suffix;
        if (!reference) {  // an operation without parameters or results still has a type for them
          Json empty;
          empty.value = Json::Members{{"type", Json{.value = std::string("structure")}},
                                      {"members", Json{.value = Json::Members{}}}};
          std::get<Json::Members>(shapes->second.value).emplace_back(*target, empty);
        }
        // Several operations may share one: they are one type of several names.
        if (const auto earlier = operation_types_.find(*target);
            earlier != operation_types_.end()) {
          aliases_.emplace_back(name + suffix, earlier->second);
          continue;
        }
        operation_types_.emplace(*target, name + suffix);
        renamed_[*target] = name + suffix;
      }
    }
    operations_.push_back(found);
  }
}

void Model::find_errors() {
  std::set<std::string> names;
  for (const auto& [name, shape] : definition_.at("shapes").members())
    if (shape.flag("exception")) names.insert(name);
  for (const auto& [name, error] : error_corrections_) names.insert(name);
  errors_.assign(names.begin(), names.end());
  for (const std::string& name : errors_) {
    const Json* shape = definition_.at("shapes").find(name);
    if (!shape) continue;
    if (const Json* members = shape->find("members"))
      for (const auto& [member, reference] : members->members())
        if (member != "message" && member != "Message") visit(reference.text("shape"));
  }
}

const Json& Model::shape(const std::string& name) const {
  return definition_.at("shapes").at(name);
}

const Json* Model::error_correction(const std::string& name) const {
  auto found = error_corrections_.find(name);
  return found == error_corrections_.end() ? nullptr : &found->second;
}

void Model::visit(const std::string& name) {
  if (!used_.insert(name).second) return;
  const Json& definition = shape(name);
  if (definition.find("native")) return;
  const std::string type = definition.text("type");
  if (type == "list") visit(definition.at("member").text("shape"));
  if (type == "map") {
    visit(definition.at("key").text("shape"));
    visit(definition.at("value").text("shape"));
  }
  if (type != "structure") return;
  for (const auto& [member, reference] : definition.at("members").members())
    visit(reference.text("shape"));
  structures_.push_back(name);
}

std::string Model::type_name(const std::string& name) const {
  auto found = renamed_.find(name);
  return found == renamed_.end() ? name : found->second;
}

std::string Model::storage(const std::string& name) const {
  static const std::map<std::string, std::string> simple = {{"string", "std::string"},
                                                            {"character", "std::string"},
                                                            {"boolean", "bool"},
                                                            {"integer", "std::int32_t"},
                                                            {"long", "std::int64_t"},
                                                            {"float", "float"},
                                                            {"double", "double"},
                                                            {"blob", "protocol::Blob"},
                                                            {"timestamp", "protocol::Timestamp"}};
  const Json& definition = shape(name);
  if (const Json* native = definition.find("native")) return native->text("type");
  const std::string type = definition.text("type");
  if (type == "structure") return type_name(name);
  if (type == "list") return "std::vector<" + storage(definition.at("member").text("shape")) + ">";
  if (type == "map")
    return "std::map<std::string, " + storage(definition.at("value").text("shape")) + ">";
  auto found = simple.find(type);
  if (found == simple.end()) throw std::runtime_error(name + " has the unknown type " + type);
  return found->second;
}

bool Model::is_streaming(const Json& member, const std::string& name) const {
  return member.flag("streaming") || shape(name).flag("streaming");
}

std::string snake_case(std::string_view name) {
  std::string text(name);
  for (auto [from, to] : {std::pair{"ETag", "Etag"}, {"SSEKMS", "SseKms"}, {"AWSKMS", "AwsKms"}})
    for (std::size_t at; (at = text.find(from)) != std::string::npos;)
      text.replace(at, std::string_view(from).size(), to);
  const auto upper = [&](std::size_t i) {
    return i < text.size() && std::isupper(static_cast<unsigned char>(text[i]));
  };
  const auto lower = [&](std::size_t i) {
    return i < text.size() && std::islower(static_cast<unsigned char>(text[i]));
  };
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i > 0 && upper(i) && (lower(i - 1) || lower(i + 1)) && result.back() != '_') result += '_';
    const char c = text[i];
    result += std::isalnum(static_cast<unsigned char>(c))
                  ? static_cast<char>(std::tolower(static_cast<unsigned char>(c)))
                  : '_';
  }
  if (keywords.contains(result)) result += '_';
  return result;
}

std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    static constexpr std::string_view digits = "01234567";
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (byte < 0x20 || byte >= 0x7f || c == '?') {
      result += {'\\', digits[byte >> 6], digits[byte >> 3 & 7], digits[byte & 7]};
    } else {
      result += c;
    }
  }
  return result + "\"";
}

}  // namespace modelc
