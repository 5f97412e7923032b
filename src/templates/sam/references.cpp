#include "templates/sam/references.h"

#include "templates/sam/shapes.h"

namespace matinee::templates::sam {

namespace {

/// "FN.Version.Version" as the id that FN.Version has, and what follows: {"FNVersion..",
/// "Version"}; "LAYER.Arn" likewise. Unchanged text, where nothing has another id.
std::string rewritten(std::string_view reference, const Translation& translation) {
  const std::size_t point = reference.find('.');
  const std::string_view id = reference.substr(0, point);
  if (point != std::string_view::npos) {
    const std::string_view rest = reference.substr(point + 1);
    const std::size_t end = rest.find('.');
    if (const std::string* made = translation.find_property(id, rest.substr(0, end)))
      return end == std::string_view::npos ? *made : *made + std::string(rest.substr(end));
  }
  if (const std::string* made = translation.find_renamed(id))
    return point == std::string_view::npos ? *made : *made + std::string(reference.substr(point));
  return std::string(reference);
}

/// "FN.Version" and "LAYER" of a Ref, which knows no attributes.
std::string rewritten_name(const std::string& name, const Translation& translation) {
  const std::size_t point = name.find('.');
  const std::string* made =
      point == std::string::npos
          ? translation.find_renamed(name)
          : translation.find_property(std::string_view(name).substr(0, point),
                                      std::string_view(name).substr(point + 1));
  return made ? *made : name;
}

/// [FN.Version, Version], [FN, Version.Version] and [FN, Version, Version] mean the same.
void rewrite_attribute(Value& parts, const Translation& translation) {
  if (!parts.is_list() || parts.elements().empty()) return;
  std::string reference;
  for (const Value& part : parts.elements()) {
    if (!part.is_string()) return;
    if (!reference.empty()) reference += '.';
    reference += part.text();
  }
  const std::string made = rewritten(reference, translation);
  if (made == reference) return;
  const std::size_t point = made.find('.');
  Value list = Value::list({made.substr(0, point)});
  if (point != std::string::npos) list.append(made.substr(point + 1));
  parts = std::move(list);
}

std::string rewrite_text(std::string_view text, const Translation& translation) {
  std::string out;
  for (;;) {
    const std::size_t begin = text.find("${");
    const std::size_t end = begin == std::string_view::npos ? begin : text.find('}', begin);
    if (end == std::string_view::npos) return out.append(text);
    out.append(text.substr(0, begin + 2));
    out += rewritten(text.substr(begin + 2, end - begin - 2), translation);
    out += '}';
    text.remove_prefix(end + 1);
  }
}

void rewrite_substitution(Value& body, const Translation& translation) {
  if (body.is_string()) {
    body = Value(rewrite_text(body.text(), translation));
  } else if (!body.elements().empty() && body.elements()[0].is_string()) {
    body.elements()[0] = Value(rewrite_text(body.elements()[0].text(), translation));
  }
}

}  // namespace

void rewrite_references(Value& value, const Translation& translation) {
  for (Value& element : value.elements()) rewrite_references(element, translation);
  for (Member& member : value.members()) rewrite_references(member.value, translation);
  if (value.members().size() != 1) return;
  Member& only = value.members().front();
  if (only.name == "Ref" && only.value.is_string())
    only.value = Value(rewritten_name(only.value.text(), translation));
  else if (only.name == "Fn::GetAtt")
    rewrite_attribute(only.value, translation);
  else if (only.name == "Fn::Sub")
    rewrite_substitution(only.value, translation);
}

}  // namespace matinee::templates::sam
