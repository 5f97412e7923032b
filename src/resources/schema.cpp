#include "resources/schema.h"

#include <algorithm>
#include <map>
#include <memory>

#include "resources/data.h"
#include "resources/schema_tree.h"
#include "templates/text_readers.h"

namespace matinee::resources {

namespace {

using templates::Member;

std::vector<std::string> texts_of(const Value& tree, std::string_view member) {
  std::vector<std::string> texts;
  if (const Value* list = tree.find(member))
    for (const Value& element : list->elements()) texts.push_back(element.text());
  return texts;
}

constexpr std::string_view prefix = "/properties/";

class TreeSchema final : public Schema {
 public:
  TreeSchema(std::string type_name, Value tree)
      : type_name_(std::move(type_name)),
        tree_(std::move(tree)),
        create_only_(texts_of(tree_, "createOnlyProperties")),
        conditional_create_only_(texts_of(tree_, "conditionalCreateOnlyProperties")),
        read_only_(texts_of(tree_, "readOnlyProperties")),
        write_only_(texts_of(tree_, "writeOnlyProperties")),
        primary_identifier_(texts_of(tree_, "primaryIdentifier")) {
    if (const Value* all = tree_.find("properties"))
      for (const Member& member : all->members())
        if (!is_listed(read_only_, member.name)) properties_.push_back(member.name);
  }

  std::string_view type_name() const override { return type_name_; }
  std::vector<Fault> check(const Value& properties) const override {
    std::vector<Fault> faults = find_faults(tree_, properties);
    // What can only be read is no property that may be set.
    for (const Member& member : properties.members())
      if (is_listed(read_only_, member.name))
        faults.push_back({.path = "",
                          .problem = "extraneous key [" + member.name + "] is not permitted",
                          .place = member.place,
                          .rule = Fault::Rule::extraneous,
                          .name = member.name});
    return faults;
  }
  const std::vector<std::string>& properties() const override { return properties_; }
  const std::vector<std::string>& create_only() const override { return create_only_; }
  const std::vector<std::string>& conditional_create_only() const override {
    return conditional_create_only_;
  }
  const std::vector<std::string>& read_only() const override { return read_only_; }
  const std::vector<std::string>& write_only() const override { return write_only_; }
  const std::vector<std::string>& primary_identifier() const override {
    return primary_identifier_;
  }

  bool has_attribute(std::string_view attribute) const override {
    const Value* part = &tree_;
    std::string path(prefix.substr(0, prefix.size() - 1));
    while (part && !attribute.empty()) {
      const std::size_t point = attribute.find('.');
      const std::string_view name = attribute.substr(0, point);
      path += "/";
      path += name;
      if (std::ranges::find(write_only_, path) != write_only_.end()) return false;
      part = member_schema(tree_, *part, name);
      attribute = point == attribute.npos ? "" : attribute.substr(point + 1);
    }
    return part != nullptr && path.size() > prefix.size();
  }

  std::string_view tag_property() const override {
    const Value* path = tree_.find("tagProperty");
    if (path && path->text().starts_with(prefix))
      return std::string_view(path->text()).substr(prefix.size());
    const Value* all = tree_.find("properties");
    return all && all->find("Tags") ? "Tags" : "";
  }

  Value shape(const Value& told) const override { return shaped(tree_, told); }

 private:
  std::string type_name_;
  Value tree_;
  std::vector<std::string> properties_;
  std::vector<std::string> create_only_;
  std::vector<std::string> conditional_create_only_;
  std::vector<std::string> read_only_;
  std::vector<std::string> write_only_;
  std::vector<std::string> primary_identifier_;

  static bool is_listed(const std::vector<std::string>& paths, const std::string& name) {
    return std::ranges::find(paths, std::string(prefix) + name) != paths.end();
  }
};

/// "AWS::SQS::Queue" is in "resources/sqs.json".
std::string file_of(std::string_view type_name) {
  const std::size_t start = type_name.find("::");
  if (start == type_name.npos) return "";
  std::string_view service = type_name.substr(start + 2);
  service = service.substr(0, service.find("::"));
  std::string file = "resources/";
  for (const char c : service) file += c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  return file + ".json";
}

using Schemas = std::map<std::string, std::unique_ptr<Schema>, std::less<>>;

Schemas& known_schemas() {
  static Schemas schemas;
  return schemas;
}

void read_file(std::string_view text) {
  const Value types = templates::read_json(text);
  for (const Member& type : types.members())
    if (auto& known = known_schemas()[type.name]; !known)
      known = std::make_unique<TreeSchema>(type.name, type.value);
}

}  // namespace

const Schema* find_schema(std::string_view type_name) {
  const auto known = known_schemas().find(type_name);
  if (known != known_schemas().end()) return known->second.get();
  const std::string_view text = find_data(file_of(type_name));
  if (text.empty()) return nullptr;
  read_file(text);
  const auto found = known_schemas().find(type_name);
  return found == known_schemas().end() ? nullptr : found->second.get();
}

std::string find_schema_text(std::string_view type_name) {
  const std::string_view text = find_data(file_of(type_name));
  if (text.empty()) return "";
  const Value types = templates::read_json(text);
  const Value* tree = types.find(type_name);
  if (!tree) return "";
  Value schema = Value::map("typeName", type_name);
  for (const Member& member : tree->members()) {
    const bool is_tag = member.name == "tagProperty";
    schema.set(is_tag ? "tagging" : member.name,
               is_tag ? Value::map("tagProperty", member.value) : member.value);
  }
  return templates::to_json(schema);
}

const std::vector<std::string>& all_schemas() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const DataFile& file : data_files())
      if (file.name.starts_with("resources/"))
        for (const Member& type : templates::read_json(file.text).members())
          all.push_back(type.name);
    std::ranges::sort(all);
    return all;
  }();
  return names;
}

}  // namespace matinee::resources
