#include "jobs/deploy/packager.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "client/endpoints.h"
#include "jobs/report.h"
#include "jobs/sha256.h"
#include "templates/reader.h"

namespace matinee::jobs::deploy {

namespace {

using templates::Value;

/// How a resource names what lies in a bucket.
enum class Form : std::uint8_t {
  uri,     // "s3://bucket/key"
  object,  // {S3Bucket: bucket, S3Key: key}
  stack,   // the URL of a template, which is packaged as well
};

struct Location {
  std::string_view type;
  std::string_view property;
  Form form;
};

constexpr std::array<Location, 6> locations{
    {{"AWS::Serverless::Function", "CodeUri", Form::uri},
     {"AWS::Serverless::LayerVersion", "ContentUri", Form::uri},
     {"AWS::Serverless::Application", "Location", Form::stack},
     {"AWS::Lambda::Function", "Code", Form::object},
     {"AWS::Lambda::LayerVersion", "Content", Form::object},
     {"AWS::CloudFormation::Stack", "TemplateURL", Form::stack}}};

/// AWS nests stacks no deeper than it likes, and nobody does this on purpose.
constexpr std::size_t deepest_nesting = 10;

class Packager {
 public:
  enum class Purpose : std::uint8_t { pack, look };

  Packager(const LocalFiles& files, const Destination& destination, Purpose purpose)
      : files_(files), destination_(destination), purpose_(purpose) {}

  Package run(LocalTemplate from) {
    package_.text = complete(from);
    package_.root = std::move(from.root);
    return std::move(package_);
  }

 private:
  const LocalFiles& files_;
  const Destination& destination_;
  Purpose purpose_;
  Package package_;
  bool is_changed_ = false;                  // the template at hand
  std::map<std::string, std::string> keys_;  // by the absolute path of what they hold
  std::vector<std::string> reading_;         // templates, from the outermost in

  std::string absolute(const std::string& name) const {
    const std::filesystem::path folder = std::filesystem::path(reading_.back()).parent_path();
    std::string path = (folder / name).lexically_normal().string();
    if (path.size() > 1 && path.ends_with('/')) path.pop_back();
    return path;
  }

  void fault(const Value& at, std::string message) {
    package_.faults.push_back({reading_.back(), at.place(), std::move(message)});
  }

  /// The text to be sent. One that names nothing here goes as it was written.
  std::string complete(LocalTemplate& from) {
    const bool was_changed = std::exchange(is_changed_, from.is_expanded);
    reading_.push_back(from.path);
    look_through(from.root);
    reading_.pop_back();
    const bool is_changed = std::exchange(is_changed_, was_changed);
    return is_changed ? templates::to_json(from.root) : std::move(from.text);
  }

  void look_through(Value& root) {
    if (Value* resources = root.find("Resources"))
      for (templates::Member& resource : resources->members()) look_at(resource.value);
    if (Value* globals = root.find("Globals"))
      if (Value* functions = globals->find("Function"))
        if (Value* code = functions->find("CodeUri")) replace(*code, Form::uri);
    if (Value* transform = root.find("Transform")) {
      include(*transform);
      for (Value& element : transform->elements()) include(element);
    }
    find_includes(root);
  }

  void look_at(Value& resource) {
    const std::string type = resource.text_or("Type");
    Value* properties = resource.find("Properties");
    if (!properties) return;
    for (const Location& location : locations)
      if (location.type == type)
        if (Value* named = properties->find(location.property)) replace(*named, location.form);
  }

  /// {"Fn::Transform": {Name: AWS::Include, ...}}, wherever it stands.
  void find_includes(Value& value) {
    for (templates::Member& member : value.members()) {
      if (member.name == "Fn::Transform") include(member.value);
      find_includes(member.value);
    }
    for (Value& element : value.elements()) find_includes(element);
  }

  void include(Value& transform) {
    if (transform.text_or("Name") != "AWS::Include") return;
    Value* parameters = transform.find("Parameters");
    Value* location = parameters ? parameters->find("Location") : nullptr;
    if (!location || !location->is_string() || !is_local(location->text())) return;
    const std::string path = absolute(location->text());
    const auto content = files_.disk.read(path);
    if (!content) return fault(*location, content.error().message + ".");
    set(*location, Value(uri_of(add(*content, ".include", location->text()))));
  }

