// What a template names of this machine's files (code, layers, nested templates, includes) goes
// into a bucket, and the template names it there: what `aws cloudformation package` does. Pure but
// for reading files: uploading is somebody else's.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "jobs/deploy/code_package.h"
#include "templates/tree.h"

namespace matinee::jobs::deploy {

/// Bytes that must lie in the bucket before the template is used. The key is made of their hash, so
/// that the same bytes are uploaded once.
struct Artifact {
  std::string key;
  std::string bytes;
  std::string source;  // as the template names it, for people
};

/// Where artifacts will lie.
struct Destination {
  std::string bucket;
  std::string prefix;  // of the keys; "" or "name/"
  std::string region;
};

/// What is wrong with a local file that a template names.
struct PackageFault {
  std::string file;  // the template
  templates::Place place;
  std::string message;  // a sentence
};

struct Package {
  templates::Value root;
  /// What is sent: the template as it was written, or JSON where it names something here.
  std::string text;
  std::vector<Artifact> artifacts;
  std::vector<std::string> remarks;  // sentences
  std::vector<PackageFault> faults;  // all that were found; then the rest is of no use
};

/// A template of this machine: names in it are relative to its folder.
struct LocalTemplate {
  std::string path;  // absolute
  std::string text;
  templates::Value root;
  /// It has YAML's aliases, which CloudFormation refuses: it is sent as what they stand for.
  bool is_expanded = false;
};

/// Throws JobError for a file that cannot be read, templates::TemplateError for one that is no
/// template.
LocalTemplate read_local_template(const runtime::Disk& disk, std::string path);

/// Whether a text that names code or a template names a file or folder here, and not a URL.
bool is_local(std::string_view location);

/// The URL of an object by which CloudFormation reads it, in the region's partition.
std::string object_url(const Destination& destination, const std::string& key);

/// Bytes with the key that they have there. `source` is what people know them by.
Artifact make_artifact(const Destination& destination, std::string bytes, std::string_view ending,
                       const std::string& source);

/// As `package_template`, without packing or reading anything but nested templates: what is not
/// there is a fault, and what is there becomes the name of an object that is none.
Package look_at_files(const LocalFiles& files, LocalTemplate from);

Package package_template(const LocalFiles& files, const Destination& destination,
                         LocalTemplate from);

}  // namespace matinee::jobs::deploy
