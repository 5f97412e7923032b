#include "services/logs/documents.h"

#include <simdjson.h>

#include <algorithm>
#include <array>

namespace matinee::logs {

using simdjson::dom::element;

namespace {

/// Calls `use(element)` for a JSON document, if it is one.
template <class Use>
bool with_document(std::string_view text, Use use) {
  simdjson::dom::parser parser;
  element root;
  if (parser.parse(text.data(), text.size(), true).get(root) || !root.is_object()) return false;
  return use(root);
}

std::optional<element> member(element object, std::string_view name) {
  element value;
  if (!object.is_object() || object.at_key(name).get(value)) return std::nullopt;
  return value;
}

/// A list of one element as that element.
std::string normal_value(element value) {
  simdjson::dom::array list;
  if (!value.get_array().get(list) && list.size() == 1) return simdjson::minify(list.at(0));
  return simdjson::minify(value);
}

void append_member(std::string& out, std::string_view name, std::string_view value) {
  if (out.back() != '{') out += ',';
  out.append("\"").append(name).append("\":").append(value);
}

std::string normal_principal(element principal) {
  simdjson::dom::object kinds;
  if (principal.get_object().get(kinds)) return simdjson::minify(principal);
  std::string out = "{";
  for (const auto [kind, value] : kinds) append_member(out, kind, normal_value(value));
  return out + "}";
}

std::string normal_statement(element statement) {
  simdjson::dom::object members;
  if (statement.get_object().get(members)) return simdjson::minify(statement);
  constexpr std::array<std::string_view, 8> order = {"Sid",          "Effect",     "Principal",
                                                     "NotPrincipal", "Action",     "NotAction",
                                                     "Resource",     "NotResource"};
  std::string out = "{";
  for (const std::string_view name : order) {
    const std::optional<element> value = member(statement, name);
    if (!value) continue;
    append_member(out, name,
                  name.ends_with("Principal") ? normal_principal(*value) : normal_value(*value));
  }
  for (const auto [name, value] : members)
    if (std::ranges::find(order, name) == order.end())
      append_member(out, name, simdjson::minify(value));
  return out + "}";
}

/// Of a block of a data protection policy.
struct ProtectionStatement {
  std::string identifiers;
  bool audits = false;
  bool masks = false;
};

ProtectionStatement read_statement(element statement) {
  ProtectionStatement read;
  if (const auto identifiers = member(statement, "DataIdentifier"))
    read.identifiers = simdjson::minify(*identifiers);
  const std::optional<element> operation = member(statement, "Operation");
  if (!operation) return read;
  if (const auto audit = member(*operation, "Audit"))
    read.audits = member(*audit, "FindingsDestination").has_value();
  if (const auto deidentify = member(*operation, "Deidentify"))
    read.masks = member(*deidentify, "MaskConfig").has_value();
  return read;
}

}  // namespace

bool is_json_object(std::string_view text) {
  return with_document(text, [](element) { return true; });
}

std::string normalize_policy(std::string_view document) {
  std::string out = "{";
  const bool is_policy = with_document(document, [&](element root) {
    const std::optional<element> version = member(root, "Version");
    append_member(out, "Version", version ? simdjson::minify(*version) : "\"2008-10-17\"");
    if (const auto id = member(root, "Id")) append_member(out, "Id", simdjson::minify(*id));
    const std::optional<element> statements = member(root, "Statement");
    if (!statements) return true;
    std::string list = "[";
    simdjson::dom::array elements;
    if (statements->get_array().get(elements)) {
      list += normal_statement(*statements);
    } else {
      for (const element statement : elements)
        list.append(list.size() > 1 ? "," : "").append(normal_statement(statement));
    }
    append_member(out, "Statement", list + "]");
    return true;
  });
  return is_policy ? out + "}" : std::string(document);
}

std::optional<std::vector<IndexedField>> read_index_policy(std::string_view document) {
  std::vector<IndexedField> fields;
  const bool is_policy = with_document(document, [&](element root) {
    if (const auto plain = member(root, "Fields")) {
      simdjson::dom::array names;
      if (plain->get_array().get(names)) return false;
      for (const element name : names) {
        if (!name.is_string()) return false;
        fields.push_back({.name = std::string(std::string_view(name))});
      }
    }
    if (const auto typed = member(root, "FieldsV2")) {
      simdjson::dom::object names;
      if (typed->get_object().get(names)) return false;
      for (const auto [name, value] : names) {
        const std::optional<element> type = member(value, "type");
        if (!type || !type->is_string()) return false;
        const std::string_view kind = *type;
        if (kind != "FACET" && kind != "FIELD_INDEX") return false;
        fields.push_back({.name = std::string(name), .is_facet = kind == "FACET"});
      }
    }
    return true;
  });
  // Documented: at least one field and at most 20, of up to 100 characters, each only once.
  constexpr std::size_t most_fields = 20;
  constexpr std::size_t most_characters = 100;
  if (!is_policy || fields.empty() || fields.size() > most_fields) return std::nullopt;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].name.empty() || fields[i].name.size() > most_characters) return std::nullopt;
    for (std::size_t k = 0; k < i; ++k)
      if (fields[k].name == fields[i].name) return std::nullopt;
  }
  return fields;
}

