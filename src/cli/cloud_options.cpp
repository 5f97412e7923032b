#include "cli/cloud_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/option_values.h"
#include "jobs/report.h"

namespace matinee::cli {

void add_cloud_options(CLI::App& app, CloudChoice& cloud) {
  app.add_option("--cloud", cloud.cloud,
                 "Where: the cloud inside this program (or the server that \"matinee up\" has "
                 "started on its data), AWS, or any other endpoint")
      ->type_name("embedded|aws|URL")
      ->capture_default_str();
  app.add_option("--data", cloud.directory,
                 "Data directory of the embedded cloud (default: $XDG_DATA_HOME/matinee)")
      ->type_name("DIR");
  take_region(
      *app.add_option("--region", cloud.region,
                      "AWS region (default: of the environment, the profile, else us-east-1)"));
  app.add_option("--profile", cloud.profile, "Profile of the AWS configuration files")
      ->type_name("NAME");
}

std::string find_cloud_fault(const CloudChoice& choice) {
  const std::string& cloud = choice.cloud;
  if (cloud == "embedded" || cloud == "aws" || cloud.starts_with("http://") ||
      cloud.starts_with("https://"))
    return "";
  return fmt::format(
      "--cloud must be embedded, aws or a URL such as http://127.0.0.1:4566, and \"{}\" is not.",
      jobs::shortened(cloud));
}

}  // namespace matinee::cli
