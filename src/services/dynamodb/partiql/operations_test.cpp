#include <gmock/gmock.h>

#include "protocol/json_writer.h"
#include "services/dynamodb/service_fixture.h"

namespace matinee::dynamodb {
namespace {

using testing::HasSubstr;
using testing::Not;

class Partiql : public DynamoDbTest {
 protected:
  Partiql() {
    create_table("films", false);
    create_table("seats", true);
  }

  /// The reply to a statement. `more` are further members of the request in JSON, from a comma on.
  std::string run(std::string_view statement, std::string_view more = "") {
    return call("ExecuteStatement", request(statement, more));
  }
  static std::string request(std::string_view statement, std::string_view more = "") {
    std::string text;
    protocol::json::append_string(text, statement);
    return fmt::format(R"({{"Statement":{}{}}})", text, more);
  }
  std::string batch(std::initializer_list<std::string> statements, std::string_view more = "") {
    return call("BatchExecuteStatement",
                fmt::format(R"({{"Statements":[{}]{}}})", fmt::join(statements, ","), more));
  }
  std::string transact(std::initializer_list<std::string> statements, std::string_view more = "") {
    return call("ExecuteTransaction", fmt::format(R"({{"TransactStatements":[{}]{}}})",
                                                  fmt::join(statements, ","), more));
  }
  void put_seats(std::string_view room, int count) {
    for (int seat = 1; seat <= count; ++seat)
      put("seats", fmt::format(R"({{"p":{{"S":"{}"}},"s":{{"N":"{}"}}}})", room, seat));
  }
  /// The number of each seat in a reply, in order.
  static std::string seats_in(const std::string& reply) {
    std::string seats;
    for (std::size_t at = reply.find(R"("s":{"N":")"); at != std::string::npos;
         at = reply.find(R"("s":{"N":")", at + 1)) {
      if (at > reply.find(R"("LastEvaluatedKey")")) break;
      const std::size_t start = at + 10;
      seats += reply.substr(start, reply.find('"', start) - start) + " ";
    }
    return seats;
  }
  static std::string next_token(const std::string& reply) {
    const std::size_t at = reply.find(R"("NextToken":")");
    if (at == std::string::npos) return "";
    const std::size_t start = at + 13;
    return reply.substr(start, reply.find('"', start) - start);
  }
};

TEST_F(Partiql, insert_makes_an_item_once) {
  const std::string_view insert = "INSERT INTO films VALUE {'p': 'a', 'n': ?}";
  const std::string_view parameter = R"(,"Parameters":[{"N":"1"}])";
  EXPECT_EQ(run(insert, parameter), R"({"Items":[]})");
  EXPECT_EQ(get("films", R"({"p":{"S":"a"}})"), R"({"Item":{"n":{"N":"1"},"p":{"S":"a"}}})");
  EXPECT_EQ(run(insert, R"(,"Parameters":[{"N":"2"}])"),
            "DuplicateItemException: Duplicate primary key exists in table");
  EXPECT_EQ(get("films", R"({"p":{"S":"a"}})"), R"({"Item":{"n":{"N":"1"},"p":{"S":"a"}}})");
  EXPECT_THAT(run("INSERT INTO films VALUE {'p': 1}"), HasSubstr("Type mismatch for key p"));
  EXPECT_THAT(run("INSERT INTO none VALUE {'p': 'a'}"), HasSubstr("ResourceNotFoundException"));
}

TEST_F(Partiql, update_changes_an_item_that_is_there) {
  EXPECT_THAT(run("UPDATE films SET n = 1 WHERE p = 'a'"),
              HasSubstr("ConditionalCheckFailedException"));
  EXPECT_EQ(get("films", R"({"p":{"S":"a"}})"), "{}");
  put("films", R"({"p":{"S":"a"},"n":{"N":"1"},"l":{"L":[]},"t":{"SS":["x","y"]},"o":{"S":"o"}})");
  EXPECT_EQ(run("UPDATE films SET n = n + 1 SET l = list_append(l, [1, 'b']) SET t = set_delete(t, "
                "<<'x'>>) REMOVE o WHERE p = 'a' AND n < 2 RETURNING ALL NEW *"),
            R"({"Items":[{"l":{"L":[{"N":"1"},{"S":"b"}]},"n":{"N":"2"},"p":{"S":"a"},)"
            R"("t":{"SS":["y"]}}]})");
  EXPECT_EQ(run("UPDATE films SET n = 5 WHERE p = 'a' RETURNING MODIFIED OLD *"),
            R"({"Items":[{"n":{"N":"2"}}]})");
  EXPECT_THAT(run("UPDATE films SET n = 6 WHERE p = 'a' AND n = 1",
                  R"(,"ReturnValuesOnConditionCheckFailure":"ALL_OLD")"),
              HasSubstr(R"("Item":{"l":)"));
  EXPECT_EQ(
      run("UPDATE films SET p = 'b' WHERE p = 'a'"),
      "ValidationException: One or more parameter values were invalid: Cannot update attribute "
      "p. This attribute is part of the key");
}

TEST_F(Partiql, writes_name_all_of_a_key) {
  const std::string message =
      "ValidationException: Where clause does not contain a mandatory equality on all key "
      "attributes";
  EXPECT_EQ(run("DELETE FROM seats WHERE p = 'a'"), message);
  EXPECT_EQ(run("DELETE FROM seats WHERE p = 'a' AND s > 1"), message);
  EXPECT_EQ(run("UPDATE seats SET n = 1"), message);
  EXPECT_EQ(run("DELETE FROM seats WHERE p = 'a' OR s = 1"), message);
}

TEST_F(Partiql, delete_takes_an_item_away) {
  put("films", R"({"p":{"S":"a"},"n":{"N":"1"}})");
  EXPECT_THAT(run("DELETE FROM films WHERE p = 'a' AND n = 2"),
              HasSubstr("ConditionalCheckFailedException"));
  EXPECT_EQ(run("DELETE FROM films WHERE p = 'a' RETURNING ALL OLD *"),
            R"({"Items":[{"n":{"N":"1"},"p":{"S":"a"}}]})");
  EXPECT_EQ(get("films", R"({"p":{"S":"a"}})"), "{}");
  EXPECT_EQ(run("DELETE FROM films WHERE p = 'a' AND n = 2"), R"({"Items":[]})");
}

TEST_F(Partiql, select_shows_columns_by_their_last_name) {
  put("films", R"({"p":{"S":"a"},"m":{"M":{"l":{"L":[{"S":"x"},{"S":"y"}]}}},"n":{"N":"1"}})");
  EXPECT_EQ(run("SELECT m.l[1], n, other FROM films WHERE p = 'a'"),
            R"({"Items":[{"l[1]":{"S":"y"},"n":{"N":"1"}}]})");
  EXPECT_EQ(run("SELECT p FROM films"), R"({"Items":[{"p":{"S":"a"}}]})");
  EXPECT_EQ(run("SELECT p FROM films WHERE n > 1"), R"({"Items":[]})");
}

TEST_F(Partiql, select_reads_partitions_in_order) {
  put_seats("a", 4);
  put_seats("b", 2);
  EXPECT_EQ(seats_in(run("SELECT * FROM seats WHERE p = 'a' AND s BETWEEN 2 AND 3")), "2 3 ");
  EXPECT_EQ(seats_in(run("SELECT * FROM seats WHERE p = 'a' AND s > 1 AND s < 4")), "2 3 ");
  EXPECT_EQ(seats_in(run("SELECT * FROM seats WHERE p = 'a' ORDER BY s DESC")), "4 3 2 1 ");
  EXPECT_EQ(seats_in(run("SELECT * FROM seats WHERE p IN ['b', 'a']")), "1 2 1 2 3 4 ");
  EXPECT_EQ(seats_in(run("SELECT * FROM seats WHERE p IN ['b', 'a'] ORDER BY p, s DESC")),
            "4 3 2 1 2 1 ");
  EXPECT_EQ(run("SELECT * FROM seats WHERE n = 1 ORDER BY s"),
            "ValidationException: Must have at least one non-optional hash key condition in WHERE "
            "clause when using ORDER BY clause.");
  EXPECT_THAT(run("SELECT * FROM seats WHERE p IN ['b', 'a'] ORDER BY s"),
              HasSubstr("NotImplemented"));
  EXPECT_THAT(run("SELECT * FROM seats WHERE p = 1"), HasSubstr("does not match schema type"));
}

TEST_F(Partiql, pages_follow_each_other) {
  put_seats("a", 3);
  put_seats("b", 2);
  for (const std::string_view statement :
       {"SELECT * FROM seats WHERE p IN ['a', 'b']", "SELECT * FROM seats"}) {
    std::string seats;
    std::string token;
    int pages = 0;
    do {
      const std::string reply =
          run(statement, token.empty() ? R"(,"Limit":2)"
                                       : fmt::format(R"(,"Limit":2,"NextToken":"{}")", token));
      seats += seats_in(reply);
      token = next_token(reply);
    } while (!token.empty() && ++pages < 9);
    EXPECT_EQ(seats.size(), 10U) << seats;
  }
  const std::string first = run("SELECT * FROM seats WHERE p = 'a'", R"(,"Limit":2)");
  EXPECT_THAT(first, HasSubstr(R"("LastEvaluatedKey":{"p":{"S":"a"},"s":{"N":"2"}})"));
  const std::string again = fmt::format(R"(,"NextToken":"{}")", next_token(first));
  EXPECT_EQ(run("SELECT * FROM seats WHERE p = 'b'", again),
            "ValidationException: NextToken does not match request");
  EXPECT_EQ(run("SELECT * FROM seats WHERE p = 'a'", R"(,"NextToken":"AAAA")"),
            "ValidationException: Invalid NextToken");
}

TEST_F(Partiql, a_page_over_many_partitions_ends_after_a_megabyte) {
  const std::string text(300'000, 'x');
  for (const std::string_view room : {"a", "b", "c"})
    for (const int seat : {1, 2})
      put("seats", fmt::format(R"({{"p":{{"S":"{}"}},"s":{{"N":"{}"}},"t":{{"S":"{}"}}}})", room,
                               seat, text));
  const std::string_view statement = "SELECT p, s FROM seats WHERE p IN ['a', 'b', 'c']";
  const std::string first = run(statement);
  EXPECT_EQ(seats_in(first), "1 2 1 2 ");
  EXPECT_THAT(first, Not(HasSubstr("LastEvaluatedKey")));
  const std::string rest = run(statement, fmt::format(R"(,"NextToken":"{}")", next_token(first)));
  EXPECT_EQ(seats_in(rest), "1 2 ");
  EXPECT_EQ(next_token(rest), "");
}

TEST_F(Partiql, indexes_follow_statements_and_are_only_read) {
  EXPECT_THAT(call("CreateTable",
                   R"({"TableName":"streamed","BillingMode":"PAY_PER_REQUEST",)"
                   R"("AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"},)"
                   R"({"AttributeName":"g","AttributeType":"S"}],"KeySchema":)"
                   R"([{"AttributeName":"p","KeyType":"HASH"}],"GlobalSecondaryIndexes":)"
                   R"([{"IndexName":"by-g","KeySchema":[{"AttributeName":"g","KeyType":"HASH"}],)"
                   R"("Projection":{"ProjectionType":"ALL"}}]})"),
              HasSubstr("CREATING"));
  run("INSERT INTO streamed VALUE {'p': 'a', 'g': 'x'}");
  run("UPDATE streamed SET g = 'y' WHERE p = 'a'");
  EXPECT_EQ(run(R"(SELECT p FROM streamed."by-g" WHERE g = 'x')"), R"({"Items":[]})");
  EXPECT_EQ(run(R"(SELECT p FROM streamed."by-g" WHERE g = 'y')"),
            R"({"Items":[{"p":{"S":"a"}}]})");
  EXPECT_THAT(run(R"(SELECT p FROM streamed."by-g" WHERE g = 'y')", R"(,"ConsistentRead":true)"),
              HasSubstr("not supported on global secondary indexes"));
  EXPECT_EQ(run(R"(SELECT p FROM streamed."none")"),
            "ValidationException: The table does not have the specified index: none");
  EXPECT_EQ(run(R"(DELETE FROM streamed."by-g" WHERE p = 'a')"),
            "ValidationException: This operation is not supported on an index");
}

TEST_F(Partiql, capacity_is_that_of_reads_and_writes) {
  const std::string_view wanted = R"(,"ReturnConsumedCapacity":"TOTAL")";
  const auto units = [](std::string_view count) {
    return fmt::format(R"("ConsumedCapacity":{{"TableName":"films","CapacityUnits":{}}})", count);
  };
  EXPECT_THAT(run("INSERT INTO films VALUE {'p': 'a'}", wanted), HasSubstr(units("1.0")));
  EXPECT_THAT(run("SELECT * FROM films WHERE p = 'a'", wanted), HasSubstr(units("0.5")));
  EXPECT_THAT(
      run("SELECT * FROM films", R"(,"ConsistentRead":true,"ReturnConsumedCapacity":"TOTAL")"),
      HasSubstr(units("1.0")));
}

TEST_F(Partiql, statements_of_a_batch_fail_alone) {
  put("films", R"({"p":{"S":"a"},"n":{"N":"1"}})");
  EXPECT_EQ(batch({request("INSERT INTO films VALUE {'p': 'b'}"),
                   request("INSERT INTO films VALUE {'p': 'a'}"), request("DROP films"),
                   request("UPDATE films SET n = 2 WHERE p = 'a' AND n = 5",
                           R"(,"ReturnValuesOnConditionCheckFailure":"ALL_OLD")"),
                   request("DELETE FROM none WHERE p = 'a'")}),
            R"({"Responses":[{"TableName":"films"},{"Error":{"Code":"DuplicateItem","Message":)"
            R"("Duplicate primary key exists in table"},"TableName":"films"},{"Error":{"Code":)"
            R"("ValidationError","Message":"Statement wasn't well formed, can't be processed: )"
            R"(Expected data manipulation"}},{"Error":{"Code":"ConditionalCheckFailed","Message":)"
            R"("The conditional request failed","Item":{"n":{"N":"1"},"p":{"S":"a"}}},)"
            R"("TableName":"films"},{"Error":{"Code":"ResourceNotFound","Message":)"
            R"("Requested resource not found"},"TableName":"none"}]})");
  EXPECT_EQ(batch({request("SELECT n FROM films WHERE p = 'a'"),
                   request("SELECT n FROM films WHERE p = 'a' AND n = 2"),
                   request("SELECT * FROM films")}),
            R"({"Responses":[{"TableName":"films","Item":{"n":{"N":"1"}}},{"TableName":"films"},)"
            R"({"Error":{"Code":"ValidationError","Message":"Select statements within )"
            R"(BatchExecuteStatement must specify the primary key in the where clause."},)"
            R"("TableName":"films"}]})");
  EXPECT_THAT(batch({request("SELECT n FROM films WHERE p = 'a'"),
                     request("DELETE FROM films WHERE p = 'a'")}),
              HasSubstr("either read statements or write statements"));
}

