#include "services/cloudformation/preparing/transforms.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "protocol/base64.h"
#include "protocol/error.h"
#include "services/cloudformation/preparing/template_urls.h"
#include "templates/reader.h"

namespace matinee::cloudformation {

using templates::Member;

namespace {

constexpr std::string_view include = "AWS::Include";
constexpr std::string_view language_extensions = "AWS::LanguageExtensions";
constexpr std::string_view serverless = "AWS::Serverless-2016-10-31";
constexpr std::string_view transform_function = "Fn::Transform";
constexpr std::string_view transform_section = "Transform";
/// Bytes of a template after all transforms, and of any file that is included.
constexpr std::size_t most_bytes = std::size_t{1} << 20;

[[noreturn]] void fail(std::string reason) {
  throw TransformFailure(std::move(reason), "");
}

[[noreturn]] void fail(std::string_view name, std::string_view why) {
  fail(fmt::format("Transform {} failed with: {}", name, why));
}

/// One transform that is asked for.
struct Wanted {
  std::string name;
  Value parameters = Value::map();
};

/// From a name, an object {Name, Parameters}, or a list of both.
std::vector<Wanted> wanted_of(const Value& value) {
  std::vector<Wanted> all;
  if (value.is_list()) {
    for (const Value& element : value.elements())
      for (Wanted& wanted : wanted_of(element)) all.push_back(std::move(wanted));
    return all;
  }
  Wanted wanted;
  if (value.is_string()) wanted.name = value.text();
  if (value.is_map()) {
    wanted.name = value.text_or("Name");
    if (const Value* parameters = value.find("Parameters"); parameters && parameters->is_map())
      wanted.parameters = *parameters;
  }
  if (wanted.name.empty())
    fail(
        "Template format error: A transform must be a name, or an object with Name and "
        "Parameters.");
  all.push_back(std::move(wanted));
  return all;
}

/// The way from the root to a value: names of members, or numbers of elements.
using Path = std::vector<std::pair<std::string, std::size_t>>;

Value* follow(Value& root, const Path& path) {
  Value* value = &root;
  for (const auto& [name, index] : path) {
    if (value->is_list()) {
      if (index >= value->elements().size()) return nullptr;
      value = &value->elements()[index];
    } else {
      value = value->find(name);
      if (!value) return nullptr;
    }
  }
  return value;
}

/// Appends the ways to all maps that have an Fn::Transform, the inner ones before the outer ones.
void find_transforms(const Value& value, Path& path, std::vector<Path>& found) {
  for (std::size_t i = 0; i < value.elements().size(); ++i) {
    path.emplace_back("", i);
    find_transforms(value.elements()[i], path, found);
    path.pop_back();
  }
  for (const Member& member : value.members()) {
    path.emplace_back(member.name, 0);
    find_transforms(member.value, path, found);
    path.pop_back();
  }
  if (value.find(transform_function)) found.push_back(path);
}

/// At the top of a template, sections are merged member by member.
void merge_sections(Value& root, const Value& more) {
  for (const Member& section : more.members()) {
    Value* known = root.find(section.name);
    if (known && known->is_map() && section.value.is_map()) {
      known->merge(section.value);
    } else {
      root.set(section.name, section.value);
    }
  }
}

class Transforms {
 public:
  explicit Transforms(TransformTools tools) : tools_(std::move(tools)) {}

  runtime::Task<Value> carry_out(Value root) {
    std::vector<Wanted> of_the_whole;
    if (const Value* section = root.find(transform_section)) of_the_whole = wanted_of(*section);
    root.erase(transform_section);
    std::vector<Path> paths;
    Path path;
    find_transforms(root, path, paths);
    std::size_t size = size_of(root);
    for (const Path& place : paths) {
      // A macro further in may have taken the outer call away, or the place of it.
      Value* value = follow(root, place);
      const Value* call = value ? value->find(transform_function) : nullptr;
      if (!call) continue;
      const std::vector<Wanted> all = wanted_of(*call);
      // Only what a transform is given is measured anew: there may be thousands of them.
      size -= size_of(*value);
      value->erase(transform_function);
      for (const Wanted& wanted : all) {
        *value = co_await transform(wanted, std::move(*value), false);
        require_size(size + size_of(*value));
      }
      size += size_of(*value);
    }
    for (const Wanted& wanted : of_the_whole) {
      root = co_await transform(wanted, std::move(root), true);
      require_size(size_of(root));
    }
    co_return root;
  }

 private:
  TransformTools tools_;

  static std::size_t size_of(const Value& value) { return templates::to_json(value).size(); }

  static void require_size(std::size_t size) {
    if (size > templates::max_template_bytes)
      fail("Template may not exceed 1000000 bytes in size after its transforms.");
  }

  runtime::Task<Value> transform(const Wanted& wanted, Value fragment, bool is_whole) {
    if (wanted.name == include)
      co_return co_await do_include(wanted, std::move(fragment), is_whole);
    if (is_own_transform(wanted.name)) {
      if (!is_whole)
        fail(fmt::format("Transform {} can only be declared for the whole template.", wanted.name));
      co_return do_own(wanted, std::move(fragment));
    }
    if (wanted.name.starts_with("AWS::"))
      fail(fmt::format("No transform named {} found.", wanted.name));
    co_return co_await call_macro(wanted, std::move(fragment));
  }