  void replace(Value& named, Form form) {
    if (!named.is_string() || !is_local(named.text())) return;
    const std::string name = named.text();
    const std::string path = absolute(name);
    std::string key = keys_[path];
    if (key.empty()) {
      const std::optional<std::string> made =
          form == Form::stack ? pack_template(named, path) : pack(named, path);
      if (!made) return;
      key = keys_[path] = *made;
    }
    switch (form) {
      case Form::uri:
        return set(named, Value(uri_of(key)));
      case Form::stack:
        return set(named, Value(object_url(destination_, key)));
      case Form::object: {
        Value object = Value::map("S3Bucket", Value(destination_.bucket));
        object.set("S3Key", Value(key));
        return set(named, std::move(object));
      }
    }
  }

  std::optional<std::string> pack(const Value& named, const std::string& path) {
    if (purpose_ == Purpose::look) {
      const std::string wrong = find_code_fault(files_, path, named.text());
      if (wrong.empty()) return path;
      fault(named, wrong);
      return std::nullopt;
    }
    auto code = pack_code(files_, path, named.text());
    if (!code) {
      fault(named, code.error());
      return std::nullopt;
    }
    if (!code->remark.empty()) package_.remarks.push_back(code->remark);
    return add(std::move(code->bytes), code->ending, named.text());
  }

  std::optional<std::string> pack_template(const Value& named, const std::string& path) {
    if (std::ranges::find(reading_, path) != reading_.end() || reading_.size() > deepest_nesting) {
      fault(named, fmt::format("The template {} is nested in itself.", path));
      return std::nullopt;
    }
    try {
      LocalTemplate nested = read_local_template(files_.disk, path);
      return add(complete(nested), ".template", named.text());
    } catch (const templates::TemplateError& error) {
      package_.faults.push_back({path, error.place, error.what()});
    } catch (const JobError& error) {
      fault(named, error.what());
    }
    return std::nullopt;
  }

  std::string add(std::string bytes, std::string_view ending, const std::string& source) {
    Artifact artifact = make_artifact(destination_, std::move(bytes), ending, source);
    std::string key = artifact.key;
    if (std::ranges::none_of(package_.artifacts,
                             [&](const Artifact& other) { return other.key == key; }))
      package_.artifacts.push_back(std::move(artifact));
    return key;
  }

  std::string uri_of(const std::string& key) const {
    return fmt::format("s3://{}/{}", destination_.bucket, key);
  }

  void set(Value& value, Value other) {
    value = std::move(other).at(value.place());
    is_changed_ = true;
  }
};

}  // namespace

LocalTemplate read_local_template(const runtime::Disk& disk, std::string path) {
  auto text = disk.read(path);
  if (!text) throw JobError(text.error().message + ".");
  LocalTemplate result{.path = std::move(path), .text = std::move(*text), .root = {}};
  try {
    result.root = templates::read_template(result.text);
  } catch (const templates::TemplateError&) {
    // If aliases are all that is wrong with it, they are known here.
    result.root = templates::read_template(result.text, templates::Aliases::expanded);
    result.is_expanded = true;
  }
  return result;
}

bool is_local(std::string_view location) {
  return !location.empty() && !location.starts_with("s3://") && !location.starts_with("https://") &&
         !location.starts_with("http://");
}

std::string object_url(const Destination& destination, const std::string& key) {
  return fmt::format("{}/{}/{}", client::aws_url("s3", destination.region), destination.bucket,
                     key);
}

Artifact make_artifact(const Destination& destination, std::string bytes, std::string_view ending,
                       const std::string& source) {
  Sha256 hash;
  hash.add(bytes);
  return {.key = fmt::format("{}{}{}", destination.prefix, hash.finish(), ending),
          .bytes = std::move(bytes),
          .source = source};
}

Package look_at_files(const LocalFiles& files, LocalTemplate from) {
  const Destination nowhere{.bucket = "bucket", .prefix = "", .region = "us-east-1"};
  return Packager(files, nowhere, Packager::Purpose::look).run(std::move(from));
}

Package package_template(const LocalFiles& files, const Destination& destination,
                         LocalTemplate from) {
  return Packager(files, destination, Packager::Purpose::pack).run(std::move(from));
}

}  // namespace matinee::jobs::deploy
