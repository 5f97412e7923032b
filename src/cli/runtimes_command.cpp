// `matinee runtimes`: which of Lambda's runtimes this machine can run, and by which interpreter;
// and `matinee runtimes add`, which brings what AWS's runtimes have besides: the SDK.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/option_values.h"
#include "cli/runtime_packages.h"
#include "cloud/runtimes.h"
#include "jobs/report.h"

namespace matinee::cli {
namespace {

const std::vector<std::string> addable = {"python3.8",  "python3.9",  "python3.10", "python3.11",
                                          "python3.12", "python3.13", "python3.14", "nodejs18.x",
                                          "nodejs20.x", "nodejs22.x", "nodejs24.x"};

struct RuntimesCommand {
  std::string format = "text";
};

/// What was added, as its own file tells: "boto3 1.40.4".
std::string added_text(Surroundings& surroundings, const cloud::RuntimeHere& runtime) {
  if (runtime.packages.empty()) return "";
  const std::string folder = runtime.packages.substr(0, runtime.packages.rfind('/'));
  std::string text =
      surroundings.runtime.disk.read(folder + "/" + added_file).value_or(std::string());
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

std::string describe(Surroundings& surroundings, const cloud::RuntimeHere& runtime) {
  if (!runtime.runs) return "-  " + runtime.remark;
  if (runtime.interpreter.empty()) return "executables run as they are";
  std::string text = runtime.interpreter;
  if (const std::string added = added_text(surroundings, runtime); !added.empty())
    text += ", with " + added;
  if (!runtime.remark.empty()) text += "  " + runtime.remark;
  return text;
}

std::string describe_as_json(Surroundings& surroundings, const cloud::RuntimeHere& runtime) {
  jobs::JsonObject json;
  json.add("runtime", runtime.name);
  json.add("runs", runtime.runs);
  if (!runtime.interpreter.empty()) json.add("interpreter", runtime.interpreter);
  if (!runtime.packages.empty()) {
    json.add("packages", runtime.packages);
    json.add("added", added_text(surroundings, runtime));
  }
  if (!runtime.remark.empty()) json.add("remark", runtime.remark);
  return json.take();
}

std::unique_ptr<runtime::Sandboxes> find_sandboxes(Surroundings& surroundings) {
  if (!surroundings.make_sandboxes) return nullptr;
  return surroundings.make_sandboxes({.directory = {}, .locked_in = false});
}

int print_runtimes(Surroundings& surroundings, const RuntimesCommand& command) {
  const auto sandboxes = find_sandboxes(surroundings);
  if (!sandboxes) return fail(surroundings, "No functions run here.");
  std::string text;
  for (const cloud::RuntimeHere& runtime :
       cloud::runtimes_here(*sandboxes, surroundings.runtime.disk, package_directory(surroundings)))
    text += command.format == "json"
                ? describe_as_json(surroundings, runtime)
                : fmt::format("{:<16} {}\n", runtime.name, describe(surroundings, runtime));
  surroundings.terminal.out(text);
  return done;
}

int add_packages(Surroundings& surroundings, const std::string& name) {
  const auto sandboxes = find_sandboxes(surroundings);
  if (!sandboxes) return fail(surroundings, "No functions run here.");
  const cloud::RuntimeHere runtime = cloud::runtime_here(*sandboxes, surroundings.runtime.disk,
                                                         package_directory(surroundings), name);
  if (!runtime.runs) return fail(surroundings, runtime.remark);
  return install_packages(surroundings, runtime);
}

}  // namespace

void add_runtimes(CLI::App& parent, Surroundings& surroundings, Command& command) {
  CLI::App* app = add_command(parent, "runtimes",
                              "List what runs Lambda functions on this machine, and where it is");
  auto options = std::make_shared<RuntimesCommand>();
  take_one_of(*app->add_option("--format", options->format,
                               "For people, or a runtime a line as JSON, for programs")
                   ->capture_default_str(),
              {"text", "json"});
  CLI::App* add = add_command(
      *app, "add", "Install what AWS's runtime brings: boto3 for Python, the SDK for Node.js");
  auto name = std::make_shared<std::string>();
  CLI::Option* option = add->add_option("RUNTIME", *name, "One of Lambda's names for it");
  take_one_of(*option->required(), addable);
  add->footer(
      "Functions of that runtime then import boto3, or @aws-sdk/client-..., without packing it.\n"
      "It takes pip or npm, and lies in the user's data directory, whichever server runs.\n"
      "  matinee runtimes add python3.12");
  add->callback([&surroundings, &command, name] {
    command = [&surroundings, name] { return add_packages(surroundings, *name); };
  });
  app->callback([&surroundings, &command, options, add] {
    if (add->parsed()) return;
    command = [&surroundings, options] { return print_runtimes(surroundings, *options); };
  });
}

}  // namespace matinee::cli
