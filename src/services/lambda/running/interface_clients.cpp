#include "services/lambda/running/interface_clients.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "protocol/error.h"
#include "services/lambda/running/interpreters.h"

namespace matinee::lambda {

namespace {

constexpr int bad_gateway = 502;

/// A file below a folder of this machine, and how the program is told of it.
struct Found {
  std::string here;
  std::string inside;
};

/// The first entry of a folder whose name begins and ends so.
std::optional<Found> find_entry(const runtime::Disk& disk, const Found& folder,
                                std::string_view start, std::string_view end = {}) {
  const auto names = disk.list(folder.here);
  if (!names) return std::nullopt;
  const auto found = std::ranges::find_if(*names, [&](const std::string& name) {
    return name.starts_with(start) && name.ends_with(end);
  });
  if (found == names->end()) return std::nullopt;
  return Found{folder.here + "/" + *found, folder.inside + "/" + *found};
}

std::vector<Found> places_of(std::span<const std::string> folders, std::string_view in_code,
                             std::string_view in_layers) {
  std::vector<Found> places;
  for (std::size_t i = 0; i < folders.size(); ++i) {
    const std::string_view below = i == 0 ? in_code : in_layers;
    places.push_back({fmt::format("{}/{}", folders[i], below),
                      fmt::format("{}/{}", i == 0 ? "{task}" : "{opt}", below)});
  }
  return places;
}

/// As AWS sizes it: the rest is for the machine itself.
std::string heap_of(const Settings& settings) {
  constexpr std::int64_t kibibytes = 1024;
  constexpr std::int64_t percent = 85;
  return fmt::format("-XX:MaxHeapSize={}k", settings.memory_mb * kibibytes * percent / 100);
}

Launch launch_java(const Settings& settings, const std::string& java,
                   std::span<const std::string> folders, const runtime::Disk& disk) {
  constexpr std::string_view package = "com/amazonaws/services/lambda/runtime/api/client";
  bool is_there = disk.exists(fmt::format("{}/{}/AWSLambda.class", folders.front(), package));
  for (const Found& place : places_of(folders, "lib", "java/lib"))
    is_there |=
        find_entry(disk, place, "aws-lambda-java-runtime-interface-client", ".jar").has_value();
  if (!is_there) refuse_launch(how_to_pack(settings.runtime));
  return {.command = {java, heap_of(settings), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                      "-Xshare:auto", "-cp", "{task}:{task}/lib/*:{opt}/java/lib/*",
                      "com.amazonaws.services.lambda.runtime.api.client.AWSLambda",
                      settings.handler}};
}

/// A folder of gems has one below it for each version of Ruby's interface, "3.3.0".
Launch launch_ruby(const Settings& settings, const std::string& ruby,
                   std::span<const std::string> folders, const runtime::Disk& disk) {
  for (const Found& place : places_of(folders, "vendor/bundle/ruby", "ruby/gems")) {
    const std::optional<Found> home = find_entry(disk, place, "");
    if (!home) continue;
    const auto gem =
        find_entry(disk, {home->here + "/gems", home->inside + "/gems"}, "aws_lambda_ric-");
    if (!gem) continue;
    const std::string version = home->here.substr(home->here.rfind('/') + 1);
    return {.command = {ruby, gem->inside + "/bin/aws_lambda_ric", settings.handler},
            .environment = {{"GEM_PATH", fmt::format("{{task}}/vendor/bundle/ruby/{0}:"
                                                     "{{opt}}/ruby/gems/{0}",
                                                     version)},
                            {"RUBYLIB", "{task}:{opt}/ruby/lib"}}};
  }
  refuse_launch(how_to_pack(settings.runtime));
}

/// A handler is an assembly with a main program of its own, or "Assembly::Namespace.Class::Method",
/// which AWS's support library calls.
Launch launch_dotnet(const Settings& settings, const std::string& dotnet,
                     std::span<const std::string> folders, const runtime::Disk& disk) {
  constexpr std::string_view support = "Amazon.Lambda.RuntimeSupport.dll";
  const std::string assembly = settings.handler.substr(0, settings.handler.find("::"));
  if (!disk.exists(fmt::format("{}/{}", folders.front(), support)))
    refuse_launch(how_to_pack(settings.runtime));
  if (assembly == settings.handler)
    return {.command = {dotnet, fmt::format("{{task}}/{}.dll", assembly)}};
  return {.command = {dotnet, "exec", "--depsfile", fmt::format("{{task}}/{}.deps.json", assembly),
                      "--runtimeconfig", fmt::format("{{task}}/{}.runtimeconfig.json", assembly),
                      fmt::format("{{task}}/{}", support), settings.handler}};
}

}  // namespace

void refuse_launch(std::string reason) {
  throw protocol::ServiceError("Runtime.InvalidEntrypoint", bad_gateway, std::move(reason));
}

std::string how_to_pack(const std::string& runtime) {
  switch (language_of(runtime)) {
    case Language::java:
      return fmt::format(
          "{} functions run here by AWS's client for Java: put "
          "aws-lambda-java-runtime-interface-client and what it needs into lib/ of the package, "
          "into the jar itself, or into java/lib/ of a layer.",
          runtime);
    case Language::ruby:
      return fmt::format(
          "{} functions run here by AWS's client for Ruby: put the gem aws_lambda_ric into "
          "vendor/bundle of the package (bundle config set path vendor/bundle), or into ruby/gems/ "
          "of a layer.",
          runtime);
    case Language::dotnet:
      return fmt::format(
          "{} functions run here by AWS's client for .NET: reference Amazon.Lambda.RuntimeSupport "
          "in the project, or publish an executable called bootstrap.",
          runtime);
    default:
      return fmt::format("{} functions need an executable called bootstrap.", runtime);
  }
}

Launch launch_by_client(const Settings& settings, const std::string& interpreter,
                        std::span<const std::string> folders, const runtime::Disk& disk) {
  switch (language_of(settings.runtime)) {
    case Language::java:
      return launch_java(settings, interpreter, folders, disk);
    case Language::ruby:
      return launch_ruby(settings, interpreter, folders, disk);
    case Language::dotnet:
      return launch_dotnet(settings, interpreter, folders, disk);
    default:
      refuse_launch(how_to_pack(settings.runtime));
  }
}

}  // namespace matinee::lambda