  Value do_own(const Wanted& wanted, Value root) const {
    try {
      return tools_.carry_out_own(wanted.name, std::move(root));
    } catch (const TransformFailure&) {
      throw;
    } catch (const std::exception& error) {
      fail(wanted.name, error.what());
    }
  }

  Value evaluated(const Wanted& wanted) const {
    try {
      return tools_.evaluate(wanted.parameters);
    } catch (const templates::TemplateError& error) {
      fail(wanted.name, error.message);
    }
  }

  runtime::Task<Value> do_include(const Wanted& wanted, Value fragment, bool is_whole) {
    const std::string location = evaluated(wanted).text_or("Location");
    if (location.empty()) fail(include, "The Location parameter is required and must be a string.");
    services::ObjectToRead object = object_of_s3_location(location);
    if (object.bucket.empty()) fail(include, "The location parameter is not a valid S3 uri.");
    object.most_bytes = most_bytes;
    std::string text;
    try {
      text = co_await tools_.sources.objects.read(tools_.sources.caller, std::move(object));
    } catch (const protocol::ServiceError& error) {
      fail(include, fmt::format("S3 error: {}", error.message()));
    }
    Value included = read(text);
    if (!included.is_map()) {
      if (!fragment.members().empty())
        fail(include,
             "The specified S3 object's content should be a map, as the transform stands "
             "beside other members.");
      co_return included;
    }
    if (is_whole)
      merge_sections(fragment, included);
    else
      fragment.merge(included);
    co_return fragment;
  }

  static Value read(const std::string& text) {
    try {
      return templates::read_value(text);
    } catch (const templates::TemplateError& error) {
      fail(include, fmt::format("The specified S3 object's content should be valid Yaml/JSON: {}",
                                error.message));
    }
  }

  /// "000000000000::NAME"; a name that has an account already stays.
  std::string id_of(const std::string& name) const {
    if (name.find("::") != std::string::npos) return name;
    return fmt::format("{}::{}", tools_.sources.caller.account, name);
  }

  Value event_of(const Wanted& wanted, Value fragment, const std::string& request_id) const {
    Value event = Value::map();
    event.set("accountId", tools_.sources.caller.account);
    event.set("fragment", std::move(fragment));
    event.set("transformId", id_of(wanted.name));
    event.set("requestId", request_id);
    event.set("region", tools_.sources.caller.region);
    event.set("params", evaluated(wanted));
    event.set("templateParameterValues", tools_.parameter_values);
    return event;
  }

  runtime::Task<Value> call_macro(const Wanted& wanted, Value fragment) {
    const std::string id = id_of(wanted.name);
    const std::string name = id.substr(id.find("::") + 2);
    const bool is_ours = id.starts_with(tools_.sources.caller.account + "::");
    const std::string function =
        is_ours && tools_.sources.find_macro ? tools_.sources.find_macro(name) : "";
    if (function.empty()) fail(fmt::format("No transform named {} found.", id));
    const std::string request_id = tools_.sources.caller.request_id;
    Value request = Value::map("FunctionName", function);
    request.set("Payload", protocol::base64_encode(templates::to_json(
                               event_of(wanted, std::move(fragment), request_id))));
    Value response;
    try {
      response = co_await tools_.sources.calls.call("lambda:Invoke", std::move(request));
    } catch (const protocol::ServiceError& error) {
      fail(fmt::format("Failed to execute transform {}: {}", id, error.message()));
    }
    co_return fragment_of(id, response, request_id);
  }

  static Value fragment_of(const std::string& id, const Value& response,
                           const std::string& request_id) {
    const std::string bytes = protocol::base64_decode(response.text_or("Payload")).value_or("");
    if (!response.text_or("FunctionError").empty())
      fail(fmt::format("Failed to execute transform {}: {}", id, bytes));
    Value answer;
    try {
      answer = templates::read_json(bytes);
    } catch (const templates::TemplateError&) {
      fail(fmt::format("Received malformed response from transform {}", id));
    }
    std::string status = answer.text_or("status");
    std::ranges::transform(status, status.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    Value* made = answer.find("fragment");
    if (status.empty() || answer.text_or("requestId") != request_id)
      fail(fmt::format("Received malformed response from transform {}", id));
    if (status != "success") {
      const std::string message = answer.text_or("errorMessage");
      if (message.empty()) fail(fmt::format("Transform {} failed without an error message.", id));
      fail(id, message);
    }
    if (!made) fail(fmt::format("Received malformed response from transform {}", id));
    return std::move(*made);
  }
};

}  // namespace

bool is_own_transform(std::string_view name) {
  return name == language_extensions || name == serverless;
}

runtime::Task<Value> carry_out_transforms(TransformTools tools, Value root) {
  Transforms transforms(std::move(tools));
  co_return co_await transforms.carry_out(std::move(root));
}

}  // namespace matinee::cloudformation
