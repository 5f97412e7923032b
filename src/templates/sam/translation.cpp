#include "templates/sam/translation.h"

#include <fmt/format.h>

#include "templates/sam/shapes.h"

namespace matinee::templates::sam {

namespace {

/// Bytes that all resources together may have. A template has at most 1 MB, what is made of it
/// some times as much, unless somebody has every resource repeat something large.
constexpr std::size_t max_made_bytes = std::size_t{16} << 20;

std::size_t bytes_of(const Value& value) {
  std::size_t bytes = value.text().size() + 2;
  for (const Value& element : value.elements()) bytes += bytes_of(element);
  for (const Member& member : value.members()) bytes += member.name.size() + bytes_of(member.value);
  return bytes;
}

}  // namespace

Translation::Translation(const Value& root, const SamContext& context)
    : context_(context), resources_(root.find("Resources")) {
  for (const Member& member : resources_->members()) sources_.emplace(member.name, &member.value);
  if (const Value* parameters = root.find("Parameters"))
    for (const Member& member : parameters->members())
      if (const Value* initial = find_given(member.value, "Default"))
        parameters_.insert_or_assign(member.name, *initial);
  for (const auto& [name, value] : context.parameters) parameters_.insert_or_assign(name, value);
  parameters_.insert_or_assign("AWS::Region", Value(context.region));
  parameters_.insert_or_assign("AWS::Partition", Value(context.partition));
  if (const Value* conditions = root.find("Conditions")) conditions_ = *conditions;
}

const Value* Translation::find_source(std::string_view id) const {
  const auto found = sources_.find(std::string(id));
  return found == sources_.end() ? nullptr : found->second;
}

void Translation::begin(std::string_view id) {
  begun_ = id;
  duplicates_.clear();
}

void Translation::add(std::string_view id, Value resource) {
  if (!begun_.empty() && id != begun_ && find_source(id)) {
    duplicates_.push_back(
        {"",
         fmt::format("Transforming resource with id [{}] attempts to create a new resource with id "
                     "[{}] and type \"{}\". A resource with that id already exists within this "
                     "template. Please use a different id for that resource.",
                     begun_, id, resource.text_or("Type")),
         find_source(id)->place()});
    return;
  }
  made_bytes_ += bytes_of(resource);
  if (made_bytes_ > max_made_bytes)
    throw SamFault{"", "Transformed template is too large", resource.place()};
  const auto [at, is_new] = made_at_.emplace(id, made_.size());
  if (is_new)
    made_.push_back({std::string(id), std::move(resource)});
  else
    made_[at->second].value = std::move(resource);
}

Value* Translation::find_made(std::string_view id) {
  const auto found = made_at_.find(std::string(id));
  return found == made_at_.end() ? nullptr : &made_[found->second].value;
}

void Translation::add_condition(std::string_view name, Value condition) {
  conditions_.set(name, std::move(condition));
}

const Value* Translation::find_parameter(std::string_view name) const {
  const auto found = parameters_.find(name);
  return found == parameters_.end() ? nullptr : &found->second;
}

Value Translation::resolve(const Value& value) const {
  if (is_function(value, "Ref")) {
    const Value* known = find_parameter(value.members().front().value.text());
    return known ? *known : value;
  }
  if (!value.is_list() && !value.is_map()) return value;
  Value resolved = value.is_list() ? Value::list() : Value::map();
  resolved.set_place(value.place());
  for (const Value& element : value.elements()) resolved.elements().push_back(resolve(element));
  for (const Member& member : value.members())
    resolved.members().push_back({member.name, resolve(member.value), member.place});
  if (!is_function(resolved, "Fn::Sub")) return resolved;
  Value& body = resolved.members().front().value;
  if (body.is_string()) {
    body = resolve_text(body.text(), nullptr);
  } else if (body.elements().size() == 2 && body.elements()[0].is_string()) {
    body.elements()[0] = resolve_text(body.elements()[0].text(), &body.elements()[1]);
  }
  return resolved;
}

/// ${Name} of parameters that are known, but not of those that Fn::Sub itself gives a value.
std::string Translation::resolve_text(std::string_view text, const Value* shadowing) const {
  std::string out;
  for (;;) {
    const std::size_t begin = text.find("${");
    const std::size_t end = begin == std::string_view::npos ? begin : text.find('}', begin);
    if (end == std::string_view::npos) return out.append(text);
    const std::string_view name = text.substr(begin + 2, end - begin - 2);
    const Value* known = shadowing && shadowing->find(name) ? nullptr : find_parameter(name);
    out.append(text.substr(0, begin));
    if (known && known->is_scalar())
      out.append(known->text());
    else
      out.append(text.substr(begin, end + 1 - begin));
    text.remove_prefix(end + 1);
  }
}

void Translation::name_property(std::string_view id, std::string_view property,
                                std::string_view made) {
  properties_[{std::string(id), std::string(property)}] = made;
}

const std::string* Translation::find_property(std::string_view id,
                                              std::string_view property) const {
  const auto found = properties_.find(std::pair(std::string(id), std::string(property)));
  return found == properties_.end() ? nullptr : &found->second;
}

void Translation::rename(std::string_view id, std::string_view made) {
  renamed_.insert_or_assign(std::string(id), std::string(made));
}

const std::string* Translation::find_renamed(std::string_view id) const {
  const auto found = renamed_.find(id);
  return found == renamed_.end() ? nullptr : &found->second;
}

std::string Translation::managed_policy(std::string_view path) const {
  return fmt::format("arn:{}:iam::aws:policy/{}", context_.partition, path);
}

Value make_resource(std::string_view type, const Value& source) {
  Value resource = Value::map();
  resource.set_place(source.place());
  resource.set("Type", type);
  for (const std::string_view attribute : {"Condition", "DeletionPolicy", "UpdateReplacePolicy"})
    set_given(resource, attribute, find_given(source, attribute));
  resource["Properties"] = Value::map();
  return resource;
}

Value make_main_resource(std::string_view type, const Value& source) {
  Value resource = make_resource(type, source);
  set_given(resource, "DependsOn", find_given(source, "DependsOn"));
  return resource;
}

Value list_tags(std::string_view id, const Value* tags, std::vector<Member> marks) {
  Value list = Value::list();
  const auto append = [&](const Member& tag) {
    Value entry;
    entry.set("Key", tag.name).set("Value", tag.value);
    list.append(std::move(entry));
  };
  for (const Member& mark : marks) {
    if (tags && tags->find(mark.name))
      throw SamFault{
          std::string(id),
          fmt::format("{} is a reserved Tag key name and cannot be set on your resource. "
                      "Please change the tag key in the input.",
                      mark.name),
          tags->find(mark.name)->place()};
    append(mark);
  }
  if (tags)
    for (const Member& tag : tags->members()) append(tag);
  return list;
}

void propagate_tags(Value& resource, const Value& source_properties) {
  const Value* wanted = find_given(source_properties, "PropagateTags");
  const Value* tags = find_given(source_properties, "Tags");
  if (is_nothing(wanted) || is_nothing(tags)) return;
  resource["Properties"].set("Tags", list_tags("", tags, {}));
}

}  // namespace matinee::templates::sam