std::vector<std::string> indexed_fields(const GroupRecord& group) {
  std::vector<std::string> names;
  if (!group.index_policy) return names;
  if (const auto fields = read_index_policy(*group.index_policy))
    for (const IndexedField& field : *fields) names.push_back(field.name);
  return names;
}

std::string find_data_protection_fault(std::string_view document) {
  std::string fault = "Data protection policy document is not valid JSON.";
  with_document(document, [&](element root) {
    simdjson::dom::array statements;
    const std::optional<element> list = member(root, "Statement");
    constexpr std::size_t two = 2;
    fault = "Data protection policy must have two statements, one that audits and one that masks.";
    if (!list || list->get_array().get(statements) || statements.size() != two) return true;
    std::vector<ProtectionStatement> read;
    for (const element statement : statements) read.push_back(read_statement(statement));
    if (read[1].audits && read[0].masks) std::swap(read[0], read[1]);
    if (!read[0].audits || !read[1].masks) return true;
    fault = "The data identifiers of both statements of a data protection policy must be the same.";
    if (read[0].identifiers.empty() || read[0].identifiers != read[1].identifiers) return true;
    fault.clear();
    return true;
  });
  return fault;
}

std::optional<RetentionPolicy> read_retention_policy(std::string_view document) {
  RetentionPolicy policy;
  const bool is_policy = with_document(document, [&](element root) {
    const std::optional<element> days = member(root, "retentionInDays");
    const std::optional<element> mode = member(root, "enforcementMode");
    if (!days || !mode || !mode->is_string()) return false;
    const std::string_view name = *mode;
    if (name != "NEW_ONLY" && name != "RETROACTIVE") return false;
    policy.only_new = name == "NEW_ONLY";
    if (days->is_string()) return std::string_view(*days) == "NEVER_EXPIRE";
    std::int64_t number = 0;
    if (days->get_int64().get(number)) return false;
    constexpr std::array<std::int64_t, 17> allowed = {
        30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653};
    policy.days = static_cast<std::int32_t>(number);
    return std::ranges::find(allowed, number) != allowed.end();
  });
  if (!is_policy) return std::nullopt;
  return policy;
}

std::optional<std::vector<std::string>> read_texts(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::array list;
  if (parser.parse(json.data(), json.size(), true).get_array().get(list)) return std::nullopt;
  std::vector<std::string> texts;
  for (const element text : list) {
    if (!text.is_string()) return std::nullopt;
    texts.emplace_back(std::string_view(text));
  }
  if (texts.empty()) return std::nullopt;
  return texts;
}

}  // namespace matinee::logs