TEST_F(Partiql, a_transaction_is_all_or_nothing) {
  put("films", R"({"p":{"S":"a"},"n":{"N":"1"}})");
  put("films", R"({"p":{"S":"d"}})");
  const std::string cancelled =
      transact({request("INSERT INTO films VALUE {'p': 'b'}"),
                request("EXISTS(SELECT * FROM films WHERE p = 'a' AND n = 2)"),
                request("INSERT INTO films VALUE {'p': 'd'}")});
  EXPECT_THAT(cancelled, HasSubstr("[None, ConditionalCheckFailed, DuplicateItem]"));
  EXPECT_EQ(get("films", R"({"p":{"S":"b"}})"), "{}");
  const auto once = [this] {
    return transact({request("EXISTS(SELECT * FROM films WHERE p = 'a' AND n = 1)"),
                     request("INSERT INTO films VALUE {'p': 'b'}")},
                    R"(,"ClientRequestToken":"once")");
  };
  EXPECT_EQ(once(), "{}");
  EXPECT_EQ(once(), "{}");
  EXPECT_EQ(transact({request("SELECT p FROM films WHERE p = 'b'"),
                      request("SELECT * FROM films WHERE p = 'a' AND n = 2"),
                      request("SELECT * FROM films WHERE p = 'c'")}),
            R"({"Responses":[{"Item":{"p":{"S":"b"}}},{},{}]})");
  EXPECT_THAT(transact({request("SELECT p FROM films WHERE p = 'b'"),
                        request("DELETE FROM films WHERE p = 'b'")}),
              HasSubstr("either read statements or write statements"));
  EXPECT_THAT(run("EXISTS(SELECT * FROM films WHERE p = 'a')"), HasSubstr("transactions only"));
}

