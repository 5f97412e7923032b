#include "cli/runtime_packages.h"

#include <fmt/format.h>

namespace matinee::cli {
namespace {

/// Near those of AWS's runtimes in the autumn of 2025. The last boto3 for Python 3.8 is older. Not
/// every client for JavaScript has every version: then the last one before counts.
constexpr const char* boto3_version = "1.40.4";
constexpr const char* boto3_version_of_python_3_8 = "1.37.38";
constexpr const char* javascript_version = "3.895.0";

/// AWS's runtime has the clients of all services. These are the ones that are served here, and the
/// libraries that go with them; and that of Step Functions, without which the framework for custom
/// resources that CDK brings does not load.
constexpr const char* javascript_packages[] = {"client-cloudcontrol", "client-cloudformation",
                                               "client-cloudwatch",   "client-cloudwatch-logs",
                                               "client-dynamodb",     "client-ecr",
                                               "client-eventbridge",  "client-iam",
                                               "client-kms",          "client-lambda",
                                               "client-s3",           "client-s3-control",
                                               "client-scheduler",    "client-secrets-manager",
                                               "client-sfn",          "client-sns",
                                               "client-sqs",          "client-ssm",
                                               "client-sts",          "credential-providers",
                                               "lib-dynamodb",        "lib-storage",
                                               "s3-presigned-post",   "s3-request-presigner",
                                               "util-dynamodb"};

constexpr int not_found_by_shell = 127;

constexpr std::string_view in_the_making = ".new-";  // and the number of the process
constexpr std::string_view put_aside = ".old";       // after those

bool is_python(const cloud::RuntimeHere& runtime) {
  return runtime.name.starts_with("python");
}

/// A server that is root runs functions as another user, who has to be able to read them.
std::vector<std::string> readable_by_all(std::vector<std::string> command) {
  std::vector<std::string> all = {"/bin/sh", "-c",
                                  "umask 022 && PIP_ROOT_USER_ACTION=ignore exec \"$@\"", "sh"};
  all.insert(all.end(), command.begin(), command.end());
  return all;
}

/// What is wrong with the machine's pip or npm, as a sentence; empty where it can be used.
std::string find_installer_fault(Surroundings& surroundings, const cloud::RuntimeHere& runtime) {
  const std::vector<std::string> question =
      is_python(runtime) ? std::vector<std::string>{runtime.interpreter, "-m", "pip", "--version"}
                         : std::vector<std::string>{"/bin/sh", "-c", "exec npm --version"};
  const auto code = surroundings.processes.run(question, runtime::ProgramOutput::dropped);
  if (!code) return code.error();
  if (*code == 0) return "";
  if (is_python(runtime))
    return fmt::format(
        "{} has no pip, which installs boto3: add it (on Debian: apt install python3-pip; "
        "elsewhere: {} -m ensurepip) and try again.",
        runtime.interpreter, runtime.interpreter);
  if (*code == not_found_by_shell)
    return "npm is not installed here, which installs the SDK: add it and try again.";
  return fmt::format("npm does not work here: npm --version ends with {}.", *code);
}

}  // namespace

std::string package_directory(const Surroundings& surroundings) {
  return data_directory(surroundings, "") + "/runtimes";
}

Installation::Installation(runtime::Disk& disk, runtime::Processes& processes, std::string folder,
                           int process_id)
    : disk_(disk),
      processes_(processes),
      folder_(std::move(folder)),
      unfinished_(fmt::format("{}{}{}", folder_, in_the_making, process_id)),
      old_(fmt::format("{}{}", unfinished_, put_aside)) {}

runtime::DiskResult<> Installation::begin() {
  remove_leftovers();
  const auto made = disk_.create_directories(unfinished_);
  // For npm, which looks for a project above otherwise.
  return made ? disk_.write_atomically(unfinished_ + "/package.json", "{\"private\": true}\n")
              : made;
}

runtime::DiskResult<> Installation::finish(const std::string& what) {
  auto result = disk_.write_atomically(unfinished_ + "/" + added_file, what + "\n");
  const bool is_there = disk_.exists(folder_);
  if (result && is_there) result = disk_.rename(folder_, old_);
  if (!result) return result;
  result = disk_.rename(unfinished_, folder_);
  // The first error is the one to tell.
  if (!result && is_there) (void)disk_.rename(old_, folder_);
  return result;
}

/// What is unfinished may be another process's, and is left alone.
void Installation::remove_leftovers() {
  const std::size_t slash = folder_.rfind('/') + 1;
  const std::string start = folder_.substr(slash) + std::string(in_the_making);
  const auto names = disk_.list(folder_.substr(0, slash));
  if (!names) return;  // the first one of all
  for (const std::string& name : *names)
    if (name.starts_with(start) && name.ends_with(put_aside))
      remove(folder_.substr(0, slash) + name);
}

void Installation::remove(const std::string& folder) {
  if (disk_.exists(folder))
    (void)processes_.run({"rm", "-rf", "--", folder}, runtime::ProgramOutput::dropped);
}

PackageChoice choose_packages(const cloud::RuntimeHere& runtime, const std::string& folder) {
  if (is_python(runtime)) {
    const char* version =
        runtime.interpreter.ends_with("python3.8") ? boto3_version_of_python_3_8 : boto3_version;
    return {.what = fmt::format("boto3 {}", version),
            .installer = "pip",
            .command = {runtime.interpreter, "-m", "pip", "install", "--no-input",
                        "--disable-pip-version-check", "--target", folder + "/site-packages",
                        fmt::format("boto3=={}", version), fmt::format("botocore=={}", version)}};
  }
  PackageChoice choice{.what = fmt::format("the AWS SDK for JavaScript {}", javascript_version),
                       .installer = "npm",
                       .command = {"npm", "install", "--no-audit", "--no-fund", "--no-save",
                                   "--ignore-scripts", "--prefix", folder}};
  for (const char* package : javascript_packages)
    choice.command.push_back(fmt::format("@aws-sdk/{}@<={}", package, javascript_version));
  return choice;
}

int install_packages(Surroundings& surroundings, const cloud::RuntimeHere& runtime) {
  if (!runtime.remark.empty()) surroundings.terminal.error("note: " + runtime.remark + "\n");
  if (const std::string fault = find_installer_fault(surroundings, runtime); !fault.empty())
    return fail(surroundings, fault);
  const std::string folder = package_directory(surroundings) + "/" + runtime.name;
  Installation installation(surroundings.runtime.disk, surroundings.processes, folder,
                            surroundings.runtime.environment.process_id());
  const PackageChoice choice = choose_packages(runtime, installation.place());
  if (const auto begun = installation.begin(); !begun)
    return fail(surroundings, begun.error().message + ".");
  const auto code =
      surroundings.processes.run(readable_by_all(choice.command), runtime::ProgramOutput::shown);
  if (!code) return fail(surroundings, code.error());
  if (*code != 0)
    return fail(surroundings, fmt::format("{} could not install {} (it ended with {}); what it "
                                          "says stands above.",
                                          choice.installer, choice.what, *code));
  if (const auto finished = installation.finish(choice.what); !finished)
    return fail(surroundings, finished.error().message + ".");
  surroundings.terminal.out(
      fmt::format("{} functions have {} from now on, in {}.\n", runtime.name, choice.what, folder));
  return done;
}

}  // namespace matinee::cli
