#include "table_files/export_manifest.h"

#include <fmt/format.h>
#include <simdjson.h>

#include "protocol/json_writer.h"

namespace matinee::table_files {
namespace {

namespace json = protocol::json;

class Members {
 public:
  void text(std::string_view name, std::string_view value) {
    begin(name);
    json::append_string(text_, value);
  }
  void text_or_null(std::string_view name, std::string_view value) {
    if (value.empty()) {
      begin(name);
      text_ += "null";
    } else {
      text(name, value);
    }
  }
  void time(std::string_view name, const std::optional<runtime::Time>& value) {
    if (value) text(name, iso_time(*value));
  }
  void number(std::string_view name, std::uint64_t value) {
    begin(name);
    text_ += std::to_string(value);
  }
  void keys(const std::vector<KeyDefinition>& keys) {
    if (keys.empty()) return;
    begin("keySchema");
    char separator = '[';
    for (const KeyDefinition& key : keys) {
      text_ += separator;
      Members members;
      members.text("attributeName", key.name);
      members.text("attributeType", key.type);
      text_ += std::move(members).take();
      separator = ',';
    }
    text_ += ']';
  }
  std::string take() && { return std::move(text_) + "}"; }

 private:
  std::string text_ = "{";

  void begin(std::string_view name) {
    if (text_.size() > 1) text_ += ',';
    json::append_string(text_, name);
    text_ += ':';
  }
};

std::string text_of(const simdjson::dom::element& element, const char* name) {
  std::string_view text;
  return element[name].get(text) ? std::string() : std::string(text);
}

}  // namespace

std::string to_json(const ExportSummary& summary) {
  Members members;
  members.text("version", summary.version);
  members.text("exportArn", summary.export_arn);
  members.time("startTime", summary.started);
  members.time("endTime", summary.ended);
  members.text("tableArn", summary.table_arn);
  members.text("tableId", summary.table_id);
  members.time("exportTime", summary.time);
  members.time("exportFromTime", summary.from);
  members.time("exportToTime", summary.to);
  members.text("s3Bucket", summary.bucket);
  members.text_or_null("s3Prefix", summary.prefix);
  members.text_or_null("s3SseAlgorithm", summary.sse_algorithm);
  members.text_or_null("s3SseKmsKeyId", summary.sse_key);
  members.text("manifestFilesS3Key", summary.files_key);
  members.number("billedSizeBytes", summary.billed_bytes);
  members.number("itemCount", summary.items);
  members.text("outputFormat", summary.format);
  if (summary.is_incremental()) members.text("outputView", summary.view);
  members.text("exportType", summary.is_incremental() ? "INCREMENTAL_EXPORT" : "FULL_EXPORT");
  members.keys(summary.keys);
  return std::move(members).take();
}

std::string to_json_lines(const std::vector<ExportedFile>& files) {
  std::string lines;
  for (const ExportedFile& file : files) {
    Members members;
    members.number("itemCount", file.items);
    members.text("md5Checksum", file.md5);
    members.text("etag", file.etag);
    members.text("dataFileS3Key", file.key);
    lines += std::move(members).take() + "\n";
  }
  return lines;
}

std::optional<ExportSummary> read_summary(const std::string& text) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(text).get(root) || !root.is_object()) return std::nullopt;
  ExportSummary summary;
  summary.format = text_of(root, "outputFormat");
  if (summary.format.empty() || root["itemCount"].get(summary.items)) return std::nullopt;
  summary.export_arn = text_of(root, "exportArn");
  summary.table_arn = text_of(root, "tableArn");
  summary.files_key = text_of(root, "manifestFilesS3Key");
  summary.view = text_of(root, "outputView");
  simdjson::dom::array keys;
  if (root["keySchema"].get(keys)) return summary;
  for (const simdjson::dom::element key : keys)
    summary.keys.push_back({text_of(key, "attributeName"), text_of(key, "attributeType")});
  return summary;
}

std::optional<std::vector<ExportedFile>> read_files(const std::string& text) {
  std::vector<ExportedFile> files;
  simdjson::dom::parser parser;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    simdjson::dom::element root;
    ExportedFile file;
    if (parser.parse(line).get(root) || !root.is_object() || root["itemCount"].get(file.items))
      return std::nullopt;
    file.key = text_of(root, "dataFileS3Key");
    file.md5 = text_of(root, "md5Checksum");
    file.etag = text_of(root, "etag");
    if (file.key.empty()) return std::nullopt;
    files.push_back(std::move(file));
  }
  return files;
}

std::string transfer_id(runtime::Time time, std::uint64_t chance) {
  const auto milliseconds =
      std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
  return fmt::format("{:014}-{:08x}", milliseconds, chance & 0xffffffff);
}

std::string iso_time(runtime::Time time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::milliseconds>(time) - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

}  // namespace matinee::table_files