TEST_F(Partiql, what_a_statement_needs_is_read_from_its_text) {
  const auto needs_of = [this](std::string_view statement) {
    const ExecuteStatementRequest wanted{.statement = std::string(statement)};
    std::vector<services::Need> needs;
    service->add_needs(context, operations::ExecuteStatement, &wanted, needs);
    std::string text;
    for (const services::Need& need : needs)
      text += fmt::format("{} {};", need.action, need.resource);
    return text;
  };
  const std::string table = "arn:aws:dynamodb:us-east-1:000000000000:table/films";
  EXPECT_EQ(needs_of("SELECT * FROM films.by_year"),
            "dynamodb:PartiQLSelect " + table + "/index/by_year;");
  EXPECT_EQ(needs_of("INSERT INTO films VALUE {}"), "dynamodb:PartiQLInsert " + table + ";");
  EXPECT_EQ(needs_of("UPDATE films SET a=1"), "dynamodb:PartiQLUpdate " + table + ";");
  EXPECT_EQ(needs_of("DELETE FROM films"), "dynamodb:PartiQLDelete " + table + ";");
  EXPECT_EQ(needs_of("nonsense"), "");
}

TEST_F(Partiql, policies_can_tell_scans_and_partitions) {
  const auto key_of = [this](std::string_view statement, std::string_view key) {
    const ExecuteStatementRequest wanted{.statement = std::string(statement)};
    const services::Inquiry inquiry{
        .context = context,
        .operation = operations::ExecuteStatement,
        .request = &wanted,
        .action = "dynamodb:PartiQLSelect",
        .resource = "arn:aws:dynamodb:us-east-1:000000000000:table/films"};
    const auto values = service->find_key(inquiry, key);
    return values ? fmt::format("{}", fmt::join(*values, ",")) : "none";
  };
  EXPECT_EQ(key_of("SELECT * FROM films WHERE n = 1", "dynamodb:fulltablescan"), "true");
  EXPECT_EQ(key_of("SELECT * FROM films WHERE p = 'a'", "dynamodb:fulltablescan"), "false");
  EXPECT_EQ(key_of("SELECT n FROM films WHERE p IN ['a', 'b']", "dynamodb:leadingkeys"), "a,b");
  EXPECT_EQ(key_of("SELECT n FROM films WHERE p = 'a'", "dynamodb:attributes"), "n,p");
}

}  // namespace
}  // namespace matinee::dynamodb
