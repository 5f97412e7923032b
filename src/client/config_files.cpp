// AWS's shared files.
#include "client/config_files.h"

#include "client/endpoints.h"

namespace matinee::client {

namespace {

std::string_view trim(std::string_view text) {
  constexpr std::string_view white = " \t\r";
  const std::size_t begin = text.find_first_not_of(white);
  if (begin == std::string_view::npos) return "";
  return text.substr(begin, text.find_last_not_of(white) - begin + 1);
}

/// A comment begins with '#' or ';', at the start of a line or after white space.
std::string_view without_comment(std::string_view line) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] != '#' && line[i] != ';') continue;
    if (i == 0 || line[i - 1] == ' ' || line[i - 1] == '\t') return line.substr(0, i);
  }
  return line;
}

std::string expand_home(std::string path, const runtime::Environment& environment) {
  if (!path.starts_with("~/")) return path;
  return environment.find_home_directory().value_or("") + path.substr(1);
}

std::string read_file(const runtime::Environment& environment, const runtime::Disk& disk,
                      const std::pair<std::string, std::string>& variable_and_default) {
  const auto& [variable, standard] = variable_and_default;
  const std::string path = expand_home(environment.find(variable).value_or(standard), environment);
  runtime::DiskResult<std::string> text = disk.read(path);
  if (text) return std::move(*text);
  if (text.error().kind == runtime::DiskError::Kind::not_found) return "";
  throw ClientError("AWS's settings: " + text.error().message + ".");
}

}  // namespace

const std::string* find_setting(const Settings& settings, std::string_view name) {
  const auto place = settings.find(name);
  return place == settings.end() || place->second.empty() ? nullptr : &place->second;
}

std::map<std::string, Settings, std::less<>> parse_config(std::string_view text) {
  std::map<std::string, Settings, std::less<>> sections;
  Settings* section = nullptr;
  std::string outer;  // the setting that indented lines belong to
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view whole = without_comment(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::string_view line = trim(whole);
    if (line.empty()) continue;
    if (line.front() == '[') {
      const std::size_t close = line.find(']');
      section = close == std::string_view::npos
                    ? nullptr
                    : &sections[std::string(trim(line.substr(1, close - 1)))];
      outer.clear();
      continue;
    }
    const std::size_t equals = line.find('=');
    if (!section || equals == std::string_view::npos) continue;
    std::string name(trim(line.substr(0, equals)));
    const bool indented = whole.front() == ' ' || whole.front() == '\t';
    if (indented && !outer.empty())
      name = outer + "." + name;
    else
      outer = name;
    (*section)[name] = trim(line.substr(equals + 1));
  }
  return sections;
}

ConfigFiles ConfigFiles::load(const runtime::Environment& environment, const runtime::Disk& disk) {
  ConfigFiles files;
  files.add_config(read_file(environment, disk, {"AWS_CONFIG_FILE", "~/.aws/config"}));
  files.add_credentials(
      read_file(environment, disk, {"AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"}));
  return files;
}

void ConfigFiles::add_config(std::string_view text) {
  for (auto& [heading, settings] : parse_config(text)) {
    constexpr std::string_view profile = "profile ";
    constexpr std::string_view services = "services ";
    if (heading.starts_with(profile))
      profiles_[std::string(trim(heading.substr(profile.size())))].insert(settings.begin(),
                                                                          settings.end());
    else if (heading.starts_with(services))
      services_[std::string(trim(heading.substr(services.size())))] = settings;
    else if (heading == "default")
      profiles_[heading].insert(settings.begin(), settings.end());
  }
}

void ConfigFiles::add_credentials(std::string_view text) {
  for (auto& [heading, settings] : parse_config(text))
    for (auto& [name, value] : settings) profiles_[heading][name] = value;
}

const Settings* ConfigFiles::find_profile(std::string_view name) const {
  const auto place = profiles_.find(name);
  return place == profiles_.end() ? nullptr : &place->second;
}

const Settings* ConfigFiles::find_services(std::string_view name) const {
  const auto place = services_.find(name);
  return place == services_.end() ? nullptr : &place->second;
}

}  // namespace matinee::client
