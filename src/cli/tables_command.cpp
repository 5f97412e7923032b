// `matinee import dynamodb` and `matinee export dynamodb`: from options to exit code.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "cli/cloud_options.h"
#include "cli/commands.h"
#include "cli/one_call.h"
#include "cli/option_values.h"
#include "cli/tables_report.h"
#include "jobs/tables/export.h"
#include "jobs/tables/import.h"

namespace matinee::cli {
namespace {

namespace tables = jobs::tables;

/// What both commands have in common.
struct TableCommand {
  CloudChoice cloud;
  std::string format = "text";
  tables::StopRequest stop;
  int signal = 0;  // that asked it to stop
};

struct ImportCommand : TableCommand {
  tables::ImportOptions job;
  std::string source;
  std::string partition_key;
  std::string sort_key;
  std::string state;
  bool is_csv = false;
  std::string delimiter = ",";
  std::string header;
  std::uint64_t concurrency = 0;  // zero for the default
};

struct ExportCommand : TableCommand {
  tables::ExportOptions job;
  std::string target;
  std::uint64_t segments = 0;  // zero for the default
};

/// There is nothing to wait for on the way to an embedded cloud; more would only take memory.
constexpr std::uint64_t embedded_concurrency = 4;
constexpr std::uint64_t usual_concurrency = 16;
constexpr std::uint64_t usual_segments = 4;

void add_format(CLI::App& app, TableCommand& command) {
  take_one_of(*app.add_option("--format", command.format, "Summary for people or for programs")
                   ->capture_default_str(),
              {"text", "json"});
  add_cloud_options(app, command.cloud);
}

template <class Summary>
int report(Surroundings& surroundings, const TableCommand& command, const Answer<Summary>& outcome,
           std::string_view when_stopped) {
  const std::optional<Summary>& summary = outcome.response;
  const bool is_cut_short = !summary && outcome.failure.empty();
  if (!outcome.failure.empty()) return fail(surroundings, outcome.failure);
  if (is_cut_short || summary->stopped)
    surroundings.terminal.error(fmt::format("{}\n", when_stopped));
  // The job's coroutines must not go on while what they work with is taken apart.
  if (is_cut_short) std::quick_exit(stopped_by(command.signal));
  const std::string text = command.format == "json" ? to_json(*summary) : to_text(*summary);
  if (summary->stopped) {
    surroundings.terminal.error(text);
    return stopped_by(command.signal);
  }
  surroundings.terminal.out(text);
  return summary->succeeded() ? done : failed;
}

/// The first signal lets what is under way end; the second ends the program.
void listen_for_signals(Surroundings& surroundings, TableCommand& command) {
  surroundings.on_stop_signal([&surroundings, &command](int signal) {
    command.signal = signal;
    if (std::exchange(command.stop.is_made, true)) surroundings.runtime.loop.stop();
  });
}

tables::FileAccess access_to_files(Surroundings& surroundings, Connection& connection) {
  return {surroundings.runtime, surroundings.folders, s3::Client(connection.channel()),
          connection.name()};
}

/// As ledgers of a publisher are, what is known of an import is with the data of its cloud.
std::string state_directory(const Surroundings& surroundings, const ImportCommand& command) {
  if (!command.state.empty()) return data_directory(surroundings, command.state);
  if (command.cloud.cloud == "embedded") return command.cloud.directory + "/import";
  return data_directory(surroundings, "") + "-import";
}

/// What is wrong with the options, as a sentence; completes them where nothing is.
std::string complete(const Surroundings& surroundings, ImportCommand& command) {
  tables::ImportOptions& job = command.job;
  command.cloud.directory = data_directory(surroundings, command.cloud.directory);
  if (const std::string fault = find_cloud_fault(command.cloud); !fault.empty()) return fault;
  const bool is_embedded = command.cloud.cloud == "embedded";
  job.cloud_id = is_embedded ? "embedded in " + command.cloud.directory : command.cloud.cloud;
  job.state_directory = state_directory(surroundings, command);
  job.concurrency = is_embedded ? embedded_concurrency : usual_concurrency;
  if (command.concurrency > 0) job.concurrency = command.concurrency;
  if (!command.sort_key.empty() && command.partition_key.empty())
    return "--sort-key needs --partition-key as well.";
  if (!command.partition_key.empty() && !job.creates)
    return "--partition-key is for a table that --create makes.";
  if (!command.is_csv && !command.header.empty()) return "--csv-header is for --csv.";
  constexpr std::string_view delimiters = ",;:|\t ";
  if (command.delimiter == "\\t") command.delimiter = "\t";
  if (command.delimiter.size() != 1 || !delimiters.contains(command.delimiter))
    return "--csv-delimiter must be one of , ; : | a tab or a space.";
  if (command.is_csv) job.form.format = table_files::Format::csv;
  job.form.delimiter = command.delimiter.front();
  try {
    job.source = tables::read_place(command.source);
    for (const std::string& key : {command.partition_key, command.sort_key})
      if (!key.empty()) job.keys.push_back(tables::read_key(key));
    if (!command.header.empty()) {
      table_files::RecordReader reader(job.form);
      reader.take_header(command.header);
      job.form.header = reader.form().header;
    }
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

constexpr std::string_view how_to_go_on =
    "Stopped; what was written is in the table, and the same command goes on.";

int import_table(Surroundings& surroundings, ImportCommand& command) {
  if (const std::string fault = complete(surroundings, command); !fault.empty())
    return refuse_usage(surroundings, fault);
  listen_for_signals(surroundings, command);
  surroundings.save_memory();
  auto connection = connect(surroundings, command.cloud);
  if (!connection) return fail(surroundings, connection.error());
  command.job.cloud = (*connection)->name();
  command.job.region = (*connection)->region();
  Answer<tables::ImportSummary> outcome;
  {
    TableBar bar(surroundings.terminal, surroundings.runtime.clock, "Importing",
                 command.format == "json");
    outcome = wait_for<tables::ImportSummary>(surroundings.runtime.loop, [&] {
      return tables::run_import(command.job,
                                {access_to_files(surroundings, **connection),
                                 dynamodb::Client((*connection)->channel()), bar, command.stop});
    });
  }
  return report(surroundings, command, outcome, how_to_go_on);
}

int export_table(Surroundings& surroundings, ExportCommand& command) {
  command.cloud.directory = data_directory(surroundings, command.cloud.directory);
  if (const std::string fault = find_cloud_fault(command.cloud); !fault.empty())
    return refuse_usage(surroundings, fault);
  tables::ExportOptions& job = command.job;
  if (command.segments > 0) job.segments = command.segments;
  try {
    job.target = tables::read_place(command.target.empty() ? job.table : command.target);
  } catch (const std::exception& error) {
    return refuse_usage(surroundings, error.what());
  }
  listen_for_signals(surroundings, command);
  surroundings.save_memory();
  auto connection = connect(surroundings, command.cloud);
  if (!connection) return fail(surroundings, connection.error());
  job.cloud = (*connection)->name();
  job.region = (*connection)->region();
  Answer<tables::ExportSummary> outcome;
  {
    TableBar bar(surroundings.terminal, surroundings.runtime.clock, "Exporting",
                 command.format == "json");
    outcome = wait_for<tables::ExportSummary>(surroundings.runtime.loop, [&] {
      return tables::run_export(job, {access_to_files(surroundings, **connection),
                                      dynamodb::Client((*connection)->channel()),
                                      surroundings.terminal, bar, command.stop});
    });
  }
  // Standard output is the table's.
  if (outcome.response && outcome.response->succeeded() &&
      job.target.kind == tables::Place::Kind::standard_output) {
    surroundings.terminal.error(command.format == "json" ? to_json(*outcome.response)
                                                         : to_text(*outcome.response));
    return done;
  }
  return report(surroundings, command, outcome,
                "Stopped; what is there is no whole export. The same command begins anew.");
}

void add_making(CLI::App& app, ImportCommand& command) {
  app.add_flag("--create", command.job.creates, "Make the table, on demand, if there is none");
  app.add_option("--partition-key", command.partition_key,
                 "Of a table that is made, such as id:S, id:N or id:B (default: what an export of "
                 "\"matinee export\" tells)")
      ->type_name("NAME:TYPE");
  app.add_option("--sort-key", command.sort_key, "Of a table that is made, if it has one")
      ->type_name("NAME:TYPE");
}

void add_csv(CLI::App& app, ImportCommand& command) {
  app.add_flag("--csv", command.is_csv,
               "The files are CSV: key attributes have the table's types, all others are strings");
  app.add_option("--csv-header", command.header,
                 "Names of the columns, as a row (default: the first row of each file)")
      ->type_name("ROW");
  app.add_option("--csv-delimiter", command.delimiter, "Between fields: , ; : | \\t or a space")
      ->type_name("CHARACTER")
      ->capture_default_str();
}

}  // namespace

void add_import_dynamodb(CLI::App& parent, Surroundings& surroundings, Command& command) {
  CLI::App* app = add_command(parent, "dynamodb",
                              "Write the items of files to a table: exports of AWS or of "
                              "\"matinee export\", lines of DynamoDB JSON, or CSV");
  auto options = std::make_shared<ImportCommand>();
  app->add_option("SOURCE", options->source,
                  "A file, the folder of an export, or s3://BUCKET/PREFIX; packed with gzip or "
                  "Zstandard, or not")
      ->required();
  app->add_option("--table", options->job.table, "The table that is written to")
      ->type_name("NAME")
      ->required();
  add_making(*app, *options);
  add_csv(*app, *options);
  app->add_flag("--from-start", options->job.from_start,
                "Write everything, whatever an earlier run that was ended has written");
  app->add_option("--state", options->state,
                  "Where it is kept how far a run has come (default: import in the embedded "
                  "cloud's data directory, $XDG_DATA_HOME/matinee-import for others)")
      ->type_name("DIR");
  take_number(*app->add_option("--concurrency", options->concurrency,
                               "Batches sent at the same time (default: 16, to the embedded "
                               "cloud 4)"),
              1, 256);
  add_format(*app, *options);
  app->footer(
      "Examples:\n"
      "  matinee import dynamodb exports/films --table films --create\n"
      "  matinee import dynamodb items.json.gz --table films\n"
      "  matinee import dynamodb s3://my-bucket/AWSDynamoDB/01693685827463-2d8752fd \\\n"
      "      --table films --cloud aws --region eu-west-1\n\n"
      "A line that is no item is told by file and line, and all others are written.\n"
      "Items that are there are replaced: the same command, again, changes nothing.\n\n"
      "Exit codes: 0 all written, 1 failed or some lines did, 2 wrong usage,\n"
      "130 stopped by Ctrl-C.");
  app->callback([&surroundings, &command, options] {
    command = [&surroundings, options] { return import_table(surroundings, *options); };
  });
}

void add_export_dynamodb(CLI::App& parent, Surroundings& surroundings, Command& command) {
  CLI::App* app = add_command(parent, "dynamodb",
                              "Write a table to files as AWS's export does, by parallel scans");
  auto options = std::make_shared<ExportCommand>();
  app->add_option("TABLE", options->job.table, "The table that is read")->required();
  app->add_option("TARGET", options->target,
                  "A folder or s3://BUCKET/PREFIX for AWS's files; a file that ends in .json or "
                  ".json.gz, or - for standard output, for lines (default: a folder with the "
                  "table's name)");
  app->add_flag("--overwrite", options->job.overwrites, "Replace an export or file that is there");
  take_number(*app->add_option("--segments", options->segments,
                               "Parts of the table read at the same time (default: 4)"),
              1, 256);
  options->job.segments = usual_segments;
  add_format(*app, *options);
  app->footer(
      "Examples:\n"
      "  matinee export dynamodb films exports/films\n"
      "  matinee export dynamodb films - | jq .Item.title.S\n"
      "  matinee export dynamodb films s3://my-bucket/films --cloud aws\n\n"
      "What is written to the table meanwhile may be in the files or not.\n\n"
      "Exit codes: 0 all read, 1 failed, 2 wrong usage, 130 stopped by Ctrl-C.");
  app->callback([&surroundings, &command, options] {
    command = [&surroundings, options] { return export_table(surroundings, *options); };
  });
}

}  // namespace matinee::cli
