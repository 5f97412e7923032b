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
/// libraries that go with them.
constexpr const char* javascript_packages[] = {"client-cloudwatch",
                                               "client-cloudwatch-logs",
                                               "client-dynamodb",
                                               "client-eventbridge",
                                               "client-iam",
                                               "client-kms",
                                               "client-lambda",
                                               "client-s3",
                                               "client-s3-control",
                                               "client-scheduler",
                                               "client-secrets-manager",
                                               "client-sns",
                                               "client-sqs",
                                               "client-ssm",
                                               "client-sts",
                                               "credential-providers",
                                               "lib-dynamodb",
                                               "lib-storage",
                                               "s3-presigned-post",
                                               "s3-request-presigner",
                                               "util-dynamodb"};

constexpr int not_found_by_shell = 127;

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

/// A folder that is made beside the final one, and takes its place once it is whole.
class Installation {
 public:
  Installation(Surroundings& surroundings, std::string folder)
      : surroundings_(surroundings),
        folder_(std::move(folder)),
        unfinished_(
            fmt::format("{}.new-{}", folder_, surroundings.runtime.environment.process_id())),
        old_(unfinished_ + ".old") {}
  ~Installation() { remove(unfinished_); }
  Installation(const Installation&) = delete;
  Installation& operator=(const Installation&) = delete;

  const std::string& place() const { return unfinished_; }

  runtime::DiskResult<> begin() {
    runtime::Disk& disk = surroundings_.runtime.disk;
    const auto made = disk.create_directories(unfinished_);
    // For npm, which looks for a project above otherwise.
    return made ? disk.write_atomically(unfinished_ + "/package.json", "{\"private\": true}\n")
                : made;
  }

  /// A server that is running takes the new folder for instances that start from now on.
  runtime::DiskResult<> finish(const std::string& what) {
    runtime::Disk& disk = surroundings_.runtime.disk;
    auto result = disk.write_atomically(unfinished_ + "/" + added_file, what + "\n");
    if (result && disk.exists(folder_)) result = disk.rename(folder_, old_);
    if (result) result = disk.rename(unfinished_, folder_);
    if (disk.exists(old_)) remove(old_);
    return result;
  }

 private:
  Surroundings& surroundings_;
  std::string folder_;
  std::string unfinished_;
  std::string old_;

  void remove(const std::string& folder) {
    if (surroundings_.runtime.disk.exists(folder))
      (void)surroundings_.processes.run({"rm", "-rf", "--", folder},
                                        runtime::ProgramOutput::dropped);
  }
};

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
  Installation installation(surroundings, folder);
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
