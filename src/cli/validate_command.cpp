// `matinee validate`: what is wrong with a template, all at once.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "cli/commands.h"
#include "cli/deploy_options.h"
#include "cli/option_values.h"
#include "cli/template_check.h"
#include "jobs/deploy/packager.h"
#include "jobs/report.h"

namespace matinee::cli {
namespace {

using Severity = TemplateFault::Severity;

struct ValidateCommand {
  std::string path;
  std::vector<std::string> parameters;
  std::string format = "text";
  bool transformed = false;
  CheckOptions check;
};

std::string_view severity_of(const TemplateFault& fault) {
  return fault.severity == Severity::error ? "error" : "warning";
}

/// As compilers write it, so that editors find the place.
std::string fault_line(const std::string& file, const TemplateFault& fault) {
  std::string line = file;
  if (fault.place.line != 0) line += fmt::format(":{}:{}", fault.place.line, fault.place.column);
  line += fmt::format(": {}: ", severity_of(fault));
  if (!fault.resource.empty()) line += fault.resource + ": ";
  return line + fault.message + "\n";
}

std::string counted(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string to_text(const std::string& file, const CheckedTemplate& checked) {
  std::string text;
  std::size_t errors = 0;
  for (const TemplateFault& fault : checked.faults) {
    text += fault_line(file, fault);
    if (fault.severity == Severity::error) ++errors;
  }
  const std::size_t warnings = checked.faults.size() - errors;
  if (checked.faults.empty()) return fmt::format("{} is valid.\n", file);
  text += errors == 0 ? "It can be deployed; " : "It cannot be deployed; ";
  if (errors > 0) text += counted(errors, "error") + (warnings > 0 ? ", " : "");
  if (warnings > 0) text += counted(warnings, "warning");
  return text + ".\n";
}

std::string to_json(const CheckedTemplate& checked) {
  std::string faults = "[";
  for (const TemplateFault& fault : checked.faults) {
    jobs::JsonObject json;
    json.add("severity", std::string(severity_of(fault)));
    json.add("line", std::uint64_t{fault.place.line});
    json.add("column", std::uint64_t{fault.place.column});
    json.add("resource", fault.resource);
    json.add("message", fault.message);
    if (faults.size() > 1) faults += ',';
    faults += json.take();
    faults.pop_back();  // the newline
  }
  jobs::JsonObject json;
  json.add("valid", checked.is_valid());
  json.add_json("faults", faults + "]");
  return json.take();
}

/// Looks at the files that the template names. Those that are nested in it tell where they are
/// themselves.
templates::Value locate(Surroundings& surroundings, const std::string& path, templates::Value root,
                        std::vector<TemplateFault>& faults) {
  jobs::deploy::Package package =
      jobs::deploy::look_at_files({surroundings.runtime.disk, surroundings.folders},
                                  {.path = path, .text = "", .root = std::move(root)});
  for (const jobs::deploy::PackageFault& fault : package.faults) {
    const bool is_nested = fault.file != path;
    faults.push_back({Severity::error, is_nested ? templates::Place{} : fault.place, "",
                      is_nested
                          ? fmt::format("{}:{}: {}", fault.file, fault.place.line, fault.message)
                          : fault.message});
  }
  return std::move(package.root);
}

/// What cannot be read is told by `locate`.
std::optional<templates::Value> read_nested(const runtime::Disk& disk, const std::string& around,
                                            const std::string& name) {
  if (!jobs::deploy::is_local(name)) return std::nullopt;
  const auto path = std::filesystem::path(around).parent_path() / name;
  try {
    return jobs::deploy::read_local_template(disk, path.lexically_normal().string()).root;
  } catch (const jobs::JobError&) {
    return std::nullopt;
  } catch (const templates::TemplateError&) {
    return std::nullopt;
  }
}

int run_validate(Surroundings& surroundings, ValidateCommand& command) {
  auto parameters = read_pairs(command.parameters, "--parameter");
  if (!parameters) return refuse_usage(surroundings, parameters.error());
  command.check.parameters = std::move(*parameters);
  const std::string path = absolute_path(surroundings, command.path);
  const auto text = surroundings.runtime.disk.read(path);
  if (!text) return fail(surroundings, text.error().message + ".");
  std::vector<TemplateFault> missing;
  command.check.locate = [&](templates::Value root) {
    return locate(surroundings, path, std::move(root), missing);
  };
  command.check.read_nested = [&](const std::string& name) {
    return read_nested(surroundings.runtime.disk, path, name);
  };
  CheckedTemplate checked = check_template(*text, command.check);
  if (command.transformed) {
    if (checked.transformed.is_map()) {
      surroundings.terminal.out(templates::to_json(checked.transformed) + "\n");
      return done;
    }
    surroundings.terminal.error(to_text(command.path, checked));
    return failed;
  }
  checked.faults.insert(checked.faults.end(), missing.begin(), missing.end());
  surroundings.terminal.out(command.format == "json" ? to_json(checked)
                                                     : to_text(command.path, checked));
  return checked.is_valid() ? done : failed;
}

}  // namespace

void add_validate(CLI::App& parent, Surroundings& surroundings, Command& command) {
  CLI::App* app = add_command(parent, "validate",
                              "Tell everything that is wrong with a template, with its lines");
  auto options = std::make_shared<ValidateCommand>();
  app->add_option("TEMPLATE", options->path, "CloudFormation or SAM, YAML or JSON")->required();
  app->add_option("--parameter", options->parameters,
                  "Value of a parameter of the template; repeatable")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  take_region(*app->add_option("--region", options->check.region, "AWS region of the stack")
                   ->capture_default_str());
  app->add_flag("--transformed", options->transformed,
                "Print what SAM and the language extensions make of it, as JSON");
  take_one_of(*app->add_option("--format", options->format, "For people, or for programs")
                   ->capture_default_str(),
              {"text", "json"});
  app->footer(
      "It looks at references, functions, types and their properties, local files, and "
      "permissions\n"
      "that are plainly missing (a warning), and asks nobody.\n"
      "Exit codes: 0 it can be deployed, 1 it cannot, 2 wrong usage.");
  app->callback([&surroundings, &command, options] {
    command = [&surroundings, options] { return run_validate(surroundings, *options); };
  });
}

}  // namespace matinee::cli
