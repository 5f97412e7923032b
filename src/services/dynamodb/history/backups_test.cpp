// Backups, recovery and restored tables, with kills between. What clients see:
// tests/clients/test_dynamodb_backups.py.
#include <gmock/gmock.h>

#include "services/dynamodb/history/backup_store.h"
#include "services/dynamodb/service_fixture.h"

namespace matinee::dynamodb {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;

class BackupsTest : public DynamoDbTest {
 protected:
  void put_film(std::string_view key, int year) {
    put("films", fmt::format(R"({{"p":{{"S":"{}"}},"year":{{"N":"{}"}}}})", key, year));
  }
  void remove_film(std::string_view key) {
    EXPECT_EQ(call("DeleteItem",
                   fmt::format(R"({{"TableName":"films","Key":{{"p":{{"S":"{}"}}}}}})", key)),
              "{}");
  }
  std::string of_films(std::string_view operation) {
    return call(operation, R"({"TableName":"films"})");
  }
  /// The ARN of a new backup.
  std::string back_up(std::string_view name = "first") {
    const std::string reply =
        call("CreateBackup", fmt::format(R"({{"TableName":"films","BackupName":"{}"}})", name));
    return value_in(reply, "BackupArn");
  }
  std::string restore(std::string_view arn, std::string_view more = "") {
    return call("RestoreTableFromBackup",
                fmt::format(R"({{"TargetTableName":"again","BackupArn":"{}"{}}})", arn, more));
  }
  std::string restore_to(std::string_view moment) {
    return call(
        "RestoreTableToPointInTime",
        fmt::format(R"({{"SourceTableName":"films","TargetTableName":"again",{}}})", moment));
  }
  std::string restore_to(runtime::Time time) {
    return restore_to(fmt::format(R"("RestoreDateTime":{})", runtime::to_seconds(time)));
  }
  std::string recover(bool enabled, std::string_view more = "") {
    return call("UpdateContinuousBackups",
                fmt::format(R"({{"TableName":"films","PointInTimeRecoverySpecification":)"
                            R"({{"PointInTimeRecoveryEnabled":{}{}}}}})",
                            enabled, more));
  }
  std::string told_recovery() { return of_films("DescribeContinuousBackups"); }
  static std::string value_in(const std::string& reply, std::string_view member) {
    const std::string before = fmt::format("\"{}\":\"", member);
    const std::size_t at = reply.find(before);
    if (at == std::string::npos) return reply;
    const std::size_t begin = at + before.size();
    return reply.substr(begin, reply.find('"', begin) - begin);
  }
  void settle() { machine.loop.run_until_idle(); }
  /// What is done in so many rounds of the loop is done before the program is killed.
  void kill_after(int rounds) {
    std::function<void()> next = [&] {
      if (rounds-- == 0) return machine.crash(runtime::SimulatedDisk::Crash::process);
      EXPECT_TRUE(store->flush().has_value());
      machine.loop.post([&] { next(); });
    };
    next();
    settle();
    stop();
    machine.restart();
    start();
  }
  std::string year_in(std::string_view table, std::string_view key) {
    const std::string reply = get(table, fmt::format(R"({{"p":{{"S":"{}"}}}})", key));
    const std::size_t at = reply.find(R"("N":")");
    return at == std::string::npos ? reply : reply.substr(at + 5, 4);
  }
  template <class Rows>
  static std::size_t count(const Rows& rows) {
    std::size_t found = 0;
    for (auto place = rows.cursor(); place.valid(); place.next()) ++found;
    return found;
  }
  std::size_t versions() { return count(Versions(*store, versions_id)); }
  std::size_t items() { return count(Items(*store, items_id)); }
  std::size_t guards() { return count(Guards(*store, guards_id)); }
};

TEST_F(BackupsTest, a_restored_table_has_what_the_backup_had) {
  create_table("films", false);
  put_film("alien", 1979);
  put_film("brazil", 1985);
  const std::string arn = back_up();
  put_film("alien", 2000);
  remove_film("brazil");
  put_film("clue", 1985);
  const std::string reply = restore(arn);
  EXPECT_NE(reply.find(R"("TableStatus":"CREATING")"), std::string::npos) << reply;
  EXPECT_NE(reply.find(R"("RestoreInProgress":true)"), std::string::npos) << reply;
  EXPECT_EQ(get("again", R"({"p":{"S":"alien"}})"),
            "ResourceNotFoundException: Requested resource not found");
  settle();
  EXPECT_EQ(describe("again").table_status, "ACTIVE");
  EXPECT_EQ(describe("again").item_count, 2);
  EXPECT_EQ(describe("again").restore_summary->restore_in_progress, false);
  EXPECT_EQ(describe("again").restore_summary->source_backup_arn, arn);
  EXPECT_EQ(year_in("again", "alien"), "1979");
  EXPECT_EQ(year_in("again", "brazil"), "1985");
  EXPECT_EQ(year_in("again", "clue"), "{}");
  EXPECT_EQ(year_in("films", "alien"), "2000");
}

TEST_F(BackupsTest, a_killed_program_goes_on_restoring) {
  create_table("films", false);
  for (int film = 0; film < 2500; ++film) put_film(fmt::format("{:04}", film), 1979);
  const std::string arn = back_up();
  for (int film = 0; film < 2500; film += 2) put_film(fmt::format("{:04}", film), 1985);
  for (int film = 0; film < 2500; film += 5) remove_film(fmt::format("{:04}", film));
  restore(arn);
  kill_and_restart();
  EXPECT_EQ(describe("again").table_status, "CREATING");
  kill_after(2);
  EXPECT_EQ(describe("again").table_status, "CREATING");
  EXPECT_THAT(describe("again").item_count, testing::Optional(testing::Gt(0)));
  EXPECT_THAT(describe("again").item_count, testing::Optional(testing::Lt(2500)));
  EXPECT_EQ(call("DeleteBackup", fmt::format(R"({{"BackupArn":"{}"}})", arn)),
            "BackupInUseException: Backup is being used to restore a table: " + arn);
  settle();
  EXPECT_EQ(describe("again").table_status, "ACTIVE");
  EXPECT_EQ(call("Scan", R"({"TableName":"again","Select":"COUNT","FilterExpression":"#y = :y",)"
                         R"("ExpressionAttributeNames":{"#y":"year"},)"
                         R"("ExpressionAttributeValues":{":y":{"N":"1979"}}})"),
            R"({"Count":2500,"ScannedCount":2500})");
}

TEST_F(BackupsTest, a_backup_copies_nothing_and_its_end_leaves_nothing) {
  create_table("films", false);
  for (int film = 0; film < 100; ++film) put_film(fmt::format("{:04}", film), 1979);
  const std::string arn = back_up();
  EXPECT_EQ(versions(), 0U);
  for (int year = 1980; year < 1990; ++year) put_film("0001", year);
  put_film("new", 2000);
  EXPECT_EQ(versions(), 2U);
  const std::string reply = call("DeleteBackup", fmt::format(R"({{"BackupArn":"{}"}})", arn));
  EXPECT_NE(reply.find(R"("BackupStatus":"DELETED")"), std::string::npos) << reply;
  EXPECT_EQ(versions(), 0U);
  EXPECT_EQ(guards(), 0U);
  EXPECT_EQ(items(), 101U);
  EXPECT_EQ(call("DescribeBackup", fmt::format(R"({{"BackupArn":"{}"}})", arn)),
            "BackupNotFoundException: Backup not found: " + arn);
}

TEST_F(BackupsTest, a_backup_outlives_its_table) {
  create_table("films", false);
  put_film("alien", 1979);
  const std::string arn = back_up();
  put_film("alien", 2000);
  put_film("clue", 1985);
  of_films("DeleteTable");
  kill_and_restart();
  create_table("films", false);
  put_film("other", 2020);
  settle();
  restore(arn);
  settle();
  EXPECT_EQ(year_in("again", "alien"), "1979");
  EXPECT_EQ(describe("again").item_count, 1);
  EXPECT_EQ(year_in("films", "alien"), "{}");
  call("DeleteBackup", fmt::format(R"({{"BackupArn":"{}"}})", arn));
  EXPECT_EQ(items(), 2U) << "one of each table that is there";
  EXPECT_EQ(versions() + guards(), 0U);
}

TEST_F(BackupsTest, recovery_brings_back_each_second) {
  create_table("films", false);
  put_film("alien", 1);
  EXPECT_EQ(restore_to(R"("UseLatestRestorableTime":true)"),
            "PointInTimeRecoveryUnavailableException: Point in time recovery is not enabled for "
            "table 'films'");
  recover(true);
  std::vector<runtime::Time> times;
  for (int year = 1001; year < 1006; ++year) {
    machine.loop.advance(seconds(10));
    put_film("alien", year);
    times.push_back(machine.loop.now() + seconds(1));
  }
  machine.loop.advance(seconds(10));
  for (std::size_t i = 0; i < times.size(); ++i) {
    restore_to(times[i]);
    settle();
    EXPECT_EQ(year_in("again", "alien"), std::to_string(1001 + i));
    call("DeleteTable", R"({"TableName":"again"})");
  }
  const std::string refusal =
      "InvalidRestoreTimeException: RestoreDateTime must be between EarliestRestorableDateTime and "
      "LatestRestorableDateTime";
  EXPECT_EQ(restore_to(machine.loop.now() - hours(1)), refusal);
  EXPECT_EQ(restore_to(machine.loop.now() + seconds(5)), refusal);
}

TEST_F(BackupsTest, what_happens_after_the_request_is_not_in_the_latest_state) {
  create_table("films", false);
  recover(true);
  put_film("alien", 1979);
  restore_to(R"("UseLatestRestorableTime":true)");
  put_film("alien", 2000);  // in the same microsecond of this clock
  put_film("clue", 1985);
  settle();
  EXPECT_EQ(year_in("again", "alien"), "1979");
  EXPECT_EQ(describe("again").item_count, 1);
}

TEST_F(BackupsTest, what_is_too_old_for_recovery_is_trimmed) {
  create_table("films", false);
  const runtime::Time begun = machine.loop.now();
  recover(true, R"(,"RecoveryPeriodInDays":2)");
  for (int hour = 0; hour < 48; ++hour) {
    put_film("alien", 1000 + hour);
    machine.loop.advance(hours(1));
  }
  EXPECT_GE(versions(), 47U);
  machine.loop.advance(days(1));
  settle();
  EXPECT_LE(versions(), 27U);
  EXPECT_GE(versions(), 23U);
  restore_to(begun + days(2) - seconds(1));
  settle();
  EXPECT_EQ(year_in("again", "alien"), "1047");
  machine.loop.advance(days(3));
  settle();
  EXPECT_EQ(versions(), 0U);
}

TEST_F(BackupsTest, more_days_do_not_bring_back_what_fewer_have_let_go) {
  create_table("films", false);
  recover(true, R"(,"RecoveryPeriodInDays":1)");
  machine.loop.advance(days(10));
  recover(true, R"(,"RecoveryPeriodInDays":35)");
  const std::string refusal =
      "InvalidRestoreTimeException: RestoreDateTime must be between EarliestRestorableDateTime and "
      "LatestRestorableDateTime";
  EXPECT_EQ(restore_to(machine.loop.now() - days(2)), refusal);
  const std::string reply = told_recovery();
  EXPECT_NE(reply.find(R"("RecoveryPeriodInDays":35)"), std::string::npos) << reply;
  EXPECT_NE(recover(true, R"(,"RecoveryPeriodInDays":36)").find("ValidationException"),
            std::string::npos);
}

TEST_F(BackupsTest, a_removed_table_with_recovery_leaves_a_backup_for_35_days) {
  create_table("films", false);
  recover(true);
  put_film("alien", 1979);
  of_films("DeleteTable");
  const std::string reply = call("ListBackups", R"({"BackupType":"SYSTEM"})");
  EXPECT_EQ(value_in(reply, "BackupName"), "films$DeletedTableBackup");
  EXPECT_EQ(call("ListBackups", "{}"), R"({"BackupSummaries":[]})");
  kill_and_restart();
  machine.loop.advance(days(34));
  settle();
  restore(value_in(reply, "BackupArn"));
  settle();
  EXPECT_EQ(year_in("again", "alien"), "1979");
  machine.loop.advance(days(2));
  settle();
  EXPECT_EQ(call("ListBackups", R"({"BackupType":"ALL"})"), R"({"BackupSummaries":[]})");
  EXPECT_EQ(items(), 1U);
  EXPECT_EQ(guards(), 0U);
}

TEST_F(BackupsTest, a_backup_is_there_still_when_recovery_is_not) {
  create_table("films", false);
  put_film("alien", 1979);
  const std::string arn = back_up();
  recover(true);
  put_film("alien", 1980);
  recover(false);
  put_film("alien", 1981);
  settle();
  restore(arn);
  settle();
  EXPECT_EQ(year_in("again", "alien"), "1979");
  EXPECT_EQ(restore_to(R"("UseLatestRestorableTime":true)"),
            "PointInTimeRecoveryUnavailableException: Point in time recovery is not enabled for "
            "table 'films'");
}

TEST_F(BackupsTest, a_restore_goes_on_when_its_source_is_removed) {
  create_table("films", false);
  recover(true);
  for (int film = 0; film < 2500; ++film) put_film(fmt::format("{:04}", film), 1979);
  restore_to(R"("UseLatestRestorableTime":true)");
  of_films("DeleteTable");
  settle();
  EXPECT_EQ(describe("again").item_count, 2500);
}

TEST_F(BackupsTest, a_reset_takes_all_of_it) {
  create_table("films", false);
  recover(true);
  for (int film = 0; film < 2500; ++film) put_film(fmt::format("{:04}", film), 1979);
  const std::string arn = back_up();
  put_film("0001", 1985);
  restore(arn);
  {
    storage::Transaction transaction(*store);
    service->reset({});
    transaction.commit();
  }
  settle();
  EXPECT_EQ(items() + versions() + guards(), 0U);
  EXPECT_EQ(count(Needs(*store, needs_id)) + count(Trims(*store, trims_id)), 0U);
  EXPECT_EQ(count(history::Backups(*store, history::backups_id)), 0U);
  EXPECT_EQ(call("ListBackups", R"({"BackupType":"ALL"})"), R"({"BackupSummaries":[]})");
}

TEST_F(BackupsTest, backups_are_listed_in_pages_by_table_and_time) {
  create_table("films", false);
  for (const char* name : {"one", "two", "three"}) {
    back_up(name);
    machine.loop.advance(seconds(10));
  }
  const std::string page = call("ListBackups", R"({"TableName":"films","Limit":2})");
  EXPECT_EQ(value_in(page, "BackupName"), "one");
  const std::string last = value_in(page, "LastEvaluatedBackupArn");
  const std::string rest =
      call("ListBackups", fmt::format(R"({{"ExclusiveStartBackupArn":"{}"}})", last));
  EXPECT_EQ(value_in(rest, "BackupName"), "three");
  EXPECT_EQ(rest.find("LastEvaluated"), std::string::npos);
  const std::string late =
      call("ListBackups", fmt::format(R"({{"TimeRangeLowerBound":{},"TimeRangeUpperBound":{}}})",
                                      runtime::to_seconds(machine.loop.now()) - 25,
                                      runtime::to_seconds(machine.loop.now()) - 15));
  EXPECT_EQ(value_in(late, "BackupName"), "two");
  EXPECT_EQ(late.find("three"), std::string::npos);
  EXPECT_EQ(call("ListBackups", R"({"TableName":"none"})"), R"({"BackupSummaries":[]})");
}

TEST_F(BackupsTest, a_table_that_is_being_made_is_left_alone) {
  create_table("films", false);
  put_film("alien", 1979);
  const std::string arn = back_up();
  restore(arn);
  EXPECT_EQ(restore(arn), "TableInUseException: Table is being created: again");
  EXPECT_EQ(call("DeleteTable", R"({"TableName":"again"})"),
            "ResourceInUseException: Attempt to change a resource which is still in use: Table is "
            "being created: again");
  EXPECT_EQ(call("CreateBackup", R"({"TableName":"again","BackupName":"too-early"})"),
            "TableInUseException: Table is being created: again");
  settle();
  EXPECT_EQ(restore(arn), "TableAlreadyExistsException: Table already exists: again");
  EXPECT_EQ(call("CreateBackup", R"({"TableName":"none","BackupName":"late"})"),
            "TableNotFoundException: Table not found: none");
}

TEST_F(BackupsTest, overrides_choose_capacity_and_indexes) {
  const std::string made = call(
      "CreateTable",
      R"({"TableName":"films","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[)"
      R"({"AttributeName":"p","AttributeType":"S"},{"AttributeName":"year","AttributeType":"N"}],)"
      R"("KeySchema":[{"AttributeName":"p","KeyType":"HASH"}],"GlobalSecondaryIndexes":[)"
      R"({"IndexName":"by-year","KeySchema":[{"AttributeName":"year","KeyType":"HASH"}],)"
      R"("Projection":{"ProjectionType":"ALL"}}],"Tags":[{"Key":"a","Value":"b"}],)"
      R"("StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_IMAGE"}})");
  ASSERT_NE(made.find("CREATING"), std::string::npos) << made;
  put_film("alien", 1979);
  const std::string arn = back_up();
  restore(arn, R"(,"BillingModeOverride":"PROVISIONED","ProvisionedThroughputOverride":)"
               R"({"ReadCapacityUnits":3,"WriteCapacityUnits":4})");
  settle();
  const TableDescription again = describe("again");
  EXPECT_EQ(again.provisioned_throughput->read_capacity_units, 3);
  EXPECT_EQ(again.global_secondary_indexes->at(0).item_count, 1);
  EXPECT_FALSE(again.stream_specification.has_value());
  EXPECT_EQ(call("ListTagsOfResource", fmt::format(R"({{"ResourceArn":"{}"}})", *again.table_arn)),
            R"({"Tags":[]})");
  call("DeleteTable", R"({"TableName":"again"})");
  restore(arn, R"(,"GlobalSecondaryIndexOverride":[])");
  settle();
  EXPECT_FALSE(describe("again").global_secondary_indexes.has_value());
  EXPECT_EQ(describe("again").attribute_definitions->size(), 1U);
  call("DeleteTable", R"({"TableName":"again"})");
  const std::string refusal =
      restore(arn, R"(,"GlobalSecondaryIndexOverride":[{"IndexName":"by-year","KeySchema":[)"
                   R"({"AttributeName":"year","KeyType":"HASH"}],"Projection":)"
                   R"({"ProjectionType":"KEYS_ONLY"}}])");
  EXPECT_EQ(refusal,
            "ValidationException: One or more parameter values were invalid: Index by-year of "
            "GlobalSecondaryIndexOverride is not an index of the source table films");
}

}  // namespace
}  // namespace matinee::dynamodb
