#include "templates/references.h"

#include <set>

namespace matinee::templates {

namespace {

class Search {
 public:
  explicit Search(const ReferenceSearch& search) : search_(search) {}

  void look_into(const Value& value) {
    if (const auto call = as_call(value, search_.section)) return look_into_call(*call);
    for (const Value& element : value.elements()) look_into(element);
    for (const Member& member : value.members()) look_into(member.value);
  }

 private:
  const ReferenceSearch& search_;

  bool has_right_form(const Call& call) {
    if (search_.is_right) return search_.is_right(call);
    try {
      check_form(call, search_.section);
    } catch (const TemplateError&) {
      return false;  // told by those who check forms
    }
    return true;
  }

  void look_into_call(const Call& call) {
    if (!has_right_form(call)) return;
    if (call.name == "Ref") {
      tell(call, Reference::Kind::name, call.argument.text());
    } else if (call.name == "Condition") {
      tell(call, Reference::Kind::condition, call.argument.text());
    } else if (call.name == "Fn::GetAtt") {
      const AttributeName name = attribute_name(call);
      search_.found({.kind = Reference::Kind::attribute,
                     .name = name.resource,
                     .attribute = name.attribute.text(),
                     .function = call.name,
                     .place = call.place});
      look_into(name.attribute);
    } else if (call.name == "Fn::Sub") {
      look_into_sub(call);
    } else if (call.name == "Fn::If") {
      look_into_if(call);
    } else {
      if (call.name == "Fn::FindInMap" && call.argument.elements()[0].is_scalar())
        tell(call, Reference::Kind::mapping, call.argument.elements()[0].text());
      look_into(call.argument);
    }
  }

  void tell(const Call& call, Reference::Kind kind, const std::string& name) {
    search_.found({.kind = kind, .name = name, .function = call.name, .place = call.place});
  }

  void look_into_sub(const Call& call) {
    const bool has_map = call.argument.is_list();
    std::set<std::string_view> own;
    if (has_map) {
      for (const Member& member : call.argument.elements()[1].members()) {
        own.insert(member.name);
        look_into(member.value);
      }
    }
    for (const SubPiece& piece : sub_pieces(sub_text(call), call.place)) {
      if (!piece.is_variable || own.contains(piece.text)) continue;
      const std::size_t point = piece.text.find('.');
      if (point == std::string::npos)
        tell(call, Reference::Kind::name, piece.text);
      else
        search_.found({.kind = Reference::Kind::attribute,
                       .name = piece.text.substr(0, point),
                       .attribute = piece.text.substr(point + 1),
                       .function = call.name,
                       .place = call.place});
    }
  }

  void look_into_if(const Call& call) {
    const std::string& name = call.argument.elements()[0].text();
    tell(call, Reference::Kind::condition, name);
    if (search_.only_certain) return;
    const Value::List& branches = call.argument.elements();
    if (search_.conditions) {
      if (const auto found = search_.conditions->find(name); found != search_.conditions->end())
        return look_into(branches[found->second ? 1 : 2]);
    }
    look_into(branches[1]);
    look_into(branches[2]);
  }
};

}  // namespace

void find_references(const Value& value, const ReferenceSearch& search) {
  Search(search).look_into(value);
}

}  // namespace matinee::templates
