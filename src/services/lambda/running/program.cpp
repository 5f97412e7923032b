#include "services/lambda/running/program.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "runtime/sandbox.h"
#include "services/lambda/running/interpreters.h"

namespace matinee::lambda {

namespace {

bool is_of_system(const Settings& settings) {
  return language_of(settings.runtime) == Language::executable;
}

/// Where the loaders lie; AWS's own place where there are none.
std::string runtime_place(const Settings& settings) {
  return has_loader(language_of(settings.runtime)) ? "{/var/runtime}" : "/var/runtime";
}

void add_search_paths(const Settings& settings, std::map<std::string, std::string>& all) {
  all["LANG"] = "en_US.UTF-8";
  all["TZ"] = ":UTC";
  all["PATH"] = "/usr/local/bin:/usr/bin:/bin:{opt}/bin";
  all["LD_LIBRARY_PATH"] = fmt::format(
      "/lib64:/usr/lib64:{0}:{0}/lib:{{task}}:{{task}}/lib:{{opt}}/lib", runtime_place(settings));
  if (is_of_system(settings)) return;
  all["_LAMBDA_TELEMETRY_LOG_FD"] = std::to_string(runtime::framed_descriptor);
  if (settings.runtime.starts_with("python")) all["PYTHONPATH"] = "{/var/runtime}";
  if (settings.runtime.starts_with("nodejs"))
    all["NODE_PATH"] = "{opt}/nodejs/node_modules:{/var/runtime}/node_modules:{task}";
}

}  // namespace

std::vector<std::string> environment_of(const Program& program, const Launch& launch,
                                        std::uint16_t port, const std::string& log_stream) {
  const Settings& settings = program.settings;
  const auto& [account, region, name, version] = program.version;
  std::map<std::string, std::string> all;
  add_search_paths(settings, all);
  for (const auto& [key, value] : launch.environment) all[key] = value;
  // Where this cloud is, for SDKs of 2023 and later; a user's own setting counts more.
  all["AWS_ENDPOINT_URL"] = program.endpoint;
  for (const auto& [key, value] : program.environment) all[key] = value;
  all["_HANDLER"] = settings.handler;
  all["AWS_REGION"] = region;
  all["AWS_DEFAULT_REGION"] = region;
  if (!is_of_system(settings)) {
    all["AWS_EXECUTION_ENV"] = "AWS_Lambda_" + settings.runtime;
    all["_MATINEE_LAYERS"] = "{opt}";
  }
  all["AWS_LAMBDA_FUNCTION_NAME"] = name;
  all["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = std::to_string(settings.memory_mb);
  all["AWS_LAMBDA_FUNCTION_VERSION"] = version == 0 ? "$LATEST" : std::to_string(version);
  all["AWS_LAMBDA_INITIALIZATION_TYPE"] = program.initialization_type();
  all["AWS_LAMBDA_LOG_GROUP_NAME"] = settings.logging.group;
  all["AWS_LAMBDA_LOG_STREAM_NAME"] = log_stream;
  if (settings.logging.format == "JSON") {
    all["AWS_LAMBDA_LOG_FORMAT"] = "JSON";
    all["AWS_LAMBDA_LOG_LEVEL"] = settings.logging.application_level;
  }
  all["AWS_ACCESS_KEY_ID"] = program.credentials.access_key;
  all["AWS_SECRET_ACCESS_KEY"] = program.credentials.secret_key;
  all["AWS_SESSION_TOKEN"] = program.credentials.token;
  all["AWS_LAMBDA_RUNTIME_API"] = fmt::format("127.0.0.1:{}", port);
  all["LAMBDA_TASK_ROOT"] = "{task}";
  all["LAMBDA_RUNTIME_DIR"] = runtime_place(settings);
  all["AWS_XRAY_CONTEXT_MISSING"] = "LOG_ERROR";
  all["AWS_XRAY_DAEMON_ADDRESS"] = "127.0.0.1:2000";
  std::vector<std::string> lines;
  lines.reserve(all.size());
  for (const auto& [key, value] : all) lines.push_back(key + "=" + value);
  return lines;
}

std::vector<std::string> extension_environment_of(std::vector<std::string> environment) {
  constexpr std::array<std::string_view, 11> hidden = {
      "AWS_EXECUTION_ENV",          "AWS_LAMBDA_LOG_GROUP_NAME",
      "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_XRAY_CONTEXT_MISSING",
      "AWS_XRAY_DAEMON_ADDRESS",    "LAMBDA_RUNTIME_DIR",
      "LAMBDA_TASK_ROOT",           "_HANDLER",
      "_LAMBDA_TELEMETRY_LOG_FD",   "_MATINEE_LAYERS",
      "_MATINEE_PACKAGES"};
  std::erase_if(environment, [&](const std::string& variable) {
    const std::string_view name = std::string_view(variable).substr(0, variable.find('='));
    return std::ranges::find(hidden, name) != hidden.end();
  });
  return environment;
}

}  // namespace matinee::lambda
