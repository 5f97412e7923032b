package matinee;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.enhanced.dynamodb.DynamoDbEnhancedClient;
import software.amazon.awssdk.enhanced.dynamodb.DynamoDbTable;
import software.amazon.awssdk.enhanced.dynamodb.Expression;
import software.amazon.awssdk.enhanced.dynamodb.Key;
import software.amazon.awssdk.enhanced.dynamodb.TableSchema;
import software.amazon.awssdk.enhanced.dynamodb.model.QueryConditional;
import software.amazon.awssdk.enhanced.dynamodb.model.ReadBatch;
import software.amazon.awssdk.enhanced.dynamodb.model.TransactPutItemEnhancedRequest;
import software.amazon.awssdk.enhanced.dynamodb.model.WriteBatch;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.CancellationReason;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.ProjectionType;
import software.amazon.awssdk.services.dynamodb.model.TransactionCanceledException;

/** The enhanced client of the AWS SDK for Java keeps objects in a table that it makes itself. */
@ExtendWith(MatineeExtension.class)
class TablesTest {
  private static final Expression IS_NEW =
      Expression.builder().expression("attribute_not_exists(genre)").build();

  private static DynamoDbClient connectPlainly(URI address) {
    return Cloud.at(address, DynamoDbClient.builder()).build();
  }

  private static DynamoDbEnhancedClient connect(URI address) {
    return DynamoDbEnhancedClient.builder().dynamoDbClient(connectPlainly(address)).build();
  }

  private static DynamoDbTable<Film> makeTable(DynamoDbEnhancedClient client) {
    DynamoDbTable<Film> films = client.table("films", TableSchema.fromBean(Film.class));
    films.createTable(request -> request
        .provisionedThroughput(units -> units.readCapacityUnits(2L).writeCapacityUnits(1L))
        .globalSecondaryIndices(index -> index.indexName("by-director")
            .projection(projection -> projection.projectionType(ProjectionType.ALL))
            .provisionedThroughput(units -> units.readCapacityUnits(2L).writeCapacityUnits(1L)))
        .localSecondaryIndices(index -> index.indexName("by-year")
            .projection(projection -> projection.projectionType(ProjectionType.KEYS_ONLY))));
    assertEquals("ACTIVE", films.describeTable().table().tableStatusAsString());
    return films;
  }

  private static Key key(String genre, String title) {
    return Key.builder().partitionValue(genre).sortValue(title).build();
  }

  @Test
  void anObjectIsPutReadUpdatedAndDeleted(URI address) {
    DynamoDbTable<Film> films = makeTable(connect(address));
    Film ran = Film.of("drama", "Ran", 1985);
    ran.setTags(Set.of("epic", "war"));
    ran.setCast(List.of("Nakadai", "Terao"));
    films.putItem(ran);
    Film read = films.getItem(request -> request.key(key("drama", "Ran")).consistentRead(true));
    assertEquals(ran.getTags(), read.getTags());
    assertEquals(ran.getCast(), read.getCast());
    read.setDirector("Kurosawa");
    read.setTags(null);
    Film updated = films.updateItem(read);
    assertEquals("Kurosawa", updated.getDirector());
    assertNull(updated.getTags());
    // Who still has the object as it was is refused.
    assertThrows(ConditionalCheckFailedException.class, () -> films.updateItem(read));
    assertThrows(ConditionalCheckFailedException.class,
        () -> films.putItem(request -> request.item(Film.of("drama", "Ran", 1))
            .conditionExpression(IS_NEW)));
    assertEquals(1985, films.deleteItem(key("drama", "Ran")).getYear());
    assertNull(films.getItem(key("drama", "Ran")));
  }

  @Test
  void objectsAreWrittenInBatchesAndQueriedInPages(URI address) {
    // Without its extensions, because batches have no conditions, and versions are such.
    DynamoDbEnhancedClient client = DynamoDbEnhancedClient.builder()
        .dynamoDbClient(connectPlainly(address)).extensions(List.of()).build();
    DynamoDbTable<Film> films = makeTable(client);
    WriteBatch.Builder<Film> batch = WriteBatch.builder(Film.class).mappedTableResource(films);
    IntStream.range(1990, 2010).forEach(year -> {
      Film part = Film.of("series", "Part " + year, year);
      if (year % 2 == 0) {
        part.setDirector("Lucas");
      }
      batch.addPutItem(part);
    });
    client.batchWriteItem(request -> request.writeBatches(batch.build()));
    Expression later = Expression.builder().expression("#year > :year")
        .expressionNames(Map.of("#year", "year"))
        .expressionValues(Map.of(":year", AttributeValue.fromN("1996"))).build();
    List<Integer> years = films.query(request -> request.limit(3).filterExpression(later)
            .queryConditional(QueryConditional.sortBetween(
                key("series", "Part 1994"), key("series", "Part 2000"))))
        .items().stream().map(Film::getYear).toList();
    assertEquals(List.of(1997, 1998, 1999, 2000), years);
    QueryConditional before = QueryConditional.sortLessThan(
        Key.builder().partitionValue("Lucas").sortValue(1996).build());
    List<String> titles = films.index("by-director")
        .query(request -> request.limit(2).scanIndexForward(false).queryConditional(before))
        .stream().flatMap(page -> page.items().stream()).map(Film::getTitle).toList();
    assertEquals(List.of("Part 1994", "Part 1992", "Part 1990"), titles);
    assertEquals(20, films.scan(request -> request.limit(7)).items().stream().count());
    List<Film> got = client.batchGetItem(request -> request.readBatches(
            ReadBatch.builder(Film.class).mappedTableResource(films)
                .addGetItem(key("series", "Part 1990")).addGetItem(key("series", "none")).build()))
        .resultsForTable(films).stream().toList();
    assertEquals(List.of(1990), got.stream().map(Film::getYear).toList());
  }

  @Test
  void aTransactionWritesAllOrNothing(URI address) {
    DynamoDbEnhancedClient client = connect(address);
    DynamoDbTable<Film> films = makeTable(client);
    films.putItem(Film.of("drama", "Ran", 1985));
    Film ran = films.getItem(key("drama", "Ran"));
    ran.setYear(1986);
    client.transactWriteItems(request -> request
        .addPutItem(films, Film.of("drama", "Ikiru", 1952)).addUpdateItem(films, ran));
    TransactionCanceledException cancelled = assertThrows(TransactionCanceledException.class,
        () -> client.transactWriteItems(request -> request
            .addPutItem(films, put("Yojimbo")).addPutItem(films, put("Ran"))));
    assertEquals(List.of("None", "ConditionalCheckFailed"),
        cancelled.cancellationReasons().stream().map(CancellationReason::code).toList());
    List<Film> read = client.transactGetItems(request -> request
            .addGetItem(films, key("drama", "Ran")).addGetItem(films, key("drama", "Yojimbo")))
        .stream().map(document -> document.getItem(films)).toList();
    assertEquals(1986, read.get(0).getYear());
    assertNull(read.get(1));
  }

  private static TransactPutItemEnhancedRequest<Film> put(String title) {
    return TransactPutItemEnhancedRequest.builder(Film.class)
        .item(Film.of("drama", title, 1)).conditionExpression(IS_NEW).build();
  }
}
