// Each file of a directory, damaged at each tenth of its length: everything is there and as it was
// written, or what is not is refused by name.
#include "storage/damage_fixture.h"

namespace matinee::storage {
namespace {

class EachFile : public DamagedStores {
 protected:
  void SetUp() override {
    DamagedStores::SetUp();
    // Reopened, what was in the log is in a file of the database as well; then more in the log.
    kill();
    ASSERT_EQ(refusal(), "");
    for (std::uint32_t i = count; i < 2 * count; ++i) put("a", i, text(i));
    kill();
    for (const std::string& path : files("/data")) contents_[path] = *simulation.disk.read(path);
  }

  void restore() {
    store.reset();
    for (const std::string& path : files("/data")) ASSERT_TRUE(simulation.disk.remove(path));
    for (const auto& [path, content] : contents_) {
      auto file = simulation.disk.create(path);
      ASSERT_TRUE(file);
      ASSERT_TRUE((*file)->write(content));
    }
  }

  /// Nothing for a directory that is complete or says what is wrong with it.
  std::string problem() {
    const std::string why = refusal();
    if (!why.empty()) {
      return why.starts_with("The data directory /data ") ? "" : "not by name: " + why;
    }
    for (std::uint32_t i = 0; i < 2 * count; ++i) {
      try {
        const std::optional<Movie> movie = movies->find({"a", i});
        if (!movie) return "silently without " + std::to_string(i);
        if (movie->title != text(i)) return "wrong " + std::to_string(i);
      } catch (const DamagedRecord&) {
        ++refused_reads;
      }
    }
    try {
      if (kept() != 2 * count) return "a walk silently ends early";
    } catch (const DamagedRecord&) {
      ++refused_reads;
    }
    return "";
  }

  std::map<std::string, std::string> contents_;
  int refused_reads = 0;
};

TEST_F(EachFile, is_there_or_refused_where_a_byte_is_flipped) {
  int refused = 0;
  std::set<std::string> kinds;
  for (const auto& [path, content] : contents_) {
    kinds.insert(path.substr(path.rfind('/') + 1, 3));
    for (std::size_t tenth = 0; tenth < 10 && !content.empty(); ++tenth) {
      SCOPED_TRACE(path + " at " + std::to_string(tenth) + "/10");
      ASSERT_NO_FATAL_FAILURE(restore());
      flip(path, content.size() * tenth / 10);
      EXPECT_EQ(problem(), "");
      refused += store ? 0 : 1;
    }
  }
  // Of a log, a file of the database, MANIFEST, CURRENT, OPTIONS, IDENTITY, FORMAT and SYNCED.
  EXPECT_GE(kinds.size(), 7);
  EXPECT_GT(refused, 20);
  EXPECT_GT(refused_reads, 0);
}

TEST_F(EachFile, is_there_or_refused_where_it_is_cut_off) {
  for (const auto& [path, content] : contents_) {
    for (std::size_t tenth = 0; tenth < 10 && !content.empty(); ++tenth) {
      SCOPED_TRACE(path + " cut at " + std::to_string(tenth) + "/10");
      ASSERT_NO_FATAL_FAILURE(restore());
      simulation.disk.cut(path, content.size() * tenth / 10);
      EXPECT_EQ(problem(), "");
    }
  }
}

TEST_F(EachFile, is_there_or_refused_where_it_is_missing) {
  for (const auto& [path, content] : contents_) {
    SCOPED_TRACE(path + " removed");
    ASSERT_NO_FATAL_FAILURE(restore());
    ASSERT_TRUE(simulation.disk.remove(path));
    EXPECT_EQ(problem(), "");
  }
}

}  // namespace
}  // namespace matinee::storage
