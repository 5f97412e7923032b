// A directory that is damaged between two openings, for tests.
#pragma once

#include "storage/blobs.h"
#include "storage/condition.h"
#include "storage/store_fixture.h"

namespace matinee::storage {

class DamagedStores : public Stores {
 protected:
  static constexpr std::uint32_t count = 60;

  void SetUp() override {
    Stores::SetUp();
    for (std::uint32_t i = 0; i < count; ++i) put("a", i, text(i));
  }

  static std::string text(std::uint32_t number) {
    return std::to_string(number) + " " + std::string(2000, static_cast<char>('a' + number % 26));
  }
  /// The program is killed after its log was synced in the background, or before.
  void kill(bool synced = true) {
    ASSERT_TRUE(store->flush());
    if (synced) simulation.loop.advance(milliseconds(200));
    simulation.crash(Crash::process);
    store.reset();
    simulation.restart();
  }
  void lose_power() {
    simulation.crash(Crash::power);
    store.reset();
    simulation.restart();
  }
  std::vector<std::string> files(const std::string& directory) const {
    std::vector<std::string> paths;
    for (const std::string& name :
         simulation.disk.list(directory).value_or(std::vector<std::string>())) {
      const std::string path = directory + "/" + name;
      if (!simulation.disk.is_directory(path)) {
        paths.push_back(path);
        continue;
      }
      for (std::string& deeper : files(path)) paths.push_back(std::move(deeper));
    }
    return paths;
  }
  std::string log() const {
    for (const std::string& path : files("/data/store"))
      if (path.ends_with(".log")) return path;
    return "";
  }
  void flip(const std::string& path, std::uint64_t offset) {
    const std::string content = *simulation.disk.read(path);
    const char other = static_cast<char>(content.at(offset) ^ 0x20);
    simulation.disk.overwrite(path, offset, {&other, 1});
  }
  /// The sentence that opening ends with; empty where it succeeds.
  std::string refusal(bool accept_loss = false) {
    StoreOptions chosen = options();
    chosen.accept_loss = accept_loss;
    auto opened = Store::open(chosen);
    if (!opened) return opened.error().message;
    store = *std::move(opened);
    movies.emplace(*store, TableId{0x0f01});
    return "";
  }
  /// How many of the movies are there, with what they were given. Others must not be.
  std::uint32_t kept() const {
    std::uint32_t found = 0;
    movies->scan(movies->all(), [&](const auto& key, const Movie& movie) {
      EXPECT_EQ(movie.title, text(std::get<1>(key)));
      ++found;
      return true;
    });
    return found;
  }
};

}  // namespace matinee::storage
