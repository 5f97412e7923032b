#include "storage/write_behind.h"

#include <gtest/gtest.h>

#include "runtime/real/worker_pool.h"
#include "runtime/simulated/simulation.h"

namespace matinee::storage {
namespace {

constexpr std::size_t piece_bytes = 200'000;

std::string piece(int number) {
  return std::string(piece_bytes, static_cast<char>('a' + number % 26));
}

class WritingBehind : public testing::Test {
 protected:
  runtime::Simulation simulation;

  std::unique_ptr<runtime::WritableFile> create() { return *simulation.disk.create("/file"); }
  std::string written() { return *simulation.disk.read("/file"); }
};

TEST_F(WritingBehind, keeps_the_order_of_the_pieces) {
  runtime::WorkerPool workers(2);
  std::string expected;
  WriteBehind file(create(), &workers);
  for (int i = 0; i < 50; ++i) {
    const std::string bytes = i % 7 == 3 ? "short" : piece(i);
    expected += bytes;
    ASSERT_TRUE(file.write(bytes));
  }
  ASSERT_TRUE(file.finish());
  EXPECT_EQ(written(), expected);
}

TEST_F(WritingBehind, does_not_need_a_worker_that_is_free) {
  WriteBehind file(create(), &simulation.workers);  // who work only when the loop runs
  ASSERT_TRUE(file.write(piece(0)));
  EXPECT_EQ(written(), "");
  ASSERT_TRUE(file.write(piece(1)));
  EXPECT_EQ(written(), piece(0));
  ASSERT_TRUE(file.finish());
  simulation.loop.run_until_idle();
  EXPECT_EQ(written(), piece(0) + piece(1));
}

TEST_F(WritingBehind, tells_of_a_failure_with_the_next_piece_or_at_the_end) {
  simulation.disk.set_capacity(piece_bytes * 3 / 2);
  WriteBehind file(create(), &simulation.workers);
  ASSERT_TRUE(file.write(piece(0)));
  ASSERT_TRUE(file.write(piece(1)));
  simulation.loop.run_until_idle();
  EXPECT_EQ(file.write(piece(2)).error().kind, runtime::DiskError::Kind::no_space);

  WriteBehind other(create(), &simulation.workers);
  ASSERT_TRUE(other.write(piece(0)));
  ASSERT_TRUE(other.write(piece(1)));
  EXPECT_EQ(other.finish().error().kind, runtime::DiskError::Kind::no_space);
}

TEST_F(WritingBehind, drops_what_nobody_has_begun_when_it_is_given_up) {
  {
    WriteBehind file(create(), &simulation.workers);
    ASSERT_TRUE(file.write(piece(0)));
  }
  simulation.loop.run_until_idle();
  EXPECT_EQ(written(), "");
}

TEST_F(WritingBehind, without_workers_writes_at_once) {
  WriteBehind file(create(), nullptr);
  ASSERT_TRUE(file.write(piece(0)));
  EXPECT_EQ(written(), piece(0));
}

}  // namespace
}  // namespace matinee::storage
