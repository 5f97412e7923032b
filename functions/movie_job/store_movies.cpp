#include "movie_job/store_movies.h"

#include <fmt/format.h>

#include <map>
#include <memory>
#include <optional>
#include <variant>

#include "jobs/movies/message.h"
#include "library/environment.h"
#include "library/events.h"
#include "library/log.h"
#include "movie_job/job_items.h"

namespace movie_job {

namespace {

using lambda::FunctionError;
using lambda::Json;
using movies::Layout;

MovieTable read_settings() {
  MovieTable table{.name = lambda::require_variable("MOVIES_TABLE")};
  const std::string key = lambda::variable("MOVIES_TABLE_KEY");
  if (key == "job_id") table.keys = movies::KeyStyle::job_only;
  if (!key.empty() && key != "job_id" && key != "job_id,part")
    throw FunctionError(
        "BadSetting",
        fmt::format("MOVIES_TABLE_KEY must be \"job_id,part\" or \"job_id\", and is \"{}\".", key));
  return table;
}

/// A job that this instance has met: its header does not change.
struct Job {
  JobItems items;
  Layout layout;
  movies::MessageReader reader;
};

/// Movies of one batch that go into one item.
struct Piece {
  Job* job = nullptr;
  ChunkMovies content;
};

using Place = std::pair<std::string, std::uint64_t>;  // job and chunk

class Store {
 public:
  explicit Store(MovieTable table) : table_(std::move(table)), anybody_("", 0) {}

  Json handle(const lambda::SqsEvent& event, const lambda::Context& context) {
    aws_.set_deadline(context.work_until());
    if (jobs_.size() > most_jobs) jobs_.clear();  // one instance may live for hours
    std::map<std::string, Place> places;          // of messages by their id
    std::map<std::string, std::exception_ptr> faults;
    std::map<Place, Piece> pieces;
    for (const lambda::SqsRecord& record : event.records) {
      try {
        places[record.message_id] = sort_in(record, pieces);
      } catch (...) {
        faults[record.message_id] = std::current_exception();
      }
    }
    std::map<Place, std::exception_ptr> failures;
    for (const auto& [place, piece] : pieces) {
      try {
        store(place.second, piece);
      } catch (...) {
        failures[place] = std::current_exception();
      }
    }
    return lambda::for_each_record(event, [&](const lambda::SqsRecord& record) {
      if (const auto fault = faults.find(record.message_id); fault != faults.end())
        std::rethrow_exception(fault->second);
      const auto failure = failures.find(places[record.message_id]);
      if (failure != failures.end()) std::rethrow_exception(failure->second);
    });
  }

 private:
  static constexpr std::size_t most_jobs = 16;

  MovieTable table_;
  lambda::Aws aws_;
  movies::MessageReader anybody_;  // tells whose a message is
  std::map<std::string, Job> jobs_;

  Place sort_in(const lambda::SqsRecord& record, std::map<Place, Piece>& pieces) {
    std::string body = record.body;
    const movies::Reading reading = anybody_.read(body);
    const auto* whose = std::get_if<movies::Foreign>(&reading);
    if (!whose) throw FunctionError("BadMessage", std::get<movies::Unintelligible>(reading).reason);
    Job& job = require_job(whose->job_id);
    const movies::Reading own = job.reader.read(body);
    const auto* movie = std::get_if<movies::OwnMovie>(&own);
    if (!movie) throw FunctionError("BadMessage", std::get<movies::Unintelligible>(own).reason);
    const Place place{whose->job_id, Layout::chunk_of(movie->index)};
    Piece& piece = pieces[place];
    piece.job = &job;
    std::string& json = piece.content[movie->index];
    json.clear();
    movies::append_json(movie->movie, json);
    return place;
  }

  Job& require_job(const std::string& id) {
    if (const auto known = jobs_.find(id); known != jobs_.end()) return known->second;
    JobItems items(aws_, table_, id);
    const std::optional<std::uint64_t> count = items.find_count();
    if (!count)
      throw FunctionError("UnknownJob",
                          fmt::format("The table {} knows no movie job {}.", table_.name, id));
    return jobs_
        .emplace(id, Job{std::move(items), Layout(*count, 1), movies::MessageReader(id, *count)})
        .first->second;
  }

  void store(std::uint64_t chunk, const Piece& piece) {
    const Layout& layout = piece.job->layout;
    const JobItems& items = piece.job->items;
    const std::uint64_t part = chunk / movies::chunks_per_part;
    const std::uint64_t size = layout.chunk(chunk).size();
    const std::uint64_t stored = items.store(chunk, piece.content, size);
    if (stored < size) {
      // A chunk that was not there before: is that because its part is complete already?
      if (stored == piece.content.size() && items.has_part(part)) items.delete_chunks({chunk});
      return;
    }
    const movies::Range chunks = layout.chunks_of(part);
    if (items.note_complete(chunk) == chunks.size()) assemble(*piece.job, part);
  }

  /// What was interrupted happens again from its beginning: the message that completed the part
  /// comes again, and its note says again that the part is complete.
  void assemble(Job& job, std::uint64_t part) {
    const movies::Range range = job.layout.part(part);
    const movies::Range chunks = job.layout.chunks_of(part);
    std::vector<std::uint64_t> all;
    for (std::uint64_t chunk = chunks.begin; chunk < chunks.end; ++chunk) all.push_back(chunk);
    ChunkMovies found = job.items.read_chunks(all);
    if (found.size() == range.size()) {
      matinee::dynamodb::List list;
      list.reserve(found.size());
      for (auto& [index, json] : found) list.push_back(attribute_of(job, index, json));
      job.items.put_part(part, range.begin, std::move(list));
      lambda::log(lambda::Level::info, "A part is complete.",
                  {{"part", static_cast<std::int64_t>(part + 1)}});
    } else if (!job.items.has_part(part)) {
      throw FunctionError("ChunksMissing",
                          fmt::format("Of part {} only {} of {} movies are stored.", part + 1,
                                      found.size(), range.size()));
    }
    job.items.delete_chunks(all);
  }

  static matinee::dynamodb::AttributeValue attribute_of(Job& job, std::uint64_t index,
                                                        std::string& json) {
    movies::Movie movie;
    if (!job.reader.read_movie(json, movie))
      throw FunctionError("BadItem",
                          fmt::format("What the table holds for movie {} is no movie.", index));
    return movies::to_attribute(std::move(movie));
  }
};

}  // namespace

lambda::Handler make_store_movies() {
  const auto store = std::make_shared<Store>(read_settings());
  return lambda::on<lambda::SqsEvent>(
      [store](const lambda::SqsEvent& event, const lambda::Context& context) {
        return store->handle(event, context);
      });
}

}  // namespace movie_job
